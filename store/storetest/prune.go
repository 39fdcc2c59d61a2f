package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

func pruneCases() []named[sessions] {
	return []named[sessions]{
		{"prune sessions that are over", sessions.pruneSessions},
		{"prune revocations that have expired", sessions.pruneRevocations},
		{"prune never makes numbers come again", sessions.pruneNumbers},
		{"prune much", sessions.pruneMuch},
	}
}

// prune prunes until nothing is left to remove, and fails the test unless that were want rows.
func (c sessions) prune(ctx context.Context, now time.Time, want int) {
	c.Helper()
	total := 0
	for {
		removed, err := c.store.Prune(ctx, now)
		must(c.T, "prune", err)
		if total += removed; removed <= 0 || total > want {
			break
		}
	}
	if total != want {
		c.Errorf("prune removed %d rows, want %d", total, want)
	}
}

func (c sessions) pruneSessions(ctx context.Context) {
	now := start().Add(100 * day)
	before, after := now.Add(-time.Minute), now.Add(time.Minute)
	var kept, removed []*jeton.Session
	for _, test := range []struct {
		idle, expires, ended, access time.Time
		removed                      bool
	}{
		{after, after, time.Time{}, after, false},
		{after, after, time.Time{}, before, false},
		{after, after, time.Time{}, time.Time{}, false},
		{before, after, time.Time{}, after, false},
		{after, before, time.Time{}, after, false},
		{before, before, before, now.Add(time.Millisecond), false},
		{after, after, before, after, false},
		{before, after, time.Time{}, before, true},
		{after, before, time.Time{}, before, true},
		{after, after, before, before, true},
		{before, before, before, before, true},
		{after, before, time.Time{}, time.Time{}, true},
	} {
		s := newSession("user")
		s.IdleUntil, s.ExpiresAt, s.EndedAt, s.AccessUntil = test.idle, test.expires, test.ended, test.access
		c.create(ctx, s)
		if test.removed {
			removed = append(removed, s)
		} else {
			kept = append(kept, s)
		}
	}
	c.prune(ctx, now, len(removed))
	for _, s := range removed {
		if _, err := c.store.SessionByID(ctx, s.ID); !errors.Is(err, jeton.ErrNotFound) {
			c.Errorf("session idle until %v, expiring %v, ended %v, access until %v stayed (%v)",
				s.IdleUntil, s.ExpiresAt, s.EndedAt, s.AccessUntil, err)
		}
	}
	for _, s := range kept {
		c.stays(ctx, s)
	}
	c.prune(ctx, now, 0)
}

func (c sessions) pruneRevocations(ctx context.Context) {
	now := start().Add(day)
	var want []revoke.Entry
	expired := 0
	for i, until := range []time.Duration{-time.Minute, time.Minute, -day, -time.Millisecond, time.Millisecond, 30 * day} {
		entry, err := c.store.RevokeToken(ctx, revoke.IDOf(fmt.Sprint("token", i)), now.Add(until))
		must(c.T, "revoke token", err)
		if until > 0 {
			want = append(want, entry)
		} else {
			expired++
		}
	}
	c.prune(ctx, now.Add(-2*day), 0)
	c.prune(ctx, now, expired)
	if got := numbers(c.feed(ctx)); !slices.Equal(got, numbers(want)) {
		c.Errorf("entries %v are left, want %v", got, numbers(want))
	}
}

func (c sessions) pruneNumbers(ctx context.Context) {
	var last revoke.Entry
	for range 3 {
		s := c.create(ctx, newSession("user"))
		made := c.end(ctx, ending(s), s)
		if len(made) != 1 || made[0].Number <= last.Number {
			c.Fatalf("after entry %d come %v", last.Number, numbers(made))
		}
		last = made[0]
		c.prune(ctx, start().Add(1000*day), 2)
		if left := c.feed(ctx); len(left) != 0 {
			c.Fatalf("entries %v are left", numbers(left))
		}
	}
}

func (c sessions) pruneMuch(ctx context.Context) {
	const users, each = 5, 30
	for i := range users {
		user := fmt.Sprint("user", i)
		for range each {
			c.create(ctx, newSession(user))
		}
		_, err := c.store.EndSessions(ctx, endingAll(user))
		must(c.T, "end sessions", err)
	}
	live := c.create(ctx, newSession("live"))
	live.AccessUntil = start().Add(20 * day)
	must(c.T, "extend access", c.store.ExtendAccess(ctx, live.ID, live.AccessUntil))
	c.prune(ctx, start().Add(day), 2*users*each)
	c.stays(ctx, live)
}
