package jeton

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jetonauth/jeton/jwk"
)

const (
	// keyRingInterval is the age of what a key ring knows from which it reads again.
	keyRingInterval = 10 * time.Second
	// keyRingStaleness is the age from which it does not sign any more.
	keyRingStaleness = 60 * time.Second
	// keyRingTimeout bounds one read.
	keyRingTimeout = 5 * time.Second
)

// KeyRingConfig says where a [KeyRing] keeps its keys. Store and MasterKey are needed.
type KeyRingConfig struct {
	Store KeyStore
	// MasterKey seals the private keys in the store: at least 32 random bytes that no database has, the same on every
	// node.
	MasterKey []byte
	// Algorithm is that of new keys: ES256. A symmetric one is an error.
	Algorithm jwk.Algorithm
	// Audit receives the events of keys; nil writes them to Logger.
	Audit AuditFunc
	// Logger is for what operators should know: slog.Default().
	Logger *slog.Logger
	// Now is the clock that decides which key signs: time.Now.
	Now func() time.Time
}

// KeyRing is a [jwk.Source] of keys in a store, the same on every node. It reads the store again when it is asked and its
// knowledge is more than 10 s old, and refuses to sign with [ErrUnavailable] when it has been unread for 60 s.
type KeyRing struct {
	cfg  KeyRingConfig
	seal sealer

	reading sync.Mutex // held by whoever reads the store

	mu      sync.Mutex
	keys    []ringKey
	set     *jwk.Set
	readAt  time.Time // by the process's monotonic clock
	started bool      // a background read
}

type ringKey struct {
	stored *StoredKey
	key    *jwk.Key
}

var _ jwk.Source = (*KeyRing)(nil)

// NewKeyRing returns a key ring; it reads nothing yet. The error names the field that is wrong.
func NewKeyRing(cfg KeyRingConfig) (*KeyRing, error) {
	if cfg.Store == nil {
		return nil, errors.New("jeton: KeyRingConfig.Store: needed")
	}
	if cfg.Algorithm == "" {
		cfg.Algorithm = jwk.ES256
	}
	if _, err := jwk.ParseAlgorithm(string(cfg.Algorithm)); err != nil || cfg.Algorithm.Symmetric() {
		return nil, fmt.Errorf("jeton: KeyRingConfig.Algorithm: %q, must be an asymmetric one such as ES256", cfg.Algorithm)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	seal, err := newSealer(cfg.MasterKey)
	if err != nil {
		return nil, fmt.Errorf("jeton: KeyRingConfig.MasterKey: %w", err)
	}
	return &KeyRing{cfg: cfg, seal: seal}, nil
}

// Ensure reads the keys, and makes the first one if there is none; of several nodes that start at once all get the same. A
// master key that did not seal the keys in the store is an error.
func (r *KeyRing) Ensure(ctx context.Context) error {
	if err := r.read(ctx); err != nil {
		return err
	}
	r.mu.Lock()
	none := len(r.keys) == 0
	r.mu.Unlock()
	if !none {
		return nil
	}
	if err := r.addFirst(ctx); err != nil && !errors.Is(err, ErrConflict) {
		return err
	}
	return r.read(ctx)
}

func (r *KeyRing) addFirst(ctx context.Context) error {
	key, err := jwk.Generate(r.cfg.Algorithm)
	if err != nil {
		return err
	}
	public, err := key.MarshalJSON()
	if err != nil {
		return err
	}
	private, err := key.MarshalPrivateJWK()
	if err != nil {
		return err
	}
	now := r.cfg.Now().UTC().Truncate(time.Millisecond)
	err = r.cfg.Store.AddKey(ctx, &StoredKey{
		Number: 1, ID: key.ID(), Algorithm: string(key.Algorithm()), Public: public, Sealed: r.seal.seal(private, key.ID()),
		CreatedAt: now, ActivateAt: now,
	})
	if err != nil {
		return err
	}
	event := Event{Type: EventKeyAdded, At: now, Reason: "first key " + key.ID()}
	if r.cfg.Audit != nil {
		r.cfg.Audit(ctx, event)
	} else {
		r.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "audit", slog.Any("event", event))
	}
	return nil
}

