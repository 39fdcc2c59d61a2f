package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
)

// A page is signed in for as long as a client with tokens is, and never sees one.
func TestLifeWithCookies(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	first := b.signUp()
	b.expectSignedIn(true)
	in := b.signIn()
	if in.SessionID == first.SessionID || in.User.ID != first.User.ID {
		t.Errorf("signed in as %+v", in)
	}
	b.fetch(http.MethodPatch, "/auth/me", `{"name":"Countess"}`).expect(http.StatusOK).expectCookies()
	b.fetch(http.MethodPost, "/news", "").expect(http.StatusOK)

	const other = "staple battery horse"
	b.secrets.add(other)
	b.fetch(http.MethodPost, "/auth/password", object("current_password", password, "new_password", other)).
		expect(http.StatusNoContent).expectCookies()
	b.expectSignedIn(true) // the session goes on
	var list struct {
		Sessions []device `json:"sessions"`
	}
	b.fetch(http.MethodGet, "/auth/sessions", "").expect(http.StatusOK).decode(&list)
	if len(list.Sessions) != 1 || list.Sessions[0].ID != in.SessionID || !list.Sessions[0].Current {
		t.Errorf("sessions %+v", list)
	}

	b.auth.Expire()
	b.expectSignedIn(false)
	again := b.fetch(http.MethodPost, "/auth/refresh", "").expect(http.StatusOK).expectCookies(defaultCookies...).cookieGrant()
	if again.SessionID != in.SessionID || again.CSRFToken != in.CSRFToken || again.User != nil || again.ExpiresIn != 900 {
		t.Errorf("refreshed %+v", again)
	}
	b.expectSignedIn(true)
	b.fetch(http.MethodPost, "/auth/refresh", "{}").expect(http.StatusOK).expectCookies(defaultCookies...)
	b.fetch(http.MethodPost, "/news", "").expect(http.StatusOK)

	kept := b.cookies("/auth")
	b.fetch(http.MethodPost, "/auth/logout", "").expect(http.StatusNoContent).expectCookies(clearedCookies...)
	if left := b.cookies("/auth/refresh"); len(left) != 0 {
		t.Errorf("the browser keeps %d cookies", len(left))
	}
	b.expectSignedIn(false)
	for name, token := range kept { // nobody else has use for them any more
		header := http.Header{"Cookie": {name + "=" + token}, "Sec-Fetch-Site": {"same-origin"}}
		if a := b.send(request{method: http.MethodPost, path: "/auth/refresh", header: header}); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, a.status)
		}
		b.send(request{method: http.MethodGet, path: "/auth/me", header: header}).expect(http.StatusUnauthorized)
	}
}

// The tokens are in the cookies, and nowhere else.
func TestCookieAnswers(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	for _, r := range []request{
		{path: "/auth/signup", body: object("email", email, "password", password, "cookies", true)},
		{path: "/auth/login", body: object("email", email, "password", password, "cookies", true)},
		{path: "/auth/login", body: object("strategy", "local", "email", email, "password", password, "cookies", true)},
		{path: "/auth/refresh"},
		{path: "/auth/refresh", body: "{}"},
	} {
		a := b.fetch(http.MethodPost, r.path, r.body).expectCookies(defaultCookies...)
		_, values := a.setCookies()
		members := map[string]any{}
		if err := json.Unmarshal([]byte(a.text), &members); err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{"csrf_token": true, "expires_in": true, "session_id": true, "user": r.path != "/auth/refresh"}
		for name, there := range want {
			if (members[name] != nil) != there {
				t.Errorf("%s: %s is %v", r.path, name, members[name])
			}
			delete(members, name)
		}
		if len(members) > 0 || strings.Contains(a.text, values["__Host-jeton"]) || strings.Contains(a.text, values["__Secure-jeton-refresh"]) {
			t.Errorf("%s: %s", r.path, a.text)
		}
		grant := a.cookieGrant()
		p, err := b.auth.Verify(t.Context(), values["__Host-jeton"])
		if err != nil {
			t.Fatal(err)
		}
		if digest, _ := p.StringClaim("csrf"); grant.CSRFToken != values["__Host-jeton-csrf"] || digest != guard.CSRFDigest(grant.CSRFToken) {
			t.Errorf("%s: the CSRF value is not that of the token", r.path)
		}
		if grant.ExpiresIn != 900 || grant.SessionID != p.Session() {
			t.Errorf("%s: %+v", r.path, grant)
		}
	}
}

