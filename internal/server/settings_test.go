package server

import (
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// What the operator says reaches the service.

func TestAccessTTLIsTheServices(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir(), func(c *Config) { c.AccessTTL = 7 * time.Minute })
	up := r.want(r.do("POST", "/auth/signup", "", ada), 201, "")
	if got := up.body["expires_in"]; got != 420.0 {
		t.Errorf("expires_in is %v, want 420", got)
	}
	r.advance(7*time.Minute + 31*time.Second) // and the leeway
	r.want(r.do("GET", "/auth/me", up.str("access_token"), nil), 401, "invalid_token")
}

func TestReuseIntervalIsTheServices(t *testing.T) {
	t.Parallel()
	refresh := func(r *running, token string, status int, code string) string {
		t.Helper()
		return r.want(r.do("POST", "/auth/refresh", "", object{"refresh_token": token}), status, code).str("refresh_token")
	}
	t.Run("5s", func(t *testing.T) {
		t.Parallel()
		r := start(t, t.TempDir(), func(c *Config) { c.ReuseInterval = 5 * time.Second })
		first := r.want(r.do("POST", "/auth/signup", "", ada), 201, "").str("refresh_token")
		second := refresh(r, first, 200, "")
		r.advance(3 * time.Second)
		refresh(r, first, 200, "")
		r.advance(3 * time.Second)
		refresh(r, first, 400, "invalid_grant")
		refresh(r, second, 400, "invalid_grant")
	})
	t.Run("0s ends the session at any reuse", func(t *testing.T) {
		t.Parallel()
		r := start(t, t.TempDir(), func(c *Config) { c.ReuseInterval = 0 })
		first := r.want(r.do("POST", "/auth/signup", "", ada), 201, "").str("refresh_token")
		second := refresh(r, first, 200, "")
		third := refresh(r, second, 200, "")
		refresh(r, second, 400, "invalid_grant")
		refresh(r, third, 400, "invalid_grant")
	})
}

func TestForwardedAddressesAreBelievedOfTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trusted []netip.Prefix
		want    string
	}{
		"none":           {nil, "127.0.0.1"},
		"another one":    {[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "127.0.0.1"},
		"the peer":       {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "203.0.113.5"},
		"two, with peer": {[]netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("127.0.0.1/32")}, "198.51.100.9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, t.TempDir(), func(c *Config) { c.TrustedProxies = test.trusted })
			up, err := r.try("POST", "/auth/signup", http.Header{"X-Forwarded-For": {"198.51.100.9, 203.0.113.5"}}, ada)
			if err != nil {
				t.Fatal(err)
			}
			list := r.do("GET", "/auth/sessions", r.want(up, 201, "").str("access_token"), nil)
			sessions, _ := r.want(list, 200, "").body["sessions"].([]any)
			if len(sessions) != 1 {
				t.Fatalf("sessions %v, want one", sessions)
			}
			if got := sessions[0].(object)["address"]; got != test.want {
				t.Errorf("the session's address is %v, want %s", got, test.want)
			}
		})
	}
}
