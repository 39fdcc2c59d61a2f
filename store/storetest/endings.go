package storetest

import (
	"context"
	"slices"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

func endingCases() []named[sessions] {
	return []named[sessions]{
		{"end the sessions that are meant", sessions.endMeant},
		{"end what is over by time", sessions.endOver},
		{"end nothing", sessions.endNothing},
		{"end with a revocation only while it is needed", sessions.endNeeded},
	}
}

// pageSize is how many entries the suite reads at once.
const pageSize = 50

// feed returns all revocations, and ends the test if their numbers do not grow.
func (c sessions) feed(ctx context.Context) []revoke.Entry {
	c.Helper()
	return c.feedBehind(ctx, 0)
}

// feedBehind returns all revocations but the first known ones.
func (c sessions) feedBehind(ctx context.Context, known int) []revoke.Entry {
	c.Helper()
	var f follower
	must(c.T, "revocations", f.catchUp(ctx, c.store))
	return f.seen[min(known, len(f.seen)):]
}

// end ends sessions and fails the test unless the entries that come back are those in the feed behind the last one, and are
// those of want in any order.
func (c sessions) end(ctx context.Context, e jeton.Ending, want ...*jeton.Session) []revoke.Entry {
	c.Helper()
	before := c.feed(ctx)
	made, err := c.store.EndSessions(ctx, e)
	must(c.T, "end sessions", err)
	var wanted []revoke.Entry
	for _, session := range want {
		wanted = append(wanted, revocation(session, e))
	}
	c.sameEntries("returned", made, wanted)
	c.sameEntries("in the feed", c.feedBehind(ctx, len(before)), made)
	return made
}

// sameEntries fails the test unless got and want are the same in any order; numbers only count where want has some.
func (c sessions) sameEntries(what string, got, want []revoke.Entry) {
	c.Helper()
	if len(got) != len(want) {
		c.Errorf("%d entries %s, want %d", len(got), what, len(want))
		return
	}
	for _, entry := range want {
		if !slices.ContainsFunc(got, func(g revoke.Entry) bool {
			return sameEntry(g, entry) && (entry.Number == 0 || g.Number == entry.Number)
		}) {
			c.Errorf("no entry %s is number %d, %x until %v", what, entry.Number, entry.ID[:4], entry.ExpiresAt)
		}
	}
}

func (c sessions) endMeant(ctx context.Context) {
	for name, test := range map[string]struct {
		ending func(one, two, gone, other *jeton.Session) jeton.Ending
		ends   []int // indices among the four
	}{
		"one": {func(one, _, _, _ *jeton.Session) jeton.Ending { return jeton.Ending{SessionID: one.ID} }, []int{0}},
		"one of the user": {func(one, _, _, _ *jeton.Session) jeton.Ending {
			return jeton.Ending{SessionID: one.ID, UserID: one.UserID}
		}, []int{0}},
		"one of another user": {func(one, _, _, other *jeton.Session) jeton.Ending {
			return jeton.Ending{SessionID: one.ID, UserID: other.UserID}
		}, nil},
		"all": {func(one, _, _, _ *jeton.Session) jeton.Ending { return jeton.Ending{UserID: one.UserID} }, []int{0, 1}},
		"all other": {func(one, two, _, _ *jeton.Session) jeton.Ending {
			return jeton.Ending{UserID: one.UserID, Except: two.ID}
		}, []int{0}},
		"all, except one of somebody else": {func(one, _, _, other *jeton.Session) jeton.Ending {
			return jeton.Ending{UserID: one.UserID, Except: other.ID}
		}, []int{0, 1}},
		"one, except itself": {func(one, _, _, _ *jeton.Session) jeton.Ending {
			return jeton.Ending{SessionID: one.ID, Except: one.ID}
		}, nil},
		"one that was ended": {func(_, _, gone, _ *jeton.Session) jeton.Ending { return jeton.Ending{SessionID: gone.ID} }, nil},
	} {
		user := newUser().ID
		four := []*jeton.Session{newSession(user), newSession(user), newSession(user), newSession(user + "2")}
		four[2].EndedAt, four[2].EndReason = start(), "before"
		for _, session := range four {
			c.create(ctx, session)
		}
		e := test.ending(four[0], four[1], four[2], four[3])
		e.At, e.Reason, e.RevokeUntil = start().Add(time.Minute), "ende "+name, grace
		var meant []*jeton.Session
		for _, i := range test.ends {
			meant = append(meant, four[i])
			four[i] = ended(four[i], e)
		}
		c.end(ctx, e, meant...)
		for _, session := range four {
			c.stays(ctx, session)
		}
		c.end(ctx, e) // again: nothing is left to end
	}
}

func (c sessions) endOver(ctx context.Context) {
	s := newSession("user")
	s.IdleUntil, s.ExpiresAt = start().Add(time.Second), start().Add(2*time.Second)
	c.create(ctx, s)
	e := endingAll("user")
	c.end(ctx, e, s)
	c.stays(ctx, ended(s, e))
}

func (c sessions) endNothing(ctx context.Context) {
	s := c.create(ctx, newSession("user"))
	anonymous := c.create(ctx, newSession(""))
	at := start().Add(time.Minute)
	c.end(ctx, jeton.Ending{SessionID: "none", At: at, RevokeUntil: grace})
	c.end(ctx, jeton.Ending{UserID: "nobody", At: at, RevokeUntil: grace})
	// Neither is set: whatever the error is, nobody is signed out.
	made, err := c.store.EndSessions(ctx, jeton.Ending{At: at, RevokeUntil: grace})
	if len(made) != 0 {
		c.Errorf("ending nobody's session made %d entries (error %v)", len(made), err)
	}
	c.stays(ctx, s)
	c.stays(ctx, anonymous)
	if entries := c.feed(ctx); len(entries) != 0 {
		c.Errorf("%d revocations without an end", len(entries))
	}
}

func (c sessions) endNeeded(ctx context.Context) {
	at := start().Add(time.Hour)
	for name, test := range map[string]struct {
		accessUntil time.Time
		revokeUntil time.Duration
		needed      bool
	}{
		"access token lives":             {at.Add(time.Minute), grace, true},
		"access token lives, no grace":   {at.Add(time.Millisecond), 0, true},
		"expired within the grace":       {at.Add(-grace + time.Millisecond), grace, true},
		"expires now, no grace":          {at, 0, false},
		"grace ends now":                 {at.Add(-grace), grace, false},
		"expired long ago":               {at.Add(-day), grace, false},
		"no access token was given out":  {time.Time{}, grace, false},
		"long access token, short grace": {at.Add(365 * day), time.Millisecond, true},
	} {
		s := newSession("user-" + name)
		s.AccessUntil = test.accessUntil
		c.create(ctx, s)
		e := jeton.Ending{SessionID: s.ID, At: at, Reason: "signed-out", RevokeUntil: test.revokeUntil}
		if test.needed {
			c.end(ctx, e, s)
		} else {
			c.end(ctx, e)
		}
		c.stays(ctx, ended(s, e))
	}
}
