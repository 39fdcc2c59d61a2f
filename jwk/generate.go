package jwk

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
)

// Generate makes a new key for alg from the system's randomness: RSA keys have 2048 bits, secrets are as long as the
// hash. Its id is the one that [Key.ID] describes. An unknown algorithm is [ErrUnsupported].
func Generate(alg Algorithm) (*Key, error) {
	spec, err := alg.spec()
	if err != nil {
		return nil, err
	}
	switch spec.keyType {
	case octKey:
		secret := make([]byte, spec.hash.Size())
		if _, err := rand.Read(secret); err != nil {
			return nil, fmt.Errorf("jwk: generate %s: %w", alg, err)
		}
		return FromSecret(alg, secret)
	case rsaKey:
		key, err := rsa.GenerateKey(rand.Reader, minModulusBits)
		if err != nil {
			return nil, fmt.Errorf("jwk: generate %s: %w", alg, err)
		}
		return FromSigner(alg, key)
	case ecKey:
		key, err := ecdsa.GenerateKey(spec.curve.curve, rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("jwk: generate %s: %w", alg, err)
		}
		return FromSigner(alg, key)
	default:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("jwk: generate %s: %w", alg, err)
		}
		return FromSigner(alg, key)
	}
}
