package jeton

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// Auth is the service. It is safe for concurrent use, has no goroutines of its own, and needs no closing. It is a
// [Verifier] for the tokens of all its profiles.
type Auth struct {
	cfg        Config
	log        *slog.Logger
	now        func() time.Time
	users      UserStore
	sessions   SessionStore
	clients    ServiceClientStore // nil if there are none
	profiles   []Profile          // the default one first
	strategies []Strategy
	secrets    []refreshSecret // the current one first
	gate       *hashGate
	refusals   LimitStore // how often refused service clients become audit events
	decoy      string     // hash of today's cost that unknown accounts are checked against
	mix        atomic.Pointer[hashMix]
	counting   chan struct{} // full while somebody counts the hashes
	revoked    *revoke.Follower
	verifier   *TokenVerifier
	anyTime    *TokenVerifier // also accepts expired tokens: for signing out
}

var _ Verifier = (*Auth)(nil)

// New returns a service. The error names the field of cfg that is missing or wrong, and what it may be. The sources of keys are
// asked once, so that a service without a usable key does not start.
func New(cfg Config) (*Auth, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &Auth{cfg: cfg, log: cfg.Logger, now: cfg.Now, users: cfg.Users, sessions: cfg.Sessions, clients: cfg.ServiceClients}
	a.counting = make(chan struct{}, 1)
	a.refusals = NewMemoryLimits(1000)
	if a.profiles, err = cfg.profiles(); err != nil {
		return nil, err
	}
	if err := checkKeys(a.profiles); err != nil {
		return nil, err
	}
	if a.secrets, err = cfg.refreshSecrets(); err != nil {
		return nil, err
	}
	a.revoked, err = revoke.NewFollower(revoke.FollowerConfig{
		Feed: a.sessions, MaxAge: revocationsMaxAge, MaxStaleness: cfg.MaxStaleness, AcceptStale: cfg.AcceptStale, Logger: cfg.Logger, Now: cfg.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("jeton: %w", err)
	}
	if a.verifier, err = a.newVerifier(a.profiles, VerifyOptions{}, false); err != nil {
		return nil, err
	}
	if a.anyTime, err = a.newVerifier(a.profiles, VerifyOptions{}, true); err != nil {
		return nil, err
	}
	a.anyTime.revoked = nil
	a.gate = newHashGate(cfg.ParallelHashes)
	if a.decoy, err = cfg.Hasher.Hash(rand.Text()); err != nil {
		return nil, fmt.Errorf("jeton: Config.Hasher: %w", err)
	}
	if a.strategies, err = a.allStrategies(cfg.Strategies); err != nil {
		return nil, err
	}
	return a, nil
}

// checkKeys asks each profile for its signing key, and sees to it that no two share one.
func checkKeys(profiles []Profile) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	owner := map[string]string{}
	for _, p := range profiles {
		if longest, ok := p.longestTTL(); ok && p.TTL > longest {
			return fmt.Errorf("jeton: profile %q: tokens last %v, longer than KeyRingConfig.TokenTTL of its keys, %v", p.Name, p.TTL, longest)
		}
		if _, err := p.Keys.SigningKey(ctx); err != nil {
			return fmt.Errorf("jeton: keys of profile %q: %w", p.Name, err)
		}
		set, err := p.Keys.VerifyingKeys(ctx)
		if err != nil {
			return fmt.Errorf("jeton: keys of profile %q: %w", p.Name, err)
		}
		for key := range set.All() {
			if other, taken := owner[key.ID()]; taken {
				return fmt.Errorf("jeton: profiles %q and %q share the key %q; each needs keys of its own", other, p.Name, key.ID())
			}
			owner[key.ID()] = p.Name
		}
	}
	return nil
}

// allStrategies puts the local strategy first, unless another one has its name.
func (a *Auth) allStrategies(others []Strategy) ([]Strategy, error) {
	all := slices.Clone(others)
	names := map[string]bool{}
	for _, s := range others {
		name := s.Name()
		if name == "" || names[name] {
			return nil, fmt.Errorf("jeton: Config.Strategies: name %q is empty or there twice", name)
		}
		names[name] = true
	}
	if !names[LocalStrategy] {
		all = slices.Insert(all, 0, Strategy(localStrategy{a}))
	}
	return all, nil
}

// Verify checks an access token of any of the service's profiles.
func (a *Auth) Verify(ctx context.Context, token string) (*Principal, error) {
	return a.verifier.Verify(ctx, token)
}

// VerifyOptions are rules for some routes that differ from the service's. Zero fields mean the service's own.
type VerifyOptions struct {
	Profiles []string // names of the only profiles accepted
	Audience []string // in place of the profiles' own
	Required []string // claims that must be there
	Leeway   time.Duration
	MaxSize  int
}

