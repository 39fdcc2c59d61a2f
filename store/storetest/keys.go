package storetest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// keys is one subtest over a store of keys.
type keys struct {
	*testing.T
	store jeton.KeyStore
}

func keyCases() []named[keys] {
	return []named[keys]{
		{"none at first", keys.none},
		{"every field comes back", keys.everyField},
		{"the lowest number first", keys.ordered},
		{"numbers and ids are unique", keys.unique},
		{"set times", keys.setTimes},
		{"contention: add with one number", keys.raceNumber},
		{"contention: add with one id", keys.raceID},
		{"cancellation: nothing changes", keys.cancelled},
		{"cancellation: whole operations only", keys.cancelledInside},
		{"aliasing", keys.alias},
	}
}

// add adds key and returns it.
func (c keys) add(ctx context.Context, key *jeton.StoredKey) *jeton.StoredKey {
	c.Helper()
	must(c.T, "add key", c.store.AddKey(ctx, key))
	return key
}

// are fails the test unless the store has exactly want, in this order.
func (c keys) are(ctx context.Context, want ...*jeton.StoredKey) {
	c.Helper()
	got, err := c.store.Keys(ctx)
	must(c.T, "keys", err)
	if len(got) != len(want) {
		c.Errorf("there are %d keys, want %d", len(got), len(want))
		return
	}
	for i := range want {
		same(c.T, got[i], want[i])
	}
}

func (c keys) none(ctx context.Context) {
	c.are(ctx)
	wantError(c.T, "set times", c.store.SetKeyTimes(ctx, "none", jeton.KeyTimes{}), jeton.ErrNotFound)
}

func (c keys) everyField(ctx context.Context) {
	far := time.FixedZone("far", -7*60*60)
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	full := newKey(2)
	full.Sealed, full.Algorithm = every, "EdDSA"
	full.RetireAt, full.RemoveAt, full.RevokedAt = start().Add(day), start().Add(2*day), start().Add(time.Millisecond)
	elsewhere := newKey(3)
	elsewhere.CreatedAt, elsewhere.ActivateAt = start().In(far), start().Add(time.Hour).In(far)
	large := newKey(math.MaxUint32)
	large.Public, large.Sealed = bytes.Repeat([]byte(`{"n":"ü"}`), 1000), bytes.Repeat([]byte{0, 255}, 4000)
	list := []*jeton.StoredKey{newKey(1), full, elsewhere, {Number: 4, ID: "bare"}, large}
	for _, key := range list {
		c.add(ctx, key)
	}
	c.are(ctx, list...)
}

func (c keys) ordered(ctx context.Context) {
	byNumber := make([]*jeton.StoredKey, 12)
	for _, number := range []int{3, 11, 1, 10, 2} {
		byNumber[number] = c.add(ctx, newKey(uint32(number)))
	}
	c.are(ctx, byNumber[1], byNumber[2], byNumber[3], byNumber[10], byNumber[11])
}

func (c keys) unique(ctx context.Context) {
	first := c.add(ctx, newKey(1))
	number, id := newKey(1), newKey(2)
	id.ID = first.ID
	wantError(c.T, "add a key with a taken number", c.store.AddKey(ctx, number), jeton.ErrConflict)
	wantError(c.T, "add a key with a taken id", c.store.AddKey(ctx, id), jeton.ErrConflict)
	wantError(c.T, "add a key again", c.store.AddKey(ctx, first), jeton.ErrConflict)
	c.are(ctx, first)
	c.are(ctx, first, c.add(ctx, newKey(2)))
}

