package jeton_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/memory"
)

func TestRotatingTwiceSaysWhenTheKeyBecomesActive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		n := newKeyNode(t, store, store)
		info := n.rotate()
		_, err := n.ring.Rotate(t.Context())
		wantErr(t, "rotate again", err, jeton.ErrConflict)
		for _, part := range []string{info.ID, "becomes active at 2000-01-01T00:15:00Z"} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("error %v does not say %q", err, part)
			}
		}
		n.states("after a refused rotation", jeton.KeyActive, jeton.KeyPublished)
		time.Sleep(15 * time.Minute)
		n.rotate()
		n.states("later", jeton.KeyRetired, jeton.KeyActive, jeton.KeyPublished)
	})
}

func TestRotateNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		one, two := newKeyNode(t, store, store), newKeyNode(t, store, store)
		old := one.issue()
		one.rotate()
		info, err := one.ring.RotateNow(t.Context())
		if err != nil || info.State != jeton.KeyActive {
			t.Fatalf("key %+v, error %v", info, err)
		}
		token := one.issue()
		if keyOf(t, token) != info.ID {
			t.Error("the new key does not sign at once")
		}
		two.verify("on another node at the same moment", token, nil)
		two.verify("of the old key", old, nil)
		one.states("after rotating now", jeton.KeyRetired, jeton.KeyRetired, jeton.KeyActive)
		time.Sleep(20 * time.Minute)
		if kid := keyOf(t, two.issue()); kid != info.ID {
			t.Error("a key signs that another one has overtaken")
		}
		two.states("later", jeton.KeyRetired, jeton.KeyRetired, jeton.KeyActive)
	})
}

func TestRotateWithoutAKeyThatSigns(t *testing.T) {
	t.Parallel()
	ring := newRing(t, memory.New(), masterKey)
	info, err := ring.Rotate(t.Context())
	if err != nil || info.State != jeton.KeyActive || info.ActivateAt.After(time.Now()) {
		t.Errorf("the first key is %+v, error %v", info, err)
	}
	if key, err := ring.SigningKey(t.Context()); err != nil || key.ID() != info.ID {
		t.Errorf("%v signs, error %v", key, err)
	}
}

func TestOneOfSeveralRotatesAtOnce(t *testing.T) {
	t.Parallel()
	for name, rotate := range map[string]func(*jeton.KeyRing, context.Context) (jeton.KeyInfo, error){
		"Rotate": (*jeton.KeyRing).Rotate, "RotateNow": (*jeton.KeyRing).RotateNow,
	} {
		store := &meeting{KeyStore: memory.New()}
		if err := newRing(t, store, masterKey).Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		const rivals = 6
		store.expect(rivals, 1)
		errs := make([]error, rivals)
		var wg sync.WaitGroup
		for i := range rivals {
			wg.Go(func() { _, errs[i] = rotate(newRing(t, store, masterKey), t.Context()) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				wantErr(t, name, err, jeton.ErrConflict)
			}
		}
		keys, err := store.Keys(t.Context())
		if won != 1 || err != nil || len(keys) != 2 {
			t.Errorf("%s: %d of %d succeeded, and there are %d keys (%v)", name, won, rivals, len(keys), err)
		}
	}
}

// Whoever loses the race for the first key, or for the one in place of a revoked one, takes the winner's.
func TestSeveralNodesThatNeedAKeyMakeOne(t *testing.T) {
	t.Parallel()
	const nodes = 4
	store := &meeting{KeyStore: memory.New()}
	together := func(what string, rounds int, call func(*jeton.KeyRing) error) []*jeton.StoredKey {
		t.Helper()
		store.expect(nodes, rounds)
		var wg sync.WaitGroup
		for range nodes {
			wg.Go(func() {
				if err := call(newRing(t, store, masterKey)); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			})
		}
		wg.Wait()
		keys, err := store.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	keys := together("Ensure", 2, func(ring *jeton.KeyRing) error { return ring.Ensure(t.Context()) })
	if len(keys) != 1 {
		t.Fatalf("%d keys after a start", len(keys))
	}
	keys = together("Revoke", 2, func(ring *jeton.KeyRing) error { return ring.Revoke(t.Context(), keys[0].ID) })
	if len(keys) != 2 || keys[0].RevokedAt.IsZero() || !keys[1].RevokedAt.IsZero() {
		t.Errorf("%d keys after the first was revoked", len(keys))
	}
}

// A key that signs early, because the one before it was revoked, is none that is still to come.
func TestRotateAfterARevocation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		n := newKeyNode(t, store, store)
		first := n.issue()
		n.rotate()
		n.revoke(keyOf(t, first))
		n.rotate()
		n.states("after rotating", jeton.KeyRevoked, jeton.KeyActive, jeton.KeyPublished)
		time.Sleep(20 * time.Minute)
		n.states("later", jeton.KeyRevoked, jeton.KeyRetired, jeton.KeyActive)
	})
}