// How long browsers keep the cookies is how long the tokens are good.
func TestCookieAges(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *jeton.Config, _ *api.Config) {
		c.AccessTTL, c.IdleTimeout, c.Lifetime = time.Hour, 24*time.Hour, 36*time.Hour
	}).browse()
	age := func(a answer, seconds ...string) {
		t.Helper()
		lines, _ := a.expect(http.StatusOK).setCookies()
		for i, line := range lines {
			if !strings.Contains(line, "; Max-Age="+seconds[i]+"; ") {
				t.Errorf("cookie %s, want an age of %s", line, seconds[i])
			}
		}
	}
	b.auth.Advance(700 * time.Millisecond)
	b.signUp()
	age(b.fetch(http.MethodPost, "/auth/login", object("email", email, "password", password, "cookies", true)), "3600", "86400", "86400")
	b.auth.Advance(23*time.Hour + 30*time.Minute)
	age(b.fetch(http.MethodPost, "/auth/refresh", ""), "3600", "45000", "45000")
	b.auth.Advance(12 * time.Hour)
	age(b.fetch(http.MethodPost, "/auth/refresh", ""), "1800", "1800", "1800")
	b.auth.Advance(30*time.Minute - 800*time.Millisecond) // a token can still tell when it expires: in 100 ms
	age(b.fetch(http.MethodPost, "/auth/refresh", ""), "1", "1", "1")
}

// What does not ask for cookies neither sets nor clears any.
func TestTokensBesideCookies(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	in := b.signUp()
	kept := b.cookies("/auth")
	tokens := b.fetch(http.MethodPost, "/auth/login", object("email", email, "password", password)).expect(http.StatusOK).expectCookies().tokens()
	b.fetch(http.MethodPost, "/auth/login", object("email", email, "password", password, "cookies", false)).expectCookies().tokens()
	if p, err := b.auth.Verify(t.Context(), tokens.AccessToken); err != nil {
		t.Fatal(err)
	} else if _, there := p.StringClaim("csrf"); there {
		t.Error("a token that is in no cookie has a CSRF value")
	}
	next := b.fetch(http.MethodPost, "/auth/refresh", object("refresh_token", tokens.RefreshToken)).expect(http.StatusOK).expectCookies().tokens()
	if next.SessionID != tokens.SessionID {
		t.Error("the cookie won over the body")
	}
	b.fetch(http.MethodPost, "/auth/refresh", object("refresh_token", "nonsense")).expectProblem(http.StatusBadRequest, "invalid_grant")
	b.fetch(http.MethodPost, "/auth/signup", object("email", "eve@example.com", "password", password)).expectCookies().expect(http.StatusCreated)
	if got := b.cookies("/auth"); len(got) != 3 || got["__Host-jeton"] != kept["__Host-jeton"] || got["__Secure-jeton-refresh"] != kept["__Secure-jeton-refresh"] {
		t.Error("the cookies have changed")
	}
	b.expectSignedIn(true)

	// The header wins over the cookie, and needs no CSRF value.
	me := b.send(request{method: http.MethodPost, path: "/news", token: b.auth.Token("eve")}).expect(http.StatusOK)
	if me.text != "eve" || in.User.ID == "eve" {
		t.Errorf("the header's subject is %q", me.text)
	}
	b.send(request{method: http.MethodGet, path: "/auth/me", token: "nonsense"}).expectProblem(http.StatusUnauthorized, "invalid_token")
}

