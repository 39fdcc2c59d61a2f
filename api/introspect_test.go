package api_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// service makes a service client, and returns its credentials.
func (s *server) service(name string, scopes ...string) (sameName, secret string) {
	s.t.Helper()
	secret, err := s.auth.AddServiceClient(s.t.Context(), name, scopes)
	if err != nil {
		s.t.Fatal(err)
	}
	s.secrets.add(secret)
	return name, secret
}

// basicHeader is the value of the Authorization header of a client (RFC 6749, section 2.3.1).
func basicHeader(name, secret string) string {
	return rawBasic(url.QueryEscape(name) + ":" + url.QueryEscape(secret))
}

func rawBasic(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }

// inspection is what introspection says.
type inspection struct {
	Active    bool     `json:"active"`
	Scope     string   `json:"scope"`
	ClientID  string   `json:"client_id"`
	TokenType string   `json:"token_type"`
	ExpiresAt int64    `json:"exp"`
	IssuedAt  int64    `json:"iat"`
	NotBefore int64    `json:"nbf"`
	Subject   string   `json:"sub"`
	Audience  []string `json:"aud"`
	Issuer    string   `json:"iss"`
	TokenID   string   `json:"jti"`
	SessionID string   `json:"sid"`
	Roles     []string `json:"roles"`
}

