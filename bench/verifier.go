package bench

import (
	"context"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
)

// CacheEntries is how many verified tokens jeton's cache keeps in the comparison: as many as it does by default.
const CacheEntries = jeton.DefaultTokenCache

// NewVerifier returns jeton's verifier of principals, which a guard uses, with a cache of verified tokens if cacheEntries is not 0.
func NewVerifier(k Key, cacheEntries int) (*jeton.TokenVerifier, error) {
	keys, err := jwk.NewSet(k.JWK)
	if err != nil {
		return nil, err
	}
	cfg := jeton.VerifierConfig{
		Issuer:     Issuer,
		Audience:   []string{Audience},
		Keys:       keys,
		Algorithms: []jwk.Algorithm{k.Algorithm},
		Leeway:     Leeway,
	}
	if cacheEntries != 0 {
		cfg.Cache = jeton.NewTokenCache(cacheEntries)
	}
	return jeton.NewVerifier(cfg)
}

// NewPrincipals returns jeton as [Libraries] has it, one layer further out: what a guard gets for a token, and hands on to the handler.
func NewPrincipals(k Key, c Content, cacheEntries int) (Contender, error) {
	signs, err := newJeton(k, c)
	if err != nil {
		return nil, err
	}
	verifier, err := NewVerifier(k, cacheEntries)
	if err != nil {
		return nil, err
	}
	return &principals{Contender: signs, verifier: verifier}, nil
}

type principals struct {
	Contender // signs

	verifier *jeton.TokenVerifier
}

// Verify has no time of issue to return: a principal does not know it.
func (p *principals) Verify(token string) (Claims, error) {
	me, err := p.verifier.Verify(context.Background(), token)
	if err != nil {
		return Claims{}, err
	}
	return Claims{Issuer: me.Issuer(), Subject: me.Subject(), ID: me.TokenID(), ExpiresAt: me.ExpiresAt()}, nil
}
