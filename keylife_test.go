package jeton_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/store/memory"
)

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
