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

func (n *keyNode) revoke(kid string) {
	n.t.Helper()
	if err := n.ring.Revoke(n.t.Context(), kid); err != nil {
		n.t.Fatal(err)
	}
}

// accepts reports whether the token is accepted, and fails the test if it is refused for anything but its key.
func (n *keyNode) accepts(token string) bool {
	n.t.Helper()
	_, err := n.Verify(n.t.Context(), token)
	if err != nil && !errors.Is(err, jwt.ErrUnknownKey) {
		n.t.Errorf("error %v", err)
	}
	return err == nil
}

func TestARevokedKeyIsRefusedWithinASecond(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pause time.Duration // between two requests
		delay time.Duration // of the store
	}{
		"busy":                   {10 * time.Millisecond, 0},
		"now and then":           {350 * time.Millisecond, 0},
		"idle":                   {time.Minute, 0},
		"busy over a slow store": {10 * time.Millisecond, 150 * time.Millisecond},
		"idle over a slow store": {time.Minute, 900 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := memory.New()
				one := newKeyNode(t, store, store)
				two := newKeyNode(t, store, &delayedKeys{KeyStore: store, delay: test.delay})
				token := one.issue()
				for range 5 { // it is in the caches
					time.Sleep(test.pause)
					one.verify("before", token, nil)
					two.verify("before", token, nil)
				}
				revoked := time.Now()
				one.revoke(keyOf(t, token))
				one.verify("on the node that revokes", token, jwt.ErrUnknownKey)
				next := one.issue()
				for time.Since(revoked) < 5*time.Second {
					time.Sleep(test.pause)
					if asked := time.Since(revoked); two.accepts(token) && asked >= time.Second {
						t.Fatalf("accepted %v after it was revoked", asked)
					}
				}
				two.verify("after a second", token, jwt.ErrUnknownKey)
				two.verify("of the next key", next, nil)
				if keyOf(t, two.issue()) != keyOf(t, next) {
					t.Error("the nodes sign with different keys")
				}
				wantPublished(t, two, "afterwards", 1)
				time.Sleep(time.Second) // reads end
			})
		})
	}
}

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

func TestRevokeAKey(t *testing.T) {
	t.Parallel()
	active, published, revoked, retired := jeton.KeyActive, jeton.KeyPublished, jeton.KeyRevoked, jeton.KeyRetired
	for name, test := range map[string]struct {
		rotations int // the last of which is not active yet
		which     int
		want      []jeton.KeyState
		added     int
	}{
		"the only one":             {0, 0, []jeton.KeyState{revoked, active}, 1},
		"the active one of two":    {1, 0, []jeton.KeyState{revoked, active}, 0},
		"a published one":          {1, 1, []jeton.KeyState{active, revoked}, 0},
		"a retired one":            {2, 0, []jeton.KeyState{revoked, active, published}, 0},
		"the active one, later on": {2, 1, []jeton.KeyState{retired, revoked, active}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := memory.New()
				n, other := newKeyNode(t, store, store), newKeyNode(t, store, store)
				tokens := map[string]string{}
				for i := range test.rotations {
					time.Sleep(time.Duration(i) * 20 * time.Minute)
					n.rotate()
					token := n.issue()
					tokens[keyOf(t, token)] = token
				}
				infos, err := n.ring.Keys(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				kid := infos[test.which].ID
				n.revoke(kid)
				after := n.states("after revoking", test.want...)
				if len(after) != len(infos)+test.added || !after[test.which].RevokedAt.Equal(time.Now()) {
					t.Errorf("keys %+v", after)
				}
				signing := keyOf(t, n.issue())
				for i, info := range after {
					if (info.ID == signing) != (test.want[i] == active) {
						t.Errorf("key %d signs, and they are %v", i, test.want)
					}
				}
				time.Sleep(time.Second)
				for id, token := range tokens {
					want := error(nil)
					if id == kid {
						want = jwt.ErrUnknownKey
					}
					other.verify("of key "+id, token, want)
				}
				n.revoke(kid) // again
				again := n.states("after revoking again", test.want...)
				if again[test.which].RevokedAt != after[test.which].RevokedAt {
					t.Error("a key was revoked anew")
				}
				wantErr(t, "revoke none", n.ring.Revoke(t.Context(), "none"), jeton.ErrNotFound)
			})
		})
	}
}

