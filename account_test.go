package jeton_test

import (
	"context"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
)

func TestChangedPasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	mine := s.signUp(ada)
	other, err := s.signIn(ada, good, from(otherNet, "phone"))
	if err != nil {
		t.Fatal(err)
	}
	p := s.principal(mine.AccessToken)
	err = s.ChangePassword(t.Context(), p, jeton.ChangePasswordRequest{Current: another, New: another})
	wantErr(t, "wrong current password", err, jeton.ErrInvalidCredentials)
	err = s.ChangePassword(t.Context(), p, jeton.ChangePasswordRequest{Current: good, New: "short"})
	wantFields(t, err, "/new_password too_short")
	err = s.ChangePassword(t.Context(), p, jeton.ChangePasswordRequest{Current: good, New: another})
	if err != nil {
		t.Fatal(err)
	}
	s.principal(mine.AccessToken)
	if _, err := s.refresh(mine.RefreshToken, browser); err != nil {
		t.Errorf("own session: %v", err)
	}
	_, err = s.Verify(t.Context(), other.AccessToken)
	wantErr(t, "other session's access token", err, jwt.ErrRevoked)
	_, err = s.refresh(other.RefreshToken, browser)
	wantErr(t, "other session's refresh token", err, jeton.ErrInvalidGrant)
	_, err = s.signIn(ada, good, browser)
	wantErr(t, "old password", err, jeton.ErrInvalidCredentials)
	if _, err = s.signIn(ada, another, browser); err != nil {
		t.Errorf("new password: %v", err)
	}
}

// A sign-in that has checked the old password must not begin a session after the change.
func TestPasswordChangedWhileSigningIn(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*service, string) error{
		"password": func(s *service, id string) error { return s.SetPassword(s.t.Context(), id, another) },
		"disabled": func(s *service, id string) error { return s.SetDisabled(s.t.Context(), id, true) },
		"deleted":  func(s *service, id string) error { return s.RemoveUser(s.t.Context(), id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			race := &racingHasher{Hasher: cheap}
			s := newService(t, func(c *jeton.Config) { c.Hasher, c.ParallelHashes = race, 2 })
			g := s.signUp(ada)
			race.after = func() {
				race.after = nil
				if err := change(s, g.User.ID); err != nil {
					t.Error(err)
				}
			}
			_, err := s.signIn(ada, good, browser)
			wantErr(t, "sign in", err, jeton.ErrInvalidCredentials)
			sessions, err := s.Sessions(t.Context(), g.User.ID)
			if err != nil || len(sessions) != 0 {
				t.Errorf("sessions %v left, %v", sessions, err)
			}
		})
	}
}

func TestOperatorsEndSessions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do    func(*service, string) error
		event jeton.EventType // also why the sessions ended
	}{
		"password": {func(s *service, id string) error { return s.SetPassword(s.t.Context(), id, another) }, jeton.EventPasswordChanged},
		"roles":    {func(s *service, id string) error { return s.SetRoles(s.t.Context(), id, []string{"admin"}) }, jeton.EventRolesChanged},
		"disable":  {func(s *service, id string) error { return s.SetDisabled(s.t.Context(), id, true) }, jeton.EventAccountDisabled},
		"delete":   {func(s *service, id string) error { return s.RemoveUser(s.t.Context(), id) }, jeton.EventAccountDeleted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, nil)
			g := s.signUp(ada)
			if err := test.do(s, g.User.ID); err != nil {
				t.Fatal(err)
			}
			_, err := s.Verify(t.Context(), g.AccessToken)
			wantErr(t, "access token", err, jwt.ErrRevoked)
			_, err = s.refresh(g.RefreshToken, browser)
			wantErr(t, "refresh token", err, jeton.ErrInvalidGrant)
			if ended, err := s.store.SessionByID(t.Context(), g.Session.ID); err != nil || ended.EndReason != string(test.event) {
				t.Errorf("the session ended for %q, %v", ended.EndReason, err)
			}
			wantErr(t, "unknown user", test.do(s, "nobody"), jeton.ErrNotFound)
			if n := s.count(test.event); n != 1 {
				t.Errorf("%d events %s, want 1", n, test.event)
			}
		})
	}
}

func TestEnablingAnAccountEndsNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	if err := s.SetDisabled(t.Context(), g.User.ID, false); err != nil {
		t.Fatal(err)
	}
	s.principal(g.AccessToken)
	if _, err := s.refresh(g.RefreshToken, browser); err != nil {
		t.Errorf("refresh: %v", err)
	}
	if err := s.SetDisabled(t.Context(), g.User.ID, true); err != nil {
		t.Fatal(err)
	}
	_, err := s.signIn(ada, good, browser)
	wantErr(t, "disabled", err, jeton.ErrInvalidCredentials)
	if err := s.SetDisabled(t.Context(), g.User.ID, false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn(ada, good, browser); err != nil {
		t.Errorf("enabled again: %v", err)
	}
}

// upgrading is a store where somebody replaces the hash just before the password is set, as a sign-in does whose hash is out
// of date.
type upgrading struct {
	jeton.Store
	times int // that it still happens
}

func (u *upgrading) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	if u.times > 0 {
		u.times--
		upgraded, err := cheap.Hash(good)
		if err != nil {
			return err
		}
		if err := u.Store.SetPassword(ctx, id, jeton.PasswordChange{Old: change.Old, New: upgraded}); err != nil {
			return err
		}
	}
	return u.Store.SetPassword(ctx, id, change)
}

// A session that somebody begins with the old password, while it is changed, does not outlive that.
func TestSignInWhileThePasswordIsChanged(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*service, *jeton.Principal) error{
		"by an operator": func(s *service, p *jeton.Principal) error { return s.SetPassword(s.t.Context(), p.Subject(), another) },
		"by its owner": func(s *service, p *jeton.Principal) error {
			return s.ChangePassword(s.t.Context(), p, jeton.ChangePasswordRequest{Current: good, New: another, Client: browser})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			users, sessions := &oddUsers{}, &unending{}
			s := newService(t, func(c *jeton.Config) {
				users.install(c)
				sessions.SessionStore = c.Store
				c.Sessions = sessions
			})
			p := s.principal(s.signUp(ada).AccessToken)
			var late *jeton.Grant
			users.set = func() {
				var err error
				if late, err = s.signIn(ada, good, from(otherNet, "thief")); err != nil {
					t.Error(err)
				}
			}
			if err := change(s, p); err != nil {
				t.Fatal(err)
			}
			_, err := s.Verify(t.Context(), late.AccessToken)
			wantErr(t, "access token", err, jwt.ErrRevoked)
			_, err = s.refresh(late.RefreshToken, from(otherNet, "thief"))
			wantErr(t, "refresh token", err, jeton.ErrInvalidGrant)
			before, err := s.signIn(ada, another, browser)
			if err != nil {
				t.Fatal(err)
			}
			users.set = func() { sessions.err = errBroken }
			wantErr(t, "while a late one cannot be ended", s.SetPassword(t.Context(), p.Subject(), good), errBroken)
			_, err = s.Verify(t.Context(), before.AccessToken)
			wantErr(t, "of before", err, jwt.ErrRevoked)
		})
	}
}

// Whoever disables an account, or takes a role away, is told if that is not in force yet.
func TestOperatorsWhileSessionsCannotBeEnded(t *testing.T) {
	t.Parallel()
	sessions := &unending{}
	s := newService(t, sessions.install)
	g := s.signUp(ada)
	sessions.err = errBroken
	for range 2 { // the second time it is made good
		roles, disabled := s.SetRoles(t.Context(), g.User.ID, []string{"reader"}), s.SetDisabled(t.Context(), g.User.ID, true)
		wantErr(t, "roles", roles, sessions.err)
		wantErr(t, "disabled", disabled, sessions.err)
		sessions.err = nil
	}
	_, err := s.Verify(t.Context(), g.AccessToken)
	wantErr(t, "access token", err, jwt.ErrRevoked)
}