func TestIntrospect(t *testing.T) {
	t.Parallel()
	s := start(t, keyed("news:read", "news:write"))
	id := s.signUp().User.ID
	if err := s.auth.SetRoles(t.Context(), id, []string{"editor"}); err != nil {
		t.Fatal(err)
	}
	in := s.post("/auth/login", object("strategy", "key", "user", id), "").expect(http.StatusOK).tokens()
	basic := basicHeader(s.service("news", jeton.ScopeIntrospect))
	issued := s.auth.Now()
	s.auth.Advance(time.Minute)
	for _, hint := range []string{"", "access_token", "refresh_token", "nonsense"} {
		a := s.postForm("/oauth/introspect", form("token", in.AccessToken, "token_type_hint", hint), basic).expect(http.StatusOK)
		var got inspection
		a.decode(&got)
		p, err := s.auth.Verify(t.Context(), in.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := json.Marshal(inspection{
			Active: true, Scope: "news:read news:write", ClientID: "first-party", TokenType: "Bearer", ExpiresAt: issued.Unix() + 900,
			IssuedAt: issued.Unix(), Subject: id, Audience: []string{jetontest.Issuer}, Issuer: jetontest.Issuer,
			TokenID: p.TokenID(), SessionID: in.SessionID, Roles: []string{"editor"},
		})
		if text, _ := json.Marshal(got); string(text) != string(want) {
			t.Errorf("introspected %s\nwant %s", text, want)
		}
		if strings.Contains(a.text, "nbf") || strings.Contains(a.text, email) {
			t.Errorf("answer %s", a.text)
		}
		if got := a.header.Get("Content-Type"); got != "application/json" {
			t.Errorf("content type %q", got)
		}
	}
}

// A token of another shape is told of in the same members.
func TestIntrospectOtherProfile(t *testing.T) {
	t.Parallel()
	key, err := jwk.Generate(jwk.HS256)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, func(c *jeton.Config, _ *api.Config) {
		c.Profiles = []jeton.Profile{{
			Name: "old", Issuer: "old", Audience: []string{"a", "b"}, Keys: jwk.Static(key), Type: "access",
			Claims: jeton.ClaimNames{Subject: "userId", Scope: "permissions"},
		}}
	})
	token, err := s.auth.Issue(t.Context(), "7", jeton.IssueOptions{
		Profile: "old", Scopes: []string{"x"}, Claims: map[string]any{"Sub": "8", "email": email, "SCOPE": "y"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got inspection
	a := s.postForm("/oauth/introspect", form("token", token), basicHeader(s.service("news", jeton.ScopeIntrospect)))
	a.expect(http.StatusOK).decode(&got)
	if !got.Active || got.Subject != "7" || got.Scope != "x" || got.Issuer != "old" || strings.Join(got.Audience, " ") != "a b" {
		t.Errorf("introspected %s", a.text)
	}
	begins := s.auth.Now().Add(-time.Minute)
	token, err = jwt.Sign(key, "access", jwt.Claims{
		Issuer: "old", Audience: []string{"a"}, NotBefore: begins, ExpiresAt: begins.Add(time.Hour), Extra: map[string]any{"userId": "7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	a = s.postForm("/oauth/introspect", form("token", token), basicHeader(s.service("other", jeton.ScopeIntrospect)))
	a.expect(http.StatusOK).decode(&got)
	if !got.Active || got.NotBefore != begins.Unix() {
		t.Errorf("introspected %s", a.text)
	}
}

func TestInactive(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(s *server, in tokens) string{
		"nonsense":                  func(*server, tokens) string { return "nonsense" },
		"what no header could have": func(*server, tokens) string { return "a b\r\nc\x00é" },
		"two tokens":                func(_ *server, in tokens) string { return in.AccessToken + " " + in.AccessToken },
		"of another issuer":         func(*server, tokens) string { return jetontest.New(t).Token("u") },
		"cut off":                   func(_ *server, in tokens) string { return in.AccessToken[:len(in.AccessToken)-3] },
		"longer than any":           func(_ *server, in tokens) string { return in.AccessToken + strings.Repeat("A", 40000) },
		"a refresh token cut off":   func(_ *server, in tokens) string { return in.RefreshToken[:len(in.RefreshToken)-3] },
		"an older refresh token, after the interval": func(s *server, in tokens) string {
			s.refresh(in.RefreshToken)
			s.auth.Advance(jeton.DefaultReuseInterval + time.Second)
			return in.RefreshToken
		},
		"a refresh token that was not used for too long": func(s *server, in tokens) string {
			s.auth.Advance(jeton.DefaultIdleTimeout)
			return in.RefreshToken
		},
		"a refresh token of a session that was signed out": func(s *server, in tokens) string {
			s.post("/auth/logout", "", in.AccessToken)
			return in.RefreshToken
		},
		"a refresh token of an account that is locked": func(s *server, in tokens) string { s.disable(in.User.ID); return in.RefreshToken },
		"expired":    func(s *server, in tokens) string { s.auth.Expire(); return in.AccessToken },
		"signed out": func(s *server, in tokens) string { s.post("/auth/logout", "", in.AccessToken); return in.AccessToken },
		"revoked": func(s *server, in tokens) string {
			s.postForm("/oauth/revoke", form("token", in.RefreshToken))
			return in.AccessToken
		},
		"of an account that is locked": func(s *server, in tokens) string { s.disable(in.User.ID); return in.AccessToken },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			in := s.signUp()
			basic := basicHeader(s.service("news", jeton.ScopeIntrospect))
			token := spoil(s, in)
			before := s.store.writes.Load()
			a := s.postForm("/oauth/introspect", form("token", token, "token_type_hint", "refresh_token"), basic).expect(http.StatusOK)
			if a.text != `{"active":false}` {
				t.Errorf("answer %s", a.text)
			}
			if written := s.store.writes.Load() - before; written != 0 {
				t.Errorf("%d writes", written)
			}
		})
	}
}

func (s *server) disable(id string) {
	s.t.Helper()
	if err := s.auth.SetDisabled(s.t.Context(), id, true); err != nil {
		s.t.Fatal(err)
	}
}

// A refresh token is active while it can be exchanged; asking does not change what is asked about.
func TestIntrospectRefreshToken(t *testing.T) {
	t.Parallel()
	s := start(t, keyed("news:read", "news:write"))
	id := s.signUp().User.ID
	in := s.post("/auth/login", object("strategy", "key", "user", id), "").expect(http.StatusOK).tokens()
	ends := s.auth.Now().Add(jeton.DefaultIdleTimeout)
	basic := basicHeader(s.service("news", jeton.ScopeIntrospect))
	before := s.store.writes.Load()
	for _, hint := range []string{"", "refresh_token", "access_token"} {
		s.auth.Advance(jeton.DefaultReuseInterval)
		a := s.postForm("/oauth/introspect", form("token", in.RefreshToken, "token_type_hint", hint), basic).expect(http.StatusOK)
		var got map[string]any
		a.decode(&got)
		want := map[string]any{
			"active": true, "token_type": "refresh_token", "scope": "news:read news:write", "sub": id, "sid": in.SessionID,
			"iss": jetontest.Issuer, "client_id": "first-party", "exp": float64(ends.Unix()),
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("introspected %s\nwant %v", a.text, want)
		}
	}
	if written := s.store.writes.Load() - before; written != 0 {
		t.Errorf("%d writes", written)
	}
	next := s.exchange(in.RefreshToken).expect(http.StatusOK).tokens()
	for _, token := range []string{in.RefreshToken, next.RefreshToken} { // the older one still can be, for a short time
		var got inspection
		if s.postForm("/oauth/introspect", form("token", token), basic).expect(http.StatusOK).decode(&got); !got.Active {
			t.Errorf("inactive: %+v", got)
		}
	}
	s.store.fail(fmt.Errorf("%w: %w", jeton.ErrUnavailable, errDisk))
	s.postForm("/oauth/introspect", form("token", next.RefreshToken), basic).expectOAuth(http.StatusServiceUnavailable, "temporarily_unavailable")
}

// A refresh token of which nothing is known at the moment is not inactive.
func TestIntrospectionWhileSessionsAreAway(t *testing.T) {
	t.Parallel()
	var sessions awaySessions
	s := start(t, func(c *jeton.Config, _ *api.Config) {
		sessions.SessionStore = c.Store
		c.Sessions, c.Secret = &sessions, []byte(rand.Text()+rand.Text())
	})
	in := s.signUp()
	basic := basicHeader(s.service("news", jeton.ScopeIntrospect))
	sessions.away.Store(true)
	s.postForm("/oauth/introspect", form("token", in.RefreshToken), basic).expectOAuth(http.StatusServiceUnavailable, "temporarily_unavailable")
	sessions.away.Store(false)
	var got inspection
	if s.postForm("/oauth/introspect", form("token", in.RefreshToken), basic).expect(http.StatusOK).decode(&got); !got.Active {
		t.Errorf("inactive: %+v", got)
	}
}

// awaySessions are sessions that cannot be read for a while.
type awaySessions struct {
	jeton.SessionStore
	away atomic.Bool
}

func (a *awaySessions) SessionByID(ctx context.Context, id string) (*jeton.Session, error) {
	if a.away.Load() {
		return nil, fmt.Errorf("%w: %w", jeton.ErrUnavailable, errDisk)
	}
	return a.SessionStore.SessionByID(ctx, id)
}

func TestWhoMayIntrospect(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	name, secret := s.service("news.reader-1_x", jeton.ScopeIntrospect)
	other, otherSecret := s.service("other", jeton.ScopeRevocations)
	both, bothSecret := s.service("both", jeton.ScopeRevocations, jeton.ScopeIntrospect)
	gone, goneSecret := s.service("gone", jeton.ScopeIntrospect)
	if err := s.auth.RemoveServiceClient(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	good := basicHeader(name, secret)
	tests := []struct {
		name          string
		authorization []string
		status        int
		code          string
	}{
		{"good", []string{good}, 200, ""},
		{"scheme in other case", []string{"bAsIc" + good[len("Basic"):]}, 200, ""},
		{"two spaces", []string{"Basic  " + good[len("Basic "):]}, 200, ""},
		{"not encoded", []string{rawBasic(name + ":" + secret)}, 200, ""},
		{"everything is encoded", []string{rawBasic("%6eews%2Ereader%2D1%5Fx:" + strings.ReplaceAll(secret, "_", "%5F"))}, 200, ""},
		{"both scopes", []string{basicHeader(both, bothSecret)}, 200, ""},
		{"another scope", []string{basicHeader(other, otherSecret)}, 403, "insufficient_scope"},

		{"none", nil, 401, "invalid_client"},
		{"empty", []string{""}, 401, "invalid_client"},
		{"Bearer", []string{"Bearer " + in.AccessToken}, 401, "invalid_client"},
		{"Bearer with the secret", []string{"Bearer " + secret}, 401, "invalid_client"},
		{"another scheme", []string{"Digest username=x"}, 401, "invalid_client"},
		{"a longer scheme", []string{"Basics" + good[len("Basic"):]}, 401, "invalid_client"},
		{"scheme alone", []string{"Basic"}, 401, "invalid_client"},
		{"scheme and space", []string{"Basic "}, 401, "invalid_client"},
		{"scheme and tab", []string{"Basic\t" + good[len("Basic "):]}, 401, "invalid_client"},
		{"not base64", []string{"Basic !!!!"}, 401, "invalid_client"},
		{"base64 without padding", []string{"Basic " + base64.RawStdEncoding.EncodeToString([]byte("a:bcd"))}, 401, "invalid_client"},
		{"base64 with something behind", []string{good + " x"}, 401, "invalid_client"},
		{"base64 for URLs", []string{"Basic " + base64.URLEncoding.EncodeToString([]byte("a:\xff\xfe\xff"))}, 401, "invalid_client"},
		{"no colon", []string{rawBasic(name)}, 401, "invalid_client"},
		{"empty secret", []string{rawBasic(name + ":")}, 401, "invalid_client"},
		{"empty name", []string{rawBasic(":" + secret)}, 401, "invalid_client"},
		{"nothing but a colon", []string{rawBasic(":")}, 401, "invalid_client"},
		{"a second colon", []string{rawBasic(name + ":" + secret + ":x")}, 401, "invalid_client"},
		{"not UTF-8", []string{rawBasic(name + ":\xff\xfe")}, 401, "invalid_client"},
		{"not UTF-8, encoded", []string{rawBasic("%ff:" + secret)}, 401, "invalid_client"},
		{"broken escape", []string{rawBasic(name + ":%zz")}, 401, "invalid_client"},
		{"control character", []string{rawBasic(name + "%00:" + secret)}, 401, "invalid_client"},
		{"wrong secret", []string{basicHeader(name, otherSecret)}, 401, "invalid_client"},
		{"no secret at all", []string{basicHeader(name, "hunter2")}, 401, "invalid_client"},
		{"secret cut off", []string{basicHeader(name, secret[:len(secret)-1])}, 401, "invalid_client"},
		{"unknown name", []string{basicHeader("nobody", secret)}, 401, "invalid_client"},
		{"name in other case", []string{basicHeader(strings.ToUpper(name), secret)}, 401, "invalid_client"},
		{"removed", []string{basicHeader(gone, goneSecret)}, 401, "invalid_client"},
		{"a user's", []string{basicHeader(email, password)}, 401, "invalid_client"},
		{"two headers", []string{good, good}, 400, "invalid_request"},
		{"two headers, one is empty", []string{"", good}, 400, "invalid_request"},
		{"two headers, one is Bearer", []string{"Bearer " + in.AccessToken, good}, 400, "invalid_request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.postForm("/oauth/introspect", form("token", in.AccessToken), tt.authorization...)
			a.t = t
			if tt.status != http.StatusOK {
				if a.expectOAuth(tt.status, tt.code) == "" {
					t.Error("no description")
				}
				return
			}
			var got inspection
			if a.expect(http.StatusOK).decode(&got); !got.Active {
				t.Errorf("answer %s", a.text)
			}
		})
	}
	// Who may not learns nothing of a token, and is not read from.
	for _, body := range []string{"", "token=x&token=y", strings.Repeat("x", 1<<20)} {
		s.postForm("/oauth/introspect", body).expectOAuth(http.StatusUnauthorized, "invalid_client")
		s.postForm("/oauth/introspect", body, basicHeader(other, otherSecret)).expectOAuth(http.StatusForbidden, "insufficient_scope")
	}
	s.postForm("/oauth/introspect", form("token", in.AccessToken, "client_id", name, "client_secret", secret)).
		expectOAuth(http.StatusUnauthorized, "invalid_client")
}

func TestBadIntrospections(t *testing.T) {
	t.Parallel()
	s := start(t)
	basic := basicHeader(s.service("news", jeton.ScopeIntrospect))
	for _, body := range []string{"", "token=", "token", "token_type_hint=access_token", "token=x&token=y", "token=x&y=%", "token=\xff"} {
		s.postForm("/oauth/introspect", body, basic).expectOAuth(http.StatusBadRequest, "invalid_request")
	}
	s.postForm("/oauth/introspect?token=x", "", basic).expectOAuth(http.StatusBadRequest, "invalid_request")
	json := request{method: http.MethodPost, path: "/oauth/introspect", body: `{"token":"x"}`, header: http.Header{"Authorization": {basic}}}
	if got := s.send(json).expectOAuth(http.StatusUnsupportedMediaType, "invalid_request"); !strings.Contains(got, formType) {
		t.Errorf("description %q", got)
	}
	large := formRequest("/oauth/introspect", "token="+strings.Repeat("x", 1<<17), basic)
	s.send(large).expectOAuth(http.StatusRequestEntityTooLarge, "invalid_request")
	large.chunked = true
	s.send(large).expectOAuth(http.StatusRequestEntityTooLarge, "invalid_request")
}
