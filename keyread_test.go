package jeton_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/store/memory"
)

// delayedKeys is a key store that takes its time.
type delayedKeys struct {
	jeton.KeyStore
	delay time.Duration
}

func (s *delayedKeys) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	select {
	case <-time.After(s.delay):
		return s.KeyStore.Keys(ctx)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A token of a key that is new on another node is not refused because of what was read a moment ago.
func TestATokenOfANewKeyIsAcceptedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		counted := &countedKeys{KeyStore: store}
		one, two := newKeyNode(t, store, store), newKeyNode(t, store, counted)
		for range 3 {
			two.verify("before", one.issue(), nil)
			one.revoke(keyOf(t, one.issue()))
			two.verify("at the same moment", one.issue(), nil)
		}
	})
}

// countedKeys counts how often it is asked.
type countedKeys struct {
	jeton.KeyStore
	asked atomic.Int32
}

func (s *countedKeys) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	s.asked.Add(1)
	return s.KeyStore.Keys(ctx)
}

func TestReadsOfTheKeysAreFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		counted := &countedKeys{KeyStore: store}
		n := newKeyNode(t, store, counted)
		token := n.issue()
		foreign := newKeyNode(t, memory.New(), memory.New()).issue()

		during := func(what string, most int32, call func()) {
			t.Helper()
			time.Sleep(time.Second)
			counted.asked.Store(0)
			began := time.Now()
			for time.Since(began) < 10*time.Second {
				call()
				time.Sleep(time.Millisecond)
			}
			if asked := counted.asked.Load(); asked > most {
				t.Errorf("%s: %d reads in 10 s, want at most %d", what, asked, most)
			}
		}
		during("verifying", 26, func() { n.verify("good", token, nil) })
		during("signing", 26, func() { n.issue() })
		during("unknown keys", 101, func() { n.verify("foreign", foreign, jwt.ErrUnknownKey) })
		during("unknown keys of many", 101, func() {
			var askers sync.WaitGroup
			for range 50 {
				askers.Go(func() { n.verify("foreign", foreign, jwt.ErrUnknownKey) })
			}
			askers.Wait()
		})
		n.revoke(keyOf(t, token))
		during("a revoked key", 26, func() { n.verify("revoked", token, jwt.ErrUnknownKey) })
		synctest.Wait()
		counted.asked.Store(0)
		time.Sleep(time.Hour)
		if asked := counted.asked.Load(); asked != 0 {
			t.Errorf("%d reads while nobody asked", asked)
		}
	})
}

func TestVerifyingDoesNotWaitForAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(ctx context.Context) error{
		"it says so": func(context.Context) error { return jeton.ErrUnavailable },
		"it is silent": func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		},
		"it is deaf": func(context.Context) error {
			time.Sleep(8 * time.Second)
			return jeton.ErrUnavailable
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := memory.New()
				var logs lockedBuffer
				broken := &brokenKeys{KeyStore: store}
				ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{
					Store: broken, MasterKey: masterKey, Logger: slog.New(slog.NewTextHandler(&logs, nil)),
				})
				if err != nil {
					t.Fatal(err)
				}
				if err := ring.Ensure(t.Context()); err != nil {
					t.Fatal(err)
				}
				known, err := ring.VerifyingKeys(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				broken.away.Store(&away)
				const calls = 1000
				var waited, most time.Duration
				began := time.Now()
				for range calls {
					time.Sleep(10 * time.Millisecond)
					asked := time.Now()
					if set, err := ring.VerifyingKeys(t.Context()); err != nil || set != known {
						t.Fatalf("keys %v, error %v", set, err)
					}
					waited, most = waited+time.Since(asked), max(most, time.Since(asked))
				}
				if most > time.Second || waited > time.Since(began)/6 {
					t.Errorf("waited %v of %v, %v at once", waited, time.Since(began), most)
				}
				for time.Since(began) < 59*time.Second {
					if _, err := ring.SigningKey(t.Context()); err != nil {
						t.Fatalf("sign after %v: %v", time.Since(began), err)
					}
					time.Sleep(100 * time.Millisecond)
				}
				time.Sleep(2 * time.Second)
				_, err = ring.SigningKey(t.Context())
				wantErr(t, "sign after a minute", err, jeton.ErrUnavailable)
				if n := strings.Count(logs.String(), "could not read the signing keys"); n != 1 {
					t.Errorf("logged %d times:\n%s", n, &logs)
				}

				kid := ""
				for key := range known.All() {
					kid = key.ID()
				}
				if err := store.SetKeyTimes(t.Context(), kid, jeton.KeyTimes{RevokedAt: time.Now()}); err != nil {
					t.Fatal(err)
				}
				broken.away.Store(nil)
				back := time.Now()
				for {
					set, err := ring.VerifyingKeys(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if set.Len() == 0 {
						break
					}
					if time.Since(back) > 9*time.Second { // the read that was under way has to end
						t.Fatal("the revocation is not seen")
					}
					time.Sleep(10 * time.Millisecond)
				}
				if !strings.Contains(logs.String(), "are read again") {
					t.Errorf("the log does not say that the store is back:\n%s", &logs)
				}
				time.Sleep(10 * time.Second) // reads end
			})
		})
	}
}

