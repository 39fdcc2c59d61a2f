package jwk

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
)

// FromPublic returns a key that only verifies. alg must fit the type of public (*rsa.PublicKey, *ecdsa.PublicKey or
// ed25519.PublicKey), otherwise [ErrAlgorithm]. The key is copied and checked: [ErrWeakKey] for an RSA modulus of fewer
// than 2048 bits, [ErrInvalidKey] for what is no key, such as a point that is not on its curve.
func FromPublic(alg Algorithm, public crypto.PublicKey) (*Key, error) {
	m, err := newPublicMaterial(alg, public)
	if err != nil {
		return nil, err
	}
	return newKey("", alg, m, nil)
}

// newPublicMaterial checks public and that alg fits it.
func newPublicMaterial(alg Algorithm, public crypto.PublicKey) (material, error) {
	spec, err := alg.spec()
	if err != nil {
		return nil, err
	}
	switch pub := public.(type) {
	case *rsa.PublicKey:
		if spec.keyType == rsaKey && pub != nil {
			return newRSAMaterial(pub)
		}
	case *ecdsa.PublicKey:
		if spec.keyType == ecKey && pub != nil && pub.Curve == spec.curve.curve {
			return newECMaterial(pub)
		}
	case ed25519.PublicKey:
		if spec.keyType == okpKey {
			return newEdMaterial(pub)
		}
	}
	return nil, fmt.Errorf("%w: %s with a %T", ErrAlgorithm, alg, public)
}

// suitableAlgorithm is the algorithm of a key file, which names none; empty if there is none for such a key.
func suitableAlgorithm(public crypto.PublicKey) Algorithm {
	switch pub := public.(type) {
	case *rsa.PublicKey:
		return RS256
	case *ecdsa.PublicKey:
		if curve := curveOf(pub.Curve); curve != nil {
			return curve.alg
		}
	case ed25519.PublicKey:
		return EdDSA
	}
	return ""
}
