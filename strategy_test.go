package jeton_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jetonauth/jeton"
)

type pinCredentials struct {
	Card string `json:"card"`
	PIN  string `json:"pin"`
}

type codeCredentials struct {
	State string `json:"state"`
	Code  string `json:"code"`
}

func TestStrategyWithASecondStep(t *testing.T) {
	t.Parallel()
	var userID string
	pin := jeton.StrategyFunc("pin", func(_ context.Context, c pinCredentials, _ jeton.Client) (jeton.Identity, error) {
		if c.PIN != "1234" {
			return jeton.Identity{}, jeton.ErrInvalidCredentials
		}
		return jeton.Identity{}, &jeton.Challenge{Strategy: "code", Data: map[string]any{"state": "s1"}}
	})
	code := jeton.StrategyFunc("code", func(_ context.Context, c codeCredentials, from jeton.Client) (jeton.Identity, error) {
		if c.State != "s1" || c.Code != "000111" || !from.Address.IsValid() {
			return jeton.Identity{}, jeton.ErrInvalidCredentials
		}
		return jeton.Identity{UserID: userID, Methods: []string{"pin", "otp"}, Scopes: []string{"bank"}}, nil
	})
	s := newService(t, func(c *jeton.Config) { c.Strategies = []jeton.Strategy{pin, code} })
	userID = s.signUp(ada).User.ID
	in := func(strategy string, credentials any) (*jeton.Grant, error) {
		return s.SignIn(t.Context(), jeton.SignInRequest{Strategy: strategy, Credentials: credentials, Client: browser})
	}
	_, err := in("pin", &pinCredentials{PIN: "4321"})
	wantErr(t, "wrong pin", err, jeton.ErrInvalidCredentials)
	_, err = in("pin", &pinCredentials{PIN: "1234"})
	challenge, ok := errors.AsType[*jeton.Challenge](err)
	if !ok || challenge.Strategy != "code" || challenge.Data["state"] != "s1" {
		t.Fatalf("error %v, want a challenge", err)
	}
	if n := s.count(jeton.EventSignInChallenged); n != 1 {
		t.Errorf("%d audit events for the first step, want 1", n)
	}
	g, err := in(challenge.Strategy, &codeCredentials{State: "s1", Code: "000111"})
	if err != nil {
		t.Fatal(err)
	}
	p := s.principal(g.AccessToken)
	claims, err := jeton.ClaimsOf[struct {
		Methods []string `json:"amr"`
	}](p)
	if err != nil || len(claims.Methods) != 2 || !p.HasScope("bank") || g.Session.Strategy != "code" {
		t.Errorf("claims %v, scopes %v, strategy %q, %v", claims, p.Scopes(), g.Session.Strategy, err)
	}
	_, err = in("nosuch", &pinCredentials{})
	wantErr(t, "unknown strategy", err, jeton.ErrUnknownStrategy)
	if _, err = in("pin", &codeCredentials{}); err == nil {
		t.Error("credentials of another type were taken")
	}
}

func TestStrategyThatNamesNobody(t *testing.T) {
	t.Parallel()
	ghost := jeton.StrategyFunc("ghost", func(context.Context, struct{}, jeton.Client) (jeton.Identity, error) {
		return jeton.Identity{UserID: "nobody"}, nil
	})
	s := newService(t, func(c *jeton.Config) { c.Strategies = []jeton.Strategy{ghost} })
	_, err := s.SignIn(t.Context(), jeton.SignInRequest{Strategy: "ghost", Credentials: new(struct{})})
	wantErr(t, "sign in", err, jeton.ErrInvalidCredentials)
}

func TestAccessOnlySessions(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.signUp(ada)
	g, err := s.SignIn(t.Context(), jeton.SignInRequest{
		Credentials: &jeton.Credentials{Email: ada, Password: good}, Kind: jeton.AccessOnly,
	})
	if err != nil {
		t.Fatal(err)
	}
	if g.RefreshToken != "" || !g.Session.ExpiresAt.Equal(g.ExpiresAt) {
		t.Errorf("refresh token %q, session until %v, token until %v", g.RefreshToken, g.Session.ExpiresAt, g.ExpiresAt)
	}
	if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(t.Context(), g.AccessToken); err == nil {
		t.Error("the token is still good after signing out")
	}
}

func TestLocalMayBeReplaced(t *testing.T) {
	t.Parallel()
	var userID string
	own := jeton.StrategyFunc(jeton.LocalStrategy, func(_ context.Context, c pinCredentials, _ jeton.Client) (jeton.Identity, error) {
		return jeton.Identity{UserID: userID}, nil
	})
	s := newService(t, func(c *jeton.Config) { c.Strategies = []jeton.Strategy{own} })
	userID = s.signUp(ada).User.ID
	if _, err := s.SignIn(t.Context(), jeton.SignInRequest{Credentials: &pinCredentials{}}); err != nil {
		t.Error(err)
	}
	if n := len(s.Strategies()); n != 1 {
		t.Errorf("%d strategies, want only the own one", n)
	}
}
