package bench

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"

	"github.com/jetonauth/jeton/jwk"
)

// Algorithms are those that are compared.
func Algorithms() []jwk.Algorithm {
	return []jwk.Algorithm{jwk.HS256, jwk.RS256, jwk.ES256, jwk.EdDSA}
}

// Key is one key, in the forms in which the libraries want it.
type Key struct {
	Algorithm jwk.Algorithm
	// ID is the "kid" of the tokens that the key signs.
	ID string
	// Private is a []byte, an *rsa.PrivateKey, an *ecdsa.PrivateKey or an ed25519.PrivateKey.
	Private any
	// Public is the key that verifies: the same []byte, or the public key.
	Public any
	// JWK is the key as jeton has it.
	JWK *jwk.Key
}

// NewKey makes a key. RSA keys have 2048 bits, the secret of HS256 has 32 bytes.
func NewKey(algorithm jwk.Algorithm) (Key, error) {
	k := Key{Algorithm: algorithm}
	var err error
	switch algorithm {
	case jwk.HS256:
		secret := make([]byte, sha256.Size)
		rand.Read(secret)
		k.Private, k.Public = secret, secret
		k.JWK, err = jwk.FromSecret(algorithm, secret)
	case jwk.RS256:
		err = k.fromSigner(rsa.GenerateKey(rand.Reader, 2048))
	case jwk.ES256:
		err = k.fromSigner(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	case jwk.EdDSA:
		_, private, generateErr := ed25519.GenerateKey(rand.Reader)
		err = k.fromSigner(private, generateErr)
	default:
		err = fmt.Errorf("algorithm %q is not compared", algorithm)
	}
	if err != nil {
		return Key{}, fmt.Errorf("bench: a key for %s: %w", algorithm, err)
	}
	k.ID = k.JWK.ID()
	return k, nil
}

// fromSigner takes over a key that was just generated.
func (k *Key) fromSigner(signer crypto.Signer, err error) error {
	if err != nil {
		return err
	}
	k.Private, k.Public = signer, signer.Public()
	k.JWK, err = jwk.FromSigner(k.Algorithm, signer)
	return err
}

// Sign returns the JWS signature of message (RFC 7518, section 3) by the standard library alone, so that the tokens of the tests are
// nobody's own.
func (k Key) Sign(message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	switch private := k.Private.(type) {
	case []byte:
		mac := hmac.New(sha256.New, private)
		mac.Write(message)
		return mac.Sum(nil), nil
	case *rsa.PrivateKey:
		return rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:])
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, private, digest[:])
		if err != nil {
			return nil, err
		}
		signature := make([]byte, 64)
		r.FillBytes(signature[:32])
		s.FillBytes(signature[32:])
		return signature, nil
	case ed25519.PrivateKey:
		return ed25519.Sign(private, message), nil
	default:
		return nil, fmt.Errorf("bench: no key of type %T signs", k.Private)
	}
}