// SigningKey returns the key that signs now: the latest one that is active.
func (r *KeyRing) SigningKey(ctx context.Context) (*jwk.Key, error) {
	if err := r.fresh(ctx, true); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	for _, k := range slices.Backward(r.keys) {
		retired := !k.stored.RetireAt.IsZero() && !now.Before(k.stored.RetireAt)
		if !now.Before(k.stored.ActivateAt) && !retired {
			return k.key, nil
		}
	}
	return nil, fmt.Errorf("%w: no key is active", ErrUnavailable)
}

// VerifyingKeys returns the keys that verify now, also those that are published but do not sign yet.
func (r *KeyRing) VerifyingKeys(ctx context.Context) (*jwk.Set, error) {
	if err := r.fresh(ctx, false); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.set, nil
}

// fresh reads the store if that is due: in the background if what is known will do meanwhile.
func (r *KeyRing) fresh(ctx context.Context, signing bool) error {
	r.mu.Lock()
	age, known := time.Since(r.readAt), r.set != nil
	background := known && age > keyRingInterval && !r.started
	r.started = r.started || background
	r.mu.Unlock()
	if !known || signing && age > keyRingStaleness {
		return r.read(ctx)
	}
	if background {
		go r.readInBackground(context.WithoutCancel(ctx))
	}
	return nil
}

func (r *KeyRing) readInBackground(ctx context.Context) {
	if err := r.read(ctx); err != nil {
		r.cfg.Logger.ErrorContext(ctx, "could not read the signing keys", "error", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started = false
}

// read reads the store; one at a time, since the others would read the same.
func (r *KeyRing) read(ctx context.Context) error {
	r.reading.Lock()
	defer r.reading.Unlock()
	ctx, cancel := context.WithTimeout(ctx, keyRingTimeout)
	defer cancel()
	began := time.Now()
	stored, err := r.cfg.Store.Keys(ctx)
	if err != nil {
		return fmt.Errorf("%w: read keys: %w", ErrUnavailable, err)
	}
	keys, err := r.open(stored)
	if err != nil {
		return err
	}
	return r.keep(keys, began)
}

// open unseals the keys that are still of use. Keys that were read before are not parsed again, so that a set whose keys did not
// change stays the same set.
func (r *KeyRing) open(stored []*StoredKey) ([]ringKey, error) {
	now := r.cfg.Now()
	r.mu.Lock()
	before := slices.Clone(r.keys)
	r.mu.Unlock()
	var keys []ringKey
	for _, s := range stored {
		removed := !s.RemoveAt.IsZero() && !now.Before(s.RemoveAt)
		if removed || !s.RevokedAt.IsZero() {
			continue
		}
		i := slices.IndexFunc(before, func(k ringKey) bool { return k.stored.ID == s.ID })
		if i >= 0 {
			keys = append(keys, ringKey{s, before[i].key})
			continue
		}
		key, err := r.unseal(s)
		if err != nil {
			return nil, err
		}
		keys = append(keys, ringKey{s, key})
	}
	return keys, nil
}

func (r *KeyRing) unseal(s *StoredKey) (*jwk.Key, error) {
	private, err := r.seal.open(s.Sealed, s.ID)
	if err != nil {
		return nil, fmt.Errorf("jeton: the master key is not the one that sealed the signing key %q: %w", s.ID, err)
	}
	key, err := jwk.Parse(private)
	if err != nil {
		return nil, fmt.Errorf("jeton: stored signing key %q: %w", s.ID, err)
	}
	return key, nil
}

func (r *KeyRing) keep(keys []ringKey, readAt time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	same := r.set != nil && slices.EqualFunc(keys, r.keys, func(a, b ringKey) bool { return a.key == b.key })
	if !same {
		list := make([]*jwk.Key, len(keys))
		for i, k := range keys {
			list[i] = k.key
		}
		set, err := jwk.NewSet(list...)
		if err != nil {
			return err
		}
		r.set = set
	}
	r.keys, r.readAt = keys, readAt
	return nil
}
