package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

func revocationCopyCases() []named[sessionCopy] {
	return []named[sessionCopy]{
		{"the last number", sessionCopy.lastNumber},
		{"revocations keep their numbers", sessionCopy.keepNumbers},
		{"revocations in several batches", sessionCopy.batches},
		{"revocations that never expire", sessionCopy.neverExpire},
		{"a thousand revocations", sessionCopy.thousandRevocations},
		{"a number that is taken", sessionCopy.takenNumber},
		{"a number twice", sessionCopy.numberTwice},
		{"later numbers are higher", sessionCopy.laterNumbers},
		{"contention: copied and given numbers", sessionCopy.raceNumbers},
		{"contention: the same numbers", sessionCopy.raceRevocations},
	}
}

// entry returns a revocation that expires so long after the start.
func entry(number uint64, after time.Duration) revoke.Entry {
	return revoke.Entry{Number: number, ID: revoke.IDOf(fmt.Sprint("entry", number)), ExpiresAt: start().Add(after)}
}

// sameNumbered reports whether got is want, their numbers included.
func sameNumbered(got, want revoke.Entry) bool {
	return got.Number == want.Number && sameEntry(got, want)
}

// addEntries adds revocations as they are.
func (c sessionCopy) addEntries(ctx context.Context, last uint64, entries ...revoke.Entry) {
	c.Helper()
	must(c.T, fmt.Sprintf("add %d revocations", len(entries)), c.copier.AddRevocations(ctx, entries, last))
}

// feedIs fails the test unless the feed has exactly want, in this order.
func (c sessionCopy) feedIs(ctx context.Context, want ...revoke.Entry) {
	c.Helper()
	if got := c.feed(ctx); !slices.EqualFunc(got, want, sameNumbered) {
		c.Errorf("the feed has the entries %v, want %v", got, want)
	}
}

// revoke makes revocations of tokens, and ends the test unless their numbers are above floor and grow.
func (c sessionCopy) revoke(ctx context.Context, floor uint64, n int) (made []revoke.Entry) {
	c.Helper()
	for range n {
		one, err := c.store.RevokeToken(ctx, revoke.IDOf("token"), start().Add(day))
		must(c.T, "revoke token", err)
		if one.Number <= floor {
			c.Fatalf("after %d comes the number %d", floor, one.Number)
		}
		floor = one.Number
		made = append(made, one)
	}
	return made
}

func (c sessionCopy) lastNumber(ctx context.Context) {
	c.lastIs(ctx, 0)
	c.create(ctx, newSession("user"))
	c.lastIs(ctx, 0)
	for n := range uint64(3) {
		c.revoke(ctx, n, 1)
		c.lastIs(ctx, n+1)
	}
	s := c.create(ctx, newSession("user"))
	c.end(ctx, ending(s), s)
	c.lastIs(ctx, 4)
	c.prune(ctx, start().Add(time.Hour), 2) // the session and the last revocation
	c.lastIs(ctx, 4)
	c.prune(ctx, start().Add(1000*day), 3+1)
	c.feedIs(ctx)
	c.lastIs(ctx, 4)
	c.revoke(ctx, 4, 1)
	c.lastIs(ctx, 5)
}

func (c sessionCopy) keepNumbers(ctx context.Context) {
	far := entry(90, day)
	far.ExpiresAt = far.ExpiresAt.In(time.FixedZone("far", -9*60*60))
	given := []revoke.Entry{
		entry(17, day), entry(3, -day), far, entry(4, time.Millisecond), entry(1_000_000, day), entry(18, 1000*day),
	}
	given[5].ID = given[0].ID // revoked twice
	want := slices.Clone(given)
	slices.SortFunc(want, func(a, b revoke.Entry) int { return int(a.Number) - int(b.Number) })
	c.addEntries(ctx, 1_000_000, given...)
	c.feedIs(ctx, want...)
	c.lastIs(ctx, 1_000_000)
	for i, e := range want {
		got, err := c.store.Revocations(ctx, e.Number, 2)
		must(c.T, "revocations", err)
		rest := want[i+1:]
		if rest = rest[:min(2, len(rest))]; !slices.EqualFunc(got, rest, sameNumbered) {
			c.Errorf("after number %d come %v, want %v", e.Number, got, rest)
		}
	}
	c.prune(ctx, start().Add(time.Minute), 2)
	c.feedIs(ctx, want[2:]...)
}

