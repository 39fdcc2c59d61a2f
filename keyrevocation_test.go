package jeton_test

import (
	"context"
	"errors"
	"sync"
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
