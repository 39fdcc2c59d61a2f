package server

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/settings"
)

const masterKeyFile = "master.key"

// checkMasterKey demands the key where a file would be one node's only.
func (f *foundation) checkMasterKey() error {
	if f.cfg.shared() && f.cfg.MasterKey == "" {
		return &SettingError{Key: "master_key", Err: settings.NeedSharedKey()}
	}
	return nil
}

// masterKey returns the key that the operator gives, or the one in the data directory, which is made on the first start only: a
// database that has keys was sealed under another one, which must be found.
func (f *foundation) masterKey(ctx context.Context) ([]byte, error) {
	if f.cfg.MasterKey != "" {
		key, err := jeton.ParseSecret(f.cfg.MasterKey.Reveal())
		if err != nil {
			return nil, &SettingError{Key: "master_key", Err: err}
		}
		return key, nil
	}
	path := filepath.Join(f.cfg.Data, masterKeyFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		keys, err := f.store.Keys(ctx)
		if err != nil {
			return nil, err
		}
		if len(keys) > 0 {
			return nil, fmt.Errorf("master key: the keys in the database are sealed, and %s is not there; restore it or set JETON_MASTER_KEY", path)
		}
	}
	return jeton.LoadOrCreateSecret(path)
}

// refreshSecret derives the secret of the refresh tokens, so that there is one key to keep.
func refreshSecret(master []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, master, nil, "jeton refresh secret", 32)
}
