package jeton_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/memory"
)

// durable hides that a store forgets.
type durable struct{ jeton.Store }

func TestNewNamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	key := mustKey(jwk.Generate(jwk.ES256))
	secret := mustKey(jwk.Generate(jwk.HS256))
	for field, change := range map[string]func(*jeton.Config){
		"Config.Issuer":         func(c *jeton.Config) { c.Issuer = "" },
		"Config.Keys":           func(c *jeton.Config) { c.Keys = nil },
		"Config.Store":          func(c *jeton.Config) { c.Store = nil },
		"Config.Secret: needed": func(c *jeton.Config) { c.Store = durable{memory.New()} },
		"Config.Secret: has 5":  func(c *jeton.Config) { c.Secret = []byte("short") },
		"is a placeholder":      func(c *jeton.Config) { c.Secret = []byte("changeme-changeme-changeme-changeme") },
		"Config.OldSecrets[0]":  func(c *jeton.Config) { c.OldSecrets = [][]byte{nil} },
		"Config.AccessTTL":      func(c *jeton.Config) { c.AccessTTL = -time.Second },
		"at least a second":     func(c *jeton.Config) { c.AccessTTL = time.Millisecond },
		"Config.IdleTimeout":    func(c *jeton.Config) { c.IdleTimeout = -1 },
		"Config.Lifetime":       func(c *jeton.Config) { c.Lifetime = -1 },
		"jeton: Config.Leeway":  func(c *jeton.Config) { c.Leeway = time.Hour },
		"Config.MaxStaleness":   func(c *jeton.Config) { c.MaxStaleness = -1 },
		"Config.MaxStaleness: 799ms, must be at least 800ms": func(c *jeton.Config) { c.MaxStaleness = 799 * time.Millisecond },
		"Config.ParallelHashes":                              func(c *jeton.Config) { c.ParallelHashes = -1 },
		"Config.Limits.PerAddress":                           func(c *jeton.Config) { c.Limits.PerAddress.Count = -1 },
		"Config.Limits.Failures: {Count:0 Window:1m0s}":      func(c *jeton.Config) { c.Limits.Failures.Window = time.Minute },
		"Config.Limits.Failures: {Count:-1 Window:1m0s}":     func(c *jeton.Config) { c.Limits.Failures = jeton.Limit{Count: -1, Window: time.Minute} },
		"Config.Limits.PerAccount: {Count:1 Window:0s}":      func(c *jeton.Config) { c.Limits.PerAccount.Count = 1 },
		"Config.Limits.PerAccount: {Count:1 Window:-1ns}":    func(c *jeton.Config) { c.Limits.PerAccount = jeton.Limit{Count: 1, Window: -1} },
		"no key":         func(c *jeton.Config) { c.Keys = jwk.Static() },
		"invalid key":    func(c *jeton.Config) { c.Keys = jwk.Static(key, secret) },
		"Profile.Name":   func(c *jeton.Config) { c.Profiles = []jeton.Profile{{}} },
		"Profile.Issuer": func(c *jeton.Config) { c.Profiles = []jeton.Profile{{Name: "x"}} },
		"Profile.Keys":   func(c *jeton.Config) { c.Profiles = []jeton.Profile{{Name: "x", Issuer: "y"}} },
		`Profile.TTL: profile "x" has 999ms, must be at least a second`: func(c *jeton.Config) {
			c.Profiles = []jeton.Profile{{Name: "x", Issuer: "y", Keys: jwk.Static(secret), TTL: 999 * time.Millisecond}}
		},
		`Profile.TTL: profile "x" has -1h0m0s`: func(c *jeton.Config) {
			c.Profiles = []jeton.Profile{{Name: "x", Issuer: "y", Keys: jwk.Static(secret), TTL: -time.Hour}}
		},
		"two named": func(c *jeton.Config) {
			c.Profiles = []jeton.Profile{{Name: "default", Issuer: "y", Keys: jwk.Static(secret)}}
		},
		"share the key":     func(c *jeton.Config) { c.Profiles = []jeton.Profile{{Name: "x", Issuer: "y", Keys: jwk.Static(key)}} },
		"Config.Strategies": func(c *jeton.Config) { c.Strategies = []jeton.Strategy{jeton.StrategyFunc[int]("", nil)} },
	} {
		cfg := jeton.Config{Issuer: issuer, Keys: jwk.Static(key), Store: memory.New(), Hasher: cheap}
		change(&cfg)
		if _, err := jeton.New(cfg); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: error %v", field, err)
		}
	}
}

func TestStoresMayBeReplacedApart(t *testing.T) {
	t.Parallel()
	users, sessions := memory.New(), memory.New()
	s := newService(t, func(c *jeton.Config) { c.Store, c.Users, c.Sessions = nil, users, sessions })
	g := s.signUp(ada)
	if _, err := users.UserByID(t.Context(), g.User.ID); err != nil {
		t.Errorf("the user: %v", err)
	}
	if _, err := sessions.SessionByID(t.Context(), g.Session.ID); err != nil {
		t.Errorf("the session: %v", err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
	s.advance(400 * 24 * time.Hour)
	if err := s.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := sessions.SessionByID(t.Context(), g.Session.ID); err == nil {
		t.Error("Prune left a session that is long over")
	}
}
