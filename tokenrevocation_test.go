package jeton_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// A token of a session is revoked with all others of it, once.
func TestRevokingATokenEndsItsSession(t *testing.T) {
	t.Parallel()
	sessions := &unending{}
	s := newService(t, sessions.install)
	g := s.signUp(ada)
	p := s.principal(g.AccessToken)
	stays, err := s.signIn(ada, good, browser)
	if err != nil {
		t.Fatal(err)
	}
	sessions.err = errBroken
	wantErr(t, "while sessions cannot be ended", s.RevokeToken(t.Context(), p, browser), errBroken)
	if n := s.count(jeton.EventTokenRevoked); n != 0 {
		t.Errorf("%d audit events before anything is revoked", n)
	}
	sessions.err = nil
	for range 2 {
		if err := s.RevokeToken(t.Context(), p, browser); err != nil {
			t.Fatal(err)
		}
	}
	s.principal(stays.AccessToken)
	_, err = s.Verify(t.Context(), g.AccessToken)
	wantErr(t, "access token", err, jwt.ErrRevoked)
	_, err = s.refresh(g.RefreshToken, browser)
	wantErr(t, "refresh token", err, jeton.ErrInvalidGrant)
	if ended, err := s.store.SessionByID(t.Context(), g.Session.ID); err != nil || ended.EndReason != "token_revoked" {
		t.Errorf("the session ended for %q, %v", ended.EndReason, err)
	}
	if n := s.count(jeton.EventTokenRevoked); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
}

// A session is its user's only, and one that cannot be looked up may be.
func TestEndingASessionByItsAccessToken(t *testing.T) {
	t.Parallel()
	sessions := &oddSessions{}
	s := newService(t, sessions.install)
	g := s.signUp(ada)
	p := s.principal(g.AccessToken)
	sessions.find = errors.Join(jeton.ErrUnavailable, jeton.ErrNotFound)
	for name, end := range map[string]func() error{
		"sign out": func() error { return s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken}) },
		"revoke":   func() error { return s.RevokeToken(t.Context(), p, browser) },
		"end":      func() error { return s.EndSession(t.Context(), p.Subject(), p.Session(), browser) },
	} {
		wantErr(t, name+" while it cannot be looked up", end(), jeton.ErrUnavailable)
	}
	sessions.find = nil
	wantErr(t, "one that there is not", s.EndSession(t.Context(), p.Subject(), "nobody's", browser), jeton.ErrNotFound)
	sessions.read = func(other *jeton.Session) { other.UserID = "bob" }
	if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken}); err != nil {
		t.Error(err)
	}
	if kept, err := s.store.SessionByID(t.Context(), g.Session.ID); err != nil || !kept.EndedAt.IsZero() {
		t.Errorf("another user's session was ended: %v", err)
	}
	if n := s.count(jeton.EventSignOut); n != 0 {
		t.Errorf("%d audit events of signing out, want none", n)
	}
}

// noRevocations is a session store that cannot revoke a token by itself.
type noRevocations struct{ jeton.SessionStore }

func (noRevocations) RevokeToken(context.Context, revoke.ID, time.Time) (revoke.Entry, error) {
	return revoke.Entry{}, errBroken
}

func TestRevokingATokenMadeByHand(t *testing.T) {
	t.Parallel()
	key := mustKey(jwk.Generate(jwk.ES256))
	s := newService(t, func(c *jeton.Config) { c.Keys = jwk.Static(key) })
	nameless, err := jwt.Sign(key, "at+jwt", jwt.Claims{
		Issuer: issuer, Subject: "u", Audience: []string{issuer}, ExpiresAt: s.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeToken(t.Context(), s.principal(nameless), browser); err == nil {
		t.Error("what nothing names was revoked")
	}
	if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: nameless}); err != nil {
		t.Errorf("sign out: %v", err)
	}
	s.principal(nameless)
	long := s.principal(mustIssue(t, s))
	s.advance(24 * time.Hour)
	if err := s.RevokeToken(t.Context(), long, browser); err != nil {
		t.Errorf("of one that has expired: %v", err)
	}
	if entries, err := s.store.Revocations(t.Context(), 0, 10); err != nil || len(entries) != 0 {
		t.Errorf("%d revocations, %v, want none", len(entries), err)
	}

	broken := newService(t, func(c *jeton.Config) { c.Sessions, c.Secret = noRevocations{c.Store}, masterKey })
	token := mustIssue(t, broken)
	wantErr(t, "revoke", broken.RevokeToken(t.Context(), broken.principal(token), browser), errBroken)
	wantErr(t, "sign out", broken.SignOut(t.Context(), jeton.SignOutRequest{Token: token}), errBroken)
	if n := broken.count(jeton.EventTokenRevoked); n != 0 {
		t.Errorf("%d audit events, want none", n)
	}
}
