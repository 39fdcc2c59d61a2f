package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/database"
	"github.com/jetonauth/jeton/store/redis"
)

// foundation is what a [Server] and a [Service] stand on, and what stays when settings change: the store, the keys, and what is
// remembered in memory.
type foundation struct {
	cfg    Config
	log    *slog.Logger
	store  database.Store
	redis  *redis.Store // nil if there is none
	ring   *jeton.KeyRing
	secret []byte // of refresh tokens
	cache  *jeton.TokenCache
	counts jeton.LimitStore
	// announce makes other nodes read what is revoked, where the database does not do that itself. Nil means that nobody does.
	announce func(ctx context.Context)
}

func newFoundation(cfg Config) *foundation {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &foundation{cfg: cfg, log: cfg.Logger, cache: jeton.NewTokenCache(0)}
}

// open opens the database, which is brought to today's form, and the keys.
func (f *foundation) open(ctx context.Context) (err error) {
	if err := f.checkMasterKey(); err != nil {
		return err
	}
	if f.store, err = f.openStore(ctx); err != nil {
		return err
	}
	if err := f.openLimits(ctx); err != nil {
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
	if err := f.ring.Ensure(ctx); errors.Is(err, jeton.ErrMasterKey) {
		return &SettingError{Key: "master_key", Err: err}
	} else if err != nil {
		return err
	}
	f.secret, err = refreshSecret(master)
	return err
}

// LogDrivers makes the drivers of databases write to log what they would write to the standard error stream, in the whole process. It is
// called before anything is opened.
func LogDrivers(log *slog.Logger) { redis.SetLogger(log) }

// newAuth returns the service as cfg says.
func (f *foundation) newAuth(cfg Config) (*jeton.Auth, error) {
	reuse := cfg.ReuseInterval
	if reuse == 0 {
		reuse = -1 // what 0s says: any reuse ends the session
	}
	config := jeton.Config{
		Issuer: cfg.Issuer, Keys: f.ring, Store: f.store, Secret: f.secret, Logger: f.log, Cache: f.cache,
		AccessTTL: cfg.AccessTTL, ReuseInterval: reuse, Limits: jeton.Limits{Off: cfg.NoLimits, Store: f.counts},
		MaxStaleness: cfg.MaxStaleness, AcceptStale: cfg.AcceptStale,
	}
	if f.announce != nil {
		config.Sessions = announcing{f.store, f.announce}
	}
	if cfg.configure != nil {
		cfg.configure(&config)
	}
	return jeton.New(config)
}

// close ends what is read in the background, and then closes what that is read from.
func (f *foundation) close() (err error) {
	if f.ring != nil {
		f.ring.Wait()
	}
	if f.redis != nil {
		err = f.redis.Close()
	}
	if f.store != nil {
		err = errors.Join(err, f.store.Close())
	}
	return err
}

func (f *foundation) openStore(ctx context.Context) (database.Store, error) {
	store, err := database.Open(ctx, f.cfg.url())
	if err == nil {
		if err = f.prepareStore(ctx, store); err != nil {
			err = errors.Join(err, store.Close())
		}
	}
	if err != nil {
		return nil, f.wrongDatabase(err)
	}
	return store, nil
}

// wrongDatabase says which database an error is about.
func (f *foundation) wrongDatabase(err error) error {
	if err == nil {
		return nil
	}
	if f.cfg.Database != "" {
		return &SettingError{Key: "database", Err: err}
	}
	path, _ := database.File(f.cfg.url())
	return fmt.Errorf("database %s: %w", path, err)
}

// prepareStore brings the tables to today's form, or makes them. Who wants what is there already changes none, since that may keep servers waiting.
func (f *foundation) prepareStore(ctx context.Context, store database.Store) error {
	if !f.cfg.MustExist {
		return database.Prepare(ctx, store)
	}
	schema, err := database.ReadSchema(ctx, store)
	if err != nil {
		return err
	}
	switch schema.State() {
	case database.Empty:
		return fmt.Errorf("%w of jeton's there; jeton serve makes one", ErrNoDatabase)
	case database.Old:
		return fmt.Errorf("the database is at version %d, and this program wants %d; jeton migrate up brings it there, and so does jeton serve",
			schema.Have, schema.Want)
	case database.Newer, database.Current:
	}
	return database.Prepare(ctx, store)
}

// openLimits decides where attempts are counted: in Redis, in a database that nodes share, or in the memory of the only node.
func (f *foundation) openLimits(ctx context.Context) (err error) {
	switch {
	case f.cfg.Redis != "":
		if f.redis, err = redis.Open(ctx, f.cfg.Redis.Reveal(), redis.Config{Absent: true}); err != nil {
			return &SettingError{Key: "redis", Err: err}
		}
		if err := f.redis.Ping(ctx); err != nil { // nodes that run go on, too
			f.log.ErrorContext(ctx, "Redis is away; until it is back nobody can sign in or up", "error", err)
		}
		f.counts = f.redis
	case f.cfg.shared():
		f.counts = f.store
	default:
		f.counts = jeton.NewMemoryLimits(0)
	}
	return nil
}
