package jeton

import "context"
import "time"
import "github.com/jetonauth/jeton/jwk"
import "github.com/jetonauth/jeton/revoke"

// Verifier turns an access token into the principal that it proves. It knows no HTTP, so that a guard, a live
// connection and a queue consumer use the same one. A refused token is a [*jwt.Refusal]; [ErrUnavailable] means that it
// could not be judged, and says nothing about it. An error always comes with a nil principal. Implementations are safe for
// concurrent use.
type Verifier interface {
	Verify(ctx context.Context, token string) (*Principal, error)
}

// VerifierFunc makes a function a [Verifier].
type VerifierFunc func(ctx context.Context, token string) (*Principal, error)

// Verify calls f.
func (f VerifierFunc) Verify(ctx context.Context, token string) (*Principal, error) {
	panic("declared")
}

// VerifierConfig says which tokens [NewVerifier] accepts. Issuer and Audience are needed, unless AnyIssuer or
// AnyAudience says that they are not.
type VerifierConfig struct {
	// Issuer is what "iss" must equal. AnyIssuer accepts every one, which is dangerous where the keys are not one
	// issuer's alone.
	Issuer    string
	AnyIssuer bool
	// Audience are the names of this service, of which the token must have at least one. AnyAudience accepts every one:
	// dangerous, since tokens for other services are accepted too.
	Audience    []string
	AnyAudience bool
	// Keys gives the keys that verify: a *jwk.Set, jwk.Static(key), or a remote source.
	Keys jwk.VerifyingSource
	// Types, Algorithms, Required, Leeway and MaxSize are as in [jwt.VerifierConfig].
	Types      []string
	Algorithms []jwk.Algorithm
	Required   []string
	Leeway     time.Duration
	MaxSize    int
	// Claims says which claims mean what.
	Claims ClaimNames
	// Revoked is asked last, about tokens that are good otherwise. Nil means that nothing is revoked.
	Revoked revoke.Checker
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// TokenVerifier is a [Verifier] for the tokens of one or several profiles.
type TokenVerifier struct{}

// NewVerifier returns a verifier that needs no store: for services that check tokens which somebody else issues. The
// error names the field of cfg that is missing or wrong.
func NewVerifier(cfg VerifierConfig) (*TokenVerifier, error) { panic("declared") }

// Verify checks token and returns who it proves.
func (v *TokenVerifier) Verify(ctx context.Context, token string) (*Principal, error) {
	panic("declared")
}
