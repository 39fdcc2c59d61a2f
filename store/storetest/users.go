package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// users is one subtest over a store of users.
type users struct {
	*testing.T
	store jeton.UserStore
}

func userCases() []named[users] {
	return []named[users]{
		{"every field comes back", users.everyField},
		{"a missing user is not found", users.missing},
		{"an address is unique", users.uniqueEmail},
		{"an id is unique", users.uniqueID},
		{"no address is not unique", users.noEmail},
		{"ids and addresses are compared exactly", users.exact},
		{"an id is one user's", users.oneID},
		{"an id is never used again", users.newIDs},
		{"update sets what it names", users.update},
		{"update to an address that is taken", users.updateTaken},
		{"update frees the old address", users.updateFrees},
		{"update takes the address away", users.updateNoEmail},
		{"set password compares", users.setPassword},
		{"set password keeps the time of an upgrade", users.upgradePassword},
		{"delete frees the address", users.deleteFrees},
		{"contention: create with one address", users.raceCreate},
		{"contention: create with one id", users.raceCreateID},
		{"contention: create many", users.raceCreateMany},
		{"contention: update to one address", users.raceEmail},
		{"contention: set password", users.racePassword},
		{"contention: changes of different fields", users.raceFields},
		{"contention: delete", users.raceDelete},
		{"cancellation: nothing changes", users.cancelled},
		{"cancellation: whole operations only", users.cancelledInside},
		{"aliasing: what is given", users.aliasGiven},
		{"aliasing: what is returned", users.aliasReturned},
	}
}

// create adds u and returns it.
func (c users) create(ctx context.Context, u *jeton.User) *jeton.User {
	c.Helper()
	must(c.T, "create user", c.store.CreateUser(ctx, u))
	return u
}

// stays fails the test unless the store has exactly want under its id and its address.
func (c users) stays(ctx context.Context, want *jeton.User) {
	c.Helper()
	got, err := c.store.UserByID(ctx, want.ID)
	must(c.T, "user by id", err)
	same(c.T, got, want)
	if want.EmailKey == "" {
		return
	}
	got, err = c.store.UserByEmail(ctx, want.EmailKey)
	must(c.T, "user by e-mail", err)
	same(c.T, got, want)
}

// gone fails the test if the store finds a user by this id or address.
func (c users) gone(ctx context.Context, id, emailKey string) {
	c.Helper()
	_, err := c.store.UserByID(ctx, id)
	wantError(c.T, "user by id", err, jeton.ErrNotFound)
	_, err = c.store.UserByEmail(ctx, emailKey)
	wantError(c.T, "user by e-mail", err, jeton.ErrNotFound)
}

func (c users) everyField(ctx context.Context) {
	with := func(set func(u *jeton.User)) *jeton.User {
		u := newUser()
		set(u)
		return u
	}
	far := time.FixedZone("far", 13*60*60+30*60)
	samples := []*jeton.User{
		newUser(),
		{ID: newUser().ID},
		with(func(u *jeton.User) { u.Disabled = true }),
		with(func(u *jeton.User) { u.Roles = []string{} }),
		with(func(u *jeton.User) { u.Roles = []string{"r"} }),
		with(func(u *jeton.User) {
			u.Roles = []string{"null", "[x]", "{}", "it's", "NULL", "%", "r", "r"}
		}),
		with(func(u *jeton.User) { u.Email, u.EmailKey = "Ünï@Exämple.com", "ünï@xn--exmple-cua.com" }),
		with(func(u *jeton.User) { u.Name = "🦊 'O”Neil\"\n\t\\ \u202eمرحبا" }),
		with(func(u *jeton.User) { u.PasswordHash, u.PasswordChangedAt = "", time.Time{} }),
		with(func(u *jeton.User) { u.CreatedAt, u.UpdatedAt = start().In(far), start().Add(time.Millisecond).In(far) }),
	}
	for _, u := range samples {
		c.create(ctx, u)
	}
	for _, u := range samples {
		c.stays(ctx, u)
	}
}

func (c users) missing(ctx context.Context) {
	c.create(ctx, newUser())
	c.gone(ctx, "nobody", "nobody@example.com")
	_, err := c.store.UpdateUser(ctx, "nobody", jeton.UserChange{Name: new("x"), UpdatedAt: start()})
	wantError(c.T, "update user", err, jeton.ErrNotFound)
	wantError(c.T, "set password", c.store.SetPassword(ctx, "nobody", jeton.PasswordChange{New: "x"}), jeton.ErrNotFound)
	wantError(c.T, "delete user", c.store.DeleteUser(ctx, "nobody"), jeton.ErrNotFound)
}

