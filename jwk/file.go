package jwk

import (
	"crypto"
	"errors"
	"fmt"

	"github.com/jetonauth/jeton/internal/privatefile"
)

// LoadOrCreate reads the private key in the PEM file at path, or makes an ES256 key and writes it there with mode
// 0600 if there is no such file; of several processes that start at once all get the same key. The folder must exist,
// and its file system know hard links. The algorithm of an existing file follows from the key: RS256 for RSA, ES256,
// ES384 or ES512 by curve, EdDSA for Ed25519. A file that others than its owner can read or write is refused with
// [ErrInvalidKey] where the system has such modes, one with a public key only with [ErrNoPrivateKey].
func LoadOrCreate(path string) (*Key, error) {
	data, err := privatefile.LoadOrCreate(path, maxKeySize+1, newKeyFile)
	if errors.Is(err, privatefile.ErrNotPrivate) {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	if err != nil {
		return nil, fmt.Errorf("jwk: key file: %w", err)
	}
	key, err := decodePEM(data)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%w in %s", ErrNoPrivateKey, path)
	}
	k, err := FromSigner(suitableAlgorithm(signer.Public()), signer)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return k, nil
}

func newKeyFile() ([]byte, error) {
	k, err := Generate(ES256)
	if err != nil {
		return nil, err
	}
	return k.MarshalPrivatePEM()
}