func TestSignOutWithCookies(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(b *browser)
		body    string
		token   func(b *browser) string
		left    int // sessions, of three
	}{
		"both cookies":                 {left: 2},
		"the access token has expired": {prepare: func(b *browser) { b.auth.Expire() }, left: 2},
		"there is no access token":     {prepare: func(b *browser) { b.forget("/", "__Host-jeton") }, left: 2},
		"there is no refresh token":    {prepare: func(b *browser) { b.forget("/auth", "__Secure-jeton-refresh") }, left: 2},
		"the refresh token is dead":    {prepare: func(b *browser) { b.plant("__Secure-jeton-refresh", "/auth", "nonsense") }, left: 2},
		"the access token is dead":     {prepare: func(b *browser) { b.plant("__Host-jeton", "/", "nonsense") }, left: 2},
		"everywhere":                   {body: `{"everywhere":true}`, left: 0},
		"another session's token":      {token: func(b *browser) string { return b.signInWithoutCookies().AccessToken }, left: 3},
		"a token that proves nothing":  {token: func(*browser) string { return "nonsense" }, left: 3},
		"there are no cookies": {prepare: func(b *browser) {
			b.forget("/", "__Host-jeton")
			b.forget("/auth", "__Secure-jeton-refresh")
		}, left: 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			user := s.signUp().User.ID
			s.signIn()
			b := s.browse()
			b.signIn()
			if tt.prepare != nil {
				tt.prepare(b)
			}
			r := request{method: http.MethodPost, path: "/auth/logout", body: tt.body, header: b.fromHere()}
			if tt.token != nil {
				r.token = tt.token(b)
			}
			b.send(r).expect(http.StatusNoContent).expectCookies(clearedCookies...)
			b.expectSignedIn(false)
			if left := b.cookies("/auth"); len(left) != 0 {
				t.Errorf("the browser keeps %d cookies", len(left))
			}
			sessions, err := s.auth.Sessions(t.Context(), user)
			if err != nil || len(sessions) != tt.left {
				t.Errorf("%d sessions are left, want %d: %v", len(sessions), tt.left, err)
			}
			b.send(r).expect(http.StatusNoContent).expectCookies(clearedCookies...) // again
		})
	}
}

func (b *browser) signInWithoutCookies() tokens {
	b.t.Helper()
	return b.server.signIn()
}

// forget removes a cookie, as a browser does in time.
func (b *browser) forget(path, name string) {
	b.t.Helper()
	b.setCookie(&http.Cookie{Name: name, Path: path, MaxAge: -1, Secure: true})
}

// plant puts a cookie into the browser.
func (b *browser) plant(name, path, value string) {
	b.t.Helper()
	b.setCookie(&http.Cookie{Name: name, Path: path, Value: value, Secure: true})
}

// What fails for a reason of its own leaves the browser signed in.
func TestSignOutThatIsRefused(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	b.signUp()
	b.auth.Advance(6 * time.Minute)
	b.fetch(http.MethodPost, "/auth/logout", `{"everywhere":true}`).expectCookies().expectProblem(http.StatusForbidden, "reauthentication_required")
	b.fetch(http.MethodPost, "/auth/logout", object("everywhere", true, "current_password", "not this one")).expectCookies().
		expectProblem(http.StatusUnauthorized, "invalid_credentials")
	b.fetch(http.MethodPost, "/auth/logout", `{`).expectCookies().expectProblem(http.StatusBadRequest, "invalid_json")
	b.expectSignedIn(true)
	b.fetch(http.MethodPost, "/auth/logout", object("everywhere", true, "current_password", password)).expect(http.StatusNoContent)
	b.expectSignedIn(false)
}

func TestDeleteAccountWithCookies(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	b.signUp()
	b.auth.Advance(6 * time.Minute)
	b.fetch(http.MethodDelete, "/auth/me", "").expectCookies().expectProblem(http.StatusForbidden, "reauthentication_required")
	b.fetch(http.MethodDelete, "/auth/me", object("current_password", password)).expect(http.StatusNoContent).expectCookies(clearedCookies...)
	b.expectSignedIn(false)

	b.signUp() // another account, which one with a token does not sign out
	tokens := b.post("/auth/signup", object("email", "eve@example.com", "password", password), "").expect(http.StatusCreated).tokens()
	b.send(request{method: http.MethodDelete, path: "/auth/me", token: tokens.AccessToken}).expect(http.StatusNoContent).expectCookies()
	b.expectSignedIn(true)
}

