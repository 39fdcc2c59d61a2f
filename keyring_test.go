package jeton_test

import (
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
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/memory"
)

var masterKey = []byte("a master key of more than 32 bytes, drawn at random")

func newRing(t *testing.T, store jeton.KeyStore, master []byte) *jeton.KeyRing {
	t.Helper()
	ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{
		Store: store, MasterKey: master, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestKeyRingMakesOneKeyForAllNodes(t *testing.T) {
	t.Parallel()
	store := memory.New()
	rings := make([]*jeton.KeyRing, 8)
	var wg sync.WaitGroup
	for i := range rings {
		rings[i] = newRing(t, store, masterKey)
		wg.Go(func() {
			if err := rings[i].Ensure(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	first, err := rings[0].SigningKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, ring := range rings {
		key, err := ring.SigningKey(t.Context())
		if err != nil || key.ID() != first.ID() || key.Algorithm() != jwk.ES256 {
			t.Errorf("ring %d signs with %v, %v", i, key, err)
		}
		set, err := ring.VerifyingKeys(t.Context())
		if _, ok := set.Find(first.ID()); !ok || err != nil {
			t.Errorf("ring %d does not verify with the signing key, %v", i, err)
		}
	}
}

func TestKeyRingKeepsPrivateKeysSealed(t *testing.T) {
	t.Parallel()
	store := memory.New()
	if err := newRing(t, store, masterKey).Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys, err := store.Keys(t.Context())
	if err != nil || len(keys) != 1 {
		t.Fatalf("keys %v, %v", keys, err)
	}
	if strings.Contains(string(keys[0].Sealed), `"d"`) || strings.Contains(string(keys[0].Public), `"d"`) {
		t.Error("the private part is in the store in the clear")
	}
	err = newRing(t, store, append([]byte("another "), masterKey...)).Ensure(t.Context())
	if err == nil || !strings.Contains(err.Error(), "master key is not the one") {
		t.Errorf("another master key: %v", err)
	}
}

// exchanged is a key store where somebody has given each of two keys the other one's private part.
type exchanged struct{ jeton.KeyStore }

func (e exchanged) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	keys, err := e.KeyStore.Keys(ctx)
	if err == nil && len(keys) == 2 {
		keys[0].Sealed, keys[1].Sealed = keys[1].Sealed, keys[0].Sealed
	}
	return keys, err
}

func TestASealedKeyIsBoundToItsID(t *testing.T) {
	t.Parallel()
	store := memory.New()
	for range 2 {
		if err := newRing(t, store, masterKey).Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		keys, err := store.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// Retired, so that the next start makes another one; it is still published.
		if err := store.SetKeyTimes(t.Context(), keys[0].ID, jeton.KeyTimes{RetireAt: time.Now().Add(-time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	if set, err := newRing(t, store, masterKey).VerifyingKeys(t.Context()); err != nil || set.Len() != 2 {
		t.Fatalf("keys %v, %v; want two", set, err)
	}
	swapped := newRing(t, exchanged{store}, masterKey)
	if err := swapped.Ensure(t.Context()); err == nil || !errors.Is(err, jeton.ErrMasterKey) {
		t.Errorf("with exchanged private parts: %v", err)
	}
	if _, err := swapped.SigningKey(t.Context()); err == nil {
		t.Error("a key signs under the id of another one")
	}
	if _, err := swapped.VerifyingKeys(t.Context()); err == nil {
		t.Error("keys verify under the ids of each other")
	}
}

func TestNewKeyRingNamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for field, cfg := range map[string]jeton.KeyRingConfig{
		"KeyRingConfig.Store":     {MasterKey: masterKey},
		"KeyRingConfig.MasterKey": {Store: memory.New(), MasterKey: []byte("short")},
		"is a placeholder":        {Store: memory.New(), MasterKey: make([]byte, 64)},
		"KeyRingConfig.Algorithm": {Store: memory.New(), MasterKey: masterKey, Algorithm: jwk.HS256},
		"KeyRingConfig.PublishAhead: 5m0s, must be more than 5m0s": {Store: memory.New(), MasterKey: masterKey, PublishAhead: 5 * time.Minute},
		"KeyRingConfig.TokenTTL: -1s, must be at least a second":   {Store: memory.New(), MasterKey: masterKey, TokenTTL: -time.Second},
	} {
		if _, err := jeton.NewKeyRing(cfg); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: error %v", field, err)
		}
	}
}

// switchedKeys is a key store that can be away.
type switchedKeys struct {
	jeton.KeyStore
	mu   sync.Mutex
	away bool
}

func (s *switchedKeys) set(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

func (s *switchedKeys) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return nil, errors.New("no route to host")
	}
	return s.KeyStore.Keys(ctx)
}

func TestKeyRingStopsSigningWhenItsStoreIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &switchedKeys{KeyStore: memory.New()}
		ring := newRing(t, store, masterKey)
		if err := ring.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		before, err := ring.VerifyingKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		store.set(true)
		time.Sleep(59 * time.Second)
		if _, err := ring.SigningKey(t.Context()); err != nil {
			t.Errorf("after 59 s: %v", err)
		}
		synctest.Wait()
		time.Sleep(2 * time.Second)
		_, err = ring.SigningKey(t.Context())
		wantErr(t, "after 61 s", err, jeton.ErrUnavailable)
		if set, err := ring.VerifyingKeys(t.Context()); err != nil || set != before {
			t.Errorf("verifying goes on with what is known: %v, %v", set, err)
		}
		store.set(false)
		time.Sleep(400 * time.Millisecond) // no sooner is it asked again
		if _, err := ring.SigningKey(t.Context()); err != nil {
			t.Errorf("when the store is back: %v", err)
		}
		if set, _ := ring.VerifyingKeys(t.Context()); set != before {
			t.Error("the set is another one although no key changed")
		}
	})
}

func TestKeyRingFollowsTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		ring := newRing(t, store, masterKey)
		if err := ring.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		key, err := ring.SigningKey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := store.SetKeyTimes(t.Context(), key.ID(), jeton.KeyTimes{RevokedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(400 * time.Millisecond)
		if set, err := ring.VerifyingKeys(t.Context()); err != nil || set.Len() != 1 { // starts a read, and does not wait for it
			t.Errorf("%d keys while a read goes on, %v", set.Len(), err)
		}
		synctest.Wait()
		if set, err := ring.VerifyingKeys(t.Context()); err != nil || set.Len() != 0 {
			t.Errorf("%d keys after the only one was revoked, %v", set.Len(), err)
		}
		_, err = ring.SigningKey(t.Context())
		wantErr(t, "sign", err, jeton.ErrUnavailable)
	})
}

func TestKeyRingPicksByTime(t *testing.T) {
	t.Parallel()
	store := memory.New()
	ring := newRing(t, store, masterKey)
	if err := ring.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	first, err := ring.SigningKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, test := range map[string]struct {
		times jeton.KeyTimes
		again bool // the first key signs
	}{
		"active":            {jeton.KeyTimes{ActivateAt: now.Add(-time.Hour)}, true},
		"a clock is behind": {jeton.KeyTimes{ActivateAt: now.Add(time.Hour)}, true},
		"retired":           {jeton.KeyTimes{ActivateAt: now.Add(-time.Hour), RetireAt: now.Add(-time.Minute)}, false},
		"removed":           {jeton.KeyTimes{ActivateAt: now.Add(-time.Hour), RemoveAt: now.Add(-time.Minute)}, false},
		"revoked":           {jeton.KeyTimes{ActivateAt: now.Add(-time.Hour), RevokedAt: now.Add(-time.Minute)}, false},
	} {
		if err := store.SetKeyTimes(t.Context(), first.ID(), test.times); err != nil {
			t.Fatal(err)
		}
		fresh := newRing(t, store, masterKey)
		_, err := fresh.VerifyingKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		key, err := fresh.SigningKey(t.Context())
		if test.again && (err != nil || key.ID() != first.ID()) || !test.again && err == nil {
			t.Errorf("%s: signs with %v, %v", name, key, err)
		}
	}
	// A start makes another key where none can sign any more.
	if err := store.SetKeyTimes(t.Context(), first.ID(), jeton.KeyTimes{RevokedAt: now.Add(-time.Minute)}); err != nil {
		t.Fatal(err)
	}
	again := newRing(t, store, masterKey)
	if err := again.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if key, err := again.SigningKey(t.Context()); err != nil || key.ID() == first.ID() {
		t.Errorf("after a start without a usable key: %v, %v", key, err)
	}
}

// slowKeys answers slowly, and counts how often it is asked.
type slowKeys struct {
	jeton.KeyStore
	asked atomic.Int32
}

func (s *slowKeys) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	s.asked.Add(1)
	select {
	case <-time.After(3 * time.Second):
		return s.KeyStore.Keys(ctx)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestKeyRingSharesOneRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := memory.New()
		if err := newRing(t, memory, masterKey).Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		store := &slowKeys{KeyStore: memory}
		ring := newRing(t, store, masterKey)
		began := time.Now()
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := ring.SigningKey(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := ring.SigningKey(impatient)
		wantErr(t, "impatient", err, context.DeadlineExceeded)
		if waited := time.Since(began); waited != 100*time.Millisecond {
			t.Errorf("the impatient caller waited %v", waited)
		}
		wg.Wait()
		if n := store.asked.Load(); n != 1 || time.Since(began) != 3*time.Second {
			t.Errorf("%d reads in %v, want one of 3s", n, time.Since(began))
		}
	})
}

func TestKeyRingWaitsForItsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := memory.New()
		if err := newRing(t, memory, masterKey).Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		ring := newRing(t, &slowKeys{KeyStore: memory}, masterKey)
		began := time.Now()
		ring.Wait()
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %v for nothing", waited)
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := ring.SigningKey(impatient)
		wantErr(t, "impatient", err, context.DeadlineExceeded)
		ring.Wait()
		if waited := time.Since(began); waited != 3*time.Second {
			t.Errorf("waited until %v, want the end of the read at 3s", waited)
		}
	})
}
