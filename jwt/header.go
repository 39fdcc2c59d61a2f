package jwt

import "github.com/jetonauth/jeton/jwk"

// Header is a token's protected header, as far as it means something here.
type Header struct {
	Algorithm   jwk.Algorithm // "alg"; [jwk.EdDSA] also where it is written "Ed25519"
	KeyID       string        // "kid"
	Type        string        // "typ", as written
	ContentType string        // "cty", as written
}

// UnverifiedHeader reads the header of a token without proving anything: it is for choosing between verifiers and for
// debugging. Payload and signature are not looked at, and the token may be as long as the highest
// [VerifierConfig.MaxSize]. What has not three parts, or no header in the form that the package documentation describes,
// is [ErrMalformed]; an algorithm that jeton does not know is [ErrUnsupportedAlgorithm]. Both come as a [*Refusal].
func UnverifiedHeader(token string) (Header, error) { panic("declared") }
