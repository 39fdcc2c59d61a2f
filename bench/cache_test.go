package bench_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/jwk"
)

// twins are two verifiers that differ only in that one has a cache.
type twins struct{ plain, cached *jeton.TokenVerifier }

// newTwins returns twins that differ among each other in their rules. Their key sets are those of [court.sets], and all share one
// cache.
func newTwins(t testing.TB, sets [2]*jwk.Set) []twins {
	t.Helper()
	cache := jeton.NewTokenCache(64)
	var all []twins
	for _, set := range sets {
		for _, change := range []func(*jeton.VerifierConfig){
			func(*jeton.VerifierConfig) {},
			func(cfg *jeton.VerifierConfig) {
				cfg.Issuer, cfg.AnyIssuer, cfg.Audience, cfg.AnyAudience = "", true, nil, true
			},
			func(cfg *jeton.VerifierConfig) {
				cfg.Issuer, cfg.Audience = "https://other.example", []string{"x", "notes"}
			},
			func(cfg *jeton.VerifierConfig) { cfg.Types, cfg.MaxSize = []string{"JWT", ""}, 250 },
			func(cfg *jeton.VerifierConfig) { cfg.Required, cfg.Leeway = []string{"sid"}, -1 },
			func(cfg *jeton.VerifierConfig) { cfg.Algorithms = []jwk.Algorithm{jwk.HS512} },
			func(cfg *jeton.VerifierConfig) {
				cfg.Claims = jeton.ClaimNames{Subject: "jti", Session: "sub", Scope: "aud", Roles: "iss"}
			},
		} {
			cfg := jeton.VerifierConfig{
				Issuer: bench.Issuer, Audience: []string{bench.Audience}, Keys: set, Now: func() time.Time { return fuzzNow },
			}
			change(&cfg)
			all = append(all, twins{newVerifier(t, cfg), nil})
			cfg.Cache = cache
			all[len(all)-1].cached = newVerifier(t, cfg)
		}
	}
	return all
}

func newVerifier(t testing.TB, cfg jeton.VerifierConfig) *jeton.TokenVerifier {
	t.Helper()
	v, err := jeton.NewVerifier(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// checkCached checks that the cache never shows: whoever proved a token before, with whatever rules and keys, the answer is that of a
// verifier without it.
func (c *court) checkCached(t *testing.T, token string) {
	t.Helper()
	for round := range 2 {
		for i, pair := range c.twins {
			want, wantErr := pair.plain.Verify(t.Context(), token)
			got, err := pair.cached.Verify(t.Context(), token)
			if !sameRefusal(err, wantErr) || describe(t, got) != describe(t, want) {
				t.Errorf("round %d: verifier %d answers %v, %v, and without the cache %v, %v to %s",
					round, i, describe(t, got), err, describe(t, want), wantErr, token)
			}
		}
	}
}

// describe says all that a principal does.
func describe(t *testing.T, p *jeton.Principal) string {
	t.Helper()
	if p == nil {
		return "nobody"
	}
	var claims map[string]json.RawMessage
	if err := p.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(p.Subject(), p.Session(), p.TokenID(), p.Issuer(), p.Profile(), p.ExpiresAt(), p.AuthTime(), p.Scopes(), p.Roles(), claims)
}
