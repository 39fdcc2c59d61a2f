package jeton_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/password"
)

// oddUsers is a table of users that cannot do everything. What is nil is as ever.
type oddUsers struct {
	jeton.UserStore
	change             func(*jeton.User) // what is found by its id
	set                func()            // happens before a password is set
	read, find, remove error
}

func (o *oddUsers) install(c *jeton.Config) {
	o.UserStore = c.Store
	c.Users, c.Secret = o, masterKey
}

func (o *oddUsers) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	if o.read != nil {
		return nil, o.read
	}
	u, err := o.UserStore.UserByID(ctx, id)
	if err == nil && o.change != nil {
		o.change(u)
	}
	return u, err
}

func (o *oddUsers) UserByEmail(ctx context.Context, key string) (*jeton.User, error) {
	if o.find != nil {
		return nil, o.find
	}
	return o.UserStore.UserByEmail(ctx, key)
}

func (o *oddUsers) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	if o.set != nil {
		o.set()
	}
	return o.UserStore.SetPassword(ctx, id, change)
}

func (o *oddUsers) DeleteUser(ctx context.Context, id string) error {
	if o.remove != nil {
		return o.remove
	}
	return o.UserStore.DeleteUser(ctx, id)
}

// A table that is away does not say that an account has gone, even if its driver calls that "not found", and nothing is done for it.
func TestATableThatIsAwayDeletesNobody(t *testing.T) {
	t.Parallel()
	away := errors.Join(jeton.ErrUnavailable, jeton.ErrNotFound)
	for name, test := range map[string]struct {
		users  *oddUsers
		delete func(*service, *jeton.Principal) error
		want   error
	}{
		"the password cannot be checked": {&oddUsers{read: away}, func(s *service, p *jeton.Principal) error {
			return s.DeleteAccount(s.t.Context(), p, jeton.DeletionRequest{CurrentPassword: good})
		}, jeton.ErrUnavailable},
		"it cannot be deleted": {&oddUsers{remove: errBroken}, func(s *service, p *jeton.Principal) error {
			return s.DeleteAccount(s.t.Context(), p, jeton.DeletionRequest{CurrentPassword: good})
		}, errBroken},
		"an operator cannot delete it": {&oddUsers{remove: errBroken}, func(s *service, p *jeton.Principal) error {
			return s.RemoveUser(s.t.Context(), p.Subject())
		}, errBroken},
		"nobody knows whether it was there": {&oddUsers{remove: away}, func(s *service, p *jeton.Principal) error {
			return s.RemoveUser(s.t.Context(), p.Subject())
		}, jeton.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			users := &oddUsers{}
			s := newService(t, users.install)
			g := s.signUp(ada)
			users.read, users.remove = test.users.read, test.users.remove
			wantErr(t, "delete", test.delete(s, s.principal(g.AccessToken)), test.want)
			s.principal(g.AccessToken)
			if _, err := s.store.UserByID(t.Context(), g.User.ID); err != nil {
				t.Errorf("the account: %v", err)
			}
			if n := s.count(jeton.EventAccountDeleted); n != 0 {
				t.Errorf("%d audit events, want none", n)
			}
		})
	}
}

// An account whose e-mail address is unknown has no more guesses at its password than another one.
func TestTenFailuresAtAnAccountWithoutAnAddress(t *testing.T) {
	t.Parallel()
	users := &oddUsers{}
	s := newService(t, func(c *jeton.Config) {
		users.install(c)
		c.Limits = jeton.Limits{PerAddress: jeton.Limit{Count: 1000, Window: time.Minute}}
	})
	mine, other := s.signUp(ada), s.signUp("bob@example.com")
	users.change = func(u *jeton.User) { u.Email, u.EmailKey = "", "" }
	try := func(g *jeton.Grant, plain string) error {
		return s.DeleteAccount(t.Context(), s.principal(g.AccessToken), jeton.DeletionRequest{CurrentPassword: plain, Client: browser})
	}
	for range 10 {
		wantErr(t, "failure", try(mine, another), jeton.ErrInvalidCredentials)
	}
	wantLimited(t, "eleventh", try(mine, good), jeton.ErrRateLimited, 90*time.Second)
	if err := try(other, good); err != nil {
		t.Errorf("another account without one: %v", err)
	}
}

// Who may be exempt from a limit cannot be said while a store is away: that is no "too many".
func TestALimitWhileAStoreIsAway(t *testing.T) {
	t.Parallel()
	users := &oddUsers{}
	s := newService(t, func(c *jeton.Config) {
		users.install(c)
		c.Limits = jeton.Limits{PerAccount: jeton.Limit{Count: 1, Window: time.Hour}}
	})
	s.signUp(ada)
	_, err := s.signIn(ada, another, from(otherNet, "browser"))
	wantErr(t, "failure", err, jeton.ErrInvalidCredentials)
	users.find = jeton.ErrUnavailable
	_, err = s.signIn(ada, good, browser)
	if !errors.Is(err, jeton.ErrUnavailable) || errors.Is(err, jeton.ErrRateLimited) {
		t.Errorf("while the table is away: %v", err)
	}
	users.find = nil
	if _, err = s.signIn(ada, good, browser); err != nil {
		t.Errorf("then, from a known network: %v", err)
	}
}

