package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
)

// withCookies sets how cookies are kept, for a service with this issuer.
func withCookies(issuer string, cookies api.Cookies) option {
	return func(j *jeton.Config, c *api.Config) { j.Issuer, c.Cookies = issuer, cookies }
}

// The names follow the options, and so do the attributes.
func TestCookieOptions(t *testing.T) {
	t.Parallel()
	const https = "https://auth.example.com"
	for name, tt := range map[string]struct {
		issuer  string
		cookies api.Cookies
		want    []string
	}{
		"default":    {https, api.Cookies{}, defaultCookies},
		"said":       {https, api.Cookies{SameSite: http.SameSiteLaxMode, RefreshPath: "/auth"}, defaultCookies},
		"default ss": {https + "/", api.Cookies{SameSite: http.SameSiteDefaultMode}, defaultCookies},
		"upper case": {"HTTPS://AUTH.EXAMPLE.COM:443", api.Cookies{}, defaultCookies},
		"address":    {"https://192.0.2.7", api.Cookies{}, defaultCookies},
		"strict": {https, api.Cookies{SameSite: http.SameSiteStrictMode}, []string{
			"__Host-jeton=…; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Strict", defaultCookies[1],
			"__Host-jeton-csrf=…; Path=/; Max-Age=2592000; Secure; SameSite=Strict",
		}},
		"domain": {https, api.Cookies{Domain: "example.com"}, []string{
			"__Secure-jeton=…; Path=/; Domain=example.com; Max-Age=900; HttpOnly; Secure; SameSite=Lax", defaultCookies[1],
			"__Secure-jeton-csrf=…; Path=/; Domain=example.com; Max-Age=2592000; Secure; SameSite=Lax",
		}},
		"the host as domain": {https, api.Cookies{Domain: "auth.example.com"}, []string{
			"__Secure-jeton=…; Path=/; Domain=auth.example.com; Max-Age=900; HttpOnly; Secure; SameSite=Lax", defaultCookies[1],
			"__Secure-jeton-csrf=…; Path=/; Domain=auth.example.com; Max-Age=2592000; Secure; SameSite=Lax",
		}},
		"names": {https, api.Cookies{Names: api.CookieNames{Access: "auth", Refresh: "__secure-again", CSRF: "__Host-XSRF-TOKEN"}}, []string{
			"auth=…; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax",
			"__secure-again=…; Path=/auth; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict",
			"__Host-XSRF-TOKEN=…; Path=/; Max-Age=2592000; Secure; SameSite=Lax",
		}},
		"prefixes of what scripts cannot read": {https, api.Cookies{Names: api.CookieNames{Access: "__Host-Http-a", Refresh: "__Http-r"}}, []string{
			"__Host-Http-a=…; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax",
			"__Http-r=…; Path=/auth; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict", defaultCookies[2],
		}},
		"refresh token everywhere": {https, api.Cookies{RefreshPath: "/"}, []string{
			defaultCookies[0], "__Host-jeton-refresh=…; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict", defaultCookies[2],
		}},
		"below a path": {"https://example.com/a%2Fb/%C3%A9/", api.Cookies{}, []string{
			defaultCookies[0], "__Secure-jeton-refresh=…; Path=/a%2Fb/%C3%A9/auth; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict", defaultCookies[2],
		}},
		"below another path than the issuer's": {"https://example.com/a;b", api.Cookies{RefreshPath: "/api/auth"}, []string{
			defaultCookies[0], "__Secure-jeton-refresh=…; Path=/api/auth; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict", defaultCookies[2],
		}},
		"insecure":             {"http://127.0.0.1:8080", api.Cookies{Insecure: true}, insecureCookies},
		"insecure localhost":   {"http://localhost:8080/", api.Cookies{Insecure: true}, insecureCookies},
		"insecure x.localhost": {"http://x.LOCALHOST", api.Cookies{Insecure: true}, insecureCookies},
		"insecure IPv6":        {"http://[::1]:8080", api.Cookies{Insecure: true}, insecureCookies},
		"insecure, named": {"http://127.1.2.3", api.Cookies{Insecure: true, Names: api.CookieNames{Access: "auth"}}, []string{
			"auth=…; Path=/; Max-Age=900; HttpOnly; SameSite=Lax", insecureCookies[1], insecureCookies[2],
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, withCookies(tt.issuer, tt.cookies))
			s.post("/auth/signup", object("email", email, "password", password, "cookies", true), "").
				expect(http.StatusCreated).expectCookies(tt.want...)
			var cleared []string
			for _, line := range tt.want {
				pair, attributes, _ := strings.Cut(line, "=…")
				before, rest, _ := strings.Cut(attributes, "Max-Age=")
				cleared = append(cleared, pair+"="+before+"Max-Age=0"+strings.TrimLeft(rest, "0123456789"))
			}
			s.post("/auth/logout", "", "").expect(http.StatusNoContent).expectCookies(cleared...)
			for _, line := range cleared { // what removes a cookie has to keep to the name's prefix, too
				if strings.HasPrefix(line, "__") && !strings.Contains(line, "; Secure") {
					t.Errorf("no browser takes %s", line)
				}
			}
		})
	}
}

