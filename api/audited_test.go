package api_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
)

// events are what was audited.
type events struct {
	mu  sync.Mutex
	all []jeton.Event
}

func (e *events) record(_ context.Context, event jeton.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, event)
}

// take returns those since the last time.
func (e *events) take() []jeton.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	taken := e.all
	e.all = nil
	return taken
}

// Whatever an operation does, its audit event says from where.
func TestEventsSayFromWhere(t *testing.T) {
	t.Parallel()
	var heard events
	s := start(t, func(c *jeton.Config, _ *api.Config) { c.Audit = heard.record })
	from := func(header http.Header) http.Header { return with(header, "User-Agent", "audited") }
	asked := func(path, body, token string) request {
		return request{method: http.MethodPost, path: path, body: body, token: token, header: from(nil)}
	}
	credentials := object("email", email, "password", password)
	form := func(path, body string) request {
		r := formRequest(path, body)
		r.header = from(r.header)
		return r
	}
	expect := func(what string, r request, status int, want ...jeton.EventType) answer {
		t.Helper()
		a := s.send(r).expect(status)
		var got []jeton.EventType
		for _, e := range heard.take() {
			got = append(got, e.Type)
			if e.Client.UserAgent != "audited" || !e.Client.Address.IsLoopback() {
				t.Errorf("%s: %s is from %+v", what, e.Type, e.Client)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: events %v, want %v", what, got, want)
		}
		return a
	}
	expect("sign-up", asked("/auth/signup", credentials, ""), 201, jeton.EventSignUp, jeton.EventSignIn)
	expect("failure", asked("/auth/login", object("email", email, "password", "wrong"), ""), 401, jeton.EventSignInFailed)
	signIn := func() tokens {
		t.Helper()
		return expect("sign-in", asked("/auth/login", credentials, ""), 200, jeton.EventSignIn).tokens()
	}
	expect("sign-out", asked("/auth/logout", "", signIn().AccessToken), 204, jeton.EventSignOut)
	expect("revocation of a refresh token", form("/oauth/revoke", "token="+signIn().RefreshToken), 200, jeton.EventSignOut)
	expect("revocation of an access token", form("/oauth/revoke", "token="+signIn().AccessToken), 200, jeton.EventTokenRevoked)

	stolen := signIn()
	s.refresh(stolen.RefreshToken)
	s.auth.Advance(jeton.DefaultReuseInterval + 1e9)
	expect("theft", asked("/auth/refresh", object("refresh_token", stolen.RefreshToken), ""), 400, jeton.EventRefreshTheft)
	stolen = signIn()
	s.refresh(stolen.RefreshToken)
	s.auth.Advance(jeton.DefaultReuseInterval + 1e9)
	expect("theft, OAuth", form("/oauth/token", "grant_type=refresh_token&refresh_token="+stolen.RefreshToken), 400, jeton.EventRefreshTheft)

	in := signIn()
	other := request{method: http.MethodDelete, path: "/auth/sessions/" + signIn().SessionID, token: in.AccessToken, header: from(nil)}
	expect("ended", other, 204, jeton.EventSessionEnded)
	changed := object("current_password", password, "new_password", password+"!")
	expect("password", asked("/auth/password", changed, in.AccessToken), 204, jeton.EventPasswordChanged)
	name := request{method: http.MethodPatch, path: "/auth/me", body: `{"name":"Eve"}`, token: in.AccessToken, header: from(nil)}
	expect("name", name, 200, jeton.EventAccountChanged)
	gone := request{method: http.MethodDelete, path: "/auth/me", token: in.AccessToken, header: from(nil)}
	expect("deletion", gone, 204, jeton.EventAccountDeleted)
	_, secret := s.service("news", jeton.ScopeIntrospect)
	heard.take()
	stranger := form("/oauth/introspect", "token=x")
	stranger.header.Set("Authorization", basicHeader("nobody", secret))
	expect("service client", stranger, 401, jeton.EventServiceClientFailed)
}

// The session of a browser says from where its cookie was last used.
func TestRefreshByCookieSaysFromWhere(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	b.signUp()
	header := with(b.fromHere(), "User-Agent", "another version")
	b.send(request{method: http.MethodPost, path: "/auth/refresh", header: header}).expect(http.StatusOK)
	var list struct {
		Sessions []map[string]any `json:"sessions"`
	}
	b.fetch(http.MethodGet, "/auth/sessions", "").expect(http.StatusOK).decode(&list)
	if len(list.Sessions) != 1 || list.Sessions[0]["user_agent"] != "another version" {
		t.Errorf("sessions %v", list.Sessions)
	}
}