// batches adds what one store has in several calls: numbers below those that are there already, and below the last one.
func (c sessionCopy) batches(ctx context.Context) {
	c.addEntries(ctx, 60, entry(1, day), entry(3, day), entry(4, day))
	c.lastIs(ctx, 60)
	c.addEntries(ctx, 60, entry(7, day), entry(50, day))
	c.addEntries(ctx, 60, entry(5, day))
	c.addEntries(ctx, 60)
	c.feedIs(ctx, entry(1, day), entry(3, day), entry(4, day), entry(5, day), entry(7, day), entry(50, day))
	c.lastIs(ctx, 60)
	c.revoke(ctx, 60, 2)
}

func (c sessionCopy) neverExpire(ctx context.Context) {
	forever := revoke.Entry{Number: 7, ID: revoke.IDOf("for ever")}
	c.addEntries(ctx, 8, entry(6, day), forever, entry(8, day))
	c.feedIs(ctx, entry(6, day), forever, entry(8, day))
	c.prune(ctx, start().Add(1000*day), 2)
	c.feedIs(ctx, forever)
}

func (c sessionCopy) thousandRevocations(ctx context.Context) {
	list := make([]revoke.Entry, 1000)
	for i := range list {
		list[i] = entry(uint64(2*i+1), day)
	}
	c.addEntries(ctx, 0, list...)
	c.feedIs(ctx, list...)
	c.lastIs(ctx, 1999)
}

// refused fails the test unless these revocations cannot be added, and nothing is different afterwards.
func (c sessionCopy) refused(ctx context.Context, entries ...revoke.Entry) {
	c.Helper()
	before := c.feed(ctx)
	last, err := c.copier.LastRevocation(ctx)
	must(c.T, "last revocation", err)
	wantError(c.T, "add revocations", c.copier.AddRevocations(ctx, entries, last+1000), jeton.ErrConflict)
	c.feedIs(ctx, before...)
	c.lastIs(ctx, last)
}

func (c sessionCopy) takenNumber(ctx context.Context) {
	c.revoke(ctx, 0, 2)
	c.addEntries(ctx, 0, entry(20, day))
	for _, taken := range []uint64{1, 2, 20} {
		list := []revoke.Entry{entry(10, day), entry(11, day), entry(30, day)}
		for i := range len(list) + 1 {
			c.refused(ctx, slices.Insert(slices.Clone(list), i, entry(taken, day))...)
		}
	}
	c.refused(ctx, c.feed(ctx)...)
	c.revoke(ctx, 20, 1)
	c.addEntries(ctx, 30, entry(10, day), entry(11, day), entry(30, day))
	c.lastIs(ctx, 30)
}

func (c sessionCopy) numberTwice(ctx context.Context) {
	c.refused(ctx, entry(1, day), entry(1, day))
	other := entry(3, time.Hour)
	other.ID = revoke.IDOf("another")
	c.refused(ctx, entry(3, day), entry(1, day), other, entry(2, day))
	c.addEntries(ctx, 0, entry(3, day), entry(1, day), entry(2, day))
	c.feedIs(ctx, entry(1, day), entry(2, day), entry(3, day))
}