var insecureCookies = []string{
	"jeton=…; Path=/; Max-Age=900; HttpOnly; SameSite=Lax",
	"jeton-refresh=…; Path=/auth; Max-Age=2592000; HttpOnly; SameSite=Strict",
	"jeton-csrf=…; Path=/; Max-Age=2592000; SameSite=Lax",
}

// What browsers would not take, or what is not safe, is an error at construction that names the field.
func TestBadCookieOptions(t *testing.T) {
	t.Parallel()
	const https, loopback = "https://auth.example.com", "http://127.0.0.1:8080"
	named := func(access, refresh, csrf string) api.Cookies {
		return api.Cookies{Names: api.CookieNames{Access: access, Refresh: refresh, CSRF: csrf}}
	}
	insecure := func(c api.Cookies) api.Cookies { c.Insecure = true; return c }
	domain := func(c api.Cookies) api.Cookies { c.Domain = "example.com"; return c }
	for _, tt := range []struct {
		issuer  string
		cookies api.Cookies
		field   string
	}{
		{https, api.Cookies{Insecure: true}, "Insecure"},
		{"https://127.0.0.1", api.Cookies{Insecure: true}, "Insecure"},
		{"http://192.168.1.5:8080", api.Cookies{Insecure: true}, "Insecure"},
		{"http://auth.example.com", api.Cookies{Insecure: true}, "Insecure"},
		{"http://localhost.example.com", api.Cookies{Insecure: true}, "Insecure"},
		{"http://notlocalhost", api.Cookies{Insecure: true}, "Insecure"},
		{"http://127.0.0.1.example.com", api.Cookies{Insecure: true}, "Insecure"},
		{"my service", api.Cookies{Insecure: true}, "Insecure"},

		{https, named("__Host-a b", "", ""), "Names.Access"},
		{https, named("ä", "", ""), "Names.Access"},
		{https, named("a;b", "", ""), "Names.Access"},
		{https, named("", "a=b", ""), "Names.Refresh"},
		{https, named("", "__Host-r", ""), "Names.Refresh"},
		{https, named("", "__HOST-r", ""), "Names.Refresh"},
		{https, named("", "__Host-Http-r", ""), "Names.Refresh"},
		{https, domain(named("__Host-a", "", "")), "Names.Access"},
		{https, domain(named("", "", "__Host-c")), "Names.CSRF"},
		{https, named("", "", "__Http-c"), "Names.CSRF"},
		{https, named("", "", "__Host-Http-c"), "Names.CSRF"},
		{loopback, insecure(named("__Host-a", "", "")), "Names.Access"},
		{loopback, insecure(named("", "__Secure-r", "")), "Names.Refresh"},
		{loopback, insecure(named("", "__secure-r", "")), "Names.Refresh"},
		{loopback, insecure(named("", "__Http-r", "")), "Names.Refresh"},
		{loopback, insecure(named("", "", "__Host-c")), "Names.CSRF"},
		{https, named("same", "same", ""), "Names.Refresh"},
		{https, named("same", "", "same"), "Names.CSRF"},
		{https, named("", "same", "same"), "Names.CSRF"},
		{https, named("__Host-jeton-csrf", "", ""), "Names.CSRF"},

		{https, api.Cookies{Domain: "example.org"}, "Domain"},
		{https, api.Cookies{Domain: "x.auth.example.com"}, "Domain"},
		{https, api.Cookies{Domain: "h.example.com"}, "Domain"},
		{https, api.Cookies{Domain: ".example.com"}, "Domain"},
		{https, api.Cookies{Domain: "com"}, "Domain"},
		{https, api.Cookies{Domain: "Example.com"}, "Domain"},
		{https, api.Cookies{Domain: "example.com."}, "Domain"},
		{https, api.Cookies{Domain: "example.com; Path=/"}, "Domain"},
		{"https://192.0.2.7", api.Cookies{Domain: "2.7"}, "Domain"},
		{https, api.Cookies{SameSite: http.SameSiteNoneMode}, "SameSite"},
		{https, api.Cookies{SameSite: 9}, "SameSite"},
		{https, api.Cookies{RefreshPath: "auth"}, "RefreshPath"},
		{https, api.Cookies{RefreshPath: "/a;b"}, "RefreshPath"},
		{https, api.Cookies{RefreshPath: "/é"}, "RefreshPath"},
		{https, api.Cookies{TrustedOrigins: []string{"https://app.example.com", "app.example.com"}}, "TrustedOrigins"},
		{https, api.Cookies{TrustedOrigins: []string{"https://app.example.com/"}}, "TrustedOrigins"},
		{https, api.Cookies{TrustedOrigins: []string{"*"}}, "TrustedOrigins"},
		{"http://auth.example.com", named("a b", "", ""), "Names.Access"}, // also where there are none yet
	} {
		auth := jetontest.New(t, func(c *jeton.Config) { c.Issuer = tt.issuer })
		a, err := api.New(api.Config{Auth: auth.Auth, Cookies: tt.cookies})
		if a != nil || err == nil || !strings.HasPrefix(err.Error(), "api: Config.Cookies."+tt.field+": ") {
			t.Errorf("%s, %+v: %v", tt.issuer, tt.cookies, err)
		}
		if errors.Is(err, api.ErrInsecureIssuer) != (tt.field == "Insecure") {
			t.Errorf("%s: %v", tt.issuer, err)
		}
	}
}

