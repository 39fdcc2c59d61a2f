package server

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"path/filepath"

	"github.com/jetonauth/jeton"
)

const masterKeyFile = "master.key"

// masterKey returns the key that the operator gives, or the one in the data directory, which is made if there is none.
func masterKey(given, dir string) ([]byte, error) {
	if given == "" {
		return jeton.LoadOrCreateSecret(filepath.Join(dir, masterKeyFile))
	}
	key, err := jeton.ParseSecret(given)
	if err != nil {
		return nil, fmt.Errorf("JETON_MASTER_KEY: %w", err)
	}
	return key, nil
}

// refreshSecret derives the secret of the refresh tokens, so that there is one key to keep.
func refreshSecret(master []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, master, nil, "jeton refresh secret", 32)
}
