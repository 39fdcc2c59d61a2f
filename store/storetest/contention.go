package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

func sessionRaceCases() []named[sessions] {
	return []named[sessions]{
		{"contention: create with one id", sessions.raceCreate},
		{"contention: advance from one generation", sessions.raceAdvance},
		{"contention: advance again and again", sessions.raceChain},
		{"contention: extend access", sessions.raceExtend},
		{"contention: end one session", sessions.raceEnd},
		{"contention: end all of a user", sessions.raceEndAll},
		{"contention: advance and end", sessions.raceAdvanceEnd},
		{"contention: extend access and end", sessions.raceExtendEnd},
		{"contention: writers and a follower", sessions.raceFollow},
		{"contention: prune and end", sessions.racePrune},
	}
}

// rivals is how many calls are made at once where the contract does not ask for more.
const rivals = 32

func (c users) raceCreate(ctx context.Context) {
	made := make([]*jeton.User, rivals)
	for i := range made {
		made[i] = newUser()
		made[i].EmailKey = "one@example.com"
	}
	won := winner(c.T, race(rivals, func(i int) error { return c.store.CreateUser(ctx, made[i]) }), jeton.ErrEmailTaken)
	c.stays(ctx, made[won])
	for i, u := range made {
		if i != won {
			_, err := c.store.UserByID(ctx, u.ID)
			wantError(c.T, "user by the id of one who lost", err, jeton.ErrNotFound)
		}
	}
}

func (c users) raceCreateID(ctx context.Context) {
	c.needsIDs(ctx)
	made := make([]*jeton.User, rivals)
	for i := range made {
		made[i] = newUser()
		made[i].ID = "one"
	}
	won := winner(c.T, race(rivals, func(i int) error { return c.store.CreateUser(ctx, made[i]) }), jeton.ErrConflict)
	c.stays(ctx, made[won])
}

func (c users) raceEmail(ctx context.Context) {
	made := make([]*jeton.User, rivals)
	for i := range made {
		made[i] = c.create(ctx, newUser())
	}
	key := "one@example.com"
	won := winner(c.T, race(rivals, func(i int) error {
		return second(c.store.UpdateUser(ctx, made[i].ID, jeton.UserChange{EmailKey: &key, UpdatedAt: made[i].UpdatedAt}))
	}), jeton.ErrEmailTaken)
	made[won].EmailKey = key
	for _, u := range made {
		c.stays(ctx, u)
	}
}

func (c users) racePassword(ctx context.Context) {
	u := c.create(ctx, newUser())
	for range 3 {
		change := func(i int) jeton.PasswordChange {
			at := start().Add(time.Duration(i) * time.Minute)
			return jeton.PasswordChange{Old: u.PasswordHash, New: fmt.Sprint(u.PasswordHash, ".", i), ChangedAt: at}
		}
		won := winner(c.T, race(rivals, func(i int) error { return c.store.SetPassword(ctx, u.ID, change(i)) }), jeton.ErrConflict)
		got, err := c.store.UserByID(ctx, u.ID)
		must(c.T, "user by id", err)
		u.PasswordHash, u.PasswordChangedAt, u.UpdatedAt = change(won).New, change(won).ChangedAt, got.UpdatedAt
		same(c.T, got, u)
	}
}

// raceFields changes one field in each call: none of the changes is lost.
func (c users) raceFields(ctx context.Context) {
	for range 8 {
		u := c.create(ctx, newUser())
		at := start().Add(time.Hour)
		changes := []jeton.UserChange{
			{Name: new("Ada"), UpdatedAt: at},
			{Email: new("A-" + u.Email), EmailKey: new("a-" + u.EmailKey), UpdatedAt: at},
			{Roles: &[]string{"admin"}, UpdatedAt: at},
			{Disabled: new(true), UpdatedAt: at},
		}
		password := jeton.PasswordChange{Old: u.PasswordHash, New: "new", ChangedAt: at}
		all(c.T, race(len(changes)+1, func(i int) error {
			if i == len(changes) {
				return c.store.SetPassword(ctx, u.ID, password)
			}
			return second(c.store.UpdateUser(ctx, u.ID, changes[i]))
		}))
		got, err := c.store.UserByID(ctx, u.ID)
		must(c.T, "user by id", err)
		u.Name, u.Email, u.EmailKey = "Ada", "A-"+u.Email, "a-"+u.EmailKey
		u.Roles, u.Disabled, u.PasswordHash = []string{"admin"}, true, "new"
		u.PasswordChangedAt, u.UpdatedAt = at, got.UpdatedAt
		same(c.T, got, u)
	}
}

func (c users) raceDelete(ctx context.Context) {
	u := c.create(ctx, newUser())
	winner(c.T, race(rivals, func(int) error { return c.store.DeleteUser(ctx, u.ID) }), jeton.ErrNotFound)
	c.gone(ctx, u.ID, u.EmailKey)
}

