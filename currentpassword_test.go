package jeton_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// currentPassword are the operations that ask who is signed in for the password again.
var currentPassword = map[string]func(ctx context.Context, s *service, g *jeton.Grant, plain string, client jeton.Client) error{
	"change the password": func(ctx context.Context, s *service, g *jeton.Grant, plain string, client jeton.Client) error {
		return s.ChangePassword(ctx, s.principal(g.AccessToken), jeton.ChangePasswordRequest{Current: plain, New: another, Client: client})
	},
	"change the address": func(ctx context.Context, s *service, g *jeton.Grant, plain string, client jeton.Client) error {
		_, err := s.ChangeAccount(ctx, s.principal(g.AccessToken), jeton.AccountChange{
			Email: new("countess@example.com"), CurrentPassword: plain, Client: client,
		})
		return err
	},
	"delete the account": func(ctx context.Context, s *service, g *jeton.Grant, plain string, client jeton.Client) error {
		return s.DeleteAccount(ctx, s.principal(g.AccessToken), jeton.DeletionRequest{CurrentPassword: plain, Client: client})
	},
	"sign out everywhere": func(ctx context.Context, s *service, g *jeton.Grant, plain string, client jeton.Client) error {
		return s.SignOut(ctx, jeton.SignOutRequest{Token: g.AccessToken, Everywhere: true, CurrentPassword: plain, Client: client})
	},
}

// Somebody at an open screen has no more guesses than somebody who signs in, and both together no more than one.
func TestTenFailuresAtTheCurrentPassword(t *testing.T) {
	t.Parallel()
	phone, tablet := from(otherNet, "phone"), from("203.0.113.5", "tablet")
	for name, try := range currentPassword {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, func(c *jeton.Config) {
				c.Limits = jeton.Limits{PerAddress: jeton.Limit{Count: 1000, Window: time.Minute}}
			})
			g := s.signUp(ada)
			for range 9 {
				wantErr(t, "failure", try(t.Context(), s, g, another, phone), jeton.ErrInvalidCredentials)
			}
			_, err := s.signIn(ada, another, phone)
			wantErr(t, "tenth failure, to sign in", err, jeton.ErrInvalidCredentials)
			wantLimited(t, "eleventh", try(t.Context(), s, g, good, phone), jeton.ErrRateLimited, 90*time.Second)
			_, err = s.signIn(ada, good, phone)
			wantErr(t, "sign in", err, jeton.ErrRateLimited)
			wantErr(t, "another address", try(t.Context(), s, g, another, tablet), jeton.ErrInvalidCredentials)
			s.advance(90 * time.Second)
			if err := try(t.Context(), s, g, good, phone); err != nil {
				t.Errorf("after the wait: %v", err)
			}
		})
	}
}

func TestTenAttemptsAMinuteAtTheCurrentPassword(t *testing.T) {
	t.Parallel()
	phone := from(otherNet, "phone")
	for name, try := range currentPassword {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, withLimits)
			g := s.signUp(ada)
			for i := range 10 {
				_, err := s.signIn(fmt.Sprintf("user%d@example.com", i), another, phone)
				wantErr(t, "attempt", err, jeton.ErrInvalidCredentials)
			}
			wantLimited(t, "eleventh", try(t.Context(), s, g, good, phone), jeton.ErrRateLimited, 6*time.Second)
		})
	}
}

func TestARightCurrentPasswordDoesNotCount(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) {
		c.Limits = jeton.Limits{PerAddress: jeton.Limit{Count: 1000, Window: time.Minute}}
	})
	p := s.principal(s.signUp(ada).AccessToken)
	current, next := good, another
	for i := range 20 {
		err := s.ChangePassword(t.Context(), p, jeton.ChangePasswordRequest{Current: current, New: next, Client: browser})
		if err != nil {
			t.Fatalf("change %d: %v", i, err)
		}
		current, next = next, current
	}
}

