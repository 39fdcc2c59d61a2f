package jeton

import "context"
import "time"
import "github.com/jetonauth/jeton/jwk"

// Auth is the service. It is safe for concurrent use, has no goroutines of its own, and needs no closing. It is a
// [Verifier] for the tokens of all its profiles.
type Auth struct{}

// New returns a service. The error names the field of cfg that is missing or wrong, and what it may be. The sources of keys are
// asked once, so that a service without a usable key does not start.
func New(cfg Config) (*Auth, error) { panic("declared") }

// Verify checks an access token of any of the service's profiles.
func (a *Auth) Verify(ctx context.Context, token string) (*Principal, error) { panic("declared") }

// VerifyOptions are rules for some routes that differ from the service's. Zero fields mean the service's own.
type VerifyOptions struct {
	Profiles []string // names of the only profiles accepted
	Audience []string // in place of the profiles' own
	Required []string // claims that must be there
	Leeway   time.Duration
	MaxSize  int
}

// Verifier returns a verifier with other rules; revocation is checked in any case.
func (a *Auth) Verifier(opts VerifyOptions) (*TokenVerifier, error) { panic("declared") }

// Ready reports whether the service can sign and knows what is revoked; the error wraps [ErrUnavailable].
func (a *Auth) Ready(ctx context.Context) error { panic("declared") }

// Issuer is the issuer of the default profile.
func (a *Auth) Issuer() string { panic("declared") }

// PublicKeys returns the public keys of all profiles, as they are published. Secrets are never among them.
func (a *Auth) PublicKeys(ctx context.Context) (*jwk.Set, error) { panic("declared") }

// Strategies returns the strategies, "local" first.
func (a *Auth) Strategies() []Strategy { panic("declared") }

// Prune removes what has expired from the sessions' store. It is to be called now and then, such as every hour.
func (a *Auth) Prune(ctx context.Context) error { panic("declared") }
