package server

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/postgrestest"
	"github.com/jetonauth/jeton/internal/settings"
)

var postgres *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m, &postgres)) }

const masterKey = "6f7ce07ab4b52a8f8b1b1f0b6b1bd9b0a1f5c0d3e2f4a5968778695a4b3c2d1e"

// fleetConfig makes nodes over one database of the test's own.
func fleetConfig(t *testing.T) func(*Config) {
	t.Helper()
	url := settings.Location(postgres.Database(t))
	return func(c *Config) { c.Database, c.MasterKey, c.Issuer = url, masterKey, "https://auth.example.com" }
}

func TestNodesOverOneDatabase(t *testing.T) {
	t.Parallel()
	fleet := fleetConfig(t)
	data := t.TempDir()
	a, b := start(t, data, fleet), start(t, data, fleet)
	if entries, err := os.ReadDir(data); err != nil || len(entries) > 0 {
		t.Errorf("the data directory has %v, %v", entries, err)
	}
	up := a.want(a.do("POST", "/auth/signup", "", ada), http.StatusCreated, "")
	access, refresh := up.str("access_token"), up.str("refresh_token")
	b.want(b.do("GET", "/auth/me", access, nil), http.StatusOK, "")
	next := b.want(b.do("POST", "/auth/refresh", "", map[string]any{"refresh_token": refresh}), http.StatusOK, "")
	again := a.want(a.do("POST", "/auth/refresh", "", map[string]any{"refresh_token": refresh}), http.StatusOK, "")
	if next.str("refresh_token") != again.str("refresh_token") {
		t.Error("two nodes have given two successors")
	}
	b.want(b.do("POST", "/auth/logout", next.str("access_token"), nil), http.StatusNoContent, "")
	a.eventually("the other node refuses what was signed out", time.Second, func() bool {
		return a.do("GET", "/auth/me", access, nil).status == http.StatusUnauthorized
	})
	keys, err := a.server.ring.Keys(t.Context())
	if err != nil || len(keys) != 1 {
		t.Errorf("%d keys, %v, want one that both have", len(keys), err)
	}
}

// eventually tries until it is so, and fails if that takes longer than within. A machine that is busy gets more time, as long as the condition is
// asked again and again.
func (r *running) eventually(what string, within time.Duration, so func() bool) {
	r.t.Helper()
	begin := time.Now()
	for {
		asked := time.Now()
		if so() {
			return
		}
		if asked.Sub(begin) > within {
			r.t.Fatalf("not after %v: %s", within, what)
		}
	}
}

func TestAKeyThatIsRevokedOnOneNode(t *testing.T) {
	t.Parallel()
	fleet := fleetConfig(t)
	a, b := start(t, t.TempDir(), fleet), start(t, t.TempDir(), fleet)
	up := a.want(a.do("POST", "/auth/signup", "", ada), http.StatusCreated, "")
	b.want(b.do("GET", "/auth/me", up.str("access_token"), nil), http.StatusOK, "")
	keys, err := a.server.ring.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.server.ring.Revoke(t.Context(), keys[0].ID); err != nil {
		t.Fatal(err)
	}
	b.eventually("the other node refuses tokens of the key", time.Second, func() bool {
		return b.do("GET", "/auth/me", up.str("access_token"), nil).status == http.StatusUnauthorized
	})
	next := b.want(b.do("POST", "/auth/refresh", "", map[string]any{"refresh_token": up.str("refresh_token")}), http.StatusOK, "")
	a.want(a.do("GET", "/auth/me", next.str("access_token"), nil), http.StatusOK, "") // both sign with the new one
}

func TestNodesCountAttemptsTogether(t *testing.T) {
	t.Parallel()
	fleet := fleetConfig(t)
	limited := func(c *Config) { c.NoLimits = false }
	a, b := start(t, t.TempDir(), fleet, limited), start(t, t.TempDir(), fleet, limited)
	wrong := map[string]any{"email": "nobody@example.com", "password": "correct horse battery"}
	for i := range 10 {
		node := []*running{a, b}[i%2]
		node.want(node.do("POST", "/auth/login", "", wrong), http.StatusUnauthorized, "invalid_credentials")
	}
	for _, node := range []*running{a, b} {
		node.want(node.do("POST", "/auth/login", "", wrong), http.StatusTooManyRequests, "rate_limited")
	}
}

func TestASharedDatabaseNeedsAMasterKey(t *testing.T) {
	t.Parallel()
	fleet := fleetConfig(t)
	cfg := config(t.TempDir())
	fleet(&cfg)
	cfg.MasterKey = ""
	wantLine(t, cfg, "master_key", "the one that the other nodes have")
	a := start(t, t.TempDir(), fleet)
	other := config(t.TempDir())
	fleet(&other)
	other.MasterKey = settings.Secret(strings.Replace(masterKey, "6f", "70", 1))
	wantLine(t, other, "the master key is not the one that sealed")
	a.want(a.do("POST", "/auth/signup", "", ada), http.StatusCreated, "")
}

