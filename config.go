package jeton

import "context"
import "log/slog"
import "time"
import "github.com/jetonauth/jeton/jwk"
import "github.com/jetonauth/jeton/password"

// The lifetimes that a [Config] starts from.
const (
	DefaultAccessTTL     = 15 * time.Minute
	DefaultReuseInterval = 30 * time.Second
	DefaultIdleTimeout   = 30 * 24 * time.Hour
	DefaultLifetime      = 180 * 24 * time.Hour
	DefaultMaxStaleness  = 10 * time.Second
)

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

	// Limits bound how often passwords may be tried.
	Limits Limits
	// MaxStaleness is how long tokens are accepted while revocations cannot be read: 10 s. Then [ErrUnavailable].
	MaxStaleness time.Duration

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
