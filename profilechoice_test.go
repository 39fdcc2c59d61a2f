package jeton_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// handMade signs a token with just this header, good for each of the profiles of the tests here but for that.
func handMade(t *testing.T, s *service, key *jwk.Key, header map[string]string) string {
	t.Helper()
	encode := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := encode(header) + "." + encode(map[string]any{
		"iss": issuer, "aud": issuer, "sub": "u", "iat": s.Now().Unix(), "exp": s.Now().Unix() + 60, "jti": "j", "client_id": "c",
	})
	signature, err := key.Sign([]byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// The header alone says whose a token is: its "kid", else its "typ" and "alg". No key is tried.
func TestWhichProfileATokenIsOf(t *testing.T) {
	t.Parallel()
	def, next, twin := mustKey(jwk.Generate(jwk.ES256)), mustKey(jwk.Generate(jwk.ES256)), mustKey(jwk.Generate(jwk.ES256))
	old := mustKey(jwk.FromSecret(jwk.HS256, []byte("nine times out of ten a secret is 32")))
	for name, test := range map[string]struct {
		key           *jwk.Key // that signs
		alg, typ, kid string
		profile       string
		err           error
	}{
		"default by kid":              {key: def, alg: "ES256", typ: "at+jwt", kid: def.ID(), profile: "default"},
		"old by kid":                  {key: old, alg: "HS256", typ: "access", kid: old.ID(), profile: "old"},
		"kid before typ":              {key: twin, alg: "ES256", typ: "next+jwt", kid: twin.ID(), profile: "twin"},
		"kid of another profile":      {key: old, alg: "HS256", typ: "at+jwt", kid: old.ID(), err: jwt.ErrWrongType},
		"typ of another profile":      {key: def, alg: "ES256", typ: "next+jwt", kid: def.ID(), err: jwt.ErrWrongType},
		"kid of nobody":               {key: next, alg: "ES256", typ: "next+jwt", kid: "x", err: jwt.ErrUnknownKey},
		"default by typ and alg":      {key: def, alg: "ES256", typ: "at+jwt", profile: "default"},
		"old by typ and alg":          {key: old, alg: "HS256", typ: "access", profile: "old"},
		"next by typ and alg":         {key: next, alg: "ES256", typ: "next+jwt", profile: "next"},
		"typ is a media type":         {key: old, alg: "HS256", typ: "Application/ACCESS", profile: "old"},
		"two would do: the first":     {key: twin, alg: "ES256", typ: "next+jwt", err: jwt.ErrBadSignature},
		"key of another profile":      {key: def, alg: "ES256", typ: "next+jwt", err: jwt.ErrBadSignature},
		"typ with alg of another one": {key: def, alg: "ES256", typ: "access", err: jwt.ErrUnknownKey},
		"alg with typ of another one": {key: old, alg: "HS256", typ: "at+jwt", err: jwt.ErrUnknownKey},
		"typ of none":                 {key: old, alg: "HS256", typ: "JWT", err: jwt.ErrUnknownKey},
		"no typ":                      {key: def, alg: "ES256", err: jwt.ErrUnknownKey},
	} {
		for kind, cache := range map[string]*jeton.TokenCache{"without a cache": nil, "with a cache": jeton.NewTokenCache(16)} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				s := newService(t, func(c *jeton.Config) {
					c.Keys, c.Cache = jwk.Static(def), cache
					c.Profiles = []jeton.Profile{
						{Name: "old", Issuer: issuer, Keys: jwk.Static(old), Type: "access"},
						{Name: "next", Issuer: issuer, Keys: jwk.Static(next), Type: "next+jwt"},
						{Name: "twin", Issuer: issuer, Keys: jwk.Static(twin), Type: "next+jwt"},
					}
				})
				header := map[string]string{"alg": test.alg, "typ": test.typ, "kid": test.kid}
				for member, value := range header {
					if value == "" {
						delete(header, member)
					}
				}
				token := handMade(t, s, test.key, header)
				for range 3 {
					p, err := s.Verify(t.Context(), token)
					if !errors.Is(err, test.err) || (p == nil) != (test.err != nil) {
						t.Fatalf("error %v, want %v", err, test.err)
					}
					if p != nil && p.Profile() != test.profile {
						t.Errorf("profile %q, want %q", p.Profile(), test.profile)
					}
				}
			})
		}
	}
}

// lostKeys is a source whose verifying keys cannot be had when a test says so.
type lostKeys struct {
	jwk.Source
	err error
}

func (k *lostKeys) VerifyingKeys(ctx context.Context) (*jwk.Set, error) {
	if k.err != nil {
		return nil, k.err
	}
	return k.Source.VerifyingKeys(ctx)
}

// Keys that cannot be had say nothing about a token: nobody is refused for it, nor told that they are signed out.
func TestKeysThatAreAway(t *testing.T) {
	t.Parallel()
	secret := mustKey(jwk.FromSecret(jwk.HS256, []byte("nine times out of ten a secret is 32")))
	for name, others := range map[string][]jeton.Profile{
		"one profile":  nil,
		"two profiles": {{Name: "old", Issuer: issuer, Keys: jwk.Static(secret), Type: "access"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys := &lostKeys{}
			s := newService(t, func(c *jeton.Config) {
				keys.Source = c.Keys
				c.Keys, c.Profiles = keys, others
			})
			g := s.signUp(ada)
			_, err := s.Verify(t.Context(), "rub.bi.sh")
			wantErr(t, "rubbish", err, jwt.ErrMalformed)
			keys.err = errBroken
			_, err = s.Verify(t.Context(), g.AccessToken)
			wantErr(t, "verify", err, jeton.ErrUnavailable)
			if _, refused := errors.AsType[*jwt.Refusal](err); refused {
				t.Errorf("it is a refusal: %v", err)
			}
			err = s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken})
			wantErr(t, "sign out", err, jeton.ErrUnavailable)
			keys.err = nil
			s.principal(g.AccessToken)
		})
	}
}
