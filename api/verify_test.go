package api_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
)

// identityNames are the headers of an answer that say whose the request is.
var identityNames = []string{"X-Auth-Subject", "X-Auth-Session", "X-Auth-Roles", "X-Auth-Scope", "X-Auth-Email"}

// expectIdentity demands that an answer lets a request through, and has all of the headers, once.
func (a answer) expectIdentity(subject, session, roles, scope, email string) {
	a.t.Helper()
	a.expect(http.StatusOK)
	if a.text != "" {
		a.t.Errorf("body %q", a.text)
	}
	for i, want := range []string{subject, session, roles, scope, email} {
		if got := a.header[identityNames[i]]; !slices.Equal(got, []string{want}) {
			a.t.Errorf("%s: %q, want %q", identityNames[i], got, want)
		}
	}
}

// expectRefused demands a refusal that says nothing of anybody.
func (a answer) expectRefused(status int, code, challenge string) {
	a.t.Helper()
	a.expectProblem(status, code)
	if got := a.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, challenge) || challenge == "" && got != "" {
		a.t.Errorf("challenge %q, want %q", got, challenge)
	}
	for _, name := range identityNames {
		if got := a.header[name]; got != nil {
			a.t.Errorf("%s: %q", name, got)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	s.get("/auth/verify", in.AccessToken).expectIdentity(in.User.ID, in.SessionID, "", "", "")
	s.send(request{method: http.MethodHead, path: "/auth/verify", token: in.AccessToken}).expectIdentity(in.User.ID, in.SessionID, "", "", "")
	s.post("/auth/logout", "", in.AccessToken).expect(http.StatusNoContent)
	s.get("/auth/verify", in.AccessToken).expectRefused(401, "invalid_token", `Bearer realm="api", error="invalid_token"`)
}

// What is not printable ASCII, and what separates, is percent-encoded; nothing ends a header or begins another.
func TestVerifyEncodes(t *testing.T) {
	t.Parallel()
	s := start(t)
	for subject, want := range map[string]string{
		"ada":                              "ada",
		"auth0|ada@example.com/~x+y=z":     "auth0|ada@example.com/~x+y=z",
		"Ada Lovelace":                     "Ada%20Lovelace",
		" root":                            "%20root",
		"root\t":                           "root%09",
		"50%":                              "50%25",
		"%41da":                            "%2541da",
		"a,b":                              "a%2Cb",
		"Zoë":                              "Zo%C3%AB",
		"日本":                               "%E6%97%A5%E6%9C%AC",
		"x\r\nX-Auth-Roles: admin\r\n\r\n": "x%0D%0AX-Auth-Roles:%20admin%0D%0A%0D%0A",
		"x\x00y\x7f":                       "x%00y%7F",
	} {
		s.get("/auth/verify", s.auth.Token(subject)).expectIdentity(want, "", "", "", "")
	}
	token := s.auth.Token("ada", jetontest.Roles("editor", "chief"), jetontest.Scopes("news:read", "news:write"))
	s.get("/auth/verify", token).expectIdentity("ada", "", "editor,chief", "news:read news:write", "")
}

func FuzzEncoded(f *testing.F) {
	for _, seed := range []string{"", "ada", "a b", "%", "%2", "é\r\n", "\xff\x00", ",", "~"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		text := api.Encoded(value)
		for _, c := range []byte(text) {
			if c <= ' ' || c > '~' || c == ',' {
				t.Fatalf("%q is written as %q", value, text)
			}
		}
		if back, err := url.PathUnescape(text); err != nil || back != value {
			t.Fatalf("%q is written as %q, which is read as %q: %v", value, text, back, err)
		}
	})
}

