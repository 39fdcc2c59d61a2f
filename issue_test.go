package jeton_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func TestIssue(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	token, err := s.Issue(t.Context(), "service-7", jeton.IssueOptions{
		TTL: time.Hour, Scopes: []string{"reports:read", "reports:write"}, Roles: []string{"robot"}, ClientID: "cron",
		Claims: map[string]any{"tenant": "t1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.advance(59 * time.Minute)
	p := s.principal(token)
	claims, err := jeton.ClaimsOf[struct {
		Tenant string `json:"tenant"`
		Client string `json:"client_id"`
	}](p)
	if err != nil || claims.Tenant != "t1" || claims.Client != "cron" {
		t.Errorf("claims %+v, %v", claims, err)
	}
	if p.Session() != "" || !p.HasScope("reports:read", "reports:write") || !p.HasRole("robot") {
		t.Errorf("session %q, scopes %v, roles %v", p.Session(), p.Scopes(), p.Roles())
	}
	if err := s.RevokeToken(t.Context(), p, jeton.Client{}); err != nil {
		t.Fatal(err)
	}
	_, err = s.Verify(t.Context(), token)
	wantErr(t, "revoked", err, jwt.ErrRevoked)
}

func TestIssueRefuses(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	for name, test := range map[string]struct {
		subject string
		opts    jeton.IssueOptions
	}{
		"no subject":        {"", jeton.IssueOptions{}},
		"negative lifetime": {"x", jeton.IssueOptions{TTL: -time.Second}},
		"unknown profile":   {"x", jeton.IssueOptions{Profile: "nosuch"}},
		"registered claim":  {"x", jeton.IssueOptions{Claims: map[string]any{"exp": 1}}},
		"own claim":         {"x", jeton.IssueOptions{Claims: map[string]any{"sid": "forged"}}},
		"short lifetime":    {"x", jeton.IssueOptions{TTL: 999 * time.Millisecond}},
		"empty role":        {"x", jeton.IssueOptions{Roles: []string{"robot", ""}}},
		"long role":         {"x", jeton.IssueOptions{Roles: []string{strings.Repeat("r", 65)}}},
		"role with comma":   {"x", jeton.IssueOptions{Roles: []string{"a,b"}}},
		"role with space":   {"x", jeton.IssueOptions{Roles: []string{"a b"}}},
		"role beyond ASCII": {"x", jeton.IssueOptions{Roles: []string{"rôle"}}},
	} {
		if token, err := s.Issue(t.Context(), test.subject, test.opts); err == nil {
			t.Errorf("%s: issued %q", name, token)
		}
	}
}

func TestCustomClaims(t *testing.T) {
	t.Parallel()
	answer := map[string]any{"plan": "gold"}
	var failure error
	s := newService(t, func(c *jeton.Config) {
		c.Claims = func(_ context.Context, in jeton.ClaimsInput) (map[string]any, error) {
			in.User.Roles = append(in.User.Roles, "admin") // a copy: nothing comes of it
			return answer, failure
		}
	})
	g := s.signUp(ada)
	p := s.principal(g.AccessToken)
	claims, err := jeton.ClaimsOf[map[string]any](p)
	if err != nil || claims["plan"] != "gold" || p.HasRole("admin") {
		t.Errorf("claims %v, roles %v, %v", claims, p.Roles(), err)
	}
	if g, err = s.refresh(g.RefreshToken, browser); err != nil {
		t.Fatal(err)
	}
	if claims, _ = jeton.ClaimsOf[map[string]any](s.principal(g.AccessToken)); claims["plan"] != "gold" {
		t.Errorf("after a refresh: %v", claims)
	}
	for _, name := range []string{"sub", "sid", "roles", "exp", "amr"} {
		answer = map[string]any{name: "forged"}
		if _, err := s.refresh(g.RefreshToken, browser); err == nil {
			t.Errorf("a custom claim %q was accepted", name)
		}
	}
	answer, failure = nil, errors.New("directory is away")
	_, err = s.refresh(g.RefreshToken, browser)
	wantErr(t, "failing claims", err, failure)
	failure = nil
	if _, err := s.refresh(g.RefreshToken, browser); err != nil {
		t.Errorf("a failure to make a token cost the session: %v", err)
	}
}

func TestProfilesAreToldApartByTheHeader(t *testing.T) {
	t.Parallel()
	secret := mustKey(jwk.FromSecret(jwk.HS256, []byte("nine times out of ten a secret is 32")))
	s := newService(t, func(c *jeton.Config) {
		c.Profiles = []jeton.Profile{{
			Name: "old", Issuer: "https://old.example.com", Audience: []string{"old-app"}, Keys: jwk.Static(secret),
			Type: "access", TTL: 24 * time.Hour,
		}}
	})
	s.signUp(ada)
	g, err := s.SignIn(t.Context(), jeton.SignInRequest{
		Credentials: &jeton.Credentials{Email: ada, Password: good}, Profile: "old",
	})
	if err != nil {
		t.Fatal(err)
	}
	header, err := jwt.UnverifiedHeader(g.AccessToken)
	if err != nil || header.Algorithm != jwk.HS256 || header.Type != "access" || g.ExpiresIn != 24*time.Hour {
		t.Errorf("header %+v, lifetime %v, %v", header, g.ExpiresIn, err)
	}
	if p := s.principal(g.AccessToken); p.Profile() != "old" || p.Issuer() != "https://old.example.com" {
		t.Errorf("profile %q, issuer %q", p.Profile(), p.Issuer())
	}
	if g, err = s.refresh(g.RefreshToken, jeton.Client{}); err != nil || s.principal(g.AccessToken).Profile() != "old" {
		t.Errorf("a refreshed session changed its profile: %v", err)
	}
	// A token without "kid" is told by its type and algorithm.
	bare := mustToken(t, secret, "access", "https://old.example.com", "old-app", s.Now())
	if p := s.principal(bare); p.Profile() != "old" {
		t.Errorf("profile %q", p.Profile())
	}
	// A profile's key must not sign for another profile.
	forged := mustToken(t, secret, "at+jwt", issuer, issuer, s.Now())
	if _, err := s.Verify(t.Context(), forged); err == nil {
		t.Error("the old profile's secret signed for the default profile")
	}
	only, err := s.Verifier(jeton.VerifyOptions{Profiles: []string{jeton.DefaultProfile}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = only.Verify(t.Context(), g.AccessToken)
	wantErr(t, "default profile only", err, jwt.ErrUnknownKey)
	keys, err := s.PublicKeys(t.Context())
	if err != nil || keys.Len() != 1 {
		t.Errorf("%d keys published, want the ES256 one only (%v)", keys.Len(), err)
	}
}

func mustKey(key *jwk.Key, err error) *jwk.Key {
	if err != nil {
		panic(err)
	}
	return key
}

func mustToken(t *testing.T, key *jwk.Key, typ, iss, aud string, now time.Time) string {
	t.Helper()
	token, err := jwt.Sign(key, typ, jwt.Claims{
		Issuer: iss, Subject: "u", Audience: []string{aud}, IssuedAt: now, ExpiresAt: now.Add(time.Minute), ID: "j",
		Extra: map[string]any{"client_id": "c"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}