func (c users) uniqueEmail(ctx context.Context) {
	first, second := c.create(ctx, newUser()), newUser()
	second.EmailKey = first.EmailKey
	wantError(c.T, "create user", c.store.CreateUser(ctx, second), jeton.ErrEmailTaken)
	c.stays(ctx, first)
	_, err := c.store.UserByID(ctx, second.ID)
	wantError(c.T, "user by id", err, jeton.ErrNotFound)
}

func (c users) uniqueID(ctx context.Context) {
	c.needsIDs(ctx)
	first, second := c.create(ctx, newUser()), newUser()
	second.ID = first.ID
	wantError(c.T, "create user", c.store.CreateUser(ctx, second), jeton.ErrConflict)
	c.stays(ctx, first)
	_, err := c.store.UserByEmail(ctx, second.EmailKey)
	wantError(c.T, "user by e-mail", err, jeton.ErrNotFound)
}

func (c users) noEmail(ctx context.Context) {
	first, second := newUser(), newUser()
	for _, u := range []*jeton.User{first, second} {
		u.Email, u.EmailKey = "", ""
		c.create(ctx, u)
	}
	c.stays(ctx, first)
	c.stays(ctx, second)
	_, err := c.store.UserByEmail(ctx, "")
	wantError(c.T, "user by the empty address", err, jeton.ErrNotFound)
}

func (c users) exact(ctx context.Context) {
	for _, pair := range []struct{ id, emailKey string }{
		{"AbC-1", "rene@example.com"}, {"aBc-1", "rené@example.com"}, {"ABC-1 ", "rene@example.com.au"}, {"ABC_1", "ren_@example.com"},
	} {
		u := newUser()
		u.ID, u.EmailKey = pair.id, pair.emailKey
		c.create(ctx, u)
		for _, near := range []string{"0" + u.ID, "+" + u.ID, " " + u.ID, u.ID + " ", u.ID + ".0", u.ID + "x"} {
			_, err := c.store.UserByID(ctx, near)
			wantError(c.T, fmt.Sprintf("user by id %q instead of %q", near, u.ID), err, jeton.ErrNotFound)
			wantError(c.T, fmt.Sprintf("delete %q instead of %q", near, u.ID), c.store.DeleteUser(ctx, near), jeton.ErrNotFound)
		}
		c.stays(ctx, u)
	}
	c.gone(ctx, "abc-1", "ren%@example.com")
}

func (c users) update(ctx context.Context) {
	bystander := c.create(ctx, newUser())
	later := start().Add(time.Hour)
	for name, test := range map[string]struct {
		change jeton.UserChange
		set    func(u *jeton.User)
	}{
		"nothing":  {jeton.UserChange{}, func(*jeton.User) {}},
		"name":     {jeton.UserChange{Name: new("Ada")}, func(u *jeton.User) { u.Name = "Ada" }},
		"no name":  {jeton.UserChange{Name: new("")}, func(u *jeton.User) { u.Name = "" }},
		"roles":    {jeton.UserChange{Roles: &[]string{"admin", "a:b/*"}}, func(u *jeton.User) { u.Roles = []string{"admin", "a:b/*"} }},
		"no roles": {jeton.UserChange{Roles: new([]string)}, func(u *jeton.User) { u.Roles = nil }},
		"disabled": {jeton.UserChange{Disabled: new(true)}, func(u *jeton.User) { u.Disabled = true }},
		"address": {
			jeton.UserChange{Email: new("New@x.org"), EmailKey: new("new@x.org")},
			func(u *jeton.User) { u.Email, u.EmailKey = "New@x.org", "new@x.org" },
		},
		"all": {
			jeton.UserChange{
				Name: new("B"), Email: new("B@x.org"), EmailKey: new("b@x.org"), Roles: &[]string{"r"}, Disabled: new(true),
			},
			func(u *jeton.User) {
				u.Name, u.Email, u.EmailKey, u.Roles, u.Disabled = "B", "B@x.org", "b@x.org", []string{"r"}, true
			},
		},
	} {
		want := c.create(ctx, newUser())
		test.set(want)
		want.UpdatedAt, test.change.UpdatedAt = later, later
		got, err := c.store.UpdateUser(ctx, want.ID, test.change)
		must(c.T, "update "+name, err)
		same(c.T, got, want)
		c.stays(ctx, want)
	}
	c.stays(ctx, bystander)
}