// A refusal is 401, 403 or 503, and says no more than elsewhere.
func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	s := start(t)
	good, expired := s.auth.Token("ada"), s.auth.Token("ada", jetontest.TTL(1e9))
	s.auth.Advance(2 * 60 * 1e9)
	const invalidRequest = `Bearer realm="api", error="invalid_request", error_description="`
	tests := map[string]struct {
		authorization []string
		code          string
		challenge     string
	}{
		"nothing":         {nil, "unauthorized", `Bearer realm="api"`},
		"another scheme":  {[]string{"Basic YTpi"}, "unauthorized", `Bearer realm="api"`},
		"no token":        {[]string{"Bearer"}, "invalid_request", invalidRequest},
		"two words":       {[]string{"Bearer a b"}, "invalid_request", invalidRequest},
		"two headers":     {[]string{"Bearer " + good, "Bearer " + good}, "invalid_request", invalidRequest},
		"not a token":     {[]string{"Bearer x"}, "invalid_token", `Bearer realm="api", error="invalid_token"`},
		"expired":         {[]string{"Bearer " + expired}, "invalid_token", `Bearer realm="api", error="invalid_token", error_description="The access token has expired."`},
		"somebody else's": {[]string{"Bearer " + jetontest.New(t).Token("ada")}, "invalid_token", `Bearer realm="api", error="invalid_token"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := s.send(request{method: http.MethodGet, path: "/auth/verify", header: http.Header{"Authorization": tt.authorization}})
			a.t = t
			a.expectRefused(401, tt.code, tt.challenge)
		})
	}
	s.get("/auth/verify", good).expectIdentity("ada", "", "", "", "")
}

// Each parameter demands something; what cannot be understood lets nobody through.
func TestVerifyDemands(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.auth.Token("ada", jetontest.Scopes("news:read", "news:write"), jetontest.Roles("editor", "staff"))
	for _, query := range []string{
		"", "?", "?scope=news:read", "?scope=news:read+news:write", "?scope=news:read&scope=news:write", "?scope=news%3Aread%20news:write",
		"?role=editor", "?role=admin,editor", "?role=staff&role=admin,editor", "?role=editor&scope=news:read",
	} {
		s.get("/auth/verify"+query, token).expectIdentity("ada", "", "editor,staff", "news:read news:write", "")
	}
	for _, query := range []string{
		"?scope=news", "?scope=news:read+other", "?scope=news:read&scope=other", "?scope=news:read,news:write", "?role=admin", "?role=Editor",
		"?role=editor&role=admin", "?role=editor+staff", "?role=editor&scope=other",
	} {
		a := s.get("/auth/verify"+query, token)
		a.expectRefused(403, "insufficient_scope", `Bearer realm="api", error="insufficient_scope"`)
		s.get("/auth/verify"+query, "").expectRefused(401, "unauthorized", `Bearer realm="api"`)
	}
	a := s.get("/auth/verify?scope=news:read+other", token)
	if got := a.header.Get("WWW-Authenticate"); !strings.HasSuffix(got, `, scope="news:read other"`) {
		t.Errorf("challenge %q", got)
	}
	for _, query := range []string{
		"?scope=", "?scope=+", "?role=", "?role=,", "?role=editor,", "?scopes=news:read", "?Scope=news:read", "?x", "?scope=%zz", "?scope=a;role=b",
	} {
		a := s.get("/auth/verify"+query, token)
		a.expectRefused(503, "unavailable", "")
		if n := len(s.log.lines(a.header.Get("X-Request-Id"), `"level":"ERROR"`, "the query of /auth/verify")); n != 1 {
			t.Errorf("%s: %d lines in the log", query, n)
		}
	}
}

func TestVerifyLoadsTheUser(t *testing.T) {
	t.Parallel()
	s := start(t, func(_ *jeton.Config, c *api.Config) { c.VerifyLoadUser = true })
	in := s.post("/auth/signup", object("email", "zoë%@example.com", "password", password), "").expect(201).tokens()
	s.get("/auth/verify", in.AccessToken).expectIdentity(in.User.ID, in.SessionID, "", "", "zo%C3%AB%25@example.com")
	s.get("/auth/verify", s.auth.Token("nobody")).expectRefused(401, "invalid_token", `Bearer realm="api", error="invalid_token"`)
	byHand := s.auth.Token(in.User.ID)
	s.get("/auth/verify", byHand).expectIdentity(in.User.ID, "", "", "", "zo%C3%AB%25@example.com")
	s.disable(in.User.ID)
	s.get("/auth/verify", byHand).expectRefused(401, "invalid_token", `Bearer realm="api", error="invalid_token"`)
	s.get("/auth/verify", in.AccessToken).expectRefused(401, "invalid_token", `Bearer realm="api", error="invalid_token"`)
	s.store.fail(fmt.Errorf("%w: %w", jeton.ErrUnavailable, errDisk))
	s.get("/auth/verify", byHand).expectRefused(503, "unavailable", "")
	s.store.fail(errDisk) // which is no error that a store may return
	s.get("/auth/verify", byHand).expectRefused(503, "unavailable", "")
}

// users panics.
type brokenUsers struct{ jeton.UserStore }

func (brokenUsers) UserByID(context.Context, string) (*jeton.User, error) { panic("out of cheese") }

// A defect is no answer that nginx would take for one of its own.
func TestVerifyWithDefects(t *testing.T) {
	t.Parallel()
	s := start(t, func(j *jeton.Config, c *api.Config) {
		j.Users, c.VerifyLoadUser = brokenUsers{}, true
	})
	a := s.get("/auth/verify", s.auth.Token("ada"))
	a.expectRefused(503, "unavailable", "")
	if n := len(s.log.lines(a.header.Get("X-Request-Id"), `"level":"ERROR"`, "out of cheese")); n != 1 {
		t.Errorf("%d lines in the log", n)
	}
	policy := guard.Config{Policy: func(context.Context, *jeton.Principal) (bool, error) { panic("out of cheese") }}
	s = startWith(t, policy)
	s.get("/auth/verify", s.auth.Token("ada")).expectRefused(503, "unavailable", "")
	s = startWith(t, guard.Config{Policy: func(context.Context, *jeton.Principal) (bool, error) { return false, errors.New("database is away") }})
	s.get("/auth/verify", s.auth.Token("ada")).expectRefused(503, "unavailable", "")
}

// csrfValue is what a page reads from a cookie.
const csrfValue = "a random value"

// A token from a cookie is judged by what a trusted proxy says of the original request.
func TestVerifyCookies(t *testing.T) {
	t.Parallel()
	protection := guard.Config{
		Sources: []guard.Source{guard.Bearer(), guard.Cookie("jeton")},
		CSRF:    guard.CSRF{Claim: "page", TrustedOrigins: []string{"https://app.example.com"}},
	}
	trust := func(_ *jeton.Config, c *api.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
	s, stranger := startWith(t, protection, trust), startWith(t, protection)
	said := func(namesAndValues ...string) http.Header {
		h := http.Header{"X-Forwarded-Host": {"www.example.com"}}
		for pair := range slices.Chunk(namesAndValues, 2) {
			h[pair[0]] = append(h[pair[0]], pair[1])
		}
		return h
	}
	tests := map[string]struct {
		header http.Header
		ok     bool
	}{
		"reading, nginx":                  {said("X-Original-Method", "GET", "X-Original-Uri", "/"), true},
		"reading, Caddy and Traefik":      {said("X-Forwarded-Method", "HEAD", "X-Forwarded-Uri", "/"), true},
		"both":                            {said("X-Original-Method", "GET", "X-Forwarded-Method", "GET"), true},
		"reading for another site":        {said("X-Original-Method", "GET", "Sec-Fetch-Site", "cross-site"), true},
		"nothing is known":                {said(), false},
		"nothing but an origin":           {said("Origin", "https://www.example.com", "X-Csrf-Token", csrfValue), false},
		"nothing but a trusted origin":    {said("Origin", "https://app.example.com", "X-Csrf-Token", csrfValue), false},
		"two methods":                     {said("X-Original-Method", "GET", "X-Original-Method", "POST", "X-Csrf-Token", csrfValue), false},
		"two that differ":                 {said("X-Original-Method", "GET", "X-Forwarded-Method", "POST", "X-Csrf-Token", csrfValue), false},
		"an empty method":                 {said("X-Original-Method", "", "X-Csrf-Token", csrfValue), false},
		"a method of no standard":         {said("X-Original-Method", "get"), false},
		"changing":                        {said("X-Original-Method", "POST"), false},
		"changing, with the value":        {said("X-Original-Method", "POST", "X-Csrf-Token", csrfValue), true},
		"another value":                   {said("X-Original-Method", "POST", "X-Csrf-Token", "other"), false},
		"from this host":                  {said("X-Original-Method", "PUT", "X-Csrf-Token", csrfValue, "Origin", "https://www.example.com"), true},
		"from a trusted origin":           {said("X-Original-Method", "PUT", "X-Csrf-Token", csrfValue, "Origin", "https://app.example.com"), true},
		"from another origin":             {said("X-Original-Method", "PUT", "X-Csrf-Token", csrfValue, "Origin", "https://evil.example.com"), false},
		"from another site":               {said("X-Original-Method", "PUT", "X-Csrf-Token", csrfValue, "Sec-Fetch-Site", "cross-site"), false},
		"two hosts":                       {said("X-Forwarded-Host", "evil.example.com", "X-Original-Method", "PUT", "X-Csrf-Token", csrfValue, "Origin", "https://evil.example.com"), false},
		"handshake":                       {said("X-Original-Method", "GET", "Sec-Websocket-Key", "x", "Origin", "https://www.example.com"), true},
		"handshake from another origin":   {said("X-Original-Method", "GET", "Sec-Websocket-Key", "x", "Origin", "https://evil.example.com"), false},
		"handshake without an origin":     {said("X-Original-Method", "GET", "Sec-Websocket-Version", "13"), false},
		"handshake with its own header":   {said("X-Original-Method", "GET", "Upgrade", "websocket", "Origin", "https://evil.example.com"), false},
		"handshake of which little known": {said("Sec-Websocket-Key", "x", "Origin", "https://www.example.com"), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, s := range []*server{s, stranger} {
				token := s.auth.Token("ada", jetontest.Claim("page", guard.CSRFDigest(csrfValue)))
				header := maps.Clone(tt.header)
				header["Cookie"] = []string{"jeton=" + token}
				byCookie := s.send(request{method: http.MethodGet, path: "/auth/verify", header: header})
				byHeader := s.send(request{method: http.MethodGet, path: "/auth/verify", header: header, token: token})
				byCookie.t, byHeader.t = t, t
				byHeader.expectIdentity("ada", "", "", "", "")
				if tt.ok && s != stranger {
					byCookie.expectIdentity("ada", "", "", "", "")
				} else {
					byCookie.expectRefused(403, "csrf_failed", "")
				}
			}
		})
	}
	// A proxy that does not name the host has kept it.
	for origin, status := range map[string]int{s.url: 200, "https://www.example.com": 403} {
		header := http.Header{"X-Original-Method": {"PUT"}, "X-Csrf-Token": {csrfValue}, "Origin": {origin}}
		header.Set("Cookie", "jeton="+s.auth.Token("ada", jetontest.Claim("page", guard.CSRFDigest(csrfValue))))
		s.send(request{method: http.MethodGet, path: "/auth/verify", header: header}).expect(status)
	}
	in := http.Header{"Cookie": {"jeton=x; jeton=y"}, "X-Original-Method": {"GET"}}
	s.send(request{method: http.MethodGet, path: "/auth/verify", header: in}).expectRefused(401, "invalid_request", `Bearer realm="api"`)
}

// A token in the query is one in that of the original request.
func TestVerifyQuery(t *testing.T) {
	t.Parallel()
	s := startWith(t, guard.Config{Sources: []guard.Source{guard.Query("ticket")}}, func(_ *jeton.Config, c *api.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	})
	token := s.auth.Token("ada")
	ask := func(query string, header http.Header) answer {
		return s.send(request{method: http.MethodGet, path: "/auth/verify" + query, header: header})
	}
	ask("", http.Header{"X-Original-Uri": {"/live?ticket=" + token}}).expectIdentity("ada", "", "", "", "")
	ask("", http.Header{"X-Forwarded-Uri": {"/live?x=1&ticket=" + token}}).expectIdentity("ada", "", "", "", "")
	for _, uri := range []string{"", "/live", "?ticket=" + token, "/live%zz?ticket=" + token, "/live?ticket="} {
		ask("", http.Header{"X-Original-Uri": {uri}}).expectRefused(401, "unauthorized", `Bearer realm="api"`)
	}
	ask("?ticket="+token, nil).expectRefused(401, "unauthorized", `Bearer realm="api"`)
	two := http.Header{"X-Original-Uri": {"/live?ticket=" + token}, "X-Forwarded-Uri": {"/"}}
	ask("", two).expectRefused(401, "unauthorized", `Bearer realm="api"`)
}
