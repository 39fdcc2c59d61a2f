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

	known atomic.Pointer[ringKeys] // nil before the first read

	mu      sync.Mutex
	reading *ringRead // the read that is under way, if one is
}

// ringKeys is what a read has found. It is immutable, so that verifying waits for nobody.
type ringKeys struct {
	keys   []ringKey
	set    *jwk.Set
	readAt time.Time // by the process's monotonic clock
}

// ringRead is a read of the store, which all share who want one.
type ringRead struct {
	done chan struct{}
	err  error // once done is closed
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

// Ensure reads the keys, and makes one if there is none that can sign; of several nodes that start at once all get the same. A
// master key that did not seal the keys in the store is an error.
func (r *KeyRing) Ensure(ctx context.Context) error {
	if err := r.wait(ctx, r.start(ctx)); err != nil {
		return err
	}
	if _, err := r.current(); err == nil {
		return nil
	}
	if err := r.add(ctx); err != nil && !errors.Is(err, ErrConflict) {
		return err
	}
	if err := r.wait(ctx, r.start(ctx)); err != nil {
		return err
	}
	if _, err := r.current(); err == nil {
		return nil
	}
	return r.wait(ctx, r.start(ctx)) // the first read may have begun before
}

// add adds a key that signs from now on, unless somebody else has done so meanwhile. Of those who see the same keys and so choose
// the same number only one succeeds.
func (r *KeyRing) add(ctx context.Context) error {
	stored, err := r.cfg.Store.Keys(ctx)
	if err != nil {
		return fmt.Errorf("%w: read keys: %w", ErrUnavailable, err)
	}
	number := uint32(1)
	for _, s := range stored {
		if r.canSign(s) {
			return nil
		}
		number = max(number, s.Number+1)
	}
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
		Number: number, ID: key.ID(), Algorithm: string(key.Algorithm()), Public: public, Sealed: r.seal.seal(private, key.ID()),
		CreatedAt: now, ActivateAt: now,
	})
	if err != nil {
		return err
	}
	event := Event{Type: EventKeyAdded, At: now, Reason: "key " + key.ID()}
	if r.cfg.Audit != nil {
		r.cfg.Audit(ctx, event)
	} else {
		r.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "audit", slog.Any("event", event))
	}
	return nil
}

// SigningKey returns the key that signs now: the latest one that is active.
func (r *KeyRing) SigningKey(ctx context.Context) (*jwk.Key, error) {
	age, known := r.fresh(ctx)
	if !known || age > keyRingStaleness {
		if err := r.wait(ctx, r.start(ctx)); err != nil {
			return nil, err
		}
	}
	return r.current()
}

// current picks the signing key. If all keys are to become active later, which a clock that is behind makes of them, it is the
// first of them.
func (r *KeyRing) current() (*jwk.Key, error) {
	now := r.cfg.Now()
	var next *jwk.Key
	for _, k := range slices.Backward(r.latest().keys) {
		if !r.canSign(k.stored) {
			continue
		}
		if !now.Before(k.stored.ActivateAt) {
			return k.key, nil
		}
		next = k.key
	}
	if next == nil {
		return nil, fmt.Errorf("%w: no key is active", ErrUnavailable)
	}
	return next, nil
}

// canSign reports whether a key signs, or will.
func (r *KeyRing) canSign(s *StoredKey) bool {
	now := r.cfg.Now()
	over := func(t time.Time) bool { return !t.IsZero() && !now.Before(t) }
	return !over(s.RetireAt) && !over(s.RemoveAt) && s.RevokedAt.IsZero()
}

// VerifyingKeys returns the keys that verify now, also those that are published but do not sign yet. If the store cannot be
// read, those that are known go on verifying.
func (r *KeyRing) VerifyingKeys(ctx context.Context) (*jwk.Set, error) {
	age, known := r.fresh(ctx)
	if !known || age > keyRingStaleness {
		if err := r.wait(ctx, r.start(ctx)); err != nil && !known {
			return nil, err
		}
	}
	return r.latest().set, nil
}

// latest is what is known, which is nothing before the first read.
func (r *KeyRing) latest() *ringKeys {
	if known := r.known.Load(); known != nil {
		return known
	}
	return &ringKeys{}
}

// fresh starts a read if that is due, and says how old the knowledge is, if there is any.
func (r *KeyRing) fresh(ctx context.Context) (age time.Duration, known bool) {
	latest := r.latest()
	age, known = time.Since(latest.readAt), latest.set != nil
	if known && age > keyRingInterval {
		r.start(ctx)
	}
	return age, known
}

// start begins a read, or returns the one that is under way.
func (r *KeyRing) start(ctx context.Context) *ringRead {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reading == nil {
		r.reading = &ringRead{done: make(chan struct{})}
		go r.run(context.WithoutCancel(ctx), r.reading)
	}
	return r.reading
}

// wait waits for a read, but not longer than the caller can.
func (r *KeyRing) wait(ctx context.Context, read *ringRead) error {
	select {
	case <-read.done:
		return read.err
	case <-ctx.Done():
		return fmt.Errorf("%w: read keys: %w", ErrUnavailable, ctx.Err())
	}
}

func (r *KeyRing) run(ctx context.Context, read *ringRead) {
	ctx, cancel := context.WithTimeout(ctx, keyRingTimeout)
	defer cancel()
	read.err = r.read(ctx)
	if read.err != nil && r.known.Load() != nil { // otherwise somebody waits for it, and is told
		r.cfg.Logger.ErrorContext(ctx, "could not read the signing keys", "error", read.err)
	}
	r.mu.Lock()
	r.reading = nil
	r.mu.Unlock()
	close(read.done)
}

func (r *KeyRing) read(ctx context.Context) error {
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
	before := r.latest().keys
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
		return nil, fmt.Errorf("jeton: the master key is not the one that sealed the signing key %q: %w; restore the right one", s.ID, err)
	}
	key, err := jwk.Parse(private)
	if err != nil {
		return nil, fmt.Errorf("jeton: stored signing key %q: %w", s.ID, err)
	}
	return key, nil
}

func (r *KeyRing) keep(keys []ringKey, readAt time.Time) error {
	next, before := &ringKeys{keys: keys, readAt: readAt}, r.latest()
	next.set = before.set
	same := before.set != nil && slices.EqualFunc(keys, before.keys, func(a, b ringKey) bool { return a.key == b.key })
	if !same {
		list := make([]*jwk.Key, len(keys))
		for i, k := range keys {
			list[i] = k.key
		}
		var err error
		if next.set, err = jwk.NewSet(list...); err != nil {
			return err
		}
	}
	r.known.Store(next)
	return nil
}
