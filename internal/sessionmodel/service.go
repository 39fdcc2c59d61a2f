package sessionmodel

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/password"
	"github.com/jetonauth/jeton/revoke"
)

// node is one of the services over the same data.
type node struct {
	name  string
	auth  *jeton.Auth
	store *pausing
}

// cardStrategy is a strategy that proves any account, also one that is disabled or gone.
const cardStrategy = "card"

type card struct{ user string }

func proveCard(_ context.Context, c card, _ jeton.Client) (jeton.Identity, error) {
	return jeton.Identity{UserID: c.user, Methods: []string{"sc"}}, nil
}

//nolint:gochecknoglobals // never changed
var accessTTL = rapid.SampledFrom([]time.Duration{jeton.DefaultAccessTTL, time.Second, 90 * time.Second, 2 * time.Hour})

// drawRules draws what the services are configured with. The times are short enough to meet each other.
func drawRules(t *rapid.T) rules {
	return rules{
		accessTTL: accessTTL.Draw(t, "access TTL"),
		reuse:     rapid.SampledFrom([]time.Duration{jeton.DefaultReuseInterval, -1, time.Millisecond, 6 * time.Minute}).Draw(t, "reuse interval"),
		idle:      rapid.SampledFrom([]time.Duration{jeton.DefaultIdleTimeout, 10 * time.Minute}).Draw(t, "idle timeout"),
		lifetime:  rapid.SampledFrom([]time.Duration{jeton.DefaultLifetime, 20 * time.Minute}).Draw(t, "lifetime"),
		leeway:    rapid.SampledFrom([]time.Duration{30 * time.Second, 0, 5 * time.Minute}).Draw(t, "leeway"),
	}
}

// open makes all services anew, over the data that is there.
func (r *run) open() {
	for len(r.secrets) <= r.secret {
		r.secrets = append(r.secrets, random(32))
	}
	cfg := jeton.Config{
		Issuer: "https://api.example.com", Keys: r.keys, Secret: r.secrets[r.secret],
		AccessTTL: r.accessTTL, ReuseInterval: r.reuse, IdleTimeout: r.idle, Lifetime: r.lifetime, Leeway: r.leeway,
		Strategies: []jeton.Strategy{jeton.StrategyFunc(cardStrategy, proveCard)},
		Hasher:     plainHasher{}, PasswordPolicy: anyPassword{}, Limits: jeton.Limits{Off: true},
		Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Unix(0, r.clock.Load()) }, Audit: r.audit,
	}
	if r.leeway == 0 {
		cfg.Leeway = -1
	}
	if r.allKnown {
		cfg.OldSecrets = r.secrets[:r.secret]
	}
	if r.cached {
		cfg.Cache = jeton.NewTokenCache(64)
	}
	if r.subject.Change != nil {
		r.subject.Change(&cfg)
	}
	for i, n := range r.nodes {
		n.store = &pausing{Store: r.subject.Stores[i%len(r.subject.Stores)]}
		cfg.Store = n.store
		var err error
		if n.auth, err = jeton.New(cfg); err != nil {
			r.t.Fatalf("%s: %v", n.name, err)
		}
	}
}

func (r *run) audit(_ context.Context, e jeton.Event) {
	switch e.Type {
	case jeton.EventRefreshReplayed:
		r.replayed++
	case jeton.EventRefreshTheft:
		r.stolen++
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// pausing is a store that lets something else happen at the very moment when a service has decided what to write.
type pausing struct {
	jeton.Store
	beforeAdvance, beforeExtend, beforeCreate, beforePassword, beforeEnd func()
}

// pause calls a function that is set, once.
func pause(f *func()) {
	if do := *f; do != nil {
		*f = nil
		do()
	}
}

func (s *pausing) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	pause(&s.beforeAdvance)
	return s.Store.AdvanceSession(ctx, a)
}

func (s *pausing) ExtendAccess(ctx context.Context, id string, until time.Time) error {
	pause(&s.beforeExtend)
	return s.Store.ExtendAccess(ctx, id, until)
}

func (s *pausing) CreateSession(ctx context.Context, session *jeton.Session) error {
	pause(&s.beforeCreate)
	return s.Store.CreateSession(ctx, session)
}

func (s *pausing) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	pause(&s.beforePassword)
	return s.Store.SetPassword(ctx, id, change)
}

func (s *pausing) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	pause(&s.beforeEnd)
	return s.Store.EndSessions(ctx, e)
}

// plainHasher costs nothing.
type plainHasher struct{}

const plainPrefix = "plain:"

func (plainHasher) Hash(plain string) (string, error) { return plainPrefix + plain, nil }

func (plainHasher) Check(hash, plain string) (password.Result, error) {
	text, ok := strings.CutPrefix(hash, plainPrefix)
	if !ok {
		return password.Result{}, password.ErrUnknownHash
	}
	return password.Result{Match: text == plain}, nil
}

type anyPassword struct{}

func (anyPassword) Check(string, ...string) error { return nil }

// newKeys returns a key that signs quickly.
func newKeys(t *rapid.T) jwk.Source {
	key, err := jwk.Generate(jwk.HS256)
	if err != nil {
		t.Fatal(err)
	}
	return jwk.Static(key)
}
