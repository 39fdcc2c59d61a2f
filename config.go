package jeton

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/password"
)

// The lifetimes that a [Config] starts from.
const (
	DefaultAccessTTL     = 15 * time.Minute
	DefaultReuseInterval = 30 * time.Second
	DefaultIdleTimeout   = 30 * 24 * time.Hour
	DefaultLifetime      = 180 * 24 * time.Hour
	DefaultMaxStaleness  = 10 * time.Second
)

// revocationsMaxAge is the age from which a question waits for a new read of the revocations.
const revocationsMaxAge = 800 * time.Millisecond

// DefaultMaxSessions is how many sessions an account may have.
const DefaultMaxSessions = 1000

// Config says how an [Auth] works. Issuer, Keys and Store are needed; every other zero value means what its comment says.
type Config struct {
	// Issuer is the service's own URL, without a path if possible; "iss" of its tokens.
	Issuer string
	// Audience is "aud" of its tokens, and what accepted ones must have one of. Empty means the issuer.
	Audience []string
	// Keys signs and verifies the tokens: jwk.Static(key), or a [KeyRing]. All its keys are secrets, or none is.
	Keys jwk.Source
	// Store keeps accounts and sessions.
	Store Store
	// Users and Sessions take the place of these parts of Store, such as an application's own table of users. If both are
	// set, Store may be nil.
	Users    UserStore
	Sessions SessionStore
	// ServiceClients keeps the services that may ask about tokens. If it is nil, Store does if it is a [ServiceClientStore];
	// otherwise there are none.
	ServiceClients ServiceClientStore

	// Secret derives refresh tokens: at least 32 random bytes that no database has, the same on every node. It is needed
	// unless the sessions' store is [Ephemeral].
	Secret []byte
	// OldSecrets are earlier values of Secret: sessions that began under them go on.
	OldSecrets [][]byte

	// AccessTTL is the lifetime of access tokens: 15 minutes.
	AccessTTL time.Duration
	// ReuseInterval is how long an older refresh token is still answered with the current one: 30 s. It lets two tabs, or
	// a retry after a lost answer, stay signed in. Negative means that any reuse at all ends the session.
	ReuseInterval time.Duration
	// IdleTimeout ends sessions that were not refreshed for so long: 30 days.
	IdleTimeout time.Duration
	// Lifetime ends sessions in any case: 180 days.
	Lifetime time.Duration
	// MaxSessions is how many sessions an account may have: 1000. When one more begins, the one that was not used for longest ends. Negative
	// means any number; then nobody can promise how long it takes to sign an account out everywhere.
	MaxSessions int
	// Leeway is allowed on "exp" and "nbf" for clocks that differ: 30 s, at most 5 minutes; negative means none.
	Leeway time.Duration
	// ClientID is "client_id" of tokens for the service's own front end (RFC 9068): "first-party".
	ClientID string

	// Profiles are further ways in which tokens are made and accepted.
	Profiles []Profile
	// Claims adds claims to the access tokens of sessions. A name that jeton writes itself is an error.
	Claims ClaimsFunc

	// Strategies are further ways to sign in. One named "local" takes the place of e-mail and password.
	Strategies []Strategy
	// CloseSignUp refuses [Auth.SignUp]; accounts are then made by [Auth.CreateUser] only.
	CloseSignUp bool
	// Hasher hashes passwords: password.Argon2id{}.
	Hasher password.Hasher
	// PasswordPolicy says which passwords may be set: password.Standard{}.
	PasswordPolicy password.Policy
	// ParallelHashes bounds how many passwords are hashed at once: the number of processors.
	ParallelHashes int

	// Cache remembers tokens that were verified; nil means none.
	Cache *TokenCache
	// Limits bound how often passwords may be tried.
	Limits Limits
	// MaxStaleness is how long tokens are accepted while revocations cannot be read: 10 s, at least 800 ms. Then [ErrUnavailable].
	MaxStaleness time.Duration
	// AcceptStale goes on accepting tokens beyond MaxStaleness, by what was known last. Dangerous: one that was revoked is accepted
	// for as long as the store is away.
	AcceptStale bool

	// Audit receives audit events.
	Audit AuditFunc
	// Logger is for what operators should know: slog.Default().
	Logger *slog.Logger
	// Now is the clock that decides what is valid: time.Now.
	Now func() time.Time
}

// ClaimsInput is what custom claims may depend on.
type ClaimsInput struct {
	User    *User
	Session *Session
	Profile string
}

// ClaimsFunc returns the claims to add to an access token. An error means that no token is made.
type ClaimsFunc func(ctx context.Context, in ClaimsInput) (map[string]any, error)