// failingTimes is a key store that cannot change keys, as if the process had died then.
type failingTimes struct {
	jeton.KeyStore
	whole bool
}

func (s *failingTimes) SetKeyTimes(ctx context.Context, id string, times jeton.KeyTimes) error {
	if !s.whole {
		return jeton.ErrUnavailable
	}
	return s.KeyStore.SetKeyTimes(ctx, id, times)
}

func TestARevocationThatIsCutOffLeavesAKeyThatSigns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		failing := &failingTimes{KeyStore: store}
		one, two := newKeyNode(t, store, failing), newKeyNode(t, store, store)
		token := one.issue()
		wantErr(t, "revoke", one.ring.Revoke(t.Context(), keyOf(t, token)), jeton.ErrUnavailable)
		time.Sleep(time.Second)
		for _, n := range []*keyNode{one, two} {
			n.verify("of the old key", token, nil)
			next := n.issue()
			if keyOf(t, next) == keyOf(t, token) {
				t.Error("the old key goes on signing")
			}
			two.verify("of the new key", next, nil)
		}
		failing.whole = true
		one.revoke(keyOf(t, token))
		one.states("in the end", jeton.KeyRevoked, jeton.KeyActive)
	})
}

// Whoever revokes a key counts on the other one, which is revoked at the same moment.
func TestRevokingAllKeysAtOnceLeavesOneThatSigns(t *testing.T) {
	t.Parallel()
	memory := memory.New()
	store := &meeting{KeyStore: memory}
	n := newKeyNode(t, memory, store)
	n.rotate()
	infos := n.states("before", jeton.KeyActive, jeton.KeyPublished)
	store.expect(2, 2) // each looks for its key, and whether another one can sign
	var wg sync.WaitGroup
	for i := range infos {
		wg.Go(func() {
			ring := newRing(t, store, masterKey)
			if err := ring.Revoke(t.Context(), infos[i].ID); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	after, err := n.ring.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	active := 0
	for _, info := range after {
		if info.State == jeton.KeyActive {
			active++
		}
	}
	if active != 1 || after[0].State != jeton.KeyRevoked || after[1].State != jeton.KeyRevoked {
		t.Errorf("keys are %+v", after)
	}
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

func TestChangesOfKeysAreAudited(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)
	var events []jeton.Event
	ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{
		Store: memory.New(), MasterKey: masterKey, Now: func() time.Time { return now },
		Audit: func(_ context.Context, e jeton.Event) { events = append(events, e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	events = nil
	first, err := ring.SigningKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	next, err := ring.Rotate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := errors.Join(ring.Revoke(t.Context(), next.ID), ring.Revoke(t.Context(), first.ID())); err != nil {
			t.Fatal(err)
		}
	}
	last, err := ring.SigningKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []jeton.Event{
		{Type: jeton.EventKeyRotated, At: now, Reason: "key " + next.ID + ", active at 2031-03-04T05:21:07Z, after key " + first.ID()},
		{Type: jeton.EventKeyRevoked, At: now, Reason: "key " + next.ID},
		{Type: jeton.EventKeyAdded, At: now, Reason: "key " + last.ID()},
		{Type: jeton.EventKeyRevoked, At: now, Reason: "key " + first.ID()},
	}
	if len(events) != len(want) {
		t.Fatalf("events %v", events)
	}
	for i := range want {
		if events[i] != want[i] {
			t.Errorf("event %d is %v, want %v", i, events[i], want[i])
		}
	}
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