func (c sessions) raceCreate(ctx context.Context) {
	made := make([]*jeton.Session, rivals)
	for i := range made {
		made[i] = newSession(fmt.Sprint("user", i))
		made[i].ID = "one"
	}
	won := winner(c.T, race(rivals, func(i int) error { return c.store.CreateSession(ctx, made[i]) }), jeton.ErrConflict)
	c.stays(ctx, made[won])
}

func (c sessions) raceAdvance(ctx context.Context) {
	const calls = 100
	s := c.create(ctx, newSession("user"))
	for range 3 {
		list := make([]jeton.Advance, calls)
		for i := range list {
			list[i] = newAdvance(s, time.Duration(i)*time.Second)
		}
		won := winner(c.T, race(calls, func(i int) error { return c.store.AdvanceSession(ctx, list[i]) }), jeton.ErrConflict)
		s = advanced(s, list[won])
		c.stays(ctx, s)
	}
}

// raceChain lets everybody advance from what they read: each success is one generation.
func (c sessions) raceChain(ctx context.Context) {
	s := c.create(ctx, newSession("user"))
	const callers, each = 8, 6
	var advances atomic.Int64
	all(c.T, race(callers, func(int) error {
		for range each {
			now, err := c.store.SessionByID(ctx, s.ID)
			if err != nil {
				return err
			}
			switch err = c.store.AdvanceSession(ctx, newAdvance(now, time.Hour)); {
			case err == nil:
				advances.Add(1)
			case !errors.Is(err, jeton.ErrConflict):
				return err
			}
		}
		return nil
	}))
	if got := c.read(ctx, s.ID); int64(got.Generation) != advances.Load() || got.Generation == 0 {
		c.Errorf("generation is %d after %d advances", got.Generation, advances.Load())
	}
}

func (c sessions) raceExtend(ctx context.Context) {
	s := c.create(ctx, newSession("user"))
	a := newAdvance(s, time.Hour)
	all(c.T, race(rivals+1, func(i int) error {
		if i == rivals {
			return c.store.AdvanceSession(ctx, a)
		}
		return c.store.ExtendAccess(ctx, s.ID, start().Add(time.Duration(i)*time.Hour))
	}))
	s = advanced(s, a)
	s.AccessUntil = start().Add((rivals - 1) * time.Hour)
	c.stays(ctx, s)
}

func (c sessions) raceEnd(ctx context.Context) {
	s := c.create(ctx, newSession("user"))
	made := make([][]revoke.Entry, rivals)
	all(c.T, race(rivals, func(i int) (err error) {
		e := ending(s)
		e.Reason = fmt.Sprint("reason ", i)
		made[i], err = c.store.EndSessions(ctx, e)
		return err
	}))
	c.sameEntries("returned", slices.Concat(made...), []revoke.Entry{revocation(s, ending(s))})
	c.sameEntries("in the feed", c.feed(ctx), slices.Concat(made...))
	e := ending(s)
	for i := range made {
		if len(made[i]) > 0 {
			e.Reason = fmt.Sprint("reason ", i)
		}
	}
	c.stays(ctx, ended(s, e))
}

// raceEndAll ends the same sessions in calls that overlap in different ways.
func (c sessions) raceEndAll(ctx context.Context) {
	list := make([]*jeton.Session, 8)
	want := make([]revoke.Entry, len(list))
	for i := range list {
		list[i] = c.create(ctx, newSession("user"))
		want[i] = revocation(list[i], ending(list[i]))
	}
	made := make([][]revoke.Entry, 3*len(list))
	all(c.T, race(len(made), func(i int) (err error) {
		e := endingAll("user")
		switch s := list[i%len(list)]; i / len(list) {
		case 0:
			e = ending(s)
		case 1:
			e.Except = s.ID
		}
		made[i], err = c.store.EndSessions(ctx, e)
		return err
	}))
	c.sameEntries("returned", slices.Concat(made...), want)
	c.sameEntries("in the feed", c.feed(ctx), slices.Concat(made...))
	c.listed(ctx, "user", start())
}

// raceAdvanceEnd ends a session while it is being advanced. Whichever comes first: there is no advance after the end, and the
// revocation covers every access token that an advance allowed.
func (c sessions) raceAdvanceEnd(ctx context.Context) {
	const rounds = 20
	for range rounds {
		s := c.create(ctx, newSession("user"))
		e := ending(s)
		var over atomic.Bool
		var made []revoke.Entry
		all(c.T, race(2, func(i int) (err error) {
			if i == 0 {
				made, err = c.store.EndSessions(ctx, e)
				over.Store(true)
				return err
			}
			s, err = c.advanceUntilEnded(ctx, s, &over)
			return err
		}))
		c.sameEntries("returned", made, []revoke.Entry{revocation(s, e)})
		c.stays(ctx, ended(s, e))
	}
}