// Every strategy can sign in with cookies, and none gets the member that asks for them.
func TestStrategiesWithCookies(t *testing.T) {
	t.Parallel()
	var userID string
	var got map[string]any
	free := jeton.StrategyFunc("free", func(_ context.Context, c map[string]any, _ jeton.Client) (jeton.Identity, error) {
		got = c
		return jeton.Identity{UserID: userID, Scopes: []string{"news:read"}}, nil
	})
	b := start(t, withStrategies(append(twoSteps(&userID), free)...)).browse()
	userID = b.signUp().User.ID
	login := func(namesAndValues ...any) answer {
		t.Helper()
		return b.fetch(http.MethodPost, "/auth/login", object(append(namesAndValues, "cookies", true)...))
	}
	login("strategy", "pin", "card", "4711", "pin", "0815").expectCookies().expectProblem(http.StatusUnauthorized, "challenge")
	login("strategy", "code", "state", "s1", "code", "000000").expectCookies().expectProblem(http.StatusUnauthorized, "invalid_credentials")
	in := login("strategy", "code", "state", "s1", "code", "123456").expect(http.StatusOK).expectCookies(defaultCookies...).cookieGrant()
	if in.User.ID != userID || in.Scope != "" {
		t.Errorf("signed in as %+v", in)
	}
	if in := login("strategy", "free", "a", "b").expect(http.StatusOK).cookieGrant(); in.Scope != "news:read" {
		t.Errorf("signed in with the scope %q", in.Scope)
	}
	if len(got) != 1 || got["a"] != "b" {
		t.Errorf("credentials %v", got)
	}
	b.expectSignedIn(true)
}

// Where there are no cookies, who asks for them is told so, before anything happens, and none is looked at.
func TestNoCookies(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change  option
		message string
	}{
		"http":          {withIssuer("http://auth.example.com"), "must not be true: there are no cookies here, since the issuer is not https"},
		"http loopback": {withIssuer("http://127.0.0.1:8080"), "must not be true: there are no cookies here, since the issuer is not https"},
		"no URL":        {withIssuer("my service"), "must not be true: there are no cookies here, since the issuer is no URL of a server"},
		"path": {
			withIssuer("https://example.com/a;b"), "must not be true: there are no cookies here, since the issuer has a path that no cookie can have",
		},
		"off": {
			func(_ *jeton.Config, c *api.Config) { c.Cookies = api.Cookies{Off: true, Insecure: true, Domain: "?"} },
			"must not be true: there are no cookies here, since they are switched off",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, tt.change)
			before := s.store.writes.Load()
			for _, path := range []string{"/auth/signup", "/auth/login"} {
				a := s.post(path, object("email", email, "password", password, "cookies", true), "").expectCookies()
				p := a.expectProblem(http.StatusUnprocessableEntity, "validation_failed")
				if p.expectFields(t, "/cookies cookies_unavailable"); p.Errors[0]["message"] != tt.message {
					t.Errorf("%s: %v", path, p.Errors)
				}
			}
			if written := s.store.writes.Load() - before; written != 0 {
				t.Errorf("%d writes", written)
			}
			in := s.post("/auth/signup", object("email", email, "password", password, "cookies", false), "").expect(http.StatusCreated).tokens()
			header := http.Header{"Cookie": {"__Host-jeton=" + in.AccessToken + "; __Secure-jeton-refresh=" + in.RefreshToken}}
			for _, name := range []string{"jeton", "jeton-refresh"} {
				header.Add("Cookie", name+"="+in.AccessToken)
			}
			s.send(request{method: http.MethodGet, path: "/auth/me", header: header}).expectProblem(http.StatusUnauthorized, "unauthorized")
			s.send(request{method: http.MethodPost, path: "/auth/refresh", header: header}).expectProblem(http.StatusBadRequest, "invalid_json")
			header.Set("Sec-Fetch-Site", "cross-site") // which does not matter without cookies
			s.send(request{method: http.MethodPost, path: "/auth/logout", header: header}).expect(http.StatusNoContent).expectCookies()
			s.expectEnded(in, false)
			s.post("/auth/refresh", "{}", "").expectProblem(http.StatusUnprocessableEntity, "validation_failed").
				expectFields(t, "/refresh_token required")

			doc := checkDocument(t, s.api.OpenAPI())
			if schemes := at(doc, "components", "securitySchemes").(map[string]any); len(schemes) != 2 {
				t.Errorf("security schemes %v", schemes)
			}
			if strings.Contains(string(s.api.OpenAPI()), "Set-Cookie") || strings.Contains(string(s.api.OpenAPI()), "csrf_token") {
				t.Error("the document has cookies")
			}
		})
	}
}

