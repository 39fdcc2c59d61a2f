package api_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
)

const trustedOrigin = "https://app.example.com"

func withTrustedOrigin(_ *jeton.Config, c *api.Config) {
	c.Cookies.TrustedOrigins = []string{trustedOrigin}
}

// What comes with a cookie must come from here, and repeat the CSRF value if it changes something.
func TestForgedRequests(t *testing.T) {
	t.Parallel()
	s := start(t, withTrustedOrigin)
	address, client := s.site("")
	b, eve := s.browseAt(address, client), s.browseAt(address, client)
	value := b.signUp().CSRFToken
	other := eve.fetch(http.MethodPost, "/auth/signup", object("email", "eve@example.com", "password", password, "cookies", true)).
		cookieGrant().CSRFToken
	here := b.fromHere()
	tests := map[string]struct {
		header http.Header
		ok     bool
	}{
		"the value":                           {with(here, "X-CSRF-Token", value), true},
		"the value, without an origin":        {with(nil, "X-CSRF-Token", value), true},
		"the value, typed into the browser":   {with(nil, "X-CSRF-Token", value, "Sec-Fetch-Site", "none"), true},
		"the value, from a trusted origin":    {with(nil, "X-CSRF-Token", value, "Origin", trustedOrigin, "Sec-Fetch-Site", "same-site"), true},
		"the value, from the issuer's origin": {with(nil, "X-CSRF-Token", value, "Origin", jetontest.Issuer, "Sec-Fetch-Site", "cross-site"), true},
		"the value twice":                     {http.Header{"X-Csrf-Token": {value, value}}, true},
		"no value":                            {here, false},
		"nothing":                             {nil, false},
		"an empty value":                      {with(here, "X-CSRF-Token", ""), false},
		"another session's value":             {with(here, "X-CSRF-Token", other), false},
		"the digest":                          {with(here, "X-CSRF-Token", guard.CSRFDigest(value)), false},
		"two values":                          {http.Header{"X-Csrf-Token": {value, other}, "Sec-Fetch-Site": {"same-origin"}}, false},
		"the value in another header":         {with(here, "X-XSRF-Token", value), false},
		"the value in a cookie alone":         {with(here, "Cookie", "__Host-jeton-csrf="+value), false},
		"from another site":                   {with(nil, "X-CSRF-Token", value, "Sec-Fetch-Site", "cross-site"), false},
		"from another origin of this site":    {with(nil, "X-CSRF-Token", value, "Sec-Fetch-Site", "same-site"), false},
		"from another origin":                 {with(nil, "X-CSRF-Token", value, "Origin", "https://evil.example.com"), false},
		"from another origin, as it says":     {with(nil, "X-CSRF-Token", value, "Origin", "https://evil.example.com", "Sec-Fetch-Site", "same-origin"), true},
		"from a sandbox":                      {with(nil, "X-CSRF-Token", value, "Origin", "null"), false},
		"from the host by http":               {with(nil, "X-CSRF-Token", value, "Origin", "http://"+strings.TrimPrefix(address, "https://"), "Sec-Fetch-Site", "cross-site"), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, r := range []request{
				{method: http.MethodPatch, path: "/auth/me", body: `{"name":"Ada"}`},
				{method: http.MethodPost, path: "/auth/password", body: object("current_password", "not this one", "new_password", password+"!")},
				{method: http.MethodDelete, path: "/auth/sessions/nonsense"},
				{method: http.MethodDelete, path: "/auth/me", body: object("current_password", "not this one")},
				{method: http.MethodPost, path: "/news"},
			} {
				r.header = tt.header
				a := b.send(r)
				a.t = t
				switch {
				case tt.ok && a.status == http.StatusForbidden:
					t.Errorf("%s %s: %s", r.method, r.path, a.text)
				case !tt.ok && r.path == "/news": // the guard's own answer
					a.expect(http.StatusForbidden)
				case !tt.ok:
					a.expectRefusedForgery(t)
				}
			}
		})
	}
	for _, header := range []http.Header{nil, {"Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"https://evil.example.com"}}} {
		b.send(request{method: http.MethodGet, path: "/auth/me", header: header}).expect(http.StatusOK) // it only reads
	}
}

