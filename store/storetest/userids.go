package storetest

import (
	"context"

	"github.com/jetonauth/jeton"
)

// createAs creates a user that asks for this id.
func (c users) createAs(ctx context.Context, id string) *jeton.User {
	c.Helper()
	u := newUser()
	u.ID = id
	return c.create(ctx, u)
}

// keepsIDs creates a user, and reports whether it has got the id that it asked for.
func (c users) keepsIDs(ctx context.Context) bool {
	c.Helper()
	u := newUser()
	asked := u.ID
	return c.create(ctx, u).ID == asked
}

// needsIDs skips the test unless users get the ids that they ask for. It asks the store of the test, whichever tests ran before.
func (c users) needsIDs(ctx context.Context) {
	c.Helper()
	if !c.keepsIDs(ctx) {
		c.Skip("jeton.UserStore: CreateUser has set u.ID, as a table does that makes its ids itself: no two users get the id that they ask for")
	}
}

// oneID asks twice for ids of several forms, of which a store may keep some: whoever gets an id is the only one, and is found under no other.
func (c users) oneID(ctx context.Context) {
	owners := map[string]bool{}
	for _, id := range []string{
		newUser().ID, "one", "736251904", "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", "507f1f77bcf86cd799439011",
	} {
		first, second := c.createAs(ctx, id), newUser()
		second.ID = id
		err := c.store.CreateUser(ctx, second)
		if first.ID == id {
			wantError(c.T, "create user with the id of another", err, jeton.ErrConflict)
			_, err = c.store.UserByEmail(ctx, second.EmailKey)
			wantError(c.T, "user by e-mail", err, jeton.ErrNotFound)
			c.stays(ctx, first)
			continue
		}
		must(c.T, "create user with an id that was not kept", err)
		_, err = c.store.UserByID(ctx, id)
		wantError(c.T, "user by the id that was not kept", err, jeton.ErrNotFound)
		for _, u := range []*jeton.User{first, second} {
			c.stays(ctx, u)
			c.owns(owners, u)
		}
	}
}

// owns fails the test if u has no id or that of another owner.
func (c users) owns(owners map[string]bool, u *jeton.User) {
	c.Helper()
	if u.ID == "" || owners[u.ID] {
		c.Errorf("a user has got the id %q, want one that nobody else has or had", u.ID)
	}
	owners[u.ID] = true
}

// newIDs deletes the last user, and then all of them: neither makes an id free.
func (c users) newIDs(ctx context.Context) {
	owners := map[string]bool{}
	create := func() *jeton.User {
		u := c.create(ctx, newUser())
		c.owns(owners, u)
		return u
	}
	remove := func(u *jeton.User) { must(c.T, "delete user", c.store.DeleteUser(ctx, u.ID)) }
	first, last := create(), create()
	remove(last)
	next := create()
	c.gone(ctx, last.ID, last.EmailKey)
	remove(first)
	remove(next)
	c.stays(ctx, create())
	c.gone(ctx, next.ID, next.EmailKey)
}

func (c users) raceCreateMany(ctx context.Context) {
	list, owners := newUsers(rivals), map[string]bool{}
	all(c.T, race(rivals, func(i int) error { return c.store.CreateUser(ctx, list[i]) }))
	for _, u := range list {
		c.owns(owners, u)
	}
	for _, u := range list {
		c.stays(ctx, u)
	}
}
