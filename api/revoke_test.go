package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func TestRevoke(t *testing.T) {
	t.Parallel()
	refreshToken := func(in tokens) string { return in.RefreshToken }
	accessToken := func(in tokens) string { return in.AccessToken }
	for name, tt := range map[string]struct {
		body          func(in tokens) string
		authorization []string
		ended         bool
	}{
		"refresh token":                  {body: tokenForm(refreshToken, ""), ended: true},
		"refresh token, hint":            {body: tokenForm(refreshToken, "refresh_token"), ended: true},
		"refresh token, wrong hint":      {body: tokenForm(refreshToken, "access_token"), ended: true},
		"access token":                   {body: tokenForm(accessToken, ""), ended: true},
		"access token, wrong hint":       {body: tokenForm(accessToken, "refresh_token"), ended: true},
		"access token, unknown hint":     {body: tokenForm(accessToken, "pass"), ended: true},
		"credentials that nobody needs":  {body: tokenForm(refreshToken, ""), authorization: []string{basicHeader("a", "b")}, ended: true},
		"two headers that nobody needs":  {body: tokenForm(refreshToken, ""), authorization: []string{"Bearer a", "Bearer b"}, ended: true},
		"nonsense":                       {body: tokenForm(func(tokens) string { return "nonsense" }, "")},
		"nonsense with dots":             {body: tokenForm(func(tokens) string { return "a.b.c" }, "")},
		"spaces and dots":                {body: tokenForm(func(tokens) string { return " . . \x00é" }, "")},
		"refresh token that was cut off": {body: tokenForm(func(in tokens) string { return in.RefreshToken[:40] }, "")},
		"access token that was cut off":  {body: tokenForm(func(in tokens) string { return in.AccessToken[:len(in.AccessToken)-3] }, "")},
		"of another issuer":              {body: tokenForm(func(tokens) string { return jetontest.New(t).Token("u") }, "")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			in, other := s.signUp(), s.signIn()
			for range 2 { // the second time is no error
				a := s.postForm("/oauth/revoke", tt.body(in), tt.authorization...).expect(http.StatusOK)
				if a.text != "" || a.header.Get("Content-Type") != "" {
					t.Errorf("body %q of type %q", a.text, a.header.Get("Content-Type"))
				}
				s.expectEnded(in, tt.ended)
			}
			if tt.ended {
				s.exchange(in.RefreshToken).expectOAuth(http.StatusBadRequest, "invalid_grant")
			}
			s.expectEnded(other, false)
		})
	}
}

func tokenForm(token func(tokens) string, hint string) func(tokens) string {
	return func(in tokens) string { return form("token", token(in), "token_type_hint", hint) }
}

// A token without a session is revoked by itself.
func TestRevokeTokenWithoutSession(t *testing.T) {
	t.Parallel()
	s := start(t)
	token, other := s.auth.Token("robot"), s.auth.Token("robot")
	s.postForm("/oauth/revoke", form("token", token)).expect(http.StatusOK)
	s.get("/auth/sessions", token).expectProblem(http.StatusUnauthorized, "invalid_token")
	s.get("/auth/sessions", other).expect(http.StatusOK)
}

// Who finds an old token somewhere cannot end a session with it.
func TestRevokeExpiredToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	s.auth.Expire()
	s.postForm("/oauth/revoke", form("token", in.AccessToken)).expect(http.StatusOK)
	s.exchange(in.RefreshToken).expect(http.StatusOK)
}

// What cannot be revoked is not said to be.
func TestRevokeTokenWithoutName(t *testing.T) {
	t.Parallel()
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, func(c *jeton.Config, _ *api.Config) { c.Keys = jwk.Static(key) })
	token, err := jwt.Sign(key, "at+jwt", jwt.Claims{
		Issuer: jetontest.Issuer, Audience: []string{jetontest.Issuer}, Subject: "u", ExpiresAt: s.auth.Now().Add(time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.get("/auth/sessions", token).expect(http.StatusOK)
	s.postForm("/oauth/revoke", form("token", token)).expectOAuth(http.StatusBadRequest, "unsupported_token_type")
}

func TestBadRevocations(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	good := form("token", in.RefreshToken)
	for _, body := range []string{"", "token=", "token_type_hint=access_token", good + "&" + good, good + "&x=%", good + "&x=\xff"} {
		s.postForm("/oauth/revoke", body).expectOAuth(http.StatusBadRequest, "invalid_request")
	}
	s.postForm("/oauth/revoke?"+good, "").expectOAuth(http.StatusBadRequest, "invalid_request")
	s.post("/oauth/revoke", object("token", in.RefreshToken), "").expectOAuth(http.StatusUnsupportedMediaType, "invalid_request")
	s.postForm("/oauth/revoke", good+"&x="+strings.Repeat("x", 1<<17)).expectOAuth(http.StatusRequestEntityTooLarge, "invalid_request")
	s.expectEnded(in, false)
}
