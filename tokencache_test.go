package jeton_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// What one verifier has proved must not weaken another one's rules: two verifiers that differ in one option share a cache, and
// see one token in either order.
func TestTwoVerifiersShareACache(t *testing.T) {
	t.Parallel()
	key := mustKey(jwk.Generate(jwk.ES256))
	other := mustKey(jwk.Generate(jwk.ES256))
	set := mustSet(t, key)
	now := time.Now()
	token, err := jwt.Sign(key, "JWT", jwt.Claims{
		Issuer: issuer, Subject: "u", Audience: []string{"api"}, ExpiresAt: now.Add(time.Minute), NotBefore: now, ID: "j",
		Extra: map[string]any{"sid": "s", "oid": "o"},
	})
	if err != nil {
		t.Fatal(err)
	}
	list := revoke.NewList()
	list.Add(revoke.Entry{Number: 1, ID: revoke.IDOf("s"), ExpiresAt: now.Add(time.Hour)})
	for name, test := range map[string]struct {
		change func(*jeton.VerifierConfig)
		want   error
	}{
		"issuer":     {func(c *jeton.VerifierConfig) { c.Issuer = "https://other.example.com" }, jwt.ErrWrongIssuer},
		"audience":   {func(c *jeton.VerifierConfig) { c.Audience = []string{"web"} }, jwt.ErrWrongAudience},
		"keys":       {func(c *jeton.VerifierConfig) { c.Keys = mustSet(t, other) }, jwt.ErrUnknownKey},
		"types":      {func(c *jeton.VerifierConfig) { c.Types = []string{"at+jwt"} }, jwt.ErrWrongType},
		"algorithms": {func(c *jeton.VerifierConfig) { c.Algorithms = []jwk.Algorithm{jwk.RS256} }, jwt.ErrUnsupportedAlgorithm},
		"required":   {func(c *jeton.VerifierConfig) { c.Required = []string{"tenant"} }, jwt.ErrMissingClaim},
		"size":       {func(c *jeton.VerifierConfig) { c.MaxSize = 100 }, jwt.ErrMalformed},
		"expired":    {func(c *jeton.VerifierConfig) { c.Now = func() time.Time { return now.Add(2 * time.Minute) } }, jwt.ErrExpired},
		"leeway": {func(c *jeton.VerifierConfig) {
			c.Now, c.Leeway = func() time.Time { return now.Add(70 * time.Second) }, time.Second
		}, jwt.ErrExpired},
		"not yet": {func(c *jeton.VerifierConfig) { c.Now = func() time.Time { return now.Add(-time.Minute) } }, jwt.ErrNotYetValid},
		"revoked": {func(c *jeton.VerifierConfig) { c.Revoked = list }, jwt.ErrRevoked},
	} {
		for _, strictFirst := range []bool{true, false} {
			cache := jeton.NewTokenCache(16)
			cfg := jeton.VerifierConfig{Issuer: issuer, Audience: []string{"api"}, Keys: set, Cache: cache}
			open, err := jeton.NewVerifier(cfg)
			if err != nil {
				t.Fatal(err)
			}
			test.change(&cfg)
			strict, err := jeton.NewVerifier(cfg)
			if err != nil {
				t.Fatal(err)
			}
			for round := range 3 {
				if !strictFirst {
					if p, err := open.Verify(t.Context(), token); err != nil || p.Subject() != "u" {
						t.Errorf("%s, open, round %d: %v, %v", name, round, p, err)
					}
				}
				if p, err := strict.Verify(t.Context(), token); p != nil || !errors.Is(err, test.want) {
					t.Errorf("%s, strict, round %d: %v, %v, want %v", name, round, p, err, test.want)
				}
				if strictFirst {
					if p, err := open.Verify(t.Context(), token); err != nil || p.Subject() != "u" {
						t.Errorf("%s, open, round %d: %v, %v", name, round, p, err)
					}
				}
			}
		}
	}
}