// withDefaults returns a checked copy of c with every zero value replaced.
func (c Config) withDefaults() (Config, error) {
	if c.Users == nil && c.Store != nil {
		c.Users = c.Store
	}
	if c.Sessions == nil && c.Store != nil {
		c.Sessions = c.Store
	}
	if c.ServiceClients == nil {
		c.ServiceClients, _ = c.Store.(ServiceClientStore)
	}
	switch {
	case c.Issuer == "":
		return c, errors.New("jeton: Config.Issuer: needed, the service's own URL such as https://api.example.com")
	case c.Keys == nil:
		return c, errors.New("jeton: Config.Keys: needed, such as jwk.Static(key)")
	case c.Users == nil || c.Sessions == nil:
		return c, errors.New("jeton: Config.Store: needed, such as memory.New()")
	case c.Leeway > jwt.MaxLeeway:
		return c, fmt.Errorf("jeton: Config.Leeway: %v, may be at most %v", c.Leeway, jwt.MaxLeeway)
	case c.ParallelHashes < 0:
		return c, fmt.Errorf("jeton: Config.ParallelHashes: %d, must be positive", c.ParallelHashes)
	}
	if err := c.defaultDurations(); err != nil {
		return c, err
	}
	c.MaxSessions = cmp.Or(c.MaxSessions, DefaultMaxSessions)
	c.ClientID = cmp.Or(c.ClientID, "first-party")
	c.ParallelHashes = cmp.Or(c.ParallelHashes, runtime.GOMAXPROCS(0))
	if c.Hasher == nil {
		c.Hasher = password.Argon2id{}
	}
	if c.PasswordPolicy == nil {
		c.PasswordPolicy = password.Standard{}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	var err error
	c.Limits, err = c.Limits.withDefaults()
	return c, err
}

func (c *Config) defaultDurations() error {
	for _, f := range []struct {
		name     string
		field    *time.Duration
		value    time.Duration
		negative bool
	}{
		{"AccessTTL", &c.AccessTTL, DefaultAccessTTL, false},
		{"ReuseInterval", &c.ReuseInterval, DefaultReuseInterval, true},
		{"IdleTimeout", &c.IdleTimeout, DefaultIdleTimeout, false},
		{"Lifetime", &c.Lifetime, DefaultLifetime, false},
		{"MaxStaleness", &c.MaxStaleness, DefaultMaxStaleness, false},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
		if *f.field < 0 && !f.negative {
			return fmt.Errorf("jeton: Config.%s: %v, must be positive", f.name, *f.field)
		}
	}
	if c.MaxStaleness < revocationsMaxAge {
		return fmt.Errorf("jeton: Config.MaxStaleness: %v, must be at least %v, as old as what is known of revocations may be by itself", c.MaxStaleness, revocationsMaxAge)
	}
	if c.AccessTTL < time.Second {
		return fmt.Errorf("jeton: Config.AccessTTL: %v, must be at least a second", c.AccessTTL)
	}
	return nil
}

// profiles returns all profiles, the one that c itself describes first.
func (c Config) profiles() ([]Profile, error) {
	all := append([]Profile{{
		Name: DefaultProfile, Issuer: c.Issuer, Audience: c.Audience, Keys: c.Keys, TTL: c.AccessTTL,
	}}, c.Profiles...)
	names := map[string]bool{}
	for i, p := range all {
		p, err := p.withDefaults()
		if err != nil {
			return nil, err
		}
		if names[p.Name] {
			return nil, fmt.Errorf("jeton: Config.Profiles: there are two named %q", p.Name)
		}
		names[p.Name] = true
		all[i] = p
	}
	return all, nil
}

// refreshSecrets returns the secrets that derive refresh tokens, the current one first.
func (c Config) refreshSecrets() ([]refreshSecret, error) {
	secret := c.Secret
	if len(secret) == 0 {
		if _, ok := c.Sessions.(Ephemeral); !ok {
			return nil, errors.New("jeton: Config.Secret: needed with a durable store, at least 32 random bytes that the database does not have")
		}
		secret = make([]byte, minSecret)
		rand.Read(secret)
	}
	var secrets []refreshSecret
	for i, s := range append([][]byte{secret}, c.OldSecrets...) {
		name := "Config.Secret"
		if i > 0 {
			name = fmt.Sprintf("Config.OldSecrets[%d]", i-1)
		}
		derived, err := newRefreshSecret(s)
		if err != nil {
			return nil, fmt.Errorf("jeton: %s: %w", name, err)
		}
		secrets = append(secrets, derived)
	}
	return secrets, nil
}
