package jwk

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
)

// FromSigner returns a key that signs through signer, which may be a private key in memory or a handle to a key
// management service or hardware module. alg must fit the type of signer.Public(), otherwise [ErrAlgorithm].
//
// Private keys of the standard library are checked and copied. Any other signer is used through [crypto.SignMessage]:
// it is given the message if it is a [crypto.MessageSigner], otherwise the digest, for EdDSA the message with
// crypto.Hash(0), for PS algorithms *rsa.PSSOptions, and must answer ECDSA in ASN.1. It must be safe for concurrent use.
// Each of its signatures is verified before it is returned, so that a failing device issues no bad tokens.
func FromSigner(alg Algorithm, signer crypto.Signer) (*Key, error) {
	public, err := publicOf(signer)
	if err != nil {
		return nil, err
	}
	m, err := newPublicMaterial(alg, public)
	if err != nil {
		return nil, err
	}
	s, err := newSigner(signer, m)
	if err != nil {
		return nil, err
	}
	return newKey("", alg, m, s)
}

// publicOf asks for the public key without panicking on the nil and short private keys whose Public method does.
func publicOf(signer crypto.Signer) (crypto.PublicKey, error) {
	ok := signer != nil
	switch key := signer.(type) {
	case *rsa.PrivateKey:
		ok = key != nil
	case *ecdsa.PrivateKey:
		ok = key != nil
	case ed25519.PrivateKey:
		ok = len(key) == ed25519.PrivateKeySize
	}
	if !ok {
		return nil, fmt.Errorf("%w: the signer is nil or no private key", ErrInvalidKey)
	}
	return signer.Public(), nil
}

// newSigner returns the signer that goes with the public key m.
func newSigner(from crypto.Signer, m material) (*signer, error) {
	switch key := from.(type) {
	case *rsa.PrivateKey:
		return newRSASigner(key)
	case *ecdsa.PrivateKey:
		return newECSigner(key)
	case ed25519.PrivateKey:
		return newEdSigner(key)
	}
	return newExternalSigner(from, m), nil
}

// newExternalSigner uses a private key that somebody else holds. What it signs is verified.
func newExternalSigner(from crypto.Signer, m material) *signer {
	sign := func(spec *algorithmSpec, message []byte) ([]byte, error) {
		var opts crypto.SignerOpts = spec.hash
		if spec.pss {
			opts = pssOptions(spec.hash)
		}
		signature, err := crypto.SignMessage(from, rand.Reader, message, opts)
		if err != nil {
			return nil, fmt.Errorf("jwk: sign: %w", err)
		}
		if spec.curve != nil {
			if signature, err = spec.curve.fromDER(signature); err != nil {
				return nil, err
			}
		}
		if !m.checkerFor(spec).check(message, signature) {
			return nil, fmt.Errorf("%w: the signer's answer is not from its public key", ErrSignature)
		}
		return signature, nil
	}
	return &signer{sign: sign, private: func() any { return nil }}
}
