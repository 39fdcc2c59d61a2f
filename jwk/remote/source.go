package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jetonauth/jeton/jwk"
)

const (
	// fetchTimeout bounds a fetch, discovery and redirects included.
	fetchTimeout = 10 * time.Second
	// maxStale is how long after the last successful fetch a set is served.
	maxStale = 24 * time.Hour
	// refetchInterval is the least time between two fetches for unknown key ids.
	refetchInterval = 30 * time.Second
	// The time between a failed fetch and the next doubles from one to the other.
	minBackoff = time.Second
	maxBackoff = time.Minute
)

// Source is a key set that is fetched and kept fresh. It is safe for concurrent use.
type Source struct {
	logger *slog.Logger
	known  atomic.Pointer[snapshot]

	mu        sync.Mutex
	client    *client       // used by the running fetch only
	running   chan struct{} // closed when the running fetch ends; nil if there is none
	refetched time.Time     // when a fetch was last started for an unknown key id
}

var (
	_ jwk.VerifyingSource = (*Source)(nil)
	_ jwk.Refresher       = (*Source)(nil)
)

// snapshot is what is known after a fetch. It does not change.
type snapshot struct {
	set       *jwk.Set // nil before the first success
	content   string   // what set was read from
	fetchedAt time.Time
	due       time.Time // no fetch without need before
	failures  int       // since the last success
	err       error     // of the last failure
}

// usable reports whether the set may be served at now.
func (k *snapshot) usable(now time.Time) bool {
	return k.set != nil && now.Sub(k.fetchedAt) <= maxStale
}

// VerifyingKeys returns the set. It is the same pointer for as long as the same keys are published. It waits for a fetch
// only if there is no set that may be served, and returns [ErrUnavailable] if that fetch fails, if one failed so shortly ago
// that it is too early for another, or if ctx ends first.
func (s *Source) VerifyingKeys(ctx context.Context) (*jwk.Set, error) {
	now := time.Now()
	known := s.known.Load()
	usable := known.usable(now)
	if usable && now.Before(known.due) {
		return known.set, nil
	}
	running := s.fetchIfDue(ctx, now)
	if usable {
		return known.set, nil
	}
	return s.wait(ctx, running)
}

// RefreshKeys returns the set after looking whether a key with the id unknownID has been published meanwhile: it waits for
// the running fetch, or for a new one if the last for an unknown id is 30 seconds ago; otherwise it returns the set at once.
// While the last fetch failed it is [ErrUnavailable]: the key may be one of those that could not be fetched.
func (s *Source) RefreshKeys(ctx context.Context, unknownID string) (*jwk.Set, error) {
	if set, ok := s.find(unknownID); ok {
		return set, nil
	}
	set, err := s.wait(ctx, s.fetchForUnknown(ctx, time.Now()))
	if err != nil {
		return nil, err
	}
	if _, ok := set.Find(unknownID); ok {
		return set, nil
	}
	if known := s.known.Load(); known.failures > 0 {
		return nil, unavailable(known.err)
	}
	return set, nil
}

// find returns the set if it may be served and has the key.
func (s *Source) find(id string) (*jwk.Set, bool) {
	known := s.known.Load()
	if !known.usable(time.Now()) {
		return nil, false
	}
	_, ok := known.set.Find(id)
	return known.set, ok
}

// fetchIfDue returns the running fetch, which it starts if the time has come; nil if it has not.
func (s *Source) fetchIfDue(ctx context.Context, now time.Time) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil && !now.Before(s.known.Load().due) {
		s.start(ctx)
	}
	return s.running
}

// fetchForUnknown returns the running fetch, which it starts unless the last one for an unknown id is too recent, or failed
// too recently; nil then.
func (s *Source) fetchForUnknown(ctx context.Context, now time.Time) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.known.Load()
	allowed := s.refetched.IsZero() || now.Sub(s.refetched) >= refetchInterval
	if s.running == nil && allowed && (known.failures == 0 || !now.Before(known.due)) {
		s.refetched = now
		s.start(ctx)
	}
	return s.running
}

// start starts a fetch, which does not end when ctx does: others may wait for it. s.mu is held.
func (s *Source) start(ctx context.Context) {
	done := make(chan struct{})
	s.running = done
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
		defer cancel()
		a, err := s.client.keySet(ctx)
		next := s.next(ctx, a, err)
		s.mu.Lock()
		s.known.Store(next)
		s.running = nil
		s.mu.Unlock()
		close(done)
	}()
}

// wait waits for a fetch, if there is one, and returns what is known then.
func (s *Source) wait(ctx context.Context, running <-chan struct{}) (*jwk.Set, error) {
	if running != nil {
		select {
		case <-running:
		case <-ctx.Done():
			return nil, unavailable(context.Cause(ctx))
		}
	}
	known := s.known.Load()
	if !known.usable(time.Now()) {
		return nil, unavailable(known.err)
	}
	return known.set, nil
}

func unavailable(err error) error {
	if err == nil {
		err = errors.New("not fetched")
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// next returns what is known after a fetch.
func (s *Source) next(ctx context.Context, a answer, err error) *snapshot {
	next, now := *s.known.Load(), time.Now()
	if err == nil && (next.set == nil || next.content != string(a.body)) {
		next.set, err = s.parse(ctx, a.body, next.set)
		if err == nil {
			next.content = string(a.body)
		}
	}
	if err != nil {
		next.failures++
		next.err = err
		next.due = now.Add(backoff(next.failures))
		if next.set != nil { // a first fetch that fails is the caller's error already
			s.logger.WarnContext(ctx, "keys could not be fetched",
				"error", err, "failures", next.failures, "set_fetched_at", next.fetchedAt)
		}
		return &next
	}
	next.failures, next.err = 0, nil
	next.fetchedAt, next.due = now, now.Add(a.lifetime)
	return &next
}

// parse reads a key set that was not seen before. It returns before if it cannot be read.
func (s *Source) parse(ctx context.Context, body []byte, before *jwk.Set) (*jwk.Set, error) {
	set, skipped, err := jwk.ParsePublicSet(body)
	if err != nil {
		return before, err
	}
	for _, reason := range skipped {
		s.logger.WarnContext(ctx, "a published key cannot be used", "error", reason)
	}
	if sameKeys(set, before) {
		return before, nil
	}
	s.logger.InfoContext(ctx, "new keys", "keys", set)
	return set, nil
}

// sameKeys reports whether two sets differ in no more than how they were written.
func sameKeys(a, b *jwk.Set) bool {
	aJSON, aErr := a.MarshalJSON()
	bJSON, bErr := b.MarshalJSON()
	return b != nil && aErr == nil && bErr == nil && bytes.Equal(aJSON, bJSON)
}

// backoff is the time until the next fetch after so many failures in a row.
func backoff(failures int) time.Duration {
	return min(minBackoff<<min(failures-1, 10), maxBackoff)
}
