package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// stores is one subtest over a whole store.
type stores struct {
	*testing.T
	Harness
}

func storeCases() []named[stores] {
	return []named[stores]{
		{"an account and its sessions are kept apart", stores.apart},
		{"a later number is not seen before an earlier one", stores.commitOrder},
		{"what was acknowledged survives", stores.reopen},
		{"numbers go on after a restart", stores.reopenNumbers},
		{"unreachable", stores.unreachable},
	}
}

func (c stores) sessions() sessions { return sessions{c.T, c.Store} }

// apart proves that sessions need no account in the same store, since each part can be replaced alone.
func (c stores) apart(ctx context.Context) {
	u := newUser()
	before := c.sessions().create(ctx, newSession(u.ID))
	must(c.T, "create user", c.Store.CreateUser(ctx, u))
	during := c.sessions().create(ctx, newSession(u.ID))
	must(c.T, "delete user", c.Store.DeleteUser(ctx, u.ID))
	after := c.sessions().create(ctx, newSession(u.ID))
	c.sessions().stays(ctx, before)
	c.sessions().stays(ctx, during)
	c.sessions().stays(ctx, after)
}

// commitWait is how long a second writer may take to overtake a first one, which it must not.
const commitWait = 300 * time.Millisecond

// commitOrder begins one ending, lets a second writer try to be done first, and commits the first one then.
func (c stores) commitOrder(ctx context.Context) {
	if c.BeginEnding == nil {
		c.Skip("the store has no transactions, or none that can be held open")
	}
	var f follower
	for name, secondWriter := range map[string]func(s *jeton.Session) error{
		"a transaction": func(s *jeton.Session) error {
			commit, err := c.BeginEnding(ctx, ending(s))
			if err != nil {
				return err
			}
			return commit()
		},
		"EndSessions": func(s *jeton.Session) error { return second(c.Store.EndSessions(ctx, ending(s))) },
		"RevokeToken": func(s *jeton.Session) error {
			return second(c.Store.RevokeToken(ctx, revoke.IDOf(s.ID), s.AccessUntil.Add(grace)))
		},
	} {
		one, two := c.sessions().create(ctx, newSession("one")), c.sessions().create(ctx, newSession("two"))
		must(c.T, "follow", f.catchUp(ctx, c.Store))
		before := len(f.seen)

		commit, err := c.BeginEnding(ctx, ending(one))
		must(c.T, "begin ending", err)
		overtaking := make(chan error, 1)
		go func() { overtaking <- secondWriter(two) }()
		done, err := c.watch(ctx, &f, overtaking)
		if err != nil {
			c.Fatalf("while %s tries to commit first: %v", name, err)
		}
		must(c.T, "commit", commit())
		if !done {
			err = <-overtaking
		}
		must(c.T, name, err)

		must(c.T, "follow", f.catchUp(ctx, c.Store))
		c.sessions().sameEntries("followed, the second writer being "+name, f.seen[before:],
			[]revoke.Entry{revocation(one, ending(one)), revocation(two, ending(two))})
	}
}

// watch polls until the second writer is done, or has been tried for long enough. It reports whether it is done.
func (c stores) watch(ctx context.Context, f *follower, overtaking <-chan error) (done bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, commitWait)
	defer cancel()
	for !done {
		select {
		case err = <-overtaking:
			done = true
		default:
		}
		if err != nil {
			return done, err
		}
		// A store may let readers wait for the commit, so that running out of time is no failure.
		if pollErr := f.catchUp(ctx, c.Store); ctx.Err() != nil {
			break
		} else if pollErr != nil {
			return done, pollErr
		}
	}
	return done, nil
}

func (c stores) needs(present bool, what string) {
	c.Helper()
	if present {
		return
	}
	if _, ok := c.Store.(jeton.Ephemeral); !ok {
		c.Fatalf("Harness.%s: a store that keeps its data needs it", what)
	}
	c.Skip("the store forgets everything when the process ends")
}

