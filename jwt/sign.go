package jwt

import "time"
import "github.com/jetonauth/jeton/jwk"

// Claims is what a new token says. Zero fields are left out. Times are written in whole seconds, a fraction is cut off.
type Claims struct {
	Issuer    string    // "iss"
	Subject   string    // "sub"
	Audience  []string  // "aud": one is written as a string, several as an array
	ExpiresAt time.Time // "exp"
	NotBefore time.Time // "nbf"
	IssuedAt  time.Time // "iat"
	ID        string    // "jti"
	// Extra holds all other claims, a nil value being null. One of the names above in it is an error of [Sign].
	Extra map[string]any
}

// MarshalJSON returns the claims as one JSON object, registered ones first, the others in the order of their names. It
// writes nothing that a verifier would refuse to read: times outside the years 1970 to 9999, invalid UTF-8, duplicate
// names in an encoded value and the like are errors.
//
// HTML's special characters are not escaped, except by [json.Marshal], which does that to whatever a Marshaler returns.
func (c Claims) MarshalJSON() ([]byte, error) { panic("declared") }

// Sign returns a compact token with claims, signed by key, with the key's algorithm and id and the type typ in its
// header; an empty typ is left out. A registered name in Claims.Extra, or a value that JSON cannot hold, is an error, as
// is a typ that is not printable ASCII, a key without private part ([jwk.ErrNoPrivateKey]), or one that names no
// algorithm ([jwk.ErrAlgorithm]).
func Sign(key *jwk.Key, typ string, claims Claims) (string, error) { panic("declared") }
