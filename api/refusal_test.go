package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/jetontest"
)

// What is wrong with a body is answered before anything is written.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	good := object("email", "new@example.com", "password", password)
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	tests := []struct {
		name   string
		path   string
		body   string
		header http.Header
		status int
		code   string
		detail string
		fields []string
	}{
		{name: "empty", status: 400, code: "invalid_json", detail: "the body is empty"},
		{name: "space", body: " \r\n\t", status: 400, code: "invalid_json", detail: "the body is empty"},
		{name: "broken", body: good[:len(good)-1], status: 400, code: "invalid_json"},
		{name: "trailing bytes", body: good + "x", status: 400, code: "invalid_json"},
		{name: "a second value", body: good + good, status: 400, code: "invalid_json"},
		{name: "duplicate member", body: `{"email":"a@b.c","email":"new@example.com","password":"` + password + `"}`, status: 400, code: "invalid_json"},
		{name: "duplicate member, escaped", body: `{"email":"a@b.c","\u0065mail":"new@example.com"}`, status: 400, code: "invalid_json"},
		{name: "duplicate member below", body: `{"email":{"a":1,"a":2}}`, status: 400, code: "invalid_json"},
		{name: "nested too deep", body: deep, status: 400, code: "invalid_json"},
		{name: "not UTF-8", body: strings.Replace(good, "new", "\xff", 1), status: 400, code: "invalid_json"},
		{name: "half a surrogate pair", body: strings.Replace(good, "new", `\ud83d`, 1), status: 400, code: "invalid_json"},
		{name: "byte order mark", body: "\ufeff" + good, status: 400, code: "invalid_json"},
		{name: "array", body: "[" + good + "]", status: 400, code: "invalid_json", detail: "the body: not a JSON object"},
		{name: "null", body: "null", status: 400, code: "invalid_json"},

		{name: "form", body: "email=a", header: media("application/x-www-form-urlencoded"), status: 415, code: "unsupported_media_type"},
		{name: "text", body: good, header: media("text/plain"), status: 415, code: "unsupported_media_type"},
		{name: "no type", body: good, header: http.Header{"Content-Type": {}}, status: 415, code: "unsupported_media_type"},
		{name: "two types", body: good, header: media("application/json", "text/plain"), status: 415, code: "unsupported_media_type"},
		{name: "problem", body: good, header: media("application/problem+json"), status: 415, code: "unsupported_media_type"},
		{name: "other charset", body: good, header: media("application/json; charset=latin1"), status: 415, code: "unsupported_media_type"},
		{name: "other parameter", body: good, header: media("application/json; profile=x"), status: 415, code: "unsupported_media_type"},
		{name: "malformed type", body: good, header: media("application/json; ;"), status: 415, code: "unsupported_media_type"},
		{
			name: "compressed", body: good, status: 415, code: "unsupported_media_type",
			header: http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}},
		},
		{name: "type before JSON", body: "{", header: media("text/plain"), status: 415, code: "unsupported_media_type"},

		{name: "nothing in it", body: "{}", status: 422, fields: []string{"/email required", "/password required"}},
		{name: "unknown member", body: strings.Replace(good, "{", `{"roles":["admin"],`, 1), status: 422, fields: []string{"/roles unknown_member"}},
		{name: "escaped unknown member", body: strings.Replace(good, "{", `{"a/~b.c":1,`, 1), status: 422, fields: []string{"/a~1~0b.c unknown_member"}},
		{name: "member in other case", body: strings.Replace(good, "email", "Email", 1), status: 422, fields: []string{"/email required", "/Email unknown_member"}},
		{name: "both cases", body: strings.Replace(good, "{", `{"EMAIL":"eve@example.com",`, 1), status: 422, fields: []string{"/EMAIL unknown_member"}},
		{name: "null member", body: object("email", nil, "password", password), status: 422, fields: []string{"/email invalid_type"}},
		{name: "wrong type", body: object("email", 7, "password", []string{password}), status: 422, fields: []string{"/email invalid_type", "/password invalid_type"}},
		{name: "too long", body: object("email", strings.Repeat("a", 255), "password", password, "name", strings.Repeat("é", 257)), status: 422, fields: []string{"/email too_long", "/name too_long"}},
		{name: "no address", body: object("email", "ada at example.com", "password", password), status: 422, fields: []string{"/email invalid_email"}},
		{name: "short password", body: object("email", "new@example.com", "password", "seven77"), status: 422, fields: []string{"/password too_short"}},
		{name: "common password", body: object("email", "new@example.com", "password", "password1"), status: 422, fields: []string{"/password too_common"}},
		{name: "all at once", body: object("email", "", "password", "x", "name", "a\x00b"), status: 422, fields: []string{"/email invalid_email", "/password too_short", "/name invalid_name"}},
		{name: "taken", body: object("email", email, "password", password), status: 409, code: "email_taken"},
		{name: "taken, in other case", body: object("email", " ADA@Example.COM", "password", password), status: 409, code: "email_taken"},

		{name: "refresh, empty", path: "/auth/refresh", status: 400, code: "invalid_grant"},
		{name: "refresh, no token", path: "/auth/refresh", body: "{}", status: 400, code: "invalid_grant"},
		{name: "refresh, in cookies", path: "/auth/refresh", body: `{"cookies":true}`, status: 422, fields: []string{"/cookies unknown_member"}},
		{name: "login, cookies of the wrong type", path: "/auth/login", body: object("email", email, "password", password, "cookies", "yes"), status: 422, fields: []string{"/cookies invalid_type"}},
		{name: "login, cookies in other case", path: "/auth/login", body: object("email", email, "password", password, "Cookies", true), status: 422, fields: []string{"/Cookies unknown_member"}},
		{name: "refresh, empty token", path: "/auth/refresh", body: object("refresh_token", ""), status: 400, code: "invalid_grant"},
		{name: "refresh, nonsense", path: "/auth/refresh", body: object("refresh_token", strings.Repeat("x", 60000)), status: 400, code: "invalid_grant"},
		{name: "login, empty", path: "/auth/login", status: 400, code: "invalid_json"},
		{name: "login, nothing in it", path: "/auth/login", body: "{}", status: 422, fields: []string{"/email required", "/password required"}},
		{name: "login, unknown member", path: "/auth/login", body: object("email", email, "password", password, "otp", "1"), status: 422, fields: []string{"/otp unknown_member"}},
		{name: "login, member in other case", path: "/auth/login", body: object("Email", email, "password", password), status: 422, fields: []string{"/email required", "/Email unknown_member"}},
		{name: "login, unknown strategy", path: "/auth/login", body: object("strategy", "magic", "email", email), status: 422, fields: []string{"/strategy unknown_strategy"}},
		{name: "login, empty strategy", path: "/auth/login", body: object("strategy", "", "email", email), status: 422, fields: []string{"/strategy unknown_strategy"}},
		{name: "login, strategy of the wrong type", path: "/auth/login", body: object("strategy", nil, "email", email), status: 422, fields: []string{"/strategy invalid_type"}},
		{name: "login, wrong password", path: "/auth/login", body: object("email", email, "password", "not this one"), status: 401, code: "invalid_credentials"},
		{name: "login, nobody", path: "/auth/login", body: object("email", "nobody@example.com", "password", password), status: 401, code: "invalid_credentials"},
		{name: "login, no address", path: "/auth/login", body: object("email", "nobody", "password", ""), status: 401, code: "invalid_credentials"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := s.store.writes.Load()
			path, code := tt.path, tt.code
			if path == "" {
				path = "/auth/signup"
			}
			if code == "" {
				code = "validation_failed"
			}
			a := s.send(request{method: http.MethodPost, path: path, body: tt.body, header: tt.header})
			a.t = t
			p := a.expectProblem(tt.status, code)
			p.expectFields(t, tt.fields...)
			if tt.detail != "" && p.Detail != tt.detail || p.Detail == "" {
				t.Errorf("detail %q, want %q", p.Detail, tt.detail)
			}
			// A sign-up finds an address taken by trying to write; nothing else may come so far.
			if written := s.store.writes.Load() - before; written != 0 && tt.status != http.StatusConflict {
				t.Errorf("%d writes", written)
			}
		})
	}
	if list := s.sessions(s.signIn().AccessToken); len(list) != 2 {
		t.Errorf("%d sessions, want that of the sign-up and the last one", len(list))
	}
}

