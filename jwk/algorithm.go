package jwk

// Algorithm is the name of a signature algorithm as in the "alg" parameter (RFC 7518, section 3.1, and RFC 8037).
// "none" does not exist here.
type Algorithm string

// The algorithms that jeton signs and verifies with.
const (
	HS256 Algorithm = "HS256"
	HS384 Algorithm = "HS384"
	HS512 Algorithm = "HS512"
	RS256 Algorithm = "RS256"
	RS384 Algorithm = "RS384"
	RS512 Algorithm = "RS512"
	PS256 Algorithm = "PS256"
	PS384 Algorithm = "PS384"
	PS512 Algorithm = "PS512"
	ES256 Algorithm = "ES256"
	ES384 Algorithm = "ES384"
	ES512 Algorithm = "ES512"
	EdDSA Algorithm = "EdDSA" // Ed25519
)

// ParseAlgorithm returns the algorithm named s. "Ed25519" (RFC 9864) is read as [EdDSA]. Any other name, "none"
// included, is [ErrUnsupported]. Names are case-sensitive.
func ParseAlgorithm(s string) (Algorithm, error) { panic("declared") }

// Algorithms returns every supported algorithm, strongest family first: EdDSA, ECDSA, RSASSA-PSS, RSASSA-PKCS1-v1_5,
// HMAC, and within a family the longest hash first.
func Algorithms() []Algorithm { panic("declared") }

// Symmetric reports whether a is an HMAC algorithm, whose one secret both signs and verifies.
func (a Algorithm) Symmetric() bool { panic("declared") }
