package storetest

import (
	"context"
	"slices"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

func (c sessionCopy) livesOn(ctx context.Context) {
	s, other := newSession("user"), newSession("user")
	s.Generation, s.UsedAt = 41, start().Add(time.Second)
	s.Advances = []time.Time{s.UsedAt, start(), start().Add(-time.Minute), start().Add(-time.Hour)}
	c.add(ctx, s, other)
	c.listed(ctx, "user", start(), s, other)
	for i := range jeton.MaxAdvances + 1 {
		a := newAdvance(s, time.Duration(i+1)*time.Hour)
		must(c.T, "advance", c.store.AdvanceSession(ctx, a))
		s = advanced(s, a)
		c.stays(ctx, s)
	}
	stale := newAdvance(s, day)
	stale.Generation--
	wantError(c.T, "advance from an older generation", c.store.AdvanceSession(ctx, stale), jeton.ErrConflict)
	s.AccessUntil = start().Add(7 * day)
	must(c.T, "extend access", c.store.ExtendAccess(ctx, s.ID, s.AccessUntil))
	c.stays(ctx, s)
	c.stays(ctx, other)
	wantError(c.T, "create what was copied", c.store.CreateSession(ctx, sessionAs(s.ID)), jeton.ErrConflict)
	c.stays(ctx, s)
	c.prune(ctx, start().Add(1000*day), 2)
	c.are(ctx, "", 10)
}

func (c sessionCopy) canBeEnded(ctx context.Context) {
	one, two, three, other := newSession("user"), newSession("user"), newSession("user"), newSession("other")
	c.add(ctx, one, two, three, other)
	c.addEntries(ctx, 40, entry(17, day), entry(40, time.Hour))
	e := ending(one)
	c.end(ctx, e, one)
	c.end(ctx, e)
	c.end(ctx, endingAll("user"), two, three)
	c.stays(ctx, ended(one, e))
	c.stays(ctx, ended(two, endingAll("user")))
	c.stays(ctx, other)
	c.listed(ctx, "user", start())
	c.listed(ctx, "other", start(), other)
	c.lastIs(ctx, 43)
	c.prune(ctx, start().Add(time.Hour), 3+3+1)
}

func (c sessionCopy) staysEnded(ctx context.Context) {
	gone, other := endedSession(), newSession("user")
	c.add(ctx, gone, other)
	c.listed(ctx, "user", start(), other)
	wantError(c.T, "advance", c.store.AdvanceSession(ctx, newAdvance(gone, time.Hour)), jeton.ErrSessionEnded)
	wantError(c.T, "extend access", c.store.ExtendAccess(ctx, gone.ID, start().Add(day)), jeton.ErrSessionEnded)
	c.end(ctx, ending(gone))
	c.end(ctx, endingAll("user"), other)
	c.stays(ctx, gone)
	c.prune(ctx, gone.AccessUntil.Add(-time.Millisecond), 0)
	c.stays(ctx, gone)
	c.prune(ctx, gone.AccessUntil, 2)
	c.prune(ctx, gone.AccessUntil.Add(grace), 1)
}

// into copies a store that has a history, in batches, and wants the two to be the same then, and to go on in the same way.
func (c sessionCopy) into(ctx context.Context) {
	made := c.history(ctx)
	target := c.another()
	must(c.T, "copy", c.copyTo(ctx, target))
	for _, s := range made {
		target.stays(ctx, c.read(ctx, s.ID))
	}
	for _, store := range []sessionCopy{c, target} {
		list, err := c.copier.ListSessions(ctx, "", 1000)
		must(c.T, "list sessions", err)
		store.are(ctx, "", 1000, list...)
		if got, want := store.feed(ctx), c.feed(ctx); !slices.EqualFunc(got, want, sameNumbered) {
			c.Errorf("entries are %v, want %v", numbers(got), numbers(want))
		}
		store.lastIs(ctx, 12)
	}
	for _, store := range []sessionCopy{c, target} {
		store.end(ctx, endingAll("user"), store.live(ctx)...)
		store.lastIs(ctx, 15)
	}
}

// live returns the sessions of the user that have not ended.
func (c sessionCopy) live(ctx context.Context) []*jeton.Session {
	c.Helper()
	list, err := c.store.SessionsByUser(ctx, "user", start())
	must(c.T, "sessions by user", err)
	return list
}

// history makes what a store has after some use: 9 sessions, of which 3 live, and 12 revocations, of which the last one and some before were pruned.
func (c sessionCopy) history(ctx context.Context) (made []*jeton.Session) {
	c.Helper()
	for range 9 {
		made = append(made, c.create(ctx, newSession("user")))
	}
	must(c.T, "advance", c.store.AdvanceSession(ctx, newAdvance(made[0], time.Minute)))
	for i, s := range made[3:] {
		must(c.T, "end session", second(c.store.EndSessions(ctx, ending(s))))
		until := start().Add(time.Duration(3-i) * day)
		must(c.T, "revoke token", second(c.store.RevokeToken(ctx, revoke.IDOf(s.ID), until)))
	}
	c.prune(ctx, start(), 3)
	return made
}

// copyTo writes the whole content into target.
func (c sessionCopy) copyTo(ctx context.Context, target sessionCopy) error {
	after := ""
	for {
		page, err := c.copier.ListSessions(ctx, after, 4)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return c.copyRevocations(ctx, target)
		}
		if err := target.copier.AddSessions(ctx, page); err != nil {
			return err
		}
		after = page[len(page)-1].ID
	}
}

func (c sessionCopy) copyRevocations(ctx context.Context, target sessionCopy) error {
	last, err := c.copier.LastRevocation(ctx)
	if err != nil {
		return err
	}
	for number := uint64(0); ; {
		page, err := c.store.Revocations(ctx, number, 4)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := target.copier.AddRevocations(ctx, page, last); err != nil {
			return err
		}
		number = page[len(page)-1].Number
	}
}
