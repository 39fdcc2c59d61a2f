package jeton

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
)

// sealer encrypts what a store keeps under a key that the store does not have: AES-256-GCM with a random nonce, behind one
// byte of version.
type sealer struct{ aead cipher.AEAD }

const sealVersion = 1

func newSealer(master []byte) (sealer, error) {
	if len(master) < minSecret {
		return sealer{}, fmt.Errorf("has %d bytes, must have at least %d random ones", len(master), minSecret)
	}
	if placeholder(master) {
		return sealer{}, errors.New("is a placeholder, must be random")
	}
	key, err := hkdf.Key(sha256.New, master, nil, "jeton key sealing 1", 32)
	if err != nil {
		return sealer{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{aead}, err
}

// seal binds the ciphertext to name, so that one sealed value cannot stand in for another.
func (s sealer) seal(plain []byte, name string) []byte {
	return s.aead.Seal([]byte{sealVersion}, nil, plain, []byte(name))
}

func (s sealer) open(sealed []byte, name string) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != sealVersion {
		return nil, errors.New("unknown version")
	}
	return s.aead.Open(nil, nil, sealed[1:], []byte(name))
}
