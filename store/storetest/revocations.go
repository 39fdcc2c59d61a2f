package storetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

func revocationCases() []named[sessions] {
	return []named[sessions]{
		{"revocations are none at first", sessions.noRevocations},
		{"revocations are numbered from 1", sessions.numbered},
		{"revocations are read page by page", sessions.pages},
		{"revocations of tokens", sessions.tokens},
	}
}

// follower reads a feed as a node does: what is above the last number that it saw.
type follower struct {
	last uint64
	seen []revoke.Entry
}

// poll reads at most limit entries and returns how many there were. It is an error if one does not come after the last.
func (f *follower) poll(ctx context.Context, feed revoke.Feed, limit int) (int, error) {
	entries, err := feed.Revocations(ctx, f.last, limit)
	if err != nil {
		return 0, err
	}
	if len(entries) > limit {
		return 0, fmt.Errorf("%d entries, at most %d were asked for", len(entries), limit)
	}
	for _, entry := range entries {
		if entry.Number <= f.last {
			return 0, fmt.Errorf("entry %d comes after entry %d", entry.Number, f.last)
		}
		f.last = entry.Number
		f.seen = append(f.seen, entry)
	}
	return len(entries), nil
}

// catchUp polls until there is no more.
func (f *follower) catchUp(ctx context.Context, feed revoke.Feed) error {
	for {
		if n, err := f.poll(ctx, feed, pageSize); err != nil || n < pageSize {
			return err
		}
	}
}

func (c sessions) noRevocations(ctx context.Context) {
	c.create(ctx, newSession("user"))
	for _, after := range []uint64{0, 1, math.MaxInt64} {
		entries, err := c.store.Revocations(ctx, after, 10)
		must(c.T, "revocations", err)
		if len(entries) != 0 {
			c.Errorf("%d revocations after %d", len(entries), after)
		}
	}
}

func (c sessions) numbered(ctx context.Context) {
	one := c.create(ctx, newSession("one"))
	first := c.end(ctx, ending(one), one)
	if len(first) != 1 || first[0].Number != 1 {
		c.Errorf("the first entries have the numbers %v, want [1]", numbers(first))
	}
	two, three := c.create(ctx, newSession("both")), c.create(ctx, newSession("both"))
	c.end(ctx, endingAll("both"), two, three)
	token, err := c.store.RevokeToken(ctx, revoke.IDOf("token"), start().Add(day))
	must(c.T, "revoke token", err)
	last := c.create(ctx, newSession("last"))
	c.end(ctx, ending(last), last)

	entries := c.feed(ctx)
	if len(entries) != 5 {
		c.Fatalf("%d entries, want 5", len(entries))
	}
	if entries[3].Number != token.Number {
		c.Errorf("the revoked token has number %d, want it fourth: %d", token.Number, entries[3].Number)
	}
}

func (c sessions) pages(ctx context.Context) {
	var want []revoke.Entry
	for i := range 7 {
		entry, err := c.store.RevokeToken(ctx, revoke.IDOf(fmt.Sprint("token", i)), start().Add(day))
		must(c.T, "revoke token", err)
		want = append(want, entry)
	}
	for after := range len(want) + 1 {
		for _, limit := range []int{0, 1, 2, 6, 7, 8, 1000} {
			var from uint64
			if after > 0 {
				from = want[after-1].Number
			}
			got, err := c.store.Revocations(ctx, from, limit)
			must(c.T, "revocations", err)
			wanted := want[after:min(after+limit, len(want))]
			if !slices.EqualFunc(got, wanted, func(g, w revoke.Entry) bool { return g.Number == w.Number && sameEntry(g, w) }) {
				c.Errorf("%d after number %d are %v, want %v", limit, from, numbers(got), numbers(wanted))
			}
		}
	}
	last := want[len(want)-1].Number
	got, err := c.store.Revocations(ctx, last+1000, 10)
	must(c.T, "revocations", err)
	if len(got) != 0 {
		c.Errorf("numbers above the last: %v", numbers(got))
	}
}

func (c sessions) tokens(ctx context.Context) {
	far := time.FixedZone("far", 5*60*60)
	for i, until := range []time.Time{start().Add(day), start().Add(day).In(far), start().Add(-day), start().Add(1000 * day)} {
		want := revoke.Entry{ID: revoke.IDOf(fmt.Sprint("token", i)), ExpiresAt: until}
		got, err := c.store.RevokeToken(ctx, want.ID, until)
		must(c.T, "revoke token", err)
		want.Number = got.Number
		c.sameEntries("returned", []revoke.Entry{got}, []revoke.Entry{want})
		c.sameEntries("in the feed", c.feedBehind(ctx, i), []revoke.Entry{want})
	}
	again, err := c.store.RevokeToken(ctx, revoke.IDOf("token0"), start().Add(2*day))
	must(c.T, "revoke the same token again", err)
	entries := c.feed(ctx)
	if last := entries[max(0, len(entries)-1):]; len(last) == 0 || last[0].Number != again.Number {
		c.Errorf("the second revocation of a token is not the last entry")
	}
	forever, err := c.store.RevokeToken(ctx, revoke.IDOf("for ever"), time.Time{})
	must(c.T, "revoke a token for ever", err)
	_, err = c.store.Prune(ctx, start().Add(2000*day))
	must(c.T, "prune", err)
	if left := c.feed(ctx); len(left) != 1 || left[0].Number != forever.Number || !left[0].ExpiresAt.IsZero() {
		c.Errorf("after everything has expired there are %v, want what never does", numbers(left))
	}
}

func numbers(entries []revoke.Entry) []uint64 {
	list := make([]uint64, len(entries))
	for i, entry := range entries {
		list[i] = entry.Number
	}
	return list
}