// reopen writes something of everything, and reads it again after a restart.
func (c stores) reopen(ctx context.Context) {
	c.needs(c.Reopen != nil, "Reopen")
	u, deleted := newUser(), newUser()
	must(c.T, "create user", c.Store.CreateUser(ctx, u))
	must(c.T, "create user", c.Store.CreateUser(ctx, deleted))
	must(c.T, "delete user", c.Store.DeleteUser(ctx, deleted.ID))
	change := jeton.UserChange{Name: new("Ada"), Roles: &[]string{"x", "y"}, UpdatedAt: start().Add(day)}
	u, err := c.Store.UpdateUser(ctx, u.ID, change)
	must(c.T, "update user", err)
	password := jeton.PasswordChange{Old: u.PasswordHash, New: "new", ChangedAt: start().Add(day)}
	must(c.T, "set password", c.Store.SetPassword(ctx, u.ID, password))
	u, err = c.Store.UserByID(ctx, u.ID)
	must(c.T, "user by id", err)

	live, over := c.sessions().create(ctx, newSession(u.ID)), c.sessions().create(ctx, newSession(u.ID))
	a := newAdvance(live, time.Hour)
	must(c.T, "advance", c.Store.AdvanceSession(ctx, a))
	live = advanced(live, a)
	live.AccessUntil = start().Add(day)
	must(c.T, "extend access", c.Store.ExtendAccess(ctx, live.ID, live.AccessUntil))
	entries := c.sessions().end(ctx, ending(over), over)
	token, err := c.Store.RevokeToken(ctx, revoke.IDOf("token"), start().Add(day))
	must(c.T, "revoke token", err)

	key := newKey(1)
	must(c.T, "add key", c.Store.AddKey(ctx, key))
	key.RevokedAt = start().Add(day)
	must(c.T, "set times", c.Store.SetKeyTimes(ctx, key.ID, jeton.KeyTimes{ActivateAt: key.ActivateAt, RevokedAt: key.RevokedAt}))

	store, keepsClients := c.Store.(jeton.ServiceClientStore)
	if keepsClients {
		clients{c.T, store}.add(ctx, newClient("removed"))
		must(c.T, "remove service client", store.RemoveServiceClient(ctx, "removed"))
		clients{c.T, store}.add(ctx, newClient("client"))
	}

	c.Store = c.Reopen(c.T)
	users{c.T, c.Store}.stays(ctx, u)
	users{c.T, c.Store}.gone(ctx, deleted.ID, deleted.EmailKey)
	if next := (users{c.T, c.Store}).create(ctx, newUser()); next.ID == deleted.ID {
		c.Errorf("after a restart a user gets the id %q of one who was deleted", next.ID)
	}
	c.sessions().stays(ctx, live)
	c.sessions().stays(ctx, ended(over, ending(over)))
	c.sessions().sameEntries("after a restart", c.sessions().feed(ctx), append(entries, token))
	keys{c.T, c.Store}.are(ctx, key)
	if store, ok := c.Store.(jeton.ServiceClientStore); ok {
		clients{c.T, store}.are(ctx, newClient("client"))
	} else if keepsClients {
		c.Errorf("after a restart %T is no jeton.ServiceClientStore", c.Store)
	}
}

// reopenNumbers proves that numbers are not counted from what happens to be left.
func (c stores) reopenNumbers(ctx context.Context) {
	c.needs(c.Reopen != nil, "Reopen")
	var last revoke.Entry
	for i := range 3 {
		entry, err := c.Store.RevokeToken(ctx, revoke.IDOf(fmt.Sprint("token", i)), start())
		must(c.T, "revoke token", err)
		if entry.Number <= last.Number {
			c.Fatalf("after a restart entry %d comes behind entry %d", entry.Number, last.Number)
		}
		last = entry
		if i == 1 {
			c.sessions().prune(ctx, start().Add(day), 2)
		}
		c.Store = c.Reopen(c.T)
	}
}

func (c stores) unreachable(ctx context.Context) {
	c.needs(c.Unreachable != nil, "Unreachable")
	store := c.Unreachable(c.T)
	u, s, key := newUser(), newSession("user"), newKey(1)
	operations := append(userOperations(store, u), sessionOperations(store, s)...)
	operations = append(operations, keyOperations(store, key)...)
	for _, op := range append(operations, optionalOperations(store)...) {
		if err := op.call(ctx); !errors.Is(err, jeton.ErrUnavailable) {
			c.Errorf("%s: error is %v, want it to be %v", op.name, err, jeton.ErrUnavailable)
		}
	}
}
