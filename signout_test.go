package jeton_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
)

func TestSignOutIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]func(*jeton.Grant) string{
		"by access token":  func(g *jeton.Grant) string { return g.AccessToken },
		"by refresh token": func(g *jeton.Grant) string { return g.RefreshToken },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, nil)
			g := s.signUp(ada)
			stays, err := s.signIn(ada, good, from(homeNet, "phone"))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: token(g)}); err != nil {
				t.Fatal(err)
			}
			_, err = s.Verify(t.Context(), g.AccessToken)
			wantErr(t, "access token", err, jwt.ErrRevoked)
			_, err = s.refresh(g.RefreshToken, from(homeNet, "browser"))
			wantErr(t, "refresh token", err, jeton.ErrInvalidGrant)
			s.principal(stays.AccessToken)
			if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: token(g)}); err != nil {
				t.Errorf("signing out twice: %v", err)
			}
			s.principal(stays.AccessToken)
			if n := s.count(jeton.EventSignOut); n != 1 {
				t.Errorf("%d audit events, want 1", n)
			}
		})
	}
}

func TestSignOutWithWhatProvesNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	for _, token := range []string{"", "nonsense", "a.s.c", g.AccessToken[:len(g.AccessToken)-4] + "AAAA", g.RefreshToken + "A"} {
		if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: token, Everywhere: true}); err != nil {
			t.Errorf("%.12s…: %v", token, err)
		}
	}
	s.principal(g.AccessToken)
}

func TestSignOutWithAnExpiredAccessToken(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	s.advance(time.Hour)
	_, err := s.Verify(t.Context(), g.AccessToken)
	wantErr(t, "verify", err, jwt.ErrExpired)
	if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken}); err != nil {
		t.Fatal(err)
	}
	_, err = s.refresh(g.RefreshToken, from(homeNet, "browser"))
	wantErr(t, "refresh", err, jeton.ErrInvalidGrant)
}

func TestSignOutEverywhereNeedsTheUser(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	s.advance(6 * time.Minute)
	for _, token := range []string{g.AccessToken, g.RefreshToken} {
		err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: token, Everywhere: true})
		wantErr(t, "after six minutes", err, jeton.ErrReauthenticate)
		err = s.SignOut(t.Context(), jeton.SignOutRequest{Token: token, Everywhere: true, CurrentPassword: another})
		wantErr(t, "wrong password", err, jeton.ErrInvalidCredentials)
	}
	other, err := s.signIn(ada, good, from(otherNet, "phone"))
	if err != nil {
		t.Fatal(err)
	}
	err = s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken, Everywhere: true, CurrentPassword: good})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{g.AccessToken, other.AccessToken} {
		_, err := s.Verify(t.Context(), token)
		wantErr(t, "verify", err, jwt.ErrRevoked)
	}
}

// Nobody is told that they are signed out while that cannot be stored, the second time neither.
func TestSignOutWhileSessionsCannotBeEnded(t *testing.T) {
	t.Parallel()
	for name, signOut := range map[string]func(*service, *jeton.Grant) error{
		"by access token": func(s *service, g *jeton.Grant) error {
			return s.SignOut(s.t.Context(), jeton.SignOutRequest{Token: g.AccessToken})
		},
		"by refresh token": func(s *service, g *jeton.Grant) error {
			return s.SignOut(s.t.Context(), jeton.SignOutRequest{Token: g.RefreshToken})
		},
		"by the list": func(s *service, g *jeton.Grant) error {
			err := s.EndSession(s.t.Context(), g.User.ID, g.Session.ID, browser)
			if errors.Is(err, jeton.ErrNotFound) && s.count(jeton.EventSessionEnded) == 1 {
				return nil // as it says of one that has ended
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessions := &unending{}
			s := newService(t, func(c *jeton.Config) {
				sessions.SessionStore = c.Store
				c.Sessions, c.Secret = sessions, masterKey
			})
			g := s.signUp(ada)
			for range 2 {
				sessions.err = errBroken
				wantErr(t, "while they cannot be ended", signOut(s, g), errBroken)
				sessions.err = nil
				wantErr(t, "then", signOut(s, g), nil)
			}
			if n := s.count(jeton.EventSignOut) + s.count(jeton.EventSessionEnded); n != 1 {
				t.Errorf("%d audit events, want 1", n)
			}
		})
	}
}

// A session may be over while its access tokens are not: the leeway goes on after it.
func TestSignOutOfASessionThatIsOverByTime(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.Lifetime = 5 * time.Minute })
	g := s.signUp(ada)
	s.advance(5*time.Minute + 5*time.Second)
	s.principal(g.AccessToken)
	if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken}); err != nil {
		t.Fatal(err)
	}
	_, err := s.Verify(t.Context(), g.AccessToken)
	wantErr(t, "signed out", err, jwt.ErrRevoked)
}

func TestSignOutWithATokenMadeByHand(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	token := mustIssue(t, s)
	for range 3 {
		if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: token}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Verify(t.Context(), token)
	wantErr(t, "signed out", err, jwt.ErrRevoked)
	entries, err := s.store.Revocations(t.Context(), 0, 10)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d revocations for one token, %v", len(entries), err)
	}
	if n := s.count(jeton.EventTokenRevoked); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
}
