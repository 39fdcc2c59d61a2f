package jeton

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/jetonauth/jeton/jwk"
)

const (
	// keyRingInterval is the age of what a key ring knows from which it reads again, and the time between two reads that fail.
	keyRingInterval = 400 * time.Millisecond
	// keyRingMaxAge is the age from which a question waits for that.
	keyRingMaxAge = 800 * time.Millisecond
	// keyRingStaleness is the age from which a ring does not sign any more.
	keyRingStaleness = 60 * time.Second
	// keyRingTimeout bounds one read.
	keyRingTimeout = 5 * time.Second
	// keyRingWait is how much of a read's time a question waits for while there is an answer without it; keyRingRetryWait is
	// that after a read that has failed.
	keyRingWait      = time.Second
	keyRingRetryWait = 100 * time.Millisecond
	// keyRingGap is the least time between two reads that unknown keys cause.
	keyRingGap = 100 * time.Millisecond
	// maxDuration is an age that nothing has.
	maxDuration = time.Duration(math.MaxInt64)
)

var errSlowKeys = fmt.Errorf("%w: read keys: it takes too long", ErrUnavailable)

// ringRead is a read of the store, which all share who want one.
type ringRead struct {
	number uint64 // counts the reads
	began  time.Time
	retry  bool          // the one before has failed
	done   chan struct{} // closed at the end
	err    error         // valid then
}

// usable reports whether what is known can be used at its age while there is nothing better.
func (k *ringKeys) usable(maxAge time.Duration) bool {
	return k != nil && time.Since(k.readAt) < maxAge
}

// current returns what is known, after a read if that is due. If there is none in time, what is known is used up to the age of
// maxAge.
func (r *KeyRing) current(ctx context.Context, maxAge time.Duration) (*ringKeys, error) {
	known := r.known.Load()
	if known.usable(keyRingInterval) {
		return known, nil
	}
	read, err := r.readIfDue()
	if known = r.known.Load(); known.usable(keyRingMaxAge) {
		return known, nil
	}
	if read != nil {
		err = r.await(ctx, read, maxAge)
		if ctx.Err() != nil { // what is known may be old, and nobody waits for the answer
			return nil, err
		}
	}
	if known = r.known.Load(); known.usable(maxAge) {
		return known, nil
	}
	return nil, err
}

// await waits for a read: for a moment if there is an answer without it.
func (r *KeyRing) await(ctx context.Context, read *ringRead, maxAge time.Duration) error {
	patience := keyRingWait
	switch {
	case !r.known.Load().usable(maxAge):
		patience += keyRingTimeout // by then only a store that ignores its context is not done
	case read.retry:
		patience = keyRingRetryWait
	}
	limit := time.NewTimer(time.Until(read.began.Add(patience)))
	defer limit.Stop()
	select {
	case <-read.done:
		return read.err
	case <-ctx.Done():
		return fmt.Errorf("%w: read keys: %w", ErrUnavailable, ctx.Err())
	case <-limit.C:
		return errSlowKeys
	}
}

// readIfDue returns the read that is under way, after starting one if it is time to. If there is none, err is the last one's.
func (r *KeyRing) readIfDue() (read *ringRead, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reading == nil && (r.known.Load() == nil || time.Since(r.tried) >= keyRingInterval) {
		r.start()
	}
	return r.reading, r.failure
}

// start begins a read. It has a context of its own, because whoever asked first may go away. The caller holds mu.
func (r *KeyRing) start() {
	r.reads++
	r.tried = time.Now()
	r.reading = &ringRead{number: r.reads, began: r.tried, retry: r.failure != nil, done: make(chan struct{})}
	go r.run(r.reading)
}

// join returns the read that is under way, or a new one.
func (r *KeyRing) join() *ringRead {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reading == nil {
		r.start()
	}
	return r.reading
}

// sync reads, and returns when everything committed before the call is known.
func (r *KeyRing) sync(ctx context.Context) error {
	before := r.begun()
	for {
		read := r.join()
		select {
		case <-read.done:
		case <-ctx.Done():
			return fmt.Errorf("%w: read keys: %w", ErrUnavailable, ctx.Err())
		}
		if read.number > before {
			return read.err
		}
	}
}

// Wait returns when no read is under way in the background. Who has stopped asking calls it before closing the store, lest the last read
// finds it closed.
func (r *KeyRing) Wait() {
	r.mu.Lock()
	reading := r.reading
	r.mu.Unlock()
	if reading != nil {
		<-reading.done
	}
}

// begun is how many reads have begun.
func (r *KeyRing) begun() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reads
}

// syncSoon is sync for those who may ask often: some time passes between two reads, and while reads fail it only says so.
func (r *KeyRing) syncSoon(ctx context.Context) error {
	before := r.begun()
	for r.latest().read <= before {
		read, err := r.readIfDue()
		if read == nil && err != nil { // it has failed a moment ago
			return err
		}
		if read == nil {
			if err := r.pause(ctx); err != nil {
				return err
			}
			if read = r.joinSpaced(); read == nil { // another one has read meanwhile
				continue
			}
		}
		if err := r.await(ctx, read, maxDuration); err != nil {
			return err
		}
	}
	return nil
}

