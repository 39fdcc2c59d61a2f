package storetest

import (
	"context"
	"crypto/sha256"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// sessions is one subtest over a store of sessions and revocations.
type sessions struct {
	*testing.T
	store jeton.SessionStore
}

func sessionCases() []named[sessions] {
	return slices.Concat([]named[sessions]{
		{"every field comes back", sessions.everyField},
		{"every address comes back", sessions.everyAddress},
		{"a missing session is not found", sessions.missing},
		{"an id is unique", sessions.uniqueID},
		{"ids are compared exactly", sessions.exact},
		{"of a user, the latest used first", sessions.byUser},
		{"of a user, without those that are over", sessions.byUserLive},
		{"advance", sessions.advance},
		{"advance keeps the later end of access", sessions.advanceAccess},
		{"advance is refused", sessions.advanceRefused},
		{"extend access", sessions.extendAccess},
		{"extend access is refused", sessions.extendRefused},
	}, endingCases(), revocationCases(), pruneCases(), sessionRaceCases(), sessionCancellationCases(), sessionAliasCases())
}

// create adds session and returns it.
func (c sessions) create(ctx context.Context, session *jeton.Session) *jeton.Session {
	c.Helper()
	must(c.T, "create session", c.store.CreateSession(ctx, session))
	return session
}

// read returns the session with this id.
func (c sessions) read(ctx context.Context, id string) *jeton.Session {
	c.Helper()
	session, err := c.store.SessionByID(ctx, id)
	must(c.T, "session by id", err)
	return session
}

// stays fails the test unless the store has exactly want under its id.
func (c sessions) stays(ctx context.Context, want *jeton.Session) {
	c.Helper()
	same(c.T, c.read(ctx, want.ID), want)
}

func (c sessions) everyField(ctx context.Context) {
	for _, s := range oddSessions() {
		c.create(ctx, s)
		c.stays(ctx, s)
	}
}

// oddSessions returns sessions with whatever can be in their fields, each of a user of its own but for the first two.
func oddSessions() []*jeton.Session {
	with := func(set func(s *jeton.Session)) *jeton.Session {
		s := newSession("user-" + newUser().ID)
		set(s)
		return s
	}
	far := time.FixedZone("far", -9*60*60-30*60)
	odd := [sha256.Size]byte{0, 1, 127, 128, 255, '\'', '"', '\\', '\n', 0, 0xc3, 0x28, 31: 0}
	return []*jeton.Session{
		newSession("user"),
		{ID: "bare"},
		with(func(s *jeton.Session) { s.Kind, s.TagHash = jeton.Fixed, odd }),
		with(func(s *jeton.Session) { s.Kind, s.TagHash, s.SecretID = jeton.AccessOnly, [sha256.Size]byte{}, 0 }),
		with(func(s *jeton.Session) { s.SecretID, s.Generation = math.MaxUint32, math.MaxUint32 }),
		with(func(s *jeton.Session) { s.Methods, s.Scopes, s.Advances = []string{}, []string{}, []time.Time{} }),
		with(func(s *jeton.Session) { s.Methods, s.Scopes = []string{""}, []string{"a b", "ü", "", `"{,}"`, `\`} }),
		with(func(s *jeton.Session) { s.Profile, s.Strategy = "prófile 1", "Überweisung" }),
		with(func(s *jeton.Session) { s.EndedAt, s.EndReason = start().Add(time.Hour), "gestohlen 🦊'\"" }),
		with(func(s *jeton.Session) {
			s.IdleUntil, s.ExpiresAt, s.AccessUntil = time.Time{}, time.Time{}, time.Time{}
		}),
		with(func(s *jeton.Session) {
			s.Advances = []time.Time{start().Add(3), start().Add(2 * time.Second).In(far), start().Add(time.Millisecond), start()}
		}),
		with(func(s *jeton.Session) {
			s.AuthTime, s.CreatedAt, s.UsedAt = start().In(far), start().Add(time.Millisecond).In(far), start().Add(time.Hour).In(far)
			s.IdleUntil, s.ExpiresAt, s.AccessUntil = s.IdleUntil.In(far), s.ExpiresAt.In(far), s.AccessUntil.In(far)
		}),
	}
}

func (c sessions) everyAddress(ctx context.Context) {
	for _, address := range []string{
		"", "192.0.2.1", "0.0.0.0", "255.255.255.255", "2001:db8::1", "::", "::ffff:192.0.2.1", "fe80::1%eth0",
	} {
		for _, agent := range []string{"", "Mozilla/5.0 (X11; ü)", strings.Repeat("a", 255), strings.Repeat("x", 254) + "é"} {
			s := newSession("user")
			s.Client = jeton.Client{UserAgent: agent}
			if address != "" {
				s.Client.Address = netip.MustParseAddr(address)
			}
			c.create(ctx, s)
			c.stays(ctx, s)
			s = newSession("user")
			s.CreatedBy, s.Client = s.Client, jeton.Client{}
			c.create(ctx, s)
			c.stays(ctx, s)
		}
	}
}

func (c sessions) missing(ctx context.Context) {
	present := c.create(ctx, newSession("user"))
	missing := newSession("user")
	_, err := c.store.SessionByID(ctx, missing.ID)
	wantError(c.T, "session by id", err, jeton.ErrNotFound)
	_, err = c.store.SessionByID(ctx, "")
	wantError(c.T, "session by the empty id", err, jeton.ErrNotFound)
	wantError(c.T, "advance", c.store.AdvanceSession(ctx, newAdvance(missing, time.Minute)), jeton.ErrNotFound)
	wantError(c.T, "extend access", c.store.ExtendAccess(ctx, missing.ID, start()), jeton.ErrNotFound)
	found, err := c.store.SessionsByUser(ctx, "nobody", start())
	must(c.T, "sessions by user", err)
	if len(found) != 0 {
		c.Errorf("sessions of nobody: %v", found)
	}
	c.stays(ctx, present)
}

func (c sessions) uniqueID(ctx context.Context) {
	first, second := c.create(ctx, newSession("first")), newSession("second")
	second.ID = first.ID
	wantError(c.T, "create session", c.store.CreateSession(ctx, second), jeton.ErrConflict)
	c.stays(ctx, first)
	c.listed(ctx, "second", start())
}

func (c sessions) exact(ctx context.Context) {
	var made []*jeton.Session
	for _, id := range []string{"AbC-1", "aBc-1", "AbC_1", "AbC-1 ", "AbC-11"} {
		s := newSession("user-" + id)
		s.ID = id
		made = append(made, c.create(ctx, s))
	}
	for _, s := range made {
		c.stays(ctx, s)
		c.listed(ctx, s.UserID, start(), s)
	}
	_, err := c.store.SessionByID(ctx, "abc-1")
	wantError(c.T, "session by an id in other case", err, jeton.ErrNotFound)
}

// listed fails the test unless the sessions of a user at now are exactly want, in this order.
func (c sessions) listed(ctx context.Context, userID string, now time.Time, want ...*jeton.Session) {
	c.Helper()
	got, err := c.store.SessionsByUser(ctx, userID, now)
	must(c.T, "sessions by user", err)
	if len(got) != len(want) {
		c.Errorf("user has %d sessions: %v, want %d", len(got), got, len(want))
		return
	}
	for i := range want {
		same(c.T, got[i], want[i])
	}
}

func (c sessions) byUser(ctx context.Context) {
	c.create(ctx, newSession("other"))
	var want []*jeton.Session
	for _, used := range []time.Duration{3 * time.Hour, 0, 5 * time.Hour, time.Millisecond, 4 * time.Hour} {
		s := newSession("user")
		s.UsedAt = start().Add(used)
		want = append(want, c.create(ctx, s))
	}
	slices.SortFunc(want, func(a, b *jeton.Session) int { return b.UsedAt.Compare(a.UsedAt) })
	c.listed(ctx, "user", start(), want...)

	a := newAdvance(want[4], 6*time.Hour)
	must(c.T, "advance", c.store.AdvanceSession(ctx, a))
	c.listed(ctx, "user", start(), append([]*jeton.Session{advanced(want[4], a)}, want[:4]...)...)
}

func (c sessions) byUserLive(ctx context.Context) {
	now := start().Add(time.Hour)
	for _, test := range []struct {
		name                   string
		idle, expires, endedAt time.Time
		live                   bool
	}{
		{"alive", now.Add(time.Millisecond), now.Add(time.Millisecond), time.Time{}, true},
		{"idle for too long", now.Add(-time.Minute), now.Add(day), time.Time{}, false},
		{"idle until now", now, now.Add(day), time.Time{}, false},
		{"too old", now.Add(day), now.Add(-time.Minute), time.Time{}, false},
		{"expiring now", now.Add(day), now, time.Time{}, false},
		{"ended", now.Add(day), now.Add(day), now.Add(-time.Minute), false},
		{"ended in the future", now.Add(day), now.Add(day), now.Add(time.Minute), false},
	} {
		s := newSession(test.name)
		s.IdleUntil, s.ExpiresAt, s.EndedAt = test.idle, test.expires, test.endedAt
		c.create(ctx, s)
		c.stays(ctx, s)
		if test.live {
			c.listed(ctx, test.name, now, s)
		} else {
			c.listed(ctx, test.name, now)
		}
	}
}

func (c sessions) advance(ctx context.Context) {
	bystander := c.create(ctx, newSession("user"))
	s := c.create(ctx, newSession("user"))
	for i := range jeton.MaxAdvances + 3 {
		a := newAdvance(s, time.Duration(i+1)*time.Hour)
		must(c.T, "advance", c.store.AdvanceSession(ctx, a))
		s = advanced(s, a)
		c.stays(ctx, s)
	}
	c.stays(ctx, bystander)

	high := newSession("user")
	high.Generation = math.MaxUint32 - 1
	a := newAdvance(c.create(ctx, high), time.Hour)
	a.Client = jeton.Client{}
	must(c.T, "advance to the last generation", c.store.AdvanceSession(ctx, a))
	c.stays(ctx, advanced(high, a))
}

func (c sessions) advanceAccess(ctx context.Context) {
	for _, until := range []time.Duration{-day, 0, time.Millisecond, day} {
		s := c.create(ctx, newSession("user"))
		a := newAdvance(s, time.Hour)
		a.AccessUntil = s.AccessUntil.Add(until)
		must(c.T, "advance", c.store.AdvanceSession(ctx, a))
		c.stays(ctx, advanced(s, a))
	}
	s := c.create(ctx, newSession("user"))
	a := newAdvance(s, time.Hour)
	a.AccessUntil = time.Time{}
	must(c.T, "advance without access", c.store.AdvanceSession(ctx, a))
	c.stays(ctx, advanced(s, a))
}

func (c sessions) advanceRefused(ctx context.Context) {
	at5 := newSession("user")
	at5.Generation = 5
	c.create(ctx, at5)
	over := newSession("user")
	over.EndedAt, over.EndReason = start(), "signed-out"
	c.create(ctx, over)
	for _, test := range []struct {
		name string
		of   *jeton.Session
		set  func(a *jeton.Advance)
		want error
	}{
		{"an older generation", at5, func(a *jeton.Advance) { a.Generation = 4 }, jeton.ErrConflict},
		{"a newer generation", at5, func(a *jeton.Advance) { a.Generation = 6 }, jeton.ErrConflict},
		{"another tag", at5, func(a *jeton.Advance) { a.TagHash[31] ^= 1 }, jeton.ErrConflict},
		{"no tag", at5, func(a *jeton.Advance) { a.TagHash = [sha256.Size]byte{} }, jeton.ErrConflict},
		{"generation and tag", at5, func(a *jeton.Advance) { a.Generation, a.TagHash[0] = 4, a.TagHash[0]^1 }, jeton.ErrConflict},
		{"an ended session", over, func(*jeton.Advance) {}, jeton.ErrSessionEnded},
		{"an older generation of an ended session", over, func(a *jeton.Advance) { a.Generation = 9 }, jeton.ErrSessionEnded},
		{"a missing session", at5, func(a *jeton.Advance) { a.SessionID += "x" }, jeton.ErrNotFound},
	} {
		a := newAdvance(test.of, time.Hour)
		test.set(&a)
		wantError(c.T, test.name, c.store.AdvanceSession(ctx, a), test.want)
		c.stays(ctx, test.of)
	}
	must(c.T, "advance after refusals", c.store.AdvanceSession(ctx, newAdvance(at5, time.Hour)))
	wantError(c.T, "the same advance again", c.store.AdvanceSession(ctx, newAdvance(at5, time.Hour)), jeton.ErrConflict)
}

func (c sessions) extendAccess(ctx context.Context) {
	s, bystander := c.create(ctx, newSession("user")), c.create(ctx, newSession("user"))
	for _, test := range []struct{ until, want time.Duration }{
		{time.Hour, time.Hour},
		{time.Minute, time.Hour},
		{time.Hour, time.Hour},
		{day + time.Millisecond, day + time.Millisecond},
		{-day, day + time.Millisecond},
	} {
		must(c.T, "extend access", c.store.ExtendAccess(ctx, s.ID, start().Add(test.until)))
		s.AccessUntil = start().Add(test.want)
		c.stays(ctx, s)
	}
	must(c.T, "extend access to no time", c.store.ExtendAccess(ctx, s.ID, time.Time{}))
	c.stays(ctx, s)
	none := newSession("user")
	none.AccessUntil = time.Time{}
	c.create(ctx, none)
	must(c.T, "extend access for the first time", c.store.ExtendAccess(ctx, none.ID, start()))
	none.AccessUntil = start()
	c.stays(ctx, none)
	c.stays(ctx, bystander)
}

func (c sessions) extendRefused(ctx context.Context) {
	s := c.create(ctx, newSession("user"))
	e := ending(s)
	_, err := c.store.EndSessions(ctx, e)
	must(c.T, "end session", err)
	for _, until := range []time.Time{s.AccessUntil.Add(day), s.AccessUntil.Add(-time.Minute)} {
		wantError(c.T, "extend access of an ended session", c.store.ExtendAccess(ctx, s.ID, until), jeton.ErrSessionEnded)
	}
	wantError(c.T, "extend access of none", c.store.ExtendAccess(ctx, "none", start()), jeton.ErrNotFound)
	c.stays(ctx, ended(s, e))
}