func (c users) updateTaken(ctx context.Context) {
	first, second := c.create(ctx, newUser()), c.create(ctx, newUser())
	change := jeton.UserChange{
		Name: new("x"), Email: new(first.Email), EmailKey: new(first.EmailKey), UpdatedAt: start().Add(time.Hour),
	}
	_, err := c.store.UpdateUser(ctx, second.ID, change)
	wantError(c.T, "update to a taken address", err, jeton.ErrEmailTaken)
	c.stays(ctx, first)
	c.stays(ctx, second)

	got, err := c.store.UpdateUser(ctx, first.ID, change)
	must(c.T, "update to one's own address", err)
	first.Name, first.UpdatedAt = "x", change.UpdatedAt
	same(c.T, got, first)
}

func (c users) updateFrees(ctx context.Context) {
	u, next := c.create(ctx, newUser()), newUser()
	next.EmailKey = u.EmailKey
	u.EmailKey = "moved@example.com"
	_, err := c.store.UpdateUser(ctx, u.ID, jeton.UserChange{EmailKey: &u.EmailKey, UpdatedAt: u.UpdatedAt})
	must(c.T, "update user", err)
	_, err = c.store.UserByEmail(ctx, next.EmailKey)
	wantError(c.T, "user by the old address", err, jeton.ErrNotFound)
	c.create(ctx, next)
	c.stays(ctx, u)
	c.stays(ctx, next)
}

func (c users) updateNoEmail(ctx context.Context) {
	for range 2 {
		u := c.create(ctx, newUser())
		_, err := c.store.UpdateUser(ctx, u.ID, jeton.UserChange{Email: new(""), EmailKey: new(""), UpdatedAt: u.UpdatedAt})
		must(c.T, "update to no address", err)
		_, err = c.store.UserByEmail(ctx, u.EmailKey)
		wantError(c.T, "user by the old address", err, jeton.ErrNotFound)
		u.Email, u.EmailKey = "", ""
		c.stays(ctx, u)
	}
}

func (c users) setPassword(ctx context.Context) {
	u, bystander := c.create(ctx, newUser()), c.create(ctx, newUser())
	for _, wrong := range []string{"", "other", u.PasswordHash + " ", bystander.PasswordHash} {
		change := jeton.PasswordChange{Old: wrong, New: "new", ChangedAt: start()}
		wantError(c.T, "set password over "+wrong, c.store.SetPassword(ctx, u.ID, change), jeton.ErrConflict)
		c.stays(ctx, u)
	}
	for i, next := range []string{"second", "third", "", "fourth"} {
		at := start().Add(time.Duration(i) * time.Hour)
		change := jeton.PasswordChange{Old: u.PasswordHash, New: next, ChangedAt: at}
		must(c.T, "set password", c.store.SetPassword(ctx, u.ID, change))
		got, err := c.store.UserByID(ctx, u.ID)
		must(c.T, "user by id", err)
		u.PasswordHash, u.PasswordChangedAt, u.UpdatedAt = next, at, got.UpdatedAt
		same(c.T, got, u)
	}
	c.stays(ctx, bystander)
}

func (c users) upgradePassword(ctx context.Context) {
	never := newUser()
	never.PasswordChangedAt = time.Time{}
	for _, u := range []*jeton.User{c.create(ctx, newUser()), c.create(ctx, never)} {
		must(c.T, "set password", c.store.SetPassword(ctx, u.ID, jeton.PasswordChange{Old: u.PasswordHash, New: "upgraded"}))
		got, err := c.store.UserByID(ctx, u.ID)
		must(c.T, "user by id", err)
		u.PasswordHash, u.UpdatedAt = "upgraded", got.UpdatedAt
		same(c.T, got, u)
	}
}

func (c users) deleteFrees(ctx context.Context) {
	u, bystander := c.create(ctx, newUser()), c.create(ctx, newUser())
	must(c.T, "delete user", c.store.DeleteUser(ctx, u.ID))
	c.gone(ctx, u.ID, u.EmailKey)
	wantError(c.T, "delete again", c.store.DeleteUser(ctx, u.ID), jeton.ErrNotFound)
	next := newUser()
	next.EmailKey = u.EmailKey
	c.create(ctx, next)
	c.stays(ctx, next)
	c.stays(ctx, bystander)
}