// Failures from everywhere keep strangers out, not those who are signed in, wherever they are by now.
func TestWhoIsSignedInIsNotLockedOutBySomebodyElse(t *testing.T) {
	t.Parallel()
	s := newService(t, withLimits)
	p := s.principal(s.signUp(ada).AccessToken)
	for i := range 100 {
		_, err := s.signIn(ada, another, jeton.Client{Address: netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})})
		wantErr(t, "failure", err, jeton.ErrInvalidCredentials)
	}
	_, err := s.signIn(ada, good, from(otherNet, "phone"))
	wantErr(t, "a stranger", err, jeton.ErrRateLimited)
	err = s.ChangePassword(t.Context(), p, jeton.ChangePasswordRequest{Current: good, New: another, Client: from(otherNet, "phone")})
	if err != nil {
		t.Errorf("the owner, from another network: %v", err)
	}
}

// Whoever sets one address after the other learns which of them have an account.
func TestTenNewAddressesAMinute(t *testing.T) {
	t.Parallel()
	phone := from(otherNet, "phone")
	s := newService(t, withLimits)
	p := s.principal(s.signUp(ada).AccessToken)
	s.signUp("bob@example.com")
	change := func(email string, client jeton.Client) error {
		_, err := s.ChangeAccount(t.Context(), p, jeton.AccountChange{Email: &email, Client: client})
		return err
	}
	for i := range 5 {
		if err := change(fmt.Sprintf("ada%d@example.com", i), phone); err != nil {
			t.Errorf("change %d: %v", i, err)
		}
		wantErr(t, "taken", change("bob@example.com", phone), jeton.ErrEmailTaken)
	}
	wantLimited(t, "eleventh", change(ada, phone), jeton.ErrRateLimited, 6*time.Second)
	wantLimited(t, "eleventh, taken", change("bob@example.com", phone), jeton.ErrRateLimited, 6*time.Second)
	if _, err := s.ChangeAccount(t.Context(), p, jeton.AccountChange{Name: new("Countess"), Client: phone}); err != nil {
		t.Errorf("a name: %v", err)
	}
	if err := change(ada, from("203.0.113.5", "phone")); err != nil {
		t.Errorf("from another address: %v", err)
	}
	s.advance(6 * time.Second)
	if err := change("countess@example.com", phone); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

// An attempt with the current password counts once, and so does one without.
func TestANewAddressCountsOnceAgainstTheLimit(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{"", good} {
		s := newService(t, withLimits)
		p := s.principal(s.signUp(ada).AccessToken)
		client := from(otherNet, "browser")
		for i := range 10 {
			email := fmt.Sprintf("ada%d@example.com", i)
			_, err := s.ChangeAccount(t.Context(), p, jeton.AccountChange{Email: &email, CurrentPassword: plain, Client: client})
			if err != nil {
				t.Fatalf("password %q, change %d: %v", plain, i, err)
			}
		}
		email := "eleventh@example.com"
		_, err := s.ChangeAccount(t.Context(), p, jeton.AccountChange{Email: &email, CurrentPassword: plain, Client: client})
		wantErr(t, "eleventh", err, jeton.ErrRateLimited)
	}
}

// Somebody with a stolen access token has no more guesses at the password than a stranger, from however many networks.
func TestAHundredFailuresAtTheCurrentPassword(t *testing.T) {
	t.Parallel()
	for name, try := range currentPassword {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, withLimits)
			g := s.signUp(ada) // from homeNet
			for i := range 100 {
				client := jeton.Client{Address: netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})}
				wantErr(t, "failure", try(t.Context(), s, g, another, client), jeton.ErrInvalidCredentials)
			}
			wantErr(t, "a network that the account does not use", try(t.Context(), s, g, good, from(otherNet, "phone")), jeton.ErrRateLimited)
			if _, err := s.signIn(ada, good, from(otherNet, "phone")); err != nil {
				t.Errorf("signing in anew is counted apart: %v", err)
			}
			if err := try(t.Context(), s, g, good, from(homeNet, "browser")); err != nil {
				t.Errorf("the owner's network: %v", err)
			}
		})
	}
}