// No other site signs a user in, as somebody whom it knows, nor refreshes, nor signs out.
func TestLoginCSRF(t *testing.T) {
	t.Parallel()
	s := start(t, withTrustedOrigin)
	address, client := s.site("")
	account := object("email", email, "password", password, "cookies", true)
	s.signUp()
	tests := map[string]struct {
		header http.Header
		ok     bool
	}{
		"the same origin":        {http.Header{"Origin": {address}, "Sec-Fetch-Site": {"same-origin"}}, true},
		"old browsers":           {http.Header{"Origin": {address}}, true},
		"no browser":             {nil, true},
		"a trusted origin":       {http.Header{"Origin": {trustedOrigin}, "Sec-Fetch-Site": {"same-site"}}, true},
		"the issuer's origin":    {http.Header{"Origin": {jetontest.Issuer}}, true},
		"another site":           {http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}, false},
		"the same site":          {http.Header{"Origin": {"https://evil.example.com"}, "Sec-Fetch-Site": {"same-site"}}, false},
		"another site, unnamed":  {http.Header{"Sec-Fetch-Site": {"cross-site"}}, false},
		"another, old browsers":  {http.Header{"Origin": {"https://evil.example"}}, false},
		"a sandbox":              {http.Header{"Origin": {"null"}, "Sec-Fetch-Site": {"cross-site"}}, false},
		"nearly a trusted one":   {http.Header{"Origin": {trustedOrigin + ".evil.example"}}, false},
		"a trusted one, by http": {http.Header{"Origin": {"http://app.example.com"}}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := s.browseAt(address, client)
			b.signIn()
			before := s.store.writes.Load()
			for i, r := range []request{
				{path: "/auth/signup", body: object("email", fmt.Sprintf("%d%d@example.com", len(name), s.store.writes.Load()), "password", password, "cookies", true)},
				{path: "/auth/login", body: account},
				{path: "/auth/refresh", body: "{}"},
				{path: "/auth/logout", body: "{}"},
			} {
				r.method, r.header = http.MethodPost, tt.header
				a := b.send(r)
				a.t = t
				switch {
				case !tt.ok:
					a.expectRefusedForgery(t)
				case i == 3:
					a.expect(http.StatusNoContent).expectCookies(clearedCookies...)
				default:
					a.expectCookies(defaultCookies...)
				}
			}
			if written := s.store.writes.Load() - before; !tt.ok && written != 0 {
				t.Errorf("%d writes", written)
			}
			b.expectSignedIn(!tt.ok)
		})
	}
}

// What a form of another site can send is not read as JSON.
func TestFormsSignNobodyIn(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	b.signUp()
	body := object("email", email, "password", password, "cookies", true)
	for _, mediaType := range []string{"text/plain", formType, "multipart/form-data; boundary=x", ""} {
		for _, path := range []string{"/auth/signup", "/auth/login", "/auth/refresh"} {
			a := b.send(request{method: http.MethodPost, path: path, body: body, header: with(b.fromHere(), "Content-Type", mediaType)})
			a.expectCookies().expectProblem(http.StatusUnsupportedMediaType, "unsupported_media_type")
		}
	}
}

