package jeton

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jetonauth/jeton/jwk"
)

// The times that a [KeyRingConfig] starts from.
const (
	DefaultPublishAhead = 15 * time.Minute
	DefaultTokenTTL     = 24 * time.Hour
)

// KeyRingConfig says where a [KeyRing] keeps its keys, and how they take turns. Store and MasterKey are needed. Everything but
// Logger and Now is to be the same on every node.
type KeyRingConfig struct {
	Store KeyStore
	// MasterKey seals the private keys in the store: at least 32 random bytes that no database has.
	MasterKey []byte
	// Algorithm is that of new keys: ES256. A symmetric one is an error.
	Algorithm jwk.Algorithm
	// PublishAhead is how long a new key is among those that verify before it signs: 15 minutes. It is longer than
	// [KeySetMaxAge], so that whoever has fetched the key set knows the key by then.
	PublishAhead time.Duration
	// TokenTTL is the longest lifetime of a token: 24 hours. A key goes on verifying for that long, and 5 minutes, after it has
	// retired. Profiles and hand-made tokens of an [Auth] that last longer are refused. It must not be lowered while tokens
	// of the old lifetime live.
	TokenTTL time.Duration
	// Audit receives the events of keys; nil writes them to Logger.
	Audit AuditFunc
	// Logger is for what operators should know: slog.Default().
	Logger *slog.Logger
	// Now is the clock that decides which key signs: time.Now.
	Now func() time.Time
}

func (c KeyRingConfig) withDefaults() (KeyRingConfig, error) {
	if c.Store == nil {
		return c, errors.New("jeton: KeyRingConfig.Store: needed")
	}
	if c.Algorithm == "" {
		c.Algorithm = jwk.ES256
	}
	if _, err := jwk.ParseAlgorithm(string(c.Algorithm)); err != nil || c.Algorithm.Symmetric() {
		return c, fmt.Errorf("jeton: KeyRingConfig.Algorithm: %q, must be an asymmetric one such as ES256", c.Algorithm)
	}
	if c.PublishAhead == 0 {
		c.PublishAhead = DefaultPublishAhead
	}
	if c.PublishAhead <= KeySetMaxAge {
		return c, fmt.Errorf("jeton: KeyRingConfig.PublishAhead: %v, must be more than %v", c.PublishAhead, KeySetMaxAge)
	}
	if c.TokenTTL == 0 {
		c.TokenTTL = DefaultTokenTTL
	}
	if c.TokenTTL < time.Second {
		return c, fmt.Errorf("jeton: KeyRingConfig.TokenTTL: %v, must be at least a second", c.TokenTTL)
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

// KeyRing is a [jwk.Source] of keys in a store, the same on every node. It has no goroutine of its own: it reads the store when it
// is asked. If what it knows is more than 400 ms old, it reads again in the background; if it is more than 800 ms old, the
// question waits for that, for a second at most. So a key that was revoked on another node is refused within a second. While
// the store cannot be read, verifying goes on with what is known, and signing ends with [ErrUnavailable] after 60 s.
type KeyRing struct {
	cfg  KeyRingConfig
	seal sealer

	known atomic.Pointer[ringKeys] // nil before the first read

	mu      sync.Mutex
	reading *ringRead // the read that is under way, if one is
	reads   uint64    // that have begun
	tried   time.Time // when the last one began
	failure error     // of the last one that has ended
}

var (
	_ jwk.Source    = (*KeyRing)(nil)
	_ jwk.Refresher = (*KeyRing)(nil)
)

// NewKeyRing returns a key ring; it reads nothing yet. The error names the field that is wrong.
func NewKeyRing(cfg KeyRingConfig) (*KeyRing, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	seal, err := newSealer(cfg.MasterKey)
	if err != nil {
		return nil, fmt.Errorf("jeton: KeyRingConfig.MasterKey: %w", err)
	}
	return &KeyRing{cfg: cfg, seal: seal}, nil
}

// ringKeys is what a read has found. It is immutable, so that verifying waits for nobody.
type ringKeys struct {
	infos  []KeyInfo  // of all keys, the lowest number first
	keys   []*jwk.Key // with their private parts; nil for those that verify nothing any more
	set    *jwk.Set   // what verifies
	read   uint64     // the number of the read
	readAt time.Time  // when it began, by the process's monotonic clock
}

// holds reports whether there is a key with this id, in whatever state.
func (k *ringKeys) holds(id string) bool {
	return slices.ContainsFunc(k.infos, func(info KeyInfo) bool { return info.ID == id })
}

// Ensure reads the keys, and makes one if there is none that can sign; of several nodes that start at once all get the same. A
// master key that did not seal the keys in the store is an error.
func (r *KeyRing) Ensure(ctx context.Context) error {
	if err := r.sync(ctx); err != nil {
		return err
	}
	if signing(r.latest().infos, r.cfg.Now()) >= 0 {
		return nil
	}
	if err := r.ensureSigner(ctx, ""); err != nil {
		return err
	}
	return r.sync(ctx)
}

// SigningKey returns the key that signs now: the latest one that is active.
func (r *KeyRing) SigningKey(ctx context.Context) (*jwk.Key, error) {
	known, err := r.current(ctx, keyRingStaleness)
	if err != nil {
		return nil, err
	}
	i := signing(known.infos, r.cfg.Now())
	if i < 0 || known.keys[i] == nil {
		return nil, fmt.Errorf("%w: no key is active", ErrUnavailable)
	}
	return known.keys[i], nil
}

// VerifyingKeys returns the public keys that verify now, also those that are published but do not sign yet. It is the same set for as
// long as the keys are the same. If the store cannot be read, those that are known go on verifying.
func (r *KeyRing) VerifyingKeys(ctx context.Context) (*jwk.Set, error) {
	known, err := r.current(ctx, maxDuration)
	if err != nil {
		return nil, err
	}
	return known.set, nil
}

// RefreshKeys returns the keys as they are after a read that began after the call, unless the ring knows this id, as that of a revoked
// key, say. So a token is not refused because another node has a new key since a moment ago. Whatever it is asked, it reads at
// most 10 times a second, for all who ask together. [ErrUnavailable] if that cannot be read.
func (r *KeyRing) RefreshKeys(ctx context.Context, unknownID string) (*jwk.Set, error) {
	known := r.latest()
	if unknownID != "" && known.set != nil && !known.holds(unknownID) {
		if err := r.syncSoon(ctx); err != nil {
			return nil, err
		}
	}
	return r.VerifyingKeys(ctx)
}

// latest is what is known, which is nothing before the first read.
func (r *KeyRing) latest() *ringKeys {
	if known := r.known.Load(); known != nil {
		return known
	}
	return &ringKeys{}
}