func media(types ...string) http.Header { return http.Header{"Content-Type": types} }

// Equal answers, byte for byte, but for the request's id.
func TestSignInTellsNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.signUp().User.ID
	seen := map[string]string{}
	try := func(name, email, password string) {
		t.Helper()
		a := s.post("/auth/login", object("email", email, "password", password), "")
		p := a.expectProblem(http.StatusUnauthorized, "invalid_credentials")
		a.header.Del("X-Request-Id")
		a.header.Del("Date")
		seen[fmt.Sprint(strings.ReplaceAll(a.text, p.RequestID, ""), a.header)] = name
	}
	try("wrong password", email, "not this one")
	try("unknown", "nobody@example.com", password)
	try("no address", "nobody", password)
	if err := s.auth.SetDisabled(t.Context(), id, true); err != nil {
		t.Fatal(err)
	}
	try("disabled", email, password)
	if len(seen) != 1 {
		t.Errorf("answers differ: %q", seen)
	}
}

func TestGoodMediaTypes(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	for _, header := range []http.Header{
		media("application/json;charset=UTF-8"), media(`Application/JSON; charset="utf-8"`),
		{"Content-Type": {"application/json"}, "Content-Encoding": {"identity"}},
	} {
		s.send(request{
			method: http.MethodPost, path: "/auth/login", body: object("email", email, "password", password), header: header,
		}).expect(http.StatusOK)
	}
}

