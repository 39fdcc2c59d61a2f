package bench

// Contender checks and makes the tokens of one key. It checks the signature, with the key's algorithm and no other, "exp" and "nbf"
// with the leeway, "iss" and "aud", and decodes the registered claims. It is safe for concurrent use.
type Contender interface {
	// Verify returns what a good token says.
	Verify(token string) (Claims, error)
	// Sign makes a token with the key's id in its header and the content that the contender was made with.
	Sign() (string, error)
}

// Library is one of those that are compared.
type Library struct {
	// Name is what the tables call it.
	Name string
	// Module is the path of its module.
	Module string
	// NeedsExpiry is whether it refuses a token without "exp", for want of an option in some.
	NeedsExpiry bool
	// New returns the library set up for one key. Whatever can be made once is made here.
	New func(Key, Content) (Contender, error)
}

// Libraries returns those that are compared, jeton first.
func Libraries() []Library {
	return []Library{
		{"jeton", "github.com/jetonauth/jeton", true, newJeton},
		{"golang-jwt", "github.com/golang-jwt/jwt/v5", true, newGolangJWT},
		{"jwx", "github.com/lestrrat-go/jwx/v3", true, newJWX},
		{"go-jose", "github.com/go-jose/go-jose/v4", false, newGoJOSE},
		{"cristalhq", "github.com/cristalhq/jwt/v5", false, newCristal},
	}
}
