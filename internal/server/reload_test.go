package server

import (
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/password"
)

// reload reloads with what start was given, changed.
func (r *running) reload(change func(*Config)) {
	r.t.Helper()
	cfg := r.server.cfg
	change(&cfg)
	if err := r.server.Reload(r.t.Context(), cfg); err != nil {
		r.t.Fatal(err)
	}
}

func TestReloadChangesWhatNewRequestsGet(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	up := r.want(r.do("POST", "/auth/signup", "", ada), 201, "")
	r.reload(func(c *Config) {
		c.AccessTTL, c.ReuseInterval = 7*time.Minute, 0
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	in, err := r.try("POST", "/auth/login", http.Header{"X-Forwarded-For": {"203.0.113.5"}}, ada)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.want(in, 200, "").body["expires_in"]; got != 420.0 {
		t.Errorf("AccessTTL: expires_in is %v, want 420", got)
	}
	list := r.want(r.do("GET", "/auth/sessions", in.str("access_token"), nil), 200, "")
	addresses := map[any]bool{}
	for _, session := range list.body["sessions"].([]any) {
		addresses[session.(object)["address"]] = true
	}
	if !addresses["203.0.113.5"] || !addresses["127.0.0.1"] {
		t.Errorf("TrustedProxies: addresses %v, want the proxy's for the old session and the client's for the new one", addresses)
	}
	// What was handed out before holds, and is refreshed as the new settings say.
	r.want(r.do("GET", "/auth/me", up.str("access_token"), nil), 200, "")
	first := object{"refresh_token": up.str("refresh_token")}
	r.want(r.do("POST", "/auth/refresh", "", first), 200, "")
	r.want(r.do("POST", "/auth/refresh", "", first), 400, "invalid_grant")
}

func TestReloadKeepsWhatNeedsARestart(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	up := r.want(r.do("POST", "/auth/signup", "", ada), 201, "")
	r.reload(func(c *Config) {
		c.Listen, c.Data, c.Issuer, c.MasterKey, c.Version = "nowhere", "/nowhere", "https://else.example.com", "x", "other"
		c.Logger = nil
	})
	r.want(r.do("GET", "/auth/me", up.str("access_token"), nil), 200, "")
	in := r.want(r.do("POST", "/auth/login", "", ada), 200, "")
	r.want(r.do("GET", "/auth/me", in.str("access_token"), nil), 200, "")
	if got := r.server.serving.Load().auth.Issuer(); got != "http://127.0.0.1:8080" {
		t.Errorf("the issuer is now %s", got)
	}
}

func TestReloadForgetsNothing(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir(), func(c *Config) { c.NoLimits = false })
	out := r.want(r.do("POST", "/auth/signup", "", ada), 201, "")
	r.want(r.do("POST", "/auth/logout", out.str("access_token"), nil), 204, "")
	wrong := object{"email": ada["email"], "password": "wrong horse battery"}
	for range 9 { // the sign-up was one of the ten attempts of an address
		r.want(r.do("POST", "/auth/login", "", wrong), 401, "")
	}
	r.reload(func(*Config) {})
	r.want(r.do("GET", "/auth/me", out.str("access_token"), nil), 401, "invalid_token") // in the very first request
	r.want(r.do("POST", "/auth/login", "", wrong), 429, "")
	r.reload(func(c *Config) { c.NoLimits = true })
	r.want(r.do("POST", "/auth/login", "", wrong), 401, "")
	r.reload(func(c *Config) { c.NoLimits = false })
	r.want(r.do("POST", "/auth/login", "", wrong), 429, "")
}

func TestRequestsInFlightFinishAsTheyBegan(t *testing.T) {
	t.Parallel()
	hasher := &slowHasher{
		Hasher: password.Argon2id{Memory: 64, Time: 1, Threads: 1}, entered: make(chan struct{}, 1), release: make(chan struct{}),
	}
	r := start(t, t.TempDir(), func(c *Config) { c.configure = func(c *jeton.Config) { c.Hasher = hasher } })
	release := sync.OnceFunc(func() { close(hasher.release) })
	t.Cleanup(release) // also when the test fails before
	hasher.slow.Store(true)
	outcomes := make(chan answered, 1)
	go func() {
		answer, err := r.try("POST", "/auth/signup", http.Header{}, ada)
		if err != nil {
			t.Error(err)
		}
		outcomes <- answer
	}()
	receive(t, "the request", hasher.entered)
	hasher.slow.Store(false)
	r.reload(func(c *Config) { c.AccessTTL = 7 * time.Minute })
	bob := object{"email": "bob@example.com", "password": "correct horse battery"}
	if got := r.want(r.do("POST", "/auth/signup", "", bob), 201, "").body["expires_in"]; got != 420.0 {
		t.Errorf("a request after the reload: expires_in is %v, want 420", got)
	}
	release()
	up := r.want(receive(t, "the answer", outcomes), 201, "")
	if got := up.body["expires_in"]; got != 900.0 {
		t.Errorf("a request from before: expires_in is %v, want 900", got)
	}
}

func TestReloadThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	parts := &breakable{}
	r := start(t, t.TempDir(), parts.into)
	for what, fail := range map[string]func(bool){
		"no key can sign":              parts.keysAway.Store,
		"revocations cannot be learnt": parts.feedAway.Store,
	} {
		fail(true)
		cfg := r.server.cfg
		cfg.AccessTTL = 7 * time.Minute
		if err := r.server.Reload(t.Context(), cfg); err == nil {
			t.Errorf("%s: no error", what)
		}
		fail(false)
	}
	if got := r.want(r.do("POST", "/auth/signup", "", ada), 201, "").body["expires_in"]; got != 900.0 {
		t.Errorf("expires_in is %v, want 900", got)
	}
}