// Claim names belong to the verifier, not to the cached token.
func TestCachedPrincipalsHaveTheVerifiersClaimNames(t *testing.T) {
	t.Parallel()
	key := mustKey(jwk.Generate(jwk.HS256))
	cache, set := jeton.NewTokenCache(16), mustSet(t, key)
	token, err := jwt.Sign(key, "JWT", jwt.Claims{Subject: "u", ExpiresAt: time.Now().Add(time.Minute), Extra: map[string]any{"oid": "o"}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for subject, names := range map[string]jeton.ClaimNames{"u": {}, "o": {Subject: "oid"}} {
			v, err := jeton.NewVerifier(jeton.VerifierConfig{
				AnyIssuer: true, AnyAudience: true, Keys: set, Claims: names, Cache: cache,
			})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if p, err := v.Verify(t.Context(), token); err != nil || p.Subject() != subject {
					t.Errorf("subject %v, want %s, %v", p, subject, err)
				}
			}
		}
	}
}

func TestACacheForgetsKeysThatAreGone(t *testing.T) {
	t.Parallel()
	key, next := mustKey(jwk.Generate(jwk.ES256)), mustKey(jwk.Generate(jwk.ES256))
	keys := &turningKeys{known: mustSet(t, key), fresh: mustSet(t, next)}
	v, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer: issuer, Audience: []string{"api"}, Keys: keys, Cache: jeton.NewTokenCache(0),
	})
	if err != nil {
		t.Fatal(err)
	}
	token := mustToken(t, key, "", issuer, "api", time.Now())
	for range 2 {
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	keys.known = keys.fresh
	_, err = v.Verify(t.Context(), token)
	wantErr(t, "the key is gone", err, jwt.ErrUnknownKey)
	keys.err = errors.New("away")
	_, err = v.Verify(t.Context(), token)
	wantErr(t, "keys away", err, jeton.ErrUnavailable)
}

func TestACacheIsBounded(t *testing.T) {
	t.Parallel()
	key := mustKey(jwk.Generate(jwk.HS256))
	v, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer: issuer, Audience: []string{"api"}, Keys: mustSet(t, key), Cache: jeton.NewTokenCache(4),
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				id := fmt.Sprint(g, "-", i)
				if i%20 == 0 {
					id += strings.Repeat("x", 5000) // too long to be kept
				}
				token, err := jwt.Sign(key, "", jwt.Claims{
					Issuer: issuer, Subject: id, Audience: []string{"api"}, ExpiresAt: time.Now().Add(time.Minute),
				})
				if err != nil {
					t.Error(err)
					return
				}
				for range 2 {
					if p, err := v.Verify(t.Context(), token); err != nil || p.Subject() != id {
						t.Errorf("%v, %v; want %s", p, err, id)
					}
				}
			}
		})
	}
	wg.Wait()
}

// With a cache a service refuses what it refuses without one.
func TestAServiceWithACache(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.Cache = jeton.NewTokenCache(0) })
	g := s.signUp(ada)
	for range 3 {
		s.principal(g.AccessToken)
	}
	s.advance(16 * time.Minute)
	_, err := s.Verify(t.Context(), g.AccessToken)
	wantErr(t, "expired", err, jwt.ErrExpired)
	if g, err = s.refresh(g.RefreshToken, browser); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.principal(g.AccessToken)
	}
	if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken}); err != nil {
		t.Fatal(err)
	}
	_, err = s.Verify(t.Context(), g.AccessToken)
	wantErr(t, "signed out", err, jwt.ErrRevoked)
}

func BenchmarkVerify(b *testing.B) {
	for _, alg := range []jwk.Algorithm{jwk.HS256, jwk.ES256} {
		for name, cache := range map[string]*jeton.TokenCache{"new": nil, "cached": jeton.NewTokenCache(0)} {
			b.Run(fmt.Sprint(alg, "/", name), func(b *testing.B) {
				key := mustKey(jwk.Generate(alg))
				v, err := jeton.NewVerifier(jeton.VerifierConfig{
					Issuer: issuer, Audience: []string{"api"}, Keys: jwk.Static(key), Cache: cache,
				})
				if err != nil {
					b.Fatal(err)
				}
				token, err := jwt.Sign(key, "at+jwt", jwt.Claims{
					Issuer: issuer, Subject: "zmoqru3giqynegohjn37fhjezy", Audience: []string{"api"}, IssuedAt: time.Now(),
					ExpiresAt: time.Now().Add(time.Hour), ID: "oavfxjtjh63g544meypwz3ream",
					Extra: map[string]any{"client_id": "first-party", "sid": "h6jc6nbxng3hs4v5lytojhmgvm", "auth_time": 1, "amr": []string{"pwd"}},
				})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if _, err := v.Verify(b.Context(), token); err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
	}
}