// brokenKeys is a key store that can be away in any manner.
type brokenKeys struct {
	jeton.KeyStore
	away atomic.Pointer[func(ctx context.Context) error]
}

func (s *brokenKeys) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	if away := s.away.Load(); away != nil {
		return nil, (*away)(ctx)
	}
	return s.KeyStore.Keys(ctx)
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// While the store is away a token of an unknown key cannot be judged: the key may be a new one.
func TestUnknownKeysAreNotRefusedWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		broken := &brokenKeys{KeyStore: store}
		one, two := newKeyNode(t, store, store), newKeyNode(t, store, broken)
		old := one.issue()
		away := func(context.Context) error { return errors.New("no route to host") }
		broken.away.Store(&away)
		one.revoke(keyOf(t, old))
		next := one.issue()
		for range 20 {
			two.verify("of a new key", next, jeton.ErrUnavailable)
			time.Sleep(50 * time.Millisecond)
		}
		broken.away.Store(nil)
		time.Sleep(400 * time.Millisecond)
		two.verify("when the store is back", next, nil)
	})
}

// A caller who has gone away gets nothing that is out of date.
func TestWhoGivesUpIsToldNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		ring := newRing(t, &delayedKeys{store, 500 * time.Millisecond}, masterKey)
		if err := ring.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := ring.VerifyingKeys(ctx)
		wantErr(t, "verify", err, context.DeadlineExceeded)
		wantErr(t, "verify", err, jeton.ErrUnavailable)
		_, err = ring.RefreshKeys(ctx, "unknown")
		wantErr(t, "refresh", err, context.DeadlineExceeded)
		_, err = ring.Rotate(ctx)
		wantErr(t, "rotate", err, context.DeadlineExceeded)
		time.Sleep(time.Second) // the read goes on without anybody
	})
}

// A key that somebody has put into the table under another master key is not used, does not hide that others are revoked, and ends
// signing in a minute.
func TestAKeyThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		n := newKeyNode(t, store, store)
		first := n.issue()
		n.rotate()
		time.Sleep(20 * time.Minute)
		second := n.issue()

		foreign := memory.New()
		if err := newRing(t, foreign, append([]byte("another "), masterKey...)).Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		keys, err := foreign.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		keys[0].Number = 99
		if err := store.AddKey(t.Context(), keys[0]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		n.verify("of the first key", first, nil)
		if keyOf(t, n.issue()) != keyOf(t, second) {
			t.Error("another key signs")
		}
		wantPublished(t, n, "beside a foreign one", 2)
		if err := store.SetKeyTimes(t.Context(), keyOf(t, first), jeton.KeyTimes{RevokedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		n.verify("of a revoked key", first, jwt.ErrUnknownKey)
		n.verify("of the other key", second, nil)
		time.Sleep(time.Minute)
		_, err = n.Issue(t.Context(), "u", jeton.IssueOptions{})
		if !errors.Is(err, jeton.ErrUnavailable) || !strings.Contains(err.Error(), "master key is not the one") {
			t.Errorf("sign after a minute: %v", err)
		}
		n.verify("after a minute", second, nil)
		if err := store.SetKeyTimes(t.Context(), keys[0].ID, jeton.KeyTimes{RevokedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		n.verify("once the foreign key is out of the way", n.issue(), nil)
	})
}

func TestKeysThatAreFreshCostNothing(t *testing.T) {
	ring := newRing(t, memory.New(), masterKey)
	ctx := t.Context()
	if err := ring.Ensure(ctx); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() {
		if _, err := ring.VerifyingKeys(ctx); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkKeyRing(b *testing.B) {
	ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{Store: memory.New(), MasterKey: masterKey, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	if err := ring.Ensure(ctx); err != nil {
		b.Fatal(err)
	}
	b.Run("VerifyingKeys", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ring.VerifyingKeys(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("SigningKey", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ring.SigningKey(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}