// meeting is a key store whose readers wait for each other, so that all see the same.
type meeting struct {
	jeton.KeyStore
	mu      sync.Mutex
	readers int
	rounds  int // that are left
	arrived int
	all     chan struct{}
}

// expect makes so many readers wait for each other so many times.
func (m *meeting) expect(readers, rounds int) {
	m.readers, m.rounds, m.all = readers, rounds, make(chan struct{})
}

func (m *meeting) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	keys, err := m.KeyStore.Keys(ctx)
	if all := m.arrive(); all != nil {
		<-all
	}
	return keys, err
}

func (m *meeting) arrive() chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rounds == 0 {
		return nil
	}
	all := m.all
	if m.arrived++; m.arrived == m.readers {
		close(all)
		m.rounds, m.arrived, m.all = m.rounds-1, 0, make(chan struct{})
	}
	return all
}

func TestExportAKey(t *testing.T) {
	t.Parallel()
	var events []jeton.Event
	store := memory.New()
	ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{
		Store: store, MasterKey: masterKey, Audit: func(_ context.Context, e jeton.Event) { events = append(events, e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	signing, err := ring.SigningKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	events = nil
	key, err := ring.Export(t.Context(), signing.ID())
	if err != nil || !key.CanSign() || key.ID() != signing.ID() {
		t.Fatalf("key %v, error %v", key, err)
	}
	signature, err := key.Sign([]byte("message"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := ring.VerifyingKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	published, _ := set.Find(key.ID())
	if published.CanSign() {
		t.Error("a key that verifies holds its private part")
	}
	if err := published.Verify(jwk.ES256, []byte("message"), signature); err != nil {
		t.Error(err)
	}
	if len(events) != 1 || events[0].Type != jeton.EventKeyExported || events[0].Reason != "key "+key.ID() {
		t.Errorf("events %v", events)
	}
	_, err = ring.Export(t.Context(), "none")
	wantErr(t, "export none", err, jeton.ErrNotFound)
	_, err = newRing(t, store, append([]byte("another "), masterKey...)).Export(t.Context(), key.ID())
	if err == nil || !strings.Contains(err.Error(), "master key is not the one") {
		t.Errorf("export with another master key: %v", err)
	}
	if len(events) != 1 {
		t.Errorf("a failed export is an event: %v", events)
	}
}

func TestAMasterKeyThatIsNotTheOneAddsNoKey(t *testing.T) {
	t.Parallel()
	store := memory.New()
	n := newKeyNode(t, store, store)
	wrong := newRing(t, store, append([]byte("another "), masterKey...))
	_, err := wrong.Rotate(t.Context())
	_, now := wrong.RotateNow(t.Context())
	for _, err := range []error{err, now, wrong.Ensure(t.Context()), wrong.Revoke(t.Context(), keyOf(t, n.issue()))} {
		if err == nil || !strings.Contains(err.Error(), "master key is not the one") {
			t.Errorf("error %v", err)
		}
	}
	n.states("after all that", jeton.KeyActive)
}

// A key's id can be typed on a command line as it is. Each of these has one chance in 64 not to.
func TestKeyIDsAreNoFlags(t *testing.T) {
	t.Parallel()
	ring := newRing(t, memory.New(), masterKey)
	for range 200 {
		key, err := ring.RotateNow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(key.ID, "-") {
			t.Fatalf("key %s looks like a flag", key.ID)
		}
	}
}