func (c sessionCopy) laterNumbers(ctx context.Context) {
	for name, test := range map[string]struct {
		own, pruned int // how many were given before, and how many of those were removed
		entries     []revoke.Entry
		last, want  uint64
	}{
		"last":                     {0, 0, nil, 41, 41},
		"the highest entry's":      {0, 0, []revoke.Entry{entry(7, day), entry(90, day), entry(8, day)}, 9, 90},
		"last above entries":       {0, 0, []revoke.Entry{entry(7, day), entry(9, day)}, 50, 50},
		"no last":                  {0, 0, []revoke.Entry{entry(7, day)}, 0, 7},
		"own":                      {5, 0, nil, 2, 5},
		"own, pruned":              {5, 5, nil, 2, 5},
		"own, an entry among them": {5, 0, []revoke.Entry{entry(20, day)}, 3, 20},
		"own below last":           {5, 0, []revoke.Entry{entry(20, day)}, 30, 30},
		"own, pruned, below last":  {5, 5, []revoke.Entry{entry(20, day)}, 30, 30},
	} {
		store := c.another()
		made := store.revoke(ctx, 0, test.own)
		if test.pruned > 0 {
			store.prune(ctx, start().Add(day), test.pruned)
			made = nil
		}
		store.addEntries(ctx, test.last, test.entries...)
		store.lastIs(ctx, test.want)
		made = append(made, test.entries...)
		made = append(made, store.revoke(ctx, test.want, 2)...)
		s := store.create(ctx, newSession("user"))
		made = append(made, store.end(ctx, ending(s), s)...)
		if got := store.feed(ctx); len(got) != len(made) || got[len(got)-1].Number != made[len(made)-1].Number {
			c.Errorf("%s: the feed has the entries %v, want %v", name, numbers(got), numbers(made))
		}
		store.lastIs(ctx, made[len(made)-1].Number)
	}
}

// raceNumbers adds revocations while others are made, which may get numbers of theirs: then it is refused, and otherwise they get higher
// ones.
func (c sessionCopy) raceNumbers(ctx context.Context) {
	const tokens = 6
	for range 8 {
		last, err := c.copier.LastRevocation(ctx)
		must(c.T, "last revocation", err)
		before := c.feed(ctx)
		added := make([]revoke.Entry, 20)
		for i := range added {
			added[i] = entry(last+3+uint64(i), day)
		}
		made := make([]revoke.Entry, tokens)
		errs := race(tokens+1, func(i int) (err error) {
			if i == tokens {
				return c.copier.AddRevocations(ctx, added, last)
			}
			made[i], err = c.store.RevokeToken(ctx, revoke.IDOf("token"), start().Add(day))
			return err
		})
		all(c.T, errs[:tokens])
		if errs[tokens] == nil {
			made = slices.Concat(made, added)
		} else {
			wantError(c.T, "add revocations", errs[tokens], jeton.ErrConflict)
		}
		c.sameEntries("in the feed", c.feedBehind(ctx, len(before)), made)
		c.revoke(ctx, slices.Max(numbers(made)), 1)
	}
}

// raceRevocations adds the same revocations several times at once: one call succeeds.
func (c sessionCopy) raceRevocations(ctx context.Context) {
	list := []revoke.Entry{entry(3, day), entry(4, day), entry(9, day)}
	winner(c.T, race(6, func(int) error { return c.copier.AddRevocations(ctx, list, 10) }), jeton.ErrConflict)
	c.feedIs(ctx, list...)
	c.lastIs(ctx, 10)
}

func keptCopyCases() []named[stores] {
	return []named[stores]{
		{"what was copied survives", stores.reopenCopy},
	}
}

// reopenCopy wants what was copied, and the last number, to be there after a restart.
func (c stores) reopenCopy(ctx context.Context) {
	c.needs(c.Reopen != nil, "Reopen")
	reopened := func() sessionCopy {
		return newSessionCopy(c.T, func(*testing.T) jeton.SessionStore { return c.Store })
	}
	copied := reopened()
	list := []*jeton.Session{endedSession(), newSession("user")}
	sortByID(list)
	copied.add(ctx, list...)
	copied.addEntries(ctx, 40, entry(7, day), entry(9, day))
	c.Store = c.Reopen(c.T)
	copied = reopened()
	copied.are(ctx, "", 10, list...)
	copied.feedIs(ctx, entry(7, day), entry(9, day))
	copied.lastIs(ctx, 40)
	copied.revoke(ctx, 40, 2)
}