// A token that browsers would not keep is a defect, and no sign-in that then does not hold.
func TestTokenTooLargeForACookie(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *jeton.Config, _ *api.Config) {
		c.Claims = func(context.Context, jeton.ClaimsInput) (map[string]any, error) {
			return map[string]any{"long": strings.Repeat("x", 3000)}, nil
		}
	}).browse()
	body := object("email", email, "password", password, "cookies", true)
	a := b.fetch(http.MethodPost, "/auth/signup", body).expectCookies()
	a.expectProblem(http.StatusInternalServerError, "internal")
	if n := len(b.log.lines(a.header.Get("X-Request-Id"), "browsers keep 4096")); n != 1 {
		t.Errorf("%d lines in the log", n)
	}
	b.post("/auth/login", object("email", email, "password", password), "").expect(http.StatusOK)
}

// The OAuth endpoints are for clients that have tokens: no cookie proves anything there.
func TestOAuthLooksAtNoCookies(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	b.signUp()
	kept := b.cookies("/auth")
	header := with(b.fromHere(), "Content-Type", formType, "Cookie", "__Secure-jeton-refresh="+kept["__Secure-jeton-refresh"])
	post := func(path, body string) answer {
		t.Helper()
		return b.send(request{method: http.MethodPost, path: path, body: body, header: header}).expectCookies()
	}
	post("/oauth/token", "grant_type=refresh_token").expectOAuth(http.StatusBadRequest, "invalid_request")
	post("/oauth/revoke", "").expectOAuth(http.StatusBadRequest, "invalid_request")
	post("/oauth/introspect", "token="+kept["__Host-jeton"]).expectOAuth(http.StatusUnauthorized, "invalid_client")
	b.expectSignedIn(true)
	refreshed := post("/oauth/token", form("grant_type", "refresh_token", "refresh_token", kept["__Secure-jeton-refresh"])).expect(http.StatusOK).tokens()
	if refreshed.RefreshToken == "" {
		t.Error("no tokens")
	}
	header.Set("Sec-Fetch-Site", "cross-site") // a client's page anywhere may call it
	post("/oauth/revoke", form("token", refreshed.RefreshToken)).expect(http.StatusOK)
	b.expectSignedIn(false)
}

// The document says where cookies go and which answers set them.
func TestDocumentOfCookies(t *testing.T) {
	t.Parallel()
	doc := checkDocument(t, start(t, withStrategies(twoSteps(new(string))...)).api.OpenAPI())
	for name, want := range map[string]string{
		"cookie": "cookie __Host-jeton", "refreshCookie": "cookie __Secure-jeton-refresh", "csrf": "header X-Csrf-Token",
	} {
		scheme := at(doc, "components", "securitySchemes", name)
		if at(scheme, "type") != "apiKey" || at(scheme, "in").(string)+" "+at(scheme, "name").(string) != want {
			t.Errorf("%s: %v", name, scheme)
		}
	}
	set := map[string]string{"POST /auth/signup": "201", "POST /auth/login": "200", "POST /auth/refresh": "200", "POST /auth/logout": "204", "DELETE /auth/me": "204"}
	for _, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		responses := at(doc, "paths", path, strings.ToLower(method), "responses").(map[string]any)
		status, sets := set[route]
		for code, response := range responses {
			if got := at(response, "headers", "Set-Cookie") != nil; got != (sets && code == status) {
				t.Errorf("%s: %s sets cookies: %v", route, code, got)
			}
		}
		alternatives, _ := at(responses[status], "content", "application/json", "schema", "oneOf").([]any)
		if gives := sets && status != "204"; gives != (len(alternatives) == 2) {
			t.Errorf("%s: %v", route, alternatives)
		}
		forgeable := sets || slices.Contains(protectedRoutes, route)
		if got := at(responses["403"], "content", "application/problem+json", "examples", "csrf_failed") != nil; got != forgeable {
			t.Errorf("%s: is refused as forged: %v", route, got)
		}
	}
	for _, schema := range []string{"SignUpBody", "LoginLocal", "LoginPin", "LoginCode"} {
		member := at(doc, "components", "schemas", schema, "properties", "cookies")
		if at(member, "type") != "boolean" || !slices.Equal(at(member, "examples").([]any), []any{false}) {
			t.Errorf("%s: %v", schema, member)
		}
		if strings.Contains(words(at(doc, "components", "schemas", schema, "required")), "cookies") {
			t.Errorf("%s: cookies are required", schema)
		}
	}
	if at(doc, "paths", "/auth/refresh", "post", "requestBody", "required") == true {
		t.Error("a refresh needs a body")
	}
}