func TestHashUpgradedWhileThePasswordIsSet(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		times int
		set   func(*service, *jeton.Principal) error
		err   error
	}{
		"operator": {1, func(s *service, p *jeton.Principal) error { return s.SetPassword(s.t.Context(), p.Subject(), another) }, nil},
		"operator, twice": {
			2, func(s *service, p *jeton.Principal) error { return s.SetPassword(s.t.Context(), p.Subject(), another) }, jeton.ErrConflict,
		},
		"user": {1, func(s *service, p *jeton.Principal) error {
			return s.ChangePassword(s.t.Context(), p, jeton.ChangePasswordRequest{Current: good, New: another, Client: browser})
		}, jeton.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &upgrading{}
			s := newService(t, func(c *jeton.Config) {
				store.Store = c.Store
				c.Store, c.Secret = store, masterKey
			})
			p := s.principal(s.signUp(ada).AccessToken)
			store.times = test.times
			wantErr(t, "set", test.set(s, p), test.err)
			if store.times != 0 {
				t.Errorf("it was tried too seldom: %d upgrades left", store.times)
			}
			now, before := another, good
			if test.err != nil {
				now, before = before, now
			}
			if _, err := s.signIn(ada, now, browser); err != nil {
				t.Errorf("the password that holds now: %v", err)
			}
			_, err := s.signIn(ada, before, browser)
			wantErr(t, "the other one", err, jeton.ErrInvalidCredentials)
		})
	}
}

func TestRolesAreInTheToken(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	u, err := s.CreateUser(t.Context(), jeton.NewUser{Email: ada, Password: good, Roles: []string{"editor"}})
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.signIn(ada, good, browser)
	if err != nil {
		t.Fatal(err)
	}
	if p := s.principal(g.AccessToken); !p.HasRole("editor") || p.HasRole("admin") || p.HasRole("editor", "admin") {
		t.Errorf("roles %v", p.Roles())
	}
	wantFields(t, s.SetRoles(t.Context(), u.ID, []string{"a,b"}), "/roles invalid_role")
}

func TestChangeAccount(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	s.signUp("bob@example.com")
	p := s.principal(g.AccessToken)
	name, email, taken, none := "Countess", "countess@example.com", "BOB@example.com", "none"
	s.advance(time.Minute)
	u, err := s.ChangeAccount(t.Context(), p, jeton.AccountChange{Name: &name, Email: &email})
	if err != nil || u.Name != name || u.EmailKey != email || !u.UpdatedAt.Equal(s.Now()) {
		t.Fatalf("recent sign-in: %v, %v", u, err)
	}
	_, err = s.ChangeAccount(t.Context(), p, jeton.AccountChange{Name: new("Ada\nadmin"), Email: &none})
	wantFields(t, err, "/name invalid_name /email invalid_email")
	if kept, err := s.Account(t.Context(), g.User.ID); err != nil || kept.Name != name || kept.Email != email {
		t.Errorf("the account is %v, %v", kept, err)
	}
	_, err = s.ChangeAccount(t.Context(), p, jeton.AccountChange{Email: &taken})
	wantErr(t, "taken", err, jeton.ErrEmailTaken)
	_, err = s.ChangeAccount(t.Context(), p, jeton.AccountChange{Email: &none})
	wantFields(t, err, "/email invalid_email")
	s.advance(6 * time.Minute)
	_, err = s.ChangeAccount(t.Context(), p, jeton.AccountChange{Email: &taken})
	wantErr(t, "long after sign-in", err, jeton.ErrReauthenticate)
	back := ada
	if _, err = s.ChangeAccount(t.Context(), p, jeton.AccountChange{Email: &back, CurrentPassword: good}); err != nil {
		t.Errorf("with the password: %v", err)
	}
	if _, err = s.ChangeAccount(t.Context(), p, jeton.AccountChange{Name: &name}); err != nil {
		t.Errorf("the name needs no password: %v", err)
	}
}