// advanceUntilEnded advances a session until it has ended, and returns how it was then. It is an error if it can still be
// advanced when over is true.
func (c sessions) advanceUntilEnded(ctx context.Context, s *jeton.Session, over *atomic.Bool) (*jeton.Session, error) {
	for {
		late := over.Load()
		a := newAdvance(s, time.Duration(s.Generation+1)*time.Second)
		switch err := c.store.AdvanceSession(ctx, a); {
		case errors.Is(err, jeton.ErrSessionEnded):
			return s, nil
		case err != nil:
			return s, err
		case late:
			return s, errors.New("advanced after the end")
		}
		s = advanced(s, a)
	}
}

func (c sessions) raceExtendEnd(ctx context.Context) {
	const rounds, extenders = 20, 4
	for range rounds {
		s := c.create(ctx, newSession("user"))
		e := ending(s)
		var made []revoke.Entry
		errs := race(extenders+1, func(i int) (err error) {
			if i == extenders {
				made, err = c.store.EndSessions(ctx, e)
				return err
			}
			return c.store.ExtendAccess(ctx, s.ID, start().Add(time.Duration(i+1)*time.Hour))
		})
		must(c.T, "end sessions", errs[extenders])
		for i, err := range errs[:extenders] {
			if err == nil {
				s.AccessUntil = start().Add(time.Duration(i+1) * time.Hour)
			} else {
				wantError(c.T, "extend access", err, jeton.ErrSessionEnded)
			}
		}
		c.sameEntries("returned", made, []revoke.Entry{revocation(s, e)})
		c.stays(ctx, ended(s, e))
	}
}

// raceFollow lets many writers revoke while followers read what is above the last number that they saw: one reads all there is,
// and so is always where writers are, and one a few at a time.
func (c sessions) raceFollow(ctx context.Context) {
	const writers, each, most, few = 8, 6, 1000, 7
	made := make([][]revoke.Entry, writers)
	for i := range writers {
		for j := range each {
			c.create(ctx, newSession(fmt.Sprint("user", i, "-", j)))
			c.create(ctx, newSession(fmt.Sprint("user", i, "-", j)))
		}
	}
	var swift, slow follower
	var running atomic.Int64
	running.Store(writers)
	over := func() bool { return running.Load() == 0 }
	all(c.T, race(writers+2, func(i int) error {
		switch i {
		case writers:
			return swift.until(ctx, c.store, most, over)
		case writers + 1:
			return slow.until(ctx, c.store, few, over)
		}
		defer running.Add(-1)
		return c.revokeMany(ctx, i, each, &made[i])
	}))
	acknowledged := slices.Concat(made...)
	if want := writers * each * 3; len(acknowledged) != want {
		c.Errorf("%d entries were acknowledged, want %d", len(acknowledged), want)
	}
	want := numbers(c.feed(ctx))
	for _, f := range []follower{swift, slow} {
		c.sameEntries("followed", f.seen, acknowledged)
		if got := numbers(f.seen); !slices.Equal(got, want) {
			c.Errorf("a follower saw %v, want %v", got, want)
		}
	}
}

// until polls for at most limit entries at a time, until over has been true before a poll that found nothing more.
func (f *follower) until(ctx context.Context, feed revoke.Feed, limit int, over func() bool) error {
	for {
		last := over()
		n, err := f.poll(ctx, feed, limit)
		if err != nil || last && n < limit {
			return err
		}
	}
}

// revokeMany ends the two sessions of each user of a writer, and revokes a token in between.
func (c sessions) revokeMany(ctx context.Context, writer, each int, made *[]revoke.Entry) error {
	for j := range each {
		entries, err := c.store.EndSessions(ctx, endingAll(fmt.Sprint("user", writer, "-", j)))
		if err != nil {
			return err
		}
		token, err := c.store.RevokeToken(ctx, revoke.IDOf(fmt.Sprint("token", writer, "-", j)), start().Add(day))
		if err != nil {
			return err
		}
		*made = append(append(*made, entries...), token)
	}
	return nil
}

// racePrune prunes while sessions are made and ended: what is not over stays.
func (c sessions) racePrune(ctx context.Context) {
	const writers, each = 4, 10
	late := start().Add(1000 * day)
	errs := race(2*writers, func(i int) error {
		for j := range each {
			if i < writers {
				if _, err := c.store.Prune(ctx, late); err != nil {
					return err
				}
				continue
			}
			s := newSession(fmt.Sprint("user", i))
			s.IdleUntil, s.ExpiresAt, s.AccessUntil = late.Add(day), late.Add(day), late.Add(day)
			if err := c.store.CreateSession(ctx, s); err != nil {
				return err
			}
			if j%2 == 0 {
				if _, err := c.store.EndSessions(ctx, ending(s)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	all(c.T, errs)
	for i := range writers {
		live, err := c.store.SessionsByUser(ctx, fmt.Sprint("user", writers+i), late)
		must(c.T, "sessions by user", err)
		if len(live) != each/2 {
			c.Errorf("%d sessions are left, want %d", len(live), each/2)
		}
	}
	if entries := c.feed(ctx); len(entries) != writers*each/2 {
		c.Errorf("%d entries are left, want %d", len(entries), writers*each/2)
	}
}
