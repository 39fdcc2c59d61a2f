package jwk

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// LoadOrCreate reads the private key in the PEM file at path, or makes an ES256 key and writes it there with mode
// 0600 if there is no such file; of several processes that start at once all get the same key. The folder must exist,
// and its file system know hard links. The algorithm of an existing file follows from the key: RS256 for RSA, ES256,
// ES384 or ES512 by curve, EdDSA for Ed25519. A file that others than its owner can read or write is refused with
// [ErrInvalidKey] where the system has such modes, one with a public key only with [ErrNoPrivateKey].
func LoadOrCreate(path string) (*Key, error) {
	k, err := load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("jwk: create the key file: %w", err)
	}
	return load(path) // the key that won, ours or another's
}

func load(path string) (*Key, error) {
	data, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("jwk: read the key file: %w", err)
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

// readPrivate reads a file of bounded size that is its owner's alone.
func readPrivate(path string) (data []byte, err error) {
	f, err := os.Open(path) //nolint:gosec // the path is the caller's configuration
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is no regular file", ErrInvalidKey, path)
	}
	if err := checkMode(info); err != nil {
		return nil, fmt.Errorf("%w: %s", err, path)
	}
	return io.ReadAll(io.LimitReader(f, maxKeySize+1))
}

// create writes a new key beside path and then links it there, which does nothing if path exists by then: nobody can
// read half a key, and the first of several wins.
func create(path string) (err error) {
	k, err := Generate(ES256)
	if err != nil {
		return err
	}
	data, err := k.MarshalPrivatePEM()
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, writeErr := f.Write(data)
	if err := errors.Join(writeErr, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}
