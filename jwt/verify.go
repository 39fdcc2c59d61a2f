package jwt

import "github.com/jetonauth/jeton/jwk"

// Verifier checks tokens against its rules. It is immutable and safe for concurrent use. The zero Verifier refuses every
// token; [NewVerifier] makes one.
type Verifier struct{}

// Verify checks token with keys. A token that is refused yields a [*Refusal], and a nil Token. A token without "kid" is
// checked with the only key in keys that its algorithm suits; if there is more than one, or none, it is refused as
// [ErrUnknownKey].
func (v *Verifier) Verify(token string, keys *jwk.Set) (*Token, error) { panic("declared") }
