package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/sqlite"
)

const databaseFile = "jeton.db"

// foundation is what a [Server] and a [Service] stand on, and what stays when settings change: the store, the keys, and what is
// remembered in memory.
type foundation struct {
	cfg    Config
	log    *slog.Logger
	store  *sqlite.Store
	ring   *jeton.KeyRing
	secret []byte // of refresh tokens
	cache  *jeton.TokenCache
	counts jeton.LimitStore
}

func newFoundation(cfg Config) *foundation {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &foundation{cfg: cfg, log: cfg.Logger, cache: jeton.NewTokenCache(0), counts: jeton.NewMemoryLimits(0)}
}

// open opens the database, which is brought to today's form, and the keys.
func (f *foundation) open(ctx context.Context) (err error) {
	if f.store, err = openStore(ctx, filepath.Join(f.cfg.Data, databaseFile)); err != nil {
		return err
	}
	master, err := f.masterKey(ctx)
	if err != nil {
		return err
	}
	f.ring, err = jeton.NewKeyRing(jeton.KeyRingConfig{Store: f.store, MasterKey: master, Logger: f.log})
	if err != nil {
		return err
	}
	if err := f.ring.Ensure(ctx); err != nil {
		return err
	}
	f.secret, err = refreshSecret(master)
	return err
}

// newAuth returns the service as cfg says.
func (f *foundation) newAuth(cfg Config) (*jeton.Auth, error) {
	reuse := cfg.ReuseInterval
	if reuse == 0 {
		reuse = -1 // what 0s says: any reuse ends the session
	}
	config := jeton.Config{
		Issuer: cfg.Issuer, Keys: f.ring, Store: f.store, Secret: f.secret, Logger: f.log, Cache: f.cache,
		AccessTTL: cfg.AccessTTL, ReuseInterval: reuse, Limits: jeton.Limits{Off: cfg.NoLimits, Store: f.counts},
	}
	if cfg.configure != nil {
		cfg.configure(&config)
	}
	return jeton.New(config)
}

func (f *foundation) close() error {
	if f.store == nil {
		return nil
	}
	return f.store.Close()
}

func openStore(ctx context.Context, path string) (*sqlite.Store, error) {
	store, err := sqlite.Open(path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	err = store.Migrate(ctx)
	if errors.Is(err, jeton.ErrNewerSchema) {
		err = fmt.Errorf("%w; run a newer jeton, or choose another data directory", err)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), store.Close())
	}
	return store, nil
}

func makeDirectory(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return wrong("data", "%s cannot be made: %w; choose a directory that this user may write", path, cause(err))
	}
	probe, err := os.CreateTemp(path, ".probe.*")
	if err != nil {
		return wrong("data", "%s cannot be written: %w; choose a directory that this user may write", path, cause(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// cause leaves out the path, which the message has already.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// warnOfOthers says so if others than the owner can read the data directory, which was there before.
func (f *foundation) warnOfOthers() {
	info, err := os.Stat(f.cfg.Data)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		f.log.Warn("others can look into the data directory; chmod 700 would change that",
			"data", f.cfg.Data, "mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	}
}