// Verifier returns a verifier with other rules; revocation is checked in any case.
func (a *Auth) Verifier(opts VerifyOptions) (*TokenVerifier, error) {
	profiles := a.profiles
	if len(opts.Profiles) > 0 {
		profiles = nil
		for _, name := range opts.Profiles {
			p, err := a.profile(name)
			if err != nil {
				return nil, err
			}
			profiles = append(profiles, *p)
		}
	}
	return a.newVerifier(profiles, opts, false)
}

func (a *Auth) newVerifier(profiles []Profile, opts VerifyOptions, anyTime bool) (*TokenVerifier, error) {
	if opts.Leeway == 0 {
		opts.Leeway = a.cfg.Leeway
	}
	v := &TokenVerifier{revoked: a.revoked, cache: a.cfg.Cache, now: a.now}
	for _, p := range profiles {
		audience := p.Audience
		if len(opts.Audience) > 0 {
			audience = opts.Audience
		}
		rules, err := jwt.NewVerifier(jwt.VerifierConfig{
			Issuer: p.Issuer, Audience: audience, Types: p.Types,
			Required: append([]string{p.Claims.Subject}, opts.Required...),
			Leeway:   opts.Leeway, MaxSize: opts.MaxSize, AnyTime: anyTime, Now: a.now,
		})
		if err != nil {
			return nil, fmt.Errorf("jeton: profile %q: %w", p.Name, err)
		}
		v.profiles = append(v.profiles, verifierProfile{
			name: p.Name, keys: p.Keys, rules: rules, types: p.Types, claims: p.Claims,
		})
	}
	return v, nil
}

// profile finds a profile; an empty name is the default one's.
func (a *Auth) profile(name string) (*Profile, error) {
	if name == "" {
		name = DefaultProfile
	}
	for i := range a.profiles {
		if a.profiles[i].Name == name {
			return &a.profiles[i], nil
		}
	}
	return nil, fmt.Errorf("jeton: there is no profile %q", name)
}

// Ready reports whether the service can sign and knows what is revoked; the error wraps [ErrUnavailable].
func (a *Auth) Ready(ctx context.Context) error {
	for _, p := range a.profiles {
		if _, err := p.Keys.SigningKey(ctx); err != nil {
			return fmt.Errorf("%w: keys of profile %q: %w", ErrUnavailable, p.Name, err)
		}
	}
	if err := a.revoked.Sync(ctx); err != nil {
		return fmt.Errorf("%w: revocations: %w", ErrUnavailable, err)
	}
	return nil
}

// Issuer is the issuer of the default profile.
func (a *Auth) Issuer() string { return a.cfg.Issuer }

// PublicKeys returns the public keys of all profiles, as they are published. Secrets are never among them.
func (a *Auth) PublicKeys(ctx context.Context) (*jwk.Set, error) {
	var keys []*jwk.Key
	for _, p := range a.profiles {
		set, err := p.Keys.VerifyingKeys(ctx)
		if err != nil {
			return nil, fmt.Errorf("%w: keys of profile %q: %w", ErrUnavailable, p.Name, err)
		}
		keys = slices.AppendSeq(keys, set.Public().All())
	}
	return jwk.NewSet(keys...)
}

// Strategies returns the strategies, "local" first.
func (a *Auth) Strategies() []Strategy { return slices.Clone(a.strategies) }

// Prune removes what has expired from the sessions' store. It is to be called now and then, such as every hour.
func (a *Auth) Prune(ctx context.Context) error {
	for {
		removed, err := a.sessions.Prune(ctx, a.now())
		if err != nil || removed == 0 {
			return err
		}
	}
}

// Wait returns when nothing is read from the store in the background. Who has stopped asking calls it before closing the store. Keys
// are a matter of their own: see [KeyRing.Wait].
func (a *Auth) Wait() { a.revoked.Wait() }

// endTimeout bounds how long ending sessions may take once it has to be done.
const endTimeout = 10 * time.Second

// end ends sessions, and makes that known on this node at once. It is the second half of what has begun, or what theft demands:
// that the client has gone away does not stop it.
func (a *Auth) end(ctx context.Context, e Ending) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	e.At, e.RevokeUntil = a.moment(), jwt.MaxLeeway
	entries, err := a.sessions.EndSessions(ctx, e)
	a.revoked.Add(entries...)
	if err != nil {
		a.log.ErrorContext(ctx, "could not end sessions", "reason", e.Reason, "user", e.UserID, "session", e.SessionID, "error", err)
	}
	return err
}

// moment is now as every store can keep it.
func (a *Auth) moment() time.Time { return a.now().UTC().Truncate(time.Millisecond) }

// replace returns another error for err if it is old, and err itself otherwise: also if the store cannot be reached, which
// says nothing about what is in it.
func replace(err, old, other error) error {
	if errors.Is(err, old) && !errors.Is(err, ErrUnavailable) {
		return other
	}
	return err
}