// No session outlives a change of the password: while sessions cannot be ended, there is none.
func TestAPasswordIsNotChangedWhileSessionsCannotBeEnded(t *testing.T) {
	t.Parallel()
	sessions := &unending{}
	s := newService(t, sessions.install)
	g := s.signUp(ada)
	p := s.principal(g.AccessToken)
	sessions.err = errBroken
	for name, change := range map[string]func() error{
		"by its owner": func() error {
			return s.ChangePassword(t.Context(), p, jeton.ChangePasswordRequest{Current: good, New: another, Client: browser})
		},
		"by an operator": func() error { return s.SetPassword(t.Context(), p.Subject(), another) },
	} {
		wantErr(t, name, change(), errBroken)
		u, err := s.store.UserByID(t.Context(), p.Subject())
		if err != nil || u.PasswordHash != g.User.PasswordHash || !u.PasswordChangedAt.Equal(g.User.PasswordChangedAt) {
			t.Errorf("%s: the password was changed: %v, %v", name, u, err)
		}
	}
	if n := s.count(jeton.EventPasswordChanged); n != 0 {
		t.Errorf("%d audit events, want none", n)
	}
}

// The time of a change is what tells a sign-in that has checked the old password: it is the clock's, and never the same twice.
func TestWhenAPasswordWasChanged(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	id := s.signUp(ada).User.ID
	last := s.Now()
	for i, step := range []time.Duration{time.Minute, 0, time.Millisecond, -time.Hour, 2 * time.Hour} {
		s.advance(step)
		if err := s.SetPassword(t.Context(), id, another); err != nil {
			t.Fatal(err)
		}
		u, err := s.store.UserByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		want := s.Now()
		if !want.After(last) {
			want = last.Add(time.Millisecond)
		}
		if !u.PasswordChangedAt.Equal(want) {
			t.Errorf("change %d at %v: was changed at %v, want %v", i, s.Now(), u.PasswordChangedAt, want)
		}
		last = want
	}
}

// brokenHasher cannot hash while it has an error.
type brokenHasher struct {
	password.Hasher
	err error
}

func (h *brokenHasher) Hash(plain string) (string, error) {
	if h.err != nil {
		return "", h.err
	}
	return h.Hasher.Hash(plain)
}

// brokenPolicy cannot say which passwords are good.
type brokenPolicy struct{ err error }

func (p *brokenPolicy) Check(string, ...string) error { return p.err }

func TestPasswordsThatAreNotSet(t *testing.T) {
	t.Parallel()
	policy, hasher := &brokenPolicy{}, &brokenHasher{Hasher: cheap}
	s := newService(t, func(c *jeton.Config) { c.PasswordPolicy, c.Hasher = policy, hasher })
	g := s.signUp(ada)
	p := s.principal(g.AccessToken)
	policy.err = errBroken
	set := func() error { return s.SetPassword(t.Context(), g.User.ID, another) }
	change := func() error {
		return s.ChangePassword(t.Context(), p, jeton.ChangePasswordRequest{Current: good, New: another})
	}
	wantErr(t, "set, without a policy's answer", set(), errBroken)
	wantErr(t, "changed, without a policy's answer", change(), errBroken)
	policy.err, hasher.err = nil, errBroken
	wantErr(t, "set, without a hash", set(), errBroken)
	wantErr(t, "changed, without a hash", change(), errBroken)
	hasher.err = nil
	if _, err := s.signIn(ada, good, browser); err != nil {
		t.Errorf("the password is another one: %v", err)
	}
	s.principal(g.AccessToken)
	if err := s.store.DeleteUser(t.Context(), g.User.ID); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "changed, of nobody", change(), jeton.ErrNotFound)

	strict := newService(t, nil)
	g = strict.signUp(ada)
	wantFields(t, strict.SetPassword(t.Context(), g.User.ID, "short"), "/password too_short")
	strict.principal(g.AccessToken)
}

// Five minutes after a sign-in are still within the last five.
func TestHowLongASignInIsRecent(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	p := s.principal(g.AccessToken)
	s.advance(5 * time.Minute)
	if _, err := s.ChangeAccount(t.Context(), p, jeton.AccountChange{Email: new("countess@example.com")}); err != nil {
		t.Errorf("after 5 min: %v", err)
	}
	s.advance(time.Millisecond)
	wantErr(t, "later", s.DeleteAccount(t.Context(), p, jeton.DeletionRequest{}), jeton.ErrReauthenticate)
	if err := s.DeleteAccount(t.Context(), p, jeton.DeletionRequest{CurrentPassword: good}); err != nil {
		t.Error(err)
	}
	_, err := s.Verify(t.Context(), g.AccessToken)
	wantErr(t, "deleted", err, jwt.ErrRevoked)
}