// A refresh without a body says by its origin, or by a media type that another site's page cannot send, that it is no forgery.
func TestRefreshWithoutBody(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	b.signUp()
	for name, tt := range map[string]struct {
		header http.Header
		status int
	}{
		"origin":                       {http.Header{"Origin": {b.url}}, 200},
		"fetch metadata":               {http.Header{"Sec-Fetch-Site": {"same-origin"}}, 200},
		"media type":                   {media("application/json"), 200},
		"media type and charset":       {media("application/json; charset=utf-8"), 200},
		"all of them":                  {with(b.fromHere(), "Content-Type", "application/json"), 200},
		"a form of this origin":        {with(b.fromHere(), "Content-Type", formType), 200},
		"nothing":                      {nil, 415},
		"a form":                       {media(formType), 415},
		"text":                         {media("text/plain"), 415},
		"a form of another site":       {http.Header{"Origin": {"https://evil.example"}, "Content-Type": {formType}}, 403},
		"another site":                 {http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		"another site, and media type": {http.Header{"Sec-Fetch-Site": {"cross-site"}, "Content-Type": {"application/json"}}, 403},
	} {
		a := b.send(request{method: http.MethodPost, path: "/auth/refresh", header: tt.header})
		if a.status != tt.status || (a.header["Set-Cookie"] != nil) != (tt.status == 200) {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	b.expectSignedIn(true)
	// Nor does sign-out go by cookies of which nobody knows who sent them.
	b.send(request{method: http.MethodPost, path: "/auth/logout"}).expectCookies().expectProblem(http.StatusUnsupportedMediaType, "unsupported_media_type")
	b.expectSignedIn(true)
}

// A page elsewhere that has a token signs out with it, and leaves alone the cookies that are none of its business.
func TestSignOutFromElsewhere(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	b.signUp()
	elsewhere := http.Header{"Origin": {"https://spa.example"}, "Sec-Fetch-Site": {"cross-site"}}
	byHeader, byBody := b.signInWithoutCookies(), b.signInWithoutCookies()
	b.send(request{method: http.MethodPost, path: "/auth/logout", token: byHeader.AccessToken, header: elsewhere}).
		expect(http.StatusNoContent).expectCookies()
	b.send(request{method: http.MethodPost, path: "/auth/logout", body: object("refresh_token", byBody.RefreshToken), header: elsewhere}).
		expect(http.StatusNoContent).expectCookies()
	b.expectEnded(byHeader, true)
	b.expectEnded(byBody, true)
	b.expectSignedIn(true)
	// Also without any cookie: else its answer would remove them.
	b.bare.send(request{method: http.MethodPost, path: "/auth/logout", header: elsewhere}).expectRefusedForgery(t)
}

// Two cookies of one name are two users, of whom nobody knows which is meant. A header says it.
func TestTwoCookiesOfOneName(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	twice := func(name, one, other string) http.Header {
		return http.Header{"Cookie": {name + "=" + one + "; " + name + "=" + other}, "Sec-Fetch-Site": {"same-origin"}}
	}
	access, refresh := "__Host-jeton", "__Secure-jeton-refresh"
	for _, r := range []request{
		{method: http.MethodGet, path: "/auth/me", header: twice(access, in.AccessToken, "x")},
		{method: http.MethodGet, path: "/auth/me", header: twice(access, in.AccessToken, in.AccessToken)},
		{method: http.MethodGet, path: "/auth/me", header: http.Header{"Cookie": {access + "=" + in.AccessToken, access + "="}}},
		{method: http.MethodPost, path: "/auth/refresh", header: twice(refresh, in.RefreshToken, "x")},
		{method: http.MethodPost, path: "/auth/refresh", header: twice(refresh, in.RefreshToken, in.RefreshToken)},
		{method: http.MethodPost, path: "/auth/logout", header: twice(refresh, in.RefreshToken, "x")},
		{method: http.MethodPost, path: "/auth/logout", header: twice(access, in.AccessToken, "x")},
	} {
		a := s.send(r).expectCookies()
		if p := a.expectProblem(http.StatusBadRequest, "invalid_request"); p.Detail != "The request has more than one cookie with a token." {
			t.Errorf("%s %s: detail %q", r.method, r.path, p.Detail)
		}
	}
	s.expectEnded(in, false)
	s.send(request{method: http.MethodGet, path: "/auth/me", token: in.AccessToken, header: twice(access, "x", "y")}).expect(http.StatusOK)
	next := s.send(request{
		method: http.MethodPost, path: "/auth/refresh", body: object("refresh_token", in.RefreshToken), header: twice(refresh, "x", "y"),
	}).expect(http.StatusOK).tokens()
	s.send(request{method: http.MethodPost, path: "/auth/logout", token: next.AccessToken, header: twice(refresh, "x", "y")}).
		expect(http.StatusNoContent).expectCookies(clearedCookies...)
}

// A proxy may ask about a request with the cookie.
func TestVerifyWithCookie(t *testing.T) {
	t.Parallel()
	s := start(t, func(_ *jeton.Config, c *api.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	a := s.post("/auth/signup", object("email", email, "password", password, "cookies", true), "").expect(http.StatusCreated)
	_, values := a.setCookies()
	in := a.cookieGrant()
	ask := func(method string, more ...string) answer {
		t.Helper()
		header := with(http.Header{"Cookie": {"__Host-jeton=" + values["__Host-jeton"]}}, append(more, "X-Forwarded-Method", method)...)
		return s.send(request{method: http.MethodGet, path: "/auth/verify", header: header})
	}
	ask(http.MethodGet).expectIdentity(in.User.ID, in.SessionID, "", "", "")
	ask(http.MethodPost, "X-CSRF-Token", in.CSRFToken).expectIdentity(in.User.ID, in.SessionID, "", "", "")
	ask(http.MethodPost).expectRefused(http.StatusForbidden, "csrf_failed", "")
	ask("").expectRefused(http.StatusForbidden, "csrf_failed", "")
}

// The guard of the application's own routes takes what it is given, and the service's cookies beside.
func TestGuardOfTheApplication(t *testing.T) {
	t.Parallel()
	s := start(t, withTrustedOrigin)
	g, err := s.api.Guard(guard.Config{
		Sources: []guard.Source{guard.Header("X-Access-Token")}, CSRF: guard.CSRF{Headers: []string{"X-XSRF-Token"}, TrustedOrigins: []string{"https://b.example.com"}},
		Scopes: []string{"news:read"}, Realm: "news",
	})
	if err != nil {
		t.Fatal(err)
	}
	d := g.Describe()
	if len(d.Sources) != 2 || d.Sources[0].Name != "X-Access-Token" || d.Sources[1].Place != guard.PlaceCookie || d.Sources[1].Name != "__Host-jeton" {
		t.Errorf("sources %+v", d.Sources)
	}
	if len(d.Scopes) != 1 || len(d.CSRFHeaders) != 1 || d.CSRFHeaders[0] != "X-Xsrf-Token" {
		t.Errorf("%+v", d)
	}
	off := start(t, withIssuer("http://127.0.0.1"))
	if g, err = off.api.Guard(guard.Config{}); err != nil {
		t.Fatal(err)
	}
	if d := g.Describe(); len(d.Sources) != 1 || d.Sources[0].Name != "Authorization" {
		t.Errorf("without cookies: %+v", d.Sources)
	}
	if _, err := s.api.Guard(guard.Config{Sources: []guard.Source{guard.Cookie("__Host-jeton")}}); err == nil || !strings.Contains(err.Error(), "Config.Sources[1]") {
		t.Errorf("the cookie twice: %v", err)
	}
	if _, err := s.api.Guard(guard.Config{Realm: "\n"}); err == nil {
		t.Error("a bad realm is no error")
	}
}