func TestDeleteAccount(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	s.advance(6 * time.Minute)
	p := s.principal(g.AccessToken)
	err := s.DeleteAccount(t.Context(), p, jeton.DeletionRequest{})
	wantErr(t, "long after sign-in", err, jeton.ErrReauthenticate)
	if err := s.DeleteAccount(t.Context(), p, jeton.DeletionRequest{CurrentPassword: good}); err != nil {
		t.Fatal(err)
	}
	_, err = s.Verify(t.Context(), g.AccessToken)
	wantErr(t, "access token", err, jwt.ErrRevoked)
	if again := s.signUp(ada); again.User.ID == g.User.ID {
		t.Error("an id was used again")
	}
}

func TestSessionsList(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	first := s.signUp(ada)
	s.advance(time.Minute)
	second, err := s.signIn(ada, good, from(otherNet, "phone"))
	if err != nil {
		t.Fatal(err)
	}
	bob := s.signUp("bob@example.com")
	sessions, err := s.Sessions(t.Context(), first.User.ID)
	if err != nil || len(sessions) != 2 || sessions[0].ID != second.Session.ID || sessions[1].ID != first.Session.ID {
		t.Fatalf("sessions %v, %v", sessions, err)
	}
	if got := sessions[0].Client; got != from(otherNet, "phone") {
		t.Errorf("client %v", got)
	}
	err = s.EndSession(t.Context(), first.User.ID, bob.Session.ID, browser)
	wantErr(t, "somebody else's session", err, jeton.ErrNotFound)
	s.principal(bob.AccessToken)
	if err := s.EndSession(t.Context(), first.User.ID, second.Session.ID, browser); err != nil {
		t.Fatal(err)
	}
	_, err = s.Verify(t.Context(), second.AccessToken)
	wantErr(t, "ended session", err, jwt.ErrRevoked)
	if ended, err := s.store.SessionByID(t.Context(), second.Session.ID); err != nil || ended.EndReason != "ended_by_user" {
		t.Errorf("the session ended for %q, %v", ended.EndReason, err)
	}
	err = s.EndSession(t.Context(), first.User.ID, second.Session.ID, browser)
	wantErr(t, "ended twice", err, jeton.ErrNotFound)
	s.principal(first.AccessToken)
}

// An account that was deleted, and whose sessions could not be ended then, is deleted again until they are.
func TestDeletingAnAccountGoesOn(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(*service, *jeton.Principal) error{
		"by its password": func(s *service, p *jeton.Principal) error {
			return s.DeleteAccount(s.t.Context(), p, jeton.DeletionRequest{CurrentPassword: good})
		},
		"by an operator": func(s *service, p *jeton.Principal) error { return s.RemoveUser(s.t.Context(), p.Subject()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessions := &unending{err: jeton.ErrUnavailable}
			s := newService(t, func(c *jeton.Config) {
				sessions.SessionStore = c.Store
				c.Sessions, c.Secret = sessions, masterKey
			})
			g := s.signUp(ada)
			p := s.principal(g.AccessToken)
			wantErr(t, "while sessions cannot be ended", again(s, p), jeton.ErrUnavailable)
			sessions.err = nil
			wantErr(t, "then", again(s, p), jeton.ErrNotFound)
			_, err := s.Verify(t.Context(), g.AccessToken)
			wantErr(t, "access token", err, jwt.ErrRevoked)
			_, err = s.refresh(g.RefreshToken, browser)
			wantErr(t, "refresh token", err, jeton.ErrInvalidGrant)
		})
	}
}