func TestADatabaseThatIsNotThere(t *testing.T) {
	t.Parallel()
	for url, word := range map[string]string{
		"postgres://ada:secret@127.0.0.1:1/jeton":                            "postgres",
		"mongodb://ada:secret@127.0.0.1:1/jeton?serverSelectionTimeoutMS=50": "mongo",
		"sqlite:/proc/none/jeton.db":                                         "does not exist",
	} {
		cfg := config(t.TempDir())
		cfg.Database, cfg.MasterKey, cfg.Issuer = settings.Location(url), masterKey, "https://auth.example.com"
		_, err := Open(t.Context(), cfg)
		setting, ok := errors.AsType[*SettingError](err)
		if !ok || setting.Key != "database" || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", word, err)
		}
	}
	cfg := config(t.TempDir())
	cfg.Redis = "redis://:secret@127.0.0.1:1/0?nonsense=1"
	_, err := Open(t.Context(), cfg)
	setting, ok := errors.AsType[*SettingError](err)
	if !ok || setting.Key != "redis" || strings.Contains(err.Error(), "secret") {
		t.Errorf("Redis: error %v", err)
	}
}

func TestANodeStartsWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir(), func(c *Config) { c.Redis, c.NoLimits = "redis://:secret@127.0.0.1:1/0", false })
	r.want(r.do("GET", "/readyz", "", nil), http.StatusOK, "")
	r.want(r.do("POST", "/auth/signup", "", ada), http.StatusServiceUnavailable, "unavailable")
	if log := r.log(); !strings.Contains(log, "Redis is away") || strings.Contains(log, "secret") {
		t.Errorf("the log says %s", log)
	}
}

func TestNodesNeedTheSameIssuer(t *testing.T) {
	t.Parallel()
	cfg := config(t.TempDir())
	fleetConfig(t)(&cfg)
	cfg.Issuer = ""
	wantLine(t, cfg, "issuer", "the same on each of them")
	s, err := OpenService(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Issuer(); err == nil {
		t.Error("a command knows the issuer")
	}
}

func TestAFileElsewhere(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), t.TempDir()+"/other.db"
	r := start(t, data, func(c *Config) { c.Database = settings.Location("sqlite:" + file) })
	r.want(r.do("POST", "/auth/signup", "", ada), http.StatusCreated, "")
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	cfg := config(data)
	cfg.Database, cfg.MustExist = settings.Location("sqlite:"+file+"x"), true
	_, err := OpenService(t.Context(), cfg)
	setting, ok := errors.AsType[*SettingError](err)
	if !errors.Is(err, ErrNoDatabase) || !ok || setting.Key != "database" {
		t.Errorf("error %v, want that there is none", err)
	}
}

func TestNothingIsMadeForWhoOnlyAsks(t *testing.T) {
	t.Parallel()
	cfg := config(t.TempDir())
	fleetConfig(t)(&cfg)
	cfg.MustExist = true
	for range 2 {
		_, err := OpenService(t.Context(), cfg)
		setting, ok := errors.AsType[*SettingError](err)
		if !errors.Is(err, ErrNoDatabase) || !ok || setting.Key != "database" {
			t.Errorf("error %v, want that there is none", err)
		}
	}
	for _, cfg.MustExist = range []bool{false, true} {
		s, err := OpenService(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestOneNodeTidies lets two nodes take turns at what has expired.
func TestOneNodeTidies(t *testing.T) {
	t.Parallel()
	fleet := fleetConfig(t)
	asked := make(chan struct{}, 10)
	counted := func(c *Config) {
		prepare := c.configure
		c.configure = func(c *jeton.Config) {
			prepare(c)
			c.Sessions = &pruned{SessionStore: c.Store, asked: asked}
		}
	}
	a, b := start(t, t.TempDir(), fleet, counted), start(t, t.TempDir(), fleet, counted)
	for _, r := range []*running{a, b, a} {
		r.server.tidy(t.Context())
	}
	if n := len(asked); n != 1 {
		t.Errorf("%d rounds within a minute, want one", n)
	}
	mine, err := a.server.store.Take(t.Context(), housekeepingKey, jeton.Limit{Count: 1, Window: housekeepingInterval},
		time.Now().Add(housekeepingInterval))
	if err != nil || mine != 0 {
		t.Errorf("after a minute it is nobody's turn: %v, %v", mine, err)
	}
}

func TestAnnouncing(t *testing.T) {
	t.Parallel()
	announced := 0
	r := start(t, t.TempDir(), func(c *Config) {
		prepare := c.configure
		c.configure = func(c *jeton.Config) {
			prepare(c)
			c.Sessions = announcing{c.Store, func(context.Context) { announced++ }}
		}
	})
	up := r.want(r.do("POST", "/auth/signup", "", ada), http.StatusCreated, "")
	if announced != 0 {
		t.Errorf("announced %d times before anything was revoked", announced)
	}
	r.want(r.do("POST", "/auth/logout", up.str("access_token"), nil), http.StatusNoContent, "")
	if announced != 1 {
		t.Errorf("announced %d times, want once", announced)
	}
}