// The options are read once.
func TestCookieOptionsAreCopied(t *testing.T) {
	t.Parallel()
	origins := []string{trustedOrigin}
	s := start(t, withCookies(jetontest.Issuer, api.Cookies{TrustedOrigins: origins}))
	origins[0] = "https://evil.example"
	b := s.browse()
	b.signUp()
	header := with(nil, "Origin", "https://evil.example", "X-CSRF-Token", b.cookies("/")["__Host-jeton-csrf"])
	b.send(request{method: http.MethodPatch, path: "/auth/me", body: "{}", header: header}).expectRefusedForgery(t)
	header.Set("Origin", trustedOrigin)
	b.send(request{method: http.MethodPatch, path: "/auth/me", body: "{}", header: header}).expect(http.StatusOK)
}

// Credentials must not have what asks for cookies.
func TestCredentialsWithCookies(t *testing.T) {
	t.Parallel()
	type credentials struct {
		Cookies string `json:"cookies"`
	}
	auth := jetontest.New(t, func(c *jeton.Config) { c.Strategies = []jeton.Strategy{fixed{new(credentials)}} })
	if a, err := api.New(api.Config{Auth: auth.Auth}); a != nil || err == nil || !strings.Contains(err.Error(), `api: strategy "fixed": `) {
		t.Errorf("%v", err)
	}
}

// Below a path, the browser sends the refresh token to where the operations are, and nowhere else.
func TestCookiesBelowAPath(t *testing.T) {
	t.Parallel()
	s := start(t, withIssuer("https://example.com/accounts"))
	b := s.browseAt(s.site("/accounts"))
	b.signUp()
	b.expectSignedIn(true)
	b.auth.Expire()
	b.fetch(http.MethodPost, "/auth/refresh", "").expect(http.StatusOK)
	b.expectSignedIn(true)
	for path, want := range map[string]int{"/auth/refresh": 3, "/auth/logout": 3, "/news": 2, "/oauth/token": 2} {
		if got := b.cookies(path); len(got) != want {
			t.Errorf("%s gets %d cookies, want %d", path, len(got), want)
		}
	}
	b.fetch(http.MethodPost, "/auth/logout", "").expect(http.StatusNoContent)
	if left := b.cookies("/auth/refresh"); len(left) != 0 {
		t.Errorf("the browser keeps %d cookies", len(left))
	}
}
