package jwk

import (
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"slices"
)

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

// keyType is the "kty" of a JWK.
type keyType string

const (
	octKey keyType = "oct"
	rsaKey keyType = "RSA"
	ecKey  keyType = "EC"
	okpKey keyType = "OKP"
)

// algorithmSpec says what an algorithm is made of.
type algorithmSpec struct {
	name    Algorithm
	keyType keyType
	hash    crypto.Hash // zero for EdDSA, which takes the whole message
	pss     bool        // RSASSA-PSS, not PKCS #1 v1.5
	curve   *curveSpec  // for ECDSA
}

// specs is in the order of [Algorithms].
var specs = [...]algorithmSpec{
	{name: EdDSA, keyType: okpKey},
	{name: ES512, keyType: ecKey, hash: crypto.SHA512, curve: &curveP521},
	{name: ES384, keyType: ecKey, hash: crypto.SHA384, curve: &curveP384},
	{name: ES256, keyType: ecKey, hash: crypto.SHA256, curve: &curveP256},
	{name: PS512, keyType: rsaKey, hash: crypto.SHA512, pss: true},
	{name: PS384, keyType: rsaKey, hash: crypto.SHA384, pss: true},
	{name: PS256, keyType: rsaKey, hash: crypto.SHA256, pss: true},
	{name: RS512, keyType: rsaKey, hash: crypto.SHA512},
	{name: RS384, keyType: rsaKey, hash: crypto.SHA384},
	{name: RS256, keyType: rsaKey, hash: crypto.SHA256},
	{name: HS512, keyType: octKey, hash: crypto.SHA512},
	{name: HS384, keyType: octKey, hash: crypto.SHA384},
	{name: HS256, keyType: octKey, hash: crypto.SHA256},
}

// spec returns what a is made of, or [ErrUnsupported].
func (a Algorithm) spec() (*algorithmSpec, error) {
	i := slices.IndexFunc(specs[:], func(s algorithmSpec) bool { return s.name == a })
	if i < 0 {
		return nil, fmt.Errorf("%w algorithm %.40q", ErrUnsupported, string(a))
	}
	return &specs[i], nil
}

// ParseAlgorithm returns the algorithm named s. "Ed25519" (RFC 9864) is read as [EdDSA]. Any other name, "none"
// included, is [ErrUnsupported]. Names are case-sensitive.
func ParseAlgorithm(s string) (Algorithm, error) {
	if s == "Ed25519" {
		return EdDSA, nil
	}
	spec, err := Algorithm(s).spec()
	if err != nil {
		return "", err
	}
	return spec.name, nil
}

// Algorithms returns every supported algorithm, strongest family first: EdDSA, ECDSA, RSASSA-PSS, RSASSA-PKCS1-v1_5,
// HMAC, and within a family the longest hash first.
func Algorithms() []Algorithm {
	names := make([]Algorithm, len(specs))
	for i, s := range specs {
		names[i] = s.name
	}
	return names
}

// Symmetric reports whether a is an HMAC algorithm, whose one secret both signs and verifies.
func (a Algorithm) Symmetric() bool { return a == HS256 || a == HS384 || a == HS512 }

// appendDigest appends the hash of message. Unlike [crypto.Hash.New] it allocates nothing.
func appendDigest(dst []byte, hash crypto.Hash, message []byte) []byte {
	switch hash {
	case crypto.SHA256:
		sum := sha256.Sum256(message)
		return append(dst, sum[:]...)
	case crypto.SHA384:
		sum := sha512.Sum384(message)
		return append(dst, sum[:]...)
	default:
		sum := sha512.Sum512(message)
		return append(dst, sum[:]...)
	}
}