func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	large := object("email", email, "password", password, "name", strings.Repeat("x", 10<<20))
	before := s.store.writes.Load()
	for _, r := range []request{
		{method: http.MethodPost, path: "/auth/signup"},
		{method: http.MethodPost, path: "/auth/login"},
		{method: http.MethodPost, path: "/auth/refresh"},
		{method: http.MethodPost, path: "/auth/logout"},
		{method: http.MethodPost, path: "/auth/signup", header: media("text/plain")},
		{method: http.MethodPatch, path: "/auth/me", token: in.AccessToken},
		{method: http.MethodDelete, path: "/auth/me", token: in.AccessToken},
		{method: http.MethodPost, path: "/auth/password", token: in.AccessToken},
	} {
		r.body = large
		s.send(r).expectProblem(http.StatusRequestEntityTooLarge, "body_too_large")
		r.chunked = true
		s.send(r).expectProblem(http.StatusRequestEntityTooLarge, "body_too_large")
	}
	if written := s.store.writes.Load() - before; written != 0 {
		t.Errorf("%d writes", written)
	}
	// Who may not is not read from at all.
	s.send(request{method: http.MethodPatch, path: "/auth/me", body: large}).expectProblem(http.StatusUnauthorized, "unauthorized")
}

// Every operation that needs an access token refuses as a guard does.
func TestBadTokens(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	other := jetontest.New(t)
	token := in.AccessToken
	header, rest, _ := strings.Cut(token, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	segment := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	flipped := "A"
	if strings.HasPrefix(signature, "A") {
		flipped = "B"
	}
	const (
		invalid = `Bearer realm="api", error="invalid_token", error_description="The access token is malformed, revoked or otherwise invalid."`
		bare    = `Bearer realm="api"`
		doubled = `Bearer realm="api", error="invalid_request", error_description="The request has more than one Authorization header."`
	)
	tests := []struct {
		name          string
		authorization []string
		status        int
		code          string
		challenge     string
	}{
		{"none", nil, 401, "unauthorized", bare},
		{"another scheme", []string{"Basic YTpi"}, 401, "unauthorized", bare},
		{"cut off", []string{"Bearer " + token[:len(token)-4]}, 401, "invalid_token", invalid},
		{"no signature", []string{"Bearer " + header + "." + payload + "."}, 401, "invalid_token", invalid},
		{"another signature", []string{"Bearer " + header + "." + payload + "." + flipped + signature[1:]}, 401, "invalid_token", invalid},
		{"of another key", []string{"Bearer " + other.Token("u")}, 401, "invalid_token", invalid},
		{"of another key under our kid", []string{"Bearer " + header + "." + strings.SplitN(other.Token("u"), ".", 2)[1]}, 401, "invalid_token", invalid},
		{"alg none", []string{"Bearer " + segment(`{"alg":"none","typ":"at+jwt"}`) + "." + payload + "."}, 401, "invalid_token", invalid},
		{"another payload", []string{"Bearer " + header + "." + segment(`{"sub":"admin"}`) + "." + signature}, 401, "invalid_token", invalid},
		{"a refresh token", []string{"Bearer " + in.RefreshToken}, 401, "invalid_token", invalid},
		{"two headers", []string{"Bearer " + token, "Bearer " + token}, 400, "invalid_request", doubled},
	}
	protected := []request{
		{method: http.MethodGet, path: "/auth/me"},
		{method: http.MethodPatch, path: "/auth/me", body: `{"name":"x"}`},
		{method: http.MethodDelete, path: "/auth/me"},
		{method: http.MethodPost, path: "/auth/password", body: object("current_password", password, "new_password", password+"!")},
		{method: http.MethodGet, path: "/auth/sessions"},
		{method: http.MethodDelete, path: "/auth/sessions/" + in.SessionID},
	}
	before := s.store.writes.Load()
	for _, tt := range tests {
		for _, r := range protected {
			t.Run(tt.name+" "+r.method+" "+r.path, func(t *testing.T) {
				r.header = http.Header{"Authorization": tt.authorization}
				a := s.send(r)
				a.t = t
				a.expectProblem(tt.status, tt.code)
				if got := a.header.Get("WWW-Authenticate"); got != tt.challenge {
					t.Errorf("challenge\n got %s\nwant %s", got, tt.challenge)
				}
			})
		}
	}
	s.auth.Expire()
	for _, r := range protected {
		r.token = token
		if p := s.send(r).expectProblem(http.StatusUnauthorized, "invalid_token"); p.Detail != "The access token has expired." {
			t.Errorf("%s %s: detail %q", r.method, r.path, p.Detail)
		}
	}
	if written := s.store.writes.Load() - before; written != 0 {
		t.Errorf("%d writes", written)
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{http.MethodGet, "/auth/", 404, ""},
		{http.MethodGet, "/auth/nothing", 404, ""},
		{http.MethodPost, "/auth/login/", 404, ""},
		{http.MethodDelete, "/auth/sessions/a/b", 404, ""},
		{http.MethodGet, "/auth/verified", 404, ""},
		{http.MethodPost, "/auth/verify", 405, "GET, HEAD"},
		{http.MethodGet, "/auth/login", 405, "POST"},
		{http.MethodHead, "/auth/login", 405, "POST"},
		{http.MethodOptions, "/auth/login", 405, "POST"},
		{http.MethodPut, "/auth/me", 405, "DELETE, GET, PATCH, HEAD"},
		{http.MethodGet, "/auth/sessions/a", 405, "DELETE"},
		{http.MethodPost, "/.well-known/jwks.json", 405, "GET, HEAD"},
		{http.MethodDelete, "/openapi.json", 405, "GET, HEAD"},
	} {
		a := s.send(request{method: tt.method, path: tt.path})
		if tt.method == http.MethodHead {
			a.expect(tt.status)
			continue
		}
		code := "not_found"
		if tt.status == http.StatusMethodNotAllowed {
			code = "method_not_allowed"
		}
		a.expectProblem(tt.status, code)
		if got := a.header.Get("Allow"); got != tt.allow {
			t.Errorf("%s %s: Allow %q, want %q", tt.method, tt.path, got, tt.allow)
		}
	}
}

// An application keeps what is its own on the same mux.
func TestMountBesideOthers(t *testing.T) {
	t.Parallel()
	s := start(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /auth/custom", func(http.ResponseWriter, *http.Request) {})
	s.api.Mount(mux)
	s.api.Mount(http.NewServeMux()) // a second one is as good
	for path, want := range map[string]string{
		"/": "GET /", "/other": "GET /", "/auth/custom": "GET /auth/custom", "/auth/me": "GET /auth/me", "/auth/other": "GET /auth/",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := mux.Handler(r); got != want {
			t.Errorf("%s is answered by %q, want %q", path, got, want)
		}
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	for _, path := range []string{"/auth/me", "/auth/sessions", "/.well-known/jwks.json", "/openapi.json"} {
		a := s.send(request{method: http.MethodHead, path: path, token: in.AccessToken}).expect(http.StatusOK)
		if a.text != "" || a.header.Get("Content-Type") == "" {
			t.Errorf("%s: body %q, content type %q", path, a.text, a.header.Get("Content-Type"))
		}
	}
}
