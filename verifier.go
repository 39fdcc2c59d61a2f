package jeton

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

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
	return f(ctx, token)
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
	// Cache remembers tokens that were verified; nil means none. Several verifiers may share one.
	Cache *TokenCache
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// TokenVerifier is a [Verifier] for the tokens of one or several profiles.
type TokenVerifier struct {
	profiles []verifierProfile
	revoked  revoke.Checker
	cache    *TokenCache
	now      func() time.Time
}

type verifierProfile struct {
	name   string
	keys   jwk.VerifyingSource
	rules  *jwt.Verifier
	types  []string
	claims ClaimNames
}

var _ Verifier = (*TokenVerifier)(nil)

// NewVerifier returns a verifier that needs no store: for services that check tokens which somebody else issues. The
// error names the field of cfg that is missing or wrong.
func NewVerifier(cfg VerifierConfig) (*TokenVerifier, error) {
	if cfg.Keys == nil {
		return nil, errors.New("jeton: VerifierConfig.Keys: needed, such as a *jwk.Set or remote.Discover")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	rules, err := jwt.NewVerifier(jwt.VerifierConfig{
		Issuer: cfg.Issuer, AnyIssuer: cfg.AnyIssuer,
		Audience: cfg.Audience, AnyAudience: cfg.AnyAudience,
		Types: cfg.Types, Algorithms: cfg.Algorithms, Required: cfg.Required,
		Leeway: cfg.Leeway, MaxSize: cfg.MaxSize, Now: cfg.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("jeton: %w", err)
	}
	profile := verifierProfile{name: DefaultProfile, keys: cfg.Keys, rules: rules, claims: cfg.Claims.withDefaults()}
	return &TokenVerifier{profiles: []verifierProfile{profile}, revoked: cfg.Revoked, cache: cfg.Cache, now: cfg.Now}, nil
}

// Verify checks token and returns who it proves.
func (v *TokenVerifier) Verify(ctx context.Context, token string) (*Principal, error) {
	p, ids, err := v.prove(ctx, token)
	if err != nil {
		return nil, err
	}
	if v.revoked == nil {
		return p, nil
	}
	revoked, err := v.revoked.Revoked(ctx, revoke.Token{Raw: token, ID: p.token.ID(), Session: p.session, IDs: ids})
	if err != nil {
		return nil, fmt.Errorf("%w: revocations: %w", ErrUnavailable, err)
	}
	if revoked {
		return nil, &jwt.Refusal{Reason: jwt.ErrRevoked, At: v.now()}
	}
	return p, nil
}

// prove checks everything but revocation, for which it returns the ids if they are known.
func (v *TokenVerifier) prove(ctx context.Context, token string) (*Principal, *revoke.IDs, error) {
	if known := v.cache.find(token); known != nil {
		again, err := v.proveKnown(ctx, known)
		if err != nil {
			return nil, nil, err
		}
		if again != nil {
			return again.principal, again.ids, nil
		}
	}
	profile, set, err := v.choose(ctx, token)
	if err != nil {
		return nil, nil, err
	}
	proved, err := profile.rules.Verify(token, set)
	if refresher, ok := profile.keys.(jwk.Refresher); ok && errors.Is(err, jwt.ErrUnknownKey) {
		proved, set, err = v.proveAgain(ctx, token, profile, refresher, set, err)
	}
	if err != nil {
		return nil, nil, err
	}
	if v.cache == nil {
		return newPrincipal(proved, profile.name, profile.claims), nil, nil
	}
	proof := v.remember(token, set, proved, profile)
	return proof.principal, proof.ids, nil
}

// proveKnown judges a token that was proved before by the rules of the profile that it is of here. Without an error and a
// result it has to be proved anew, because the keys are not those that proved it.
func (v *TokenVerifier) proveKnown(ctx context.Context, known *cachedToken) (*cachedToken, error) {
	profile, set, err := v.chooseKnown(ctx, known)
	if err != nil {
		return nil, err
	}
	if set != known.keys {
		return nil, nil
	}
	if err := profile.rules.Check(known.proved); err != nil {
		return nil, err
	}
	if profile == known.profile {
		return known, nil
	}
	return v.remember(known.text, known.keys, known.proved, profile), nil
}

// chooseKnown is choose, but for the work that a token's header spares if this verifier itself has proved it before.
func (v *TokenVerifier) chooseKnown(ctx context.Context, known *cachedToken) (*verifierProfile, *jwk.Set, error) {
	for i := range v.profiles {
		if profile := &v.profiles[i]; profile == known.profile || len(v.profiles) == 1 {
			set, err := keysOf(ctx, profile)
			return profile, set, err
		}
	}
	return v.choose(ctx, known.text)
}

// remember keeps a proof, with what this verifier makes of it.
func (v *TokenVerifier) remember(text string, keys *jwk.Set, proved *jwt.Token, profile *verifierProfile) *cachedToken {
	proof := &cachedToken{
		text: text, keys: keys, proved: proved, profile: profile, principal: newPrincipal(proved, profile.name, profile.claims),
	}
	if v.revoked != nil {
		ids := revoke.IDsOf(proved.ID(), proof.principal.session)
		proof.ids = &ids
	}
	v.cache.keep(proof)
	return proof
}

// proveAgain asks the source whether it has got the token's key meanwhile.
func (v *TokenVerifier) proveAgain(ctx context.Context, token string, profile *verifierProfile,
	refresher jwk.Refresher, before *jwk.Set, refusal error,
) (*jwt.Token, *jwk.Set, error) {
	header, err := jwt.UnverifiedHeader(token)
	if err != nil {
		return nil, nil, err
	}
	set, err := refresher.RefreshKeys(ctx, header.KeyID)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: keys: %w", ErrUnavailable, err)
	}
	if set == before {
		return nil, nil, refusal
	}
	proved, err := profile.rules.Verify(token, set)
	return proved, set, err
}

// choose picks the profile by the token's header alone, never by trial: first by the key's id, then, for tokens and
// keys without one, by type.
func (v *TokenVerifier) choose(ctx context.Context, token string) (*verifierProfile, *jwk.Set, error) {
	if len(v.profiles) == 1 {
		set, err := keysOf(ctx, &v.profiles[0])
		return &v.profiles[0], set, err
	}
	header, err := jwt.UnverifiedHeader(token)
	if err != nil {
		return nil, nil, err
	}
	var candidate *verifierProfile
	var candidateSet *jwk.Set
	for i := range v.profiles {
		profile := &v.profiles[i]
		set, err := keysOf(ctx, profile)
		if err != nil {
			return nil, nil, err
		}
		if header.KeyID != "" {
			if _, ok := set.Find(header.KeyID); ok {
				return profile, set, nil
			}
		}
		if candidate == nil && profile.accepts(header, set) {
			candidate, candidateSet = profile, set
		}
	}
	if candidate == nil {
		return nil, nil, &jwt.Refusal{Reason: jwt.ErrUnknownKey, Claim: "kid", Got: header.KeyID}
	}
	return candidate, candidateSet, nil
}

func keysOf(ctx context.Context, profile *verifierProfile) (*jwk.Set, error) {
	set, err := profile.keys.VerifyingKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: keys: %w", ErrUnavailable, err)
	}
	return set, nil
}

// accepts reports whether a token with this header could be of the profile, going by "typ" and "alg".
func (p *verifierProfile) accepts(header jwt.Header, set *jwk.Set) bool {
	typ := strings.TrimPrefix(strings.ToLower(header.Type), "application/")
	if !slices.ContainsFunc(p.types, func(t string) bool { return strings.EqualFold(t, typ) }) {
		return false
	}
	for key := range set.All() {
		if key.Algorithm() == header.Algorithm {
			return true
		}
	}
	return false
}
