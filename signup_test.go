package jeton_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
)

func TestSignUpGivesATokenThatProvesTheUser(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(" Ada@Example.com ")
	p := s.principal(g.AccessToken)
	if p.Subject() != g.User.ID || p.Session() != g.Session.ID || p.Issuer() != issuer {
		t.Errorf("principal %v, issuer %q; want user %s, session %s", p, p.Issuer(), g.User.ID, g.Session.ID)
	}
	if !p.ExpiresAt().Equal(s.Now().Add(15*time.Minute)) || g.ExpiresIn != 15*time.Minute {
		t.Errorf("expires %v in %v", p.ExpiresAt(), g.ExpiresIn)
	}
	if !p.AuthTime().Equal(s.Now()) {
		t.Errorf("auth_time %v, want %v", p.AuthTime(), s.Now())
	}
	claims, err := jeton.ClaimsOf[map[string]any](p)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid", "auth_time", "amr"} {
		if claims[name] == nil {
			t.Errorf("claim %q is missing", name)
		}
	}
	if text := strings.ToLower(strings.Join(keysOf(claims), " ")); strings.Contains(text, "mail") || strings.Contains(text, "name") {
		t.Errorf("something personal in the claims: %s", text)
	}
	if g.User.Email != "Ada@Example.com" || g.User.EmailKey != ada {
		t.Errorf("address %q, key %q", g.User.Email, g.User.EmailKey)
	}
	if s.count(jeton.EventSignUp) != 1 {
		t.Error("no audit event for the sign-up")
	}
}

func keysOf(m map[string]any) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

func TestSignUpRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.signUp(ada)
	for name, test := range map[string]struct {
		email, password, name string
		fields                string
		err                   error
	}{
		"taken":             {email: ada, password: good, err: jeton.ErrEmailTaken},
		"taken, other case": {email: "ADA@EXAMPLE.COM", password: good, err: jeton.ErrEmailTaken},
		"no address":        {email: "ada", password: good, fields: "/email invalid_email"},
		"empty":             {fields: "/email invalid_email /password too_short"},
		"short":             {email: "s@example.com", password: "1234567", fields: "/password too_short"},
		"common":            {email: "s@example.com", password: "password1", fields: "/password too_common"},
		"own address":       {email: "bernadette@example.com", password: "bernadette@example.com", fields: "/password too_similar"},
		"control":           {email: "s@example.com", password: good, name: "a\x00b", fields: "/name invalid_name"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.SignUp(t.Context(), jeton.SignUpRequest{Email: test.email, Password: test.password, Name: test.name})
			if test.err != nil {
				wantErr(t, "sign up", err, test.err)
				return
			}
			wantFields(t, err, test.fields)
		})
	}
}

// awayKeys can sign unless they are away.
type awayKeys struct {
	jwk.Source
	away atomic.Bool
}

func (k *awayKeys) SigningKey(ctx context.Context) (*jwk.Key, error) {
	if k.away.Load() {
		return nil, errors.New("no route to host")
	}
	return k.Source.SigningKey(ctx)
}

// An account that was made, but could not be signed in, would answer the second try with [jeton.ErrEmailTaken].
func TestSignUpWithoutAKeyMakesNoAccount(t *testing.T) {
	t.Parallel()
	keys := &awayKeys{}
	s := newService(t, func(c *jeton.Config) { keys.Source, c.Keys = c.Keys, keys })
	keys.away.Store(true)
	_, err := s.SignUp(t.Context(), jeton.SignUpRequest{Email: ada, Password: good, Client: browser})
	wantErr(t, "sign up", err, jeton.ErrUnavailable)
	_, err = s.store.UserByEmail(t.Context(), ada)
	wantErr(t, "the account", err, jeton.ErrNotFound)
	if n := len(s.events); n != 0 {
		t.Errorf("%d audit events, want none: %v", n, s.events)
	}
	keys.away.Store(false)
	s.signUp(ada)
}

// ExpiresIn is the whole lifetime, whatever the fraction of the second is in which the token is made.
func TestGrantSaysHowLongItsTokenLives(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.AccessTTL, c.Lifetime = 7*time.Minute, 10*time.Minute })
	s.advance(700 * time.Millisecond)
	check := func(what string, g *jeton.Grant, want time.Duration) {
		t.Helper()
		expires := s.principal(g.AccessToken).ExpiresAt()
		if g.ExpiresIn != want || !g.ExpiresAt.Equal(expires) || !expires.Equal(s.Now().Truncate(time.Second).Add(want)) {
			t.Errorf("%s at %v: expires in %v at %v, the token at %v; want %v", what, s.Now(), g.ExpiresIn, g.ExpiresAt, expires, want)
		}
	}
	up := s.signUp(ada)
	check("sign-up", up, 7*time.Minute)
	s.advance(time.Minute + 100*time.Millisecond)
	next, err := s.refresh(up.RefreshToken, browser)
	if err != nil {
		t.Fatal(err)
	}
	check("refresh", next, 7*time.Minute)
	again, err := s.refresh(up.RefreshToken, browser)
	if err != nil {
		t.Fatal(err)
	}
	check("replay", again, 7*time.Minute)
	s.advance(5*time.Minute + 150*time.Millisecond) // the session itself ends before 7 more minutes are over
	last, err := s.refresh(next.RefreshToken, browser)
	if err != nil {
		t.Fatal(err)
	}
	check("refresh near the session's end", last, 4*time.Minute)
	access, err := s.SignIn(t.Context(), jeton.SignInRequest{
		Credentials: &jeton.Credentials{Email: ada, Password: good}, Kind: jeton.AccessOnly, Client: browser,
	})
	if err != nil {
		t.Fatal(err)
	}
	check("access only", access, 7*time.Minute)
}