// joinSpaced is join for those who may ask often: it begins no read soon after another, and returns nil then if that one is over.
func (r *KeyRing) joinSpaced() *ringRead {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reading == nil && time.Since(r.tried) >= keyRingGap {
		r.start()
	}
	return r.reading
}

// pause waits until the last read was a while ago.
func (r *KeyRing) pause(ctx context.Context) error {
	r.mu.Lock()
	left := time.Until(r.tried.Add(keyRingGap))
	r.mu.Unlock()
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: read keys: %w", ErrUnavailable, ctx.Err())
	}
}

// run does a read.
func (r *KeyRing) run(read *ringRead) {
	ctx, cancel := context.WithTimeout(context.Background(), keyRingTimeout)
	defer cancel()
	read.err = r.read(ctx, read)
	r.logChange(ctx, read)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reading, r.failure = nil, read.err
	close(read.done)
}

// logChange logs when the keys cannot be read any more, and when they can again. Before anything was read somebody waits for the
// error, and is told.
func (r *KeyRing) logChange(ctx context.Context, read *ringRead) {
	switch {
	case read.err != nil && !read.retry && r.known.Load() != nil:
		r.cfg.Logger.ErrorContext(ctx, "could not read the signing keys", slog.Any("error", read.err))
	case read.err == nil && read.retry:
		r.cfg.Logger.InfoContext(ctx, "the signing keys are read again")
	}
}

func (r *KeyRing) read(ctx context.Context, read *ringRead) error {
	stored, err := r.stored(ctx)
	if err != nil {
		return err
	}
	return r.learn(stored, read)
}

func (r *KeyRing) stored(ctx context.Context) ([]*StoredKey, error) {
	stored, err := r.cfg.Store.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: read keys: %w", ErrUnavailable, err)
	}
	return stored, nil
}

// learn makes the keys known. If one cannot be opened, the read has failed: what is known does not get any younger, and the key is
// as if it were not there, but those that were revoked are refused from now on all the same.
func (r *KeyRing) learn(stored []*StoredKey, read *ringRead) error {
	before, number, readAt := r.known.Load(), read.number, read.began
	opened, failure := r.open(stored)
	if failure != nil {
		if before == nil {
			return failure
		}
		stored = slices.DeleteFunc(slices.Clone(stored), func(s *StoredKey) bool {
			key, tried := opened[s.ID]
			return tried && key == nil
		})
		number, readAt = before.read, before.readAt
	}
	next, err := r.newKeys(stored, opened, before)
	if err != nil {
		return err
	}
	next.read, next.readAt = number, readAt
	r.known.Store(next)
	return failure
}

// open returns the stored keys that are of use by their ids, nil for those that cannot be opened. Keys that were opened before are
// not parsed again, so that they stay the same.
func (r *KeyRing) open(stored []*StoredKey) (opened map[string]*jwk.Key, err error) {
	now, known := r.cfg.Now(), r.latest()
	opened = make(map[string]*jwk.Key, len(stored))
	for i, info := range lives(stored, r.cfg.TokenTTL) {
		if !info.verifies(now) {
			continue
		}
		if opened[info.ID] = known.find(info.ID); opened[info.ID] != nil {
			continue
		}
		key, failure := r.unseal(stored[i])
		if failure != nil {
			err = failure
		}
		opened[info.ID] = key
	}
	return opened, err
}

// find returns a key that was opened.
func (k *ringKeys) find(id string) *jwk.Key {
	for i, info := range k.infos {
		if info.ID == id {
			return k.keys[i]
		}
	}
	return nil
}

func (r *KeyRing) unseal(s *StoredKey) (*jwk.Key, error) {
	private, err := r.seal.open(s.Sealed, s.ID)
	if err != nil {
		return nil, fmt.Errorf("%w: signing key %q; restore the right one", ErrMasterKey, s.ID)
	}
	key, err := jwk.Parse(private)
	if err != nil {
		return nil, fmt.Errorf("jeton: stored signing key %q: %w", s.ID, err)
	}
	return key, nil
}

// newKeys returns what is known from now on. The set is the one before if it has the same keys: it is how verifiers see that
// nothing has changed.
func (r *KeyRing) newKeys(stored []*StoredKey, opened map[string]*jwk.Key, before *ringKeys) (*ringKeys, error) {
	next := &ringKeys{infos: lives(stored, r.cfg.TokenTTL), keys: make([]*jwk.Key, len(stored))}
	for i, s := range stored {
		next.keys[i] = opened[s.ID]
	}
	if before != nil && slices.Equal(next.open(), before.open()) {
		next.set = before.set
		return next, nil
	}
	set, err := jwk.NewSet(next.open()...)
	if err != nil {
		return nil, err
	}
	next.set = set.Public()
	return next, nil
}

// open are the keys that are of use.
func (k *ringKeys) open() []*jwk.Key {
	return slices.DeleteFunc(slices.Clone(k.keys), func(key *jwk.Key) bool { return key == nil })
}
