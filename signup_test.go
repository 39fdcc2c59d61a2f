package jeton_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
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
