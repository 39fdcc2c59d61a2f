package storetest

import (
	"context"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

func sessionAliasCases() []named[sessions] {
	return []named[sessions]{
		{"aliasing: what is given", sessions.aliasGiven},
		{"aliasing: what is returned", sessions.aliasReturned},
		{"aliasing: entries", sessions.aliasEntries},
	}
}

func (c users) aliasGiven(ctx context.Context) {
	u := newUser()
	want := u.Clone()
	want.ID = c.create(ctx, u).ID
	scribbleUser(u)
	c.stays(ctx, want)

	name, email, key, roles, disabled := "Ada", "Ada@x.org", "ada@x.org", []string{"one", "two"}, true
	want.Name, want.Email, want.EmailKey, want.Disabled = name, email, key, disabled
	want.Roles = []string{"one", "two"}
	got, err := c.store.UpdateUser(ctx, want.ID, jeton.UserChange{
		Name: &name, Email: &email, EmailKey: &key, Roles: &roles, Disabled: &disabled, UpdatedAt: want.UpdatedAt,
	})
	must(c.T, "update user", err)
	same(c.T, got, want)
	name, email, key, disabled = "x", "x", "x", false
	roles[0], roles[1] = "admin", "admin"
	same(c.T, got, want)
	c.stays(ctx, want)
}

func (c users) aliasReturned(ctx context.Context) {
	u := c.create(ctx, newUser())
	want := u.Clone()
	byID, err := c.store.UserByID(ctx, u.ID)
	must(c.T, "user by id", err)
	scribbleUser(byID)
	c.stays(ctx, want)
	byEmail, err := c.store.UserByEmail(ctx, u.EmailKey)
	must(c.T, "user by e-mail", err)
	scribbleUser(byEmail)
	c.stays(ctx, want)
	updated, err := c.store.UpdateUser(ctx, u.ID, jeton.UserChange{UpdatedAt: u.UpdatedAt})
	must(c.T, "update user", err)
	scribbleUser(updated)
	c.stays(ctx, want)
}

func scribbleUser(u *jeton.User) {
	for i := range u.Roles {
		u.Roles[i] = "admin"
	}
	_ = append(u.Roles[:0], "admin")
	*u = jeton.User{ID: "scribbled", Roles: u.Roles}
}

func (c sessions) aliasGiven(ctx context.Context) {
	s := newSession("user")
	s.Advances = []time.Time{start(), start()}
	want := s.Clone()
	c.create(ctx, s)
	scribbleSession(s)
	c.stays(ctx, want)
	c.listed(ctx, "user", start(), want)
}

func (c sessions) aliasReturned(ctx context.Context) {
	s := newSession("user")
	s.Advances = []time.Time{start(), start()}
	want := s.Clone()
	c.create(ctx, s)
	scribbleSession(c.read(ctx, want.ID))
	c.stays(ctx, want)
	list, err := c.store.SessionsByUser(ctx, "user", start())
	must(c.T, "sessions by user", err)
	for i := range list {
		scribbleSession(list[i])
		list[i] = nil
	}
	c.listed(ctx, "user", start(), want)
	before := c.read(ctx, want.ID)
	a := newAdvance(want, time.Hour)
	must(c.T, "advance", c.store.AdvanceSession(ctx, a))
	same(c.T, before, want)
	c.stays(ctx, advanced(want, a))
}

func scribbleSession(s *jeton.Session) {
	clear(s.Methods)
	clear(s.Scopes)
	clear(s.Advances)
	*s = jeton.Session{ID: "scribbled", Advances: append(s.Advances[:0], start().Add(day))}
}

func (c sessions) aliasEntries(ctx context.Context) {
	s, other := c.create(ctx, newSession("user")), c.create(ctx, newSession("user"))
	e := endingAll("user")
	want := []revoke.Entry{revocation(s, e), revocation(other, e)}
	made, err := c.store.EndSessions(ctx, e)
	must(c.T, "end sessions", err)
	clear(made)
	c.sameEntries("in the feed", c.feed(ctx), want)
	read, err := c.store.Revocations(ctx, 0, 10)
	must(c.T, "revocations", err)
	_ = append(read[:1], revoke.Entry{Number: 99})
	clear(read)
	c.sameEntries("in the feed", c.feed(ctx), want)
}
