package revoke_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

var errDown = errors.New("store is down")

const ms = time.Millisecond

// feed is a feed in memory, which can be slow or away.
type feed struct {
	mu      sync.Mutex
	entries []revoke.Entry
	delay   time.Duration
	err     error
	failOn  int  // the call that fails with err; 0 means every one
	deaf    bool // does not notice that its context is done
	calls   []call
}

type call struct {
	at    time.Time
	after uint64
}

func (f *feed) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	f.mu.Lock()
	f.calls = append(f.calls, call{time.Now(), after})
	page := f.entries[min(after, uint64(len(f.entries))):]
	page = page[:min(limit, len(page))]
	delay, deaf, err := f.delay, f.deaf, f.err
	if f.failOn != 0 && f.failOn != len(f.calls) {
		err = nil
	}
	f.mu.Unlock()
	if deaf {
		ctx = context.WithoutCancel(ctx)
	}
	select {
	case <-time.After(delay):
		return page, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// commit appends entries for values, which expire in an hour, and returns them.
func (f *feed) commit(values ...string) []revoke.Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.entries)
	for _, value := range values {
		f.entries = append(f.entries, revoke.Entry{
			Number: uint64(len(f.entries) + 1), ID: revoke.IDOf(value), ExpiresAt: time.Now().Add(time.Hour),
		})
	}
	return f.entries[before:]
}

func (f *feed) set(delay time.Duration, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delay, f.err = delay, err
}

func (f *feed) reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

var silent = slog.New(slog.DiscardHandler)

func follow(t *testing.T, cfg revoke.FollowerConfig) *revoke.Follower {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = silent
	}
	follower, err := revoke.NewFollower(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return follower
}

// loaded returns a feed, and a follower that has just read it.
func loaded(t *testing.T, cfg revoke.FollowerConfig, values ...string) (*feed, *revoke.Follower) {
	t.Helper()
	source := &feed{}
	source.commit(values...)
	cfg.Feed = source
	follower := follow(t, cfg)
	if err := follower.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return source, follower
}

func session(value string) revoke.Token { return revoke.Token{Session: value} }

// ask asks and checks the answer and how long it took.
func ask(t *testing.T, follower *revoke.Follower, value string, want bool, wantErr error, took time.Duration) {
	t.Helper()
	start := time.Now()
	revoked, err := follower.Revoked(t.Context(), session(value))
	if revoked != want || !errors.Is(err, wantErr) {
		t.Errorf("%s: got %v, %v, want %v, %v", value, revoked, err, want, wantErr)
	}
	if wantErr != nil && !errors.Is(err, revoke.ErrStale) {
		t.Errorf("%s: error %v is not ErrStale", value, err)
	}
	if elapsed := time.Since(start); elapsed != took {
		t.Errorf("%s: took %v, want %v", value, elapsed, took)
	}
}

func wantReads(t *testing.T, source *feed, want int) {
	t.Helper()
	synctest.Wait()
	if got := source.reads(); got != want {
		t.Errorf("%d reads, want %d", got, want)
	}
}

type feedFunc func(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error)

func (f feedFunc) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	return f(ctx, after, limit)
}
