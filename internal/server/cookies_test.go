package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/api"
)

// withCookies is a sign-up that asks for cookies.
var withCookies = object{"email": "eve@example.com", "password": "correct horse battery", "cookies": true}

func TestCookiesAreTheServices(t *testing.T) {
	t.Parallel()
	const refused = "validation_failed"
	for name, test := range map[string]struct {
		change func(*Config)
		status int
		code   string
		name   string // of the access token's cookie
	}{
		"http":     {func(*Config) {}, 422, refused, ""},
		"insecure": {func(c *Config) { c.InsecureCookies = true }, 201, "", "jeton"},
		"https":    {func(c *Config) { c.Issuer = "https://auth.example.com" }, 201, "", "__Host-jeton"},
		"off":      {func(c *Config) { c.Issuer, c.NoCookies = "https://auth.example.com", true }, 422, refused, ""},
		"both off": {func(c *Config) { c.InsecureCookies, c.NoCookies = true, true }, 422, refused, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, t.TempDir(), test.change)
			a := r.want(r.do("POST", "/auth/signup", "", withCookies), test.status, test.code)
			if got := a.header.Get("Set-Cookie"); !strings.HasPrefix(got, test.name) || (got == "") != (test.name == "") {
				t.Errorf("cookie %q", got)
			}
		})
	}
}

func TestTrustedOriginsAreTheServices(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir(), func(c *Config) {
		c.InsecureCookies, c.TrustedOrigins = true, []string{"http://127.0.0.1:3000"}
	})
	try := func(origin string) answered {
		t.Helper()
		a, err := r.try("POST", "/auth/signup", http.Header{"Origin": {origin}, "Sec-Fetch-Site": {"same-site"}}, withCookies)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	r.want(try("http://127.0.0.1:4000"), 403, "csrf_failed")
	r.want(try("http://127.0.0.1:3000"), 201, "")
	r.reload(func(c *Config) { c.TrustedOrigins = nil })
	r.want(try("http://127.0.0.1:3000"), 403, "csrf_failed")
	r.reload(func(c *Config) { c.NoCookies = true })
	r.want(try("http://127.0.0.1:3000"), 422, "validation_failed")
}

// Cookies that a browser sends in clear over a network are refused at start, and by a reload, with the setting's name.
func TestInsecureCookiesForOthers(t *testing.T) {
	t.Parallel()
	wanted := func(err error) {
		t.Helper()
		setting, ok := errors.AsType[*SettingError](err)
		if !ok || setting.Key != "insecure_cookies" || !errors.Is(err, api.ErrInsecureIssuer) {
			t.Errorf("error %v", err)
		}
	}
	for _, issuer := range []string{"http://auth.example.com", "https://auth.example.com"} {
		s, err := Open(context.Background(), Config{Listen: "127.0.0.1:0", Data: t.TempDir(), Issuer: issuer, AccessTTL: 60e9, InsecureCookies: true})
		if err == nil {
			t.Errorf("%s: no error: %v", issuer, s.Close())
		}
		wanted(err)
	}
	r := start(t, t.TempDir(), func(c *Config) { c.Issuer = "https://auth.example.com" })
	cfg := r.server.cfg
	cfg.InsecureCookies = true
	wanted(r.server.Reload(t.Context(), cfg))
	r.want(r.do("POST", "/auth/signup", "", withCookies), 201, "")
}
