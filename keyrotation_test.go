package jeton_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/store/memory"
)

// keyNode is a node of a service whose keys are in a store that several share.
type keyNode struct {
	*jeton.Auth
	t    *testing.T
	ring *jeton.KeyRing
}

// newKeyNode starts a node whose ring reads keys, which may be those of store in a wrapper.
func newKeyNode(t *testing.T, store *memory.Store, keys jeton.KeyStore) *keyNode {
	t.Helper()
	n := &keyNode{t: t, ring: newRing(t, keys, masterKey)}
	if err := n.ring.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	n.Auth, err = jeton.New(jeton.Config{
		Issuer: issuer, Keys: n.ring, Store: store, Hasher: cheap, Cache: jeton.NewTokenCache(64),
		Secret: masterKey, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// issue makes a token that lasts as long as any.
func (n *keyNode) issue() string {
	n.t.Helper()
	token, err := n.Issue(n.t.Context(), "u", jeton.IssueOptions{TTL: 24 * time.Hour})
	if err != nil {
		n.t.Fatal(err)
	}
	return token
}

// verify fails the test unless the token is accepted, or refused for want.
func (n *keyNode) verify(what, token string, want error) {
	n.t.Helper()
	p, err := n.Verify(n.t.Context(), token)
	if !errors.Is(err, want) || err == nil && p.Subject() != "u" {
		n.t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func (n *keyNode) rotate() jeton.KeyInfo {
	n.t.Helper()
	info, err := n.ring.Rotate(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	return info
}

// states fails the test unless these are the states of all keys, the oldest first.
func (n *keyNode) states(what string, want ...jeton.KeyState) []jeton.KeyInfo {
	n.t.Helper()
	infos, err := n.ring.Keys(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	var got []jeton.KeyState
	for _, info := range infos {
		got = append(got, info.State)
	}
	if !slices.Equal(got, want) {
		n.t.Errorf("%s: keys are %v, want %v", what, got, want)
	}
	return infos
}

func keyOf(t *testing.T, token string) string {
	t.Helper()
	header, err := jwt.UnverifiedHeader(token)
	if err != nil {
		t.Fatal(err)
	}
	return header.KeyID
}

func wantPublished(t *testing.T, n *keyNode, what string, want int) {
	t.Helper()
	set, err := n.PublicKeys(t.Context())
	if err != nil || set.Len() != want {
		t.Errorf("%s: %d keys are published, want %d (%v)", what, set.Len(), want, err)
	}
}

func TestAKeysLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const publish, last = 15 * time.Minute, 24*time.Hour + 5*time.Minute
		store := memory.New()
		one, two := newKeyNode(t, store, store), newKeyNode(t, store, store)
		first := one.issue()
		one.states("at first", jeton.KeyActive)

		rotated := time.Now()
		info := two.rotate()
		if info.State != jeton.KeyPublished || !info.ActivateAt.Equal(rotated.Add(publish)) || info.Algorithm != jwk.ES256 || !info.RetireAt.IsZero() {
			t.Errorf("the new key is %+v", info)
		}
		before := one.states("after rotating", jeton.KeyActive, jeton.KeyPublished)
		if old := before[0]; !old.RetireAt.Equal(info.ActivateAt) || !old.RemoveAt.Equal(info.ActivateAt.Add(last)) || old.ID != keyOf(t, first) {
			t.Errorf("the old key is %+v", old)
		}
		if before[1] != info {
			t.Errorf("the new key is %+v, and was said to be %+v", before[1], info)
		}
		time.Sleep(time.Second)
		for _, n := range []*keyNode{one, two} {
			wantPublished(t, n, "while the new key is published", 2)
			if kid := keyOf(t, n.issue()); kid != before[0].ID {
				t.Errorf("the new key signs too early")
			}
		}

		time.Sleep(time.Until(info.ActivateAt) - time.Millisecond)
		lastOfOld := one.issue()
		time.Sleep(time.Millisecond)
		second := one.issue()
		if keyOf(t, lastOfOld) != before[0].ID || keyOf(t, second) != info.ID {
			t.Error("the new key does not begin to sign when it is active")
		}
		two.states("when the new key is active", jeton.KeyRetired, jeton.KeyActive)
		for _, token := range []string{first, lastOfOld, second} {
			two.verify("after rotating", token, nil)
		}

		time.Sleep(24 * time.Hour) // all the last token's life
		two.verify("of a retired key, within the leeway", lastOfOld, nil)
		two.verify("expired", first, jwt.ErrExpired)
		wantPublished(t, two, "while tokens of the old key may be accepted", 2)
		time.Sleep(time.Until(before[0].RemoveAt) - time.Millisecond)
		wantPublished(t, one, "just before the old key goes", 2)
		time.Sleep(time.Second)
		wantPublished(t, one, "when the old key has gone", 1)
		one.states("in the end", jeton.KeyRemoved, jeton.KeyActive)
		one.verify("of a removed key", lastOfOld, jwt.ErrUnknownKey)
		one.verify("of the new key", one.issue(), nil)
	})
}

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

func TestKeysLives(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const day = 24 * time.Hour
	kept := day + 5*time.Minute
	for name, test := range map[string]struct {
		keys  []jeton.KeyTimes
		want  []jeton.KeyState
		times []jeton.KeyTimes // what the times are then; nil for as they are
	}{
		"none": {},
		"one":  {keys: []jeton.KeyTimes{{ActivateAt: now}}, want: []jeton.KeyState{jeton.KeyActive}},
		"all states": {
			keys: []jeton.KeyTimes{
				{ActivateAt: ago(9 * day)},
				{ActivateAt: ago(8 * day)},
				{ActivateAt: ago(7 * day), RevokedAt: ago(6 * day)},
				{ActivateAt: ago(2 * time.Hour)},
				{ActivateAt: ago(time.Hour)},
				{ActivateAt: now.Add(time.Minute)},
			},
			want: []jeton.KeyState{
				jeton.KeyRemoved, jeton.KeyRemoved, jeton.KeyRevoked, jeton.KeyRetired, jeton.KeyActive, jeton.KeyPublished,
			},
			times: []jeton.KeyTimes{
				{ActivateAt: ago(9 * day), RetireAt: ago(8 * day), RemoveAt: ago(8 * day).Add(kept)},
				{ActivateAt: ago(8 * day), RetireAt: ago(7 * day), RemoveAt: ago(7 * day).Add(kept)},
				{ActivateAt: ago(7 * day), RevokedAt: ago(6 * day), RetireAt: ago(2 * time.Hour), RemoveAt: ago(2 * time.Hour).Add(kept)},
				{ActivateAt: ago(2 * time.Hour), RetireAt: ago(time.Hour), RemoveAt: ago(time.Hour).Add(kept)},
				{ActivateAt: ago(time.Hour), RetireAt: now.Add(time.Minute), RemoveAt: now.Add(time.Minute + kept)},
				{ActivateAt: now.Add(time.Minute)},
			},
		},
		"revoked before its time": {
			keys: []jeton.KeyTimes{{ActivateAt: ago(day)}, {ActivateAt: ago(time.Minute), RevokedAt: ago(time.Hour)}},
			want: []jeton.KeyState{jeton.KeyActive, jeton.KeyRevoked},
		},
		"revoked as it was made": {
			keys: []jeton.KeyTimes{{ActivateAt: ago(day)}, {ActivateAt: ago(time.Hour), RevokedAt: ago(time.Hour)}},
			want: []jeton.KeyState{jeton.KeyRetired, jeton.KeyRevoked},
			times: []jeton.KeyTimes{
				{ActivateAt: ago(day), RetireAt: ago(time.Hour), RemoveAt: ago(time.Hour).Add(kept)},
				{ActivateAt: ago(time.Hour), RevokedAt: ago(time.Hour)},
			},
		},
		"nobody signs but one that would later": {
			keys: []jeton.KeyTimes{{ActivateAt: ago(day), RevokedAt: now}, {ActivateAt: now.Add(time.Minute)}, {ActivateAt: now.Add(time.Hour)}},
			want: []jeton.KeyState{jeton.KeyRevoked, jeton.KeyActive, jeton.KeyPublished},
			times: []jeton.KeyTimes{
				{ActivateAt: ago(day), RevokedAt: now, RetireAt: now.Add(time.Minute), RemoveAt: now.Add(time.Minute + kept)},
				{ActivateAt: now.Add(time.Minute), RetireAt: now.Add(time.Hour), RemoveAt: now.Add(time.Hour + kept)},
				{ActivateAt: now.Add(time.Hour)},
			},
		},
		"times that are set stay": {
			keys: []jeton.KeyTimes{{ActivateAt: ago(day), RetireAt: ago(2 * time.Hour), RemoveAt: ago(time.Minute)}, {ActivateAt: ago(time.Hour)}},
			want: []jeton.KeyState{jeton.KeyRemoved, jeton.KeyActive},
		},
	} {
		store := memory.New()
		for i, times := range test.keys {
			err := store.AddKey(t.Context(), &jeton.StoredKey{
				Number: uint32(i + 1), ID: string(rune('a' + i)), ActivateAt: times.ActivateAt, RetireAt: times.RetireAt,
				RemoveAt: times.RemoveAt, RevokedAt: times.RevokedAt,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{Store: store, MasterKey: masterKey, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		infos, err := ring.Keys(t.Context())
		if err != nil || len(infos) != len(test.want) {
			t.Errorf("%s: %d keys, error %v", name, len(infos), err)
			continue
		}
		for i, info := range infos {
			times := test.keys[i]
			if test.times != nil {
				times = test.times[i]
			}
			got := jeton.KeyTimes{ActivateAt: info.ActivateAt, RetireAt: info.RetireAt, RemoveAt: info.RemoveAt, RevokedAt: info.RevokedAt}
			if info.State != test.want[i] || got != times {
				t.Errorf("%s: key %d is %s with %v, want %s with %v", name, i, info.State, got, test.want[i], times)
			}
		}
	}
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

func TestTokensDoNotOutliveTheirKeys(t *testing.T) {
	t.Parallel()
	store := memory.New()
	ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{Store: store, MasterKey: masterKey, TokenTTL: time.Hour, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg := jeton.Config{Issuer: issuer, Keys: ring, Store: store, AccessTTL: 61 * time.Minute, Hasher: cheap}
	if _, err := jeton.New(cfg); err == nil || !strings.Contains(err.Error(), "KeyRingConfig.TokenTTL") {
		t.Errorf("a profile whose tokens last too long: %v", err)
	}
	cfg.AccessTTL = time.Hour
	auth, err := jeton.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := auth.Issue(t.Context(), "u", jeton.IssueOptions{TTL: 61 * time.Minute}); err == nil || !strings.Contains(err.Error(), "IssueOptions.TTL") {
		t.Errorf("a token that lasts too long: %v", err)
	}
	if _, err := auth.Issue(t.Context(), "u", jeton.IssueOptions{TTL: time.Hour}); err != nil {
		t.Error(err)
	}
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