func (c keys) setTimes(ctx context.Context) {
	first, key, last := c.add(ctx, newKey(1)), c.add(ctx, newKey(2)), c.add(ctx, newKey(3))
	far := time.FixedZone("far", 60*60)
	for _, times := range []jeton.KeyTimes{
		{ActivateAt: start(), RetireAt: start().Add(day), RemoveAt: start().Add(2 * day), RevokedAt: start().Add(time.Minute)},
		{ActivateAt: start().Add(time.Millisecond).In(far), RemoveAt: start().In(far)},
		{},
		{RevokedAt: start()},
	} {
		must(c.T, "set times", c.store.SetKeyTimes(ctx, key.ID, times))
		key.ActivateAt, key.RetireAt, key.RemoveAt, key.RevokedAt = times.ActivateAt, times.RetireAt, times.RemoveAt, times.RevokedAt
		c.are(ctx, first, key, last)
	}
	wantError(c.T, "set times of none", c.store.SetKeyTimes(ctx, key.ID+"x", jeton.KeyTimes{}), jeton.ErrNotFound)
	c.are(ctx, first, key, last)
}

func (c keys) raceNumber(ctx context.Context) {
	const rivals = 16
	added := c.add(ctx, newKey(1))
	for number := uint32(2); number < 5; number++ {
		list := make([]*jeton.StoredKey, rivals)
		for i := range list {
			list[i] = newKey(number)
		}
		won := winner(c.T, race(rivals, func(i int) error { return c.store.AddKey(ctx, list[i]) }), jeton.ErrConflict)
		found, err := c.store.Keys(ctx)
		must(c.T, "keys", err)
		if len(found) != int(number) {
			c.Fatalf("there are %d keys, want %d", len(found), number)
		}
		same(c.T, found[0], added)
		same(c.T, found[number-1], list[won])
	}
}

func (c keys) raceID(ctx context.Context) {
	const rivals = 16
	list := make([]*jeton.StoredKey, rivals)
	for i := range list {
		list[i] = newKey(uint32(i + 1))
		list[i].ID = "one"
	}
	won := winner(c.T, race(rivals, func(i int) error { return c.store.AddKey(ctx, list[i]) }), jeton.ErrConflict)
	c.are(ctx, list[won])
}

func (c keys) cancelled(ctx context.Context) {
	key := c.add(ctx, newKey(1))
	refuses(ctx, c.T, keyOperations(c.store, key))
	c.are(ctx, key)
}

func (c keys) cancelledInside(ctx context.Context) {
	interrupted(ctx, c.T, func(worker int) script {
		key := newKey(uint32(worker))
		key.ID = fmt.Sprint("key", worker)
		retired := *key
		retired.RetireAt, retired.RemoveAt = start().Add(day), start().Add(2*day)
		states := []*jeton.StoredKey{nil, key, &retired}
		return script{
			steps: []func(ctx context.Context) error{
				func(ctx context.Context) error { return c.store.AddKey(ctx, key) },
				func(ctx context.Context) error {
					return c.store.SetKeyTimes(ctx, key.ID, jeton.KeyTimes{
						ActivateAt: retired.ActivateAt, RetireAt: retired.RetireAt, RemoveAt: retired.RemoveAt,
					})
				},
			},
			differs: func(ctx context.Context, done int) ([]string, error) {
				found, err := c.store.Keys(ctx)
				if err != nil {
					return nil, err
				}
				var got *jeton.StoredKey
				for _, k := range found {
					if k.ID == key.ID {
						got = k
					}
				}
				return differences(got, states[done]), nil
			},
		}
	})
}

func (c keys) alias(ctx context.Context) {
	given, want := newKey(1), newKey(1)
	want.ID, want.Sealed = given.ID, bytes.Clone(given.Sealed)
	c.add(ctx, given)
	scribbleKey(given)
	c.are(ctx, want)
	found, err := c.store.Keys(ctx)
	must(c.T, "keys", err)
	for i := range found {
		scribbleKey(found[i])
		found[i] = nil
	}
	c.are(ctx, want)
}

func scribbleKey(key *jeton.StoredKey) {
	clear(key.Public)
	clear(key.Sealed)
	*key = jeton.StoredKey{Number: 7, ID: "scribbled"}
}
