package jsonwebtoken_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// finding has a function find the key.
func finding(key *jwk.Key, err error) func(*jsonwebtoken.Config) {
	return func(c *jsonwebtoken.Config) {
		c.Own, c.Find = nil, func(context.Context, jwt.Header, map[string]any) (*jwk.Key, error) { return key, err }
	}
}

// from has the keys of another issuer.
func from(source jwk.VerifyingSource) func(*jsonwebtoken.Config) {
	return func(c *jsonwebtoken.Config) {
		c.Own, c.Foreign = nil, source
		c.Verify.Issuer, c.Verify.Audience = []string{"https://issuer.example.com"}, []string{"api"}
	}
}

func publicPEM(t *testing.T, key *jwk.Key) []byte {
	t.Helper()
	text, err := key.MarshalPublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	pems := map[string][]byte{"RSA": publicPEM(t, newKey(t, jwk.RS256)), "P-256": publicPEM(t, newKey(t, jwk.ES256)), "Ed25519": publicPEM(t, newKey(t, jwk.EdDSA))}
	list := func(algorithms ...jwk.Algorithm) []jwk.Algorithm { return algorithms }
	for name, tt := range map[string]struct {
		material []byte
		listed   []jwk.Algorithm
		want     []jwk.Algorithm // nil for an error
	}{
		"secret":              {[]byte(secret), nil, list(jwk.HS256)},
		"long secret":         {[]byte(secret + secret), nil, list(jwk.HS256, jwk.HS384, jwk.HS512)},
		"listed":              {[]byte(secret + secret), list(jwk.HS512, jwk.HS256), list(jwk.HS512, jwk.HS256)},
		"too short":           {[]byte("hunter2"), nil, nil},
		"too short for one":   {[]byte(secret), list(jwk.HS256, jwk.HS512), nil},
		"secret as RSA":       {[]byte(secret), list(jwk.RS256), nil},
		"no such algorithm":   {[]byte(secret), list("none"), nil},
		"RSA":                 {pems["RSA"], nil, list(jwk.RS256, jwk.RS384, jwk.RS512, jwk.PS256, jwk.PS384, jwk.PS512)},
		"RSA, listed":         {pems["RSA"], list(jwk.PS256), list(jwk.PS256)},
		"P-256":               {pems["P-256"], nil, list(jwk.ES256)},
		"P-256 as P-384":      {pems["P-256"], list(jwk.ES384), nil},
		"Ed25519":             {pems["Ed25519"], nil, list(jwk.EdDSA)},
		"PEM as a secret":     {pems["RSA"], list(jwk.HS256), nil},
		"not first in it":     {append([]byte("a key\n"), pems["RSA"]...), list(jwk.HS256), nil},
		"PEM of nothing":      {[]byte("-----BEGIN " + secret), nil, nil},
		"of both kinds, PEM":  {pems["RSA"], list(jwk.RS256, jwk.HS256), nil},
		"of both, and secret": {[]byte(secret), list(jwk.HS256, jwk.RS256), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys, err := jsonwebtoken.ParseKeys(tt.material, tt.listed)
			if tt.want == nil {
				if err == nil || keys != nil || strings.Contains(err.Error(), string(tt.material)) {
					t.Errorf("%v, %v", keys, err)
				}
				return
			}
			var got []jwk.Algorithm
			for _, key := range keys {
				got = append(got, key.Algorithm())
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) || err != nil {
				t.Errorf("for %v (%v), want %v", got, err, tt.want)
			}
		})
	}
	if jsonwebtoken.IsPEM([]byte(secret)) || !jsonwebtoken.IsPEM(pems["RSA"]) {
		t.Error("PEM is not told from a secret")
	}
}

// Who knows the public key must not be able to sign with it.
func TestPublicKeyIsNoSecret(t *testing.T) {
	t.Parallel()
	key := newKey(t, jwk.RS256)
	keys, err := jsonwebtoken.ParseKeys(publicPEM(t, key), nil)
	if err != nil {
		t.Fatal(err)
	}
	v := newVerifier(t, func(c *jsonwebtoken.Config) { c.Own = keys })
	expect(t, v, signWith(t, key, jwt.Claims{}), good)
	known, err := jwk.FromSecret(jwk.HS256, publicPEM(t, key))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, v, signWith(t, known, jwt.Claims{}), "invalid algorithm")
}

func TestFind(t *testing.T) {
	t.Parallel()
	own, other := newKey(t, jwk.HS256), newKey(t, jwk.ES256)
	token := signWith(t, own, jwt.Claims{})
	expect(t, newVerifier(t, finding(own, nil)), token, good)
	expect(t, newVerifier(t, finding(newKey(t, jwk.HS256), nil)), token, "invalid signature")
	expect(t, newVerifier(t, finding(other.Public(), nil)), token, "invalid algorithm")
	expect(t, newVerifier(t, finding(nil, jsonwebtoken.Refused("no such tenant", &jwt.Refusal{Reason: jwt.ErrUnknownKey}))), token, "no such tenant")
	for name, tt := range map[string]struct {
		key *jwk.Key
		err error
	}{"down": {nil, jeton.ErrUnavailable}, "neither": {}, "no key": {key: &jwk.Key{}}} {
		p, err := newVerifier(t, finding(tt.key, tt.err)).Verify(t.Context(), token)
		if _, ok := jsonwebtoken.Message(err, revoked); p != nil || err == nil || ok || !errors.Is(err, tt.err) && tt.err != nil {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}

// The function is given what the token says, and is not asked about what is none.
func TestFindIsAsked(t *testing.T) {
	t.Parallel()
	asked := 0
	v := newVerifier(t, func(c *jsonwebtoken.Config) {
		key := c.Own[0]
		c.Own, c.Find = nil, func(_ context.Context, header jwt.Header, payload map[string]any) (*jwk.Key, error) {
			asked++
			if header.KeyID != "any" || payload["iss"] != "own" {
				t.Errorf("given %+v, %v", header, payload)
			}
			return key, nil
		}
	})
	expect(t, v, forge(`{"alg":"HS256","kid":"any"}`, `{"iss":"own","exp":1893559445}`), good)
	for token, want := range map[string]string{
		"abc": "jwt malformed", "a.b.c": "invalid token", "eyJhbGciOiJub25lIn0.e30.": "jwt signature is required",
		forge(`{"alg":"none"}`, `{}`): "invalid algorithm", forge(`{"alg":"HS256"}`, "junk"): "invalid token",
	} {
		expect(t, v, token, want)
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// away is a source that cannot be reached.
type away struct{}

func (away) VerifyingKeys(context.Context) (*jwk.Set, error) { return nil, errors.New("no answer") }

func TestForeign(t *testing.T) {
	t.Parallel()
	first, second := newKey(t, jwk.RS256), newKey(t, jwk.ES256)
	set, err := jwk.NewSet(first.Public(), second.Public())
	if err != nil {
		t.Fatal(err)
	}
	v := newVerifier(t, from(set))
	named := jwt.Claims{Issuer: "https://issuer.example.com", Audience: []string{"api"}}
	expect(t, v, signWith(t, first, named), good)
	expect(t, v, signWith(t, second, named), good)
	expect(t, v, signWith(t, first, jwt.Claims{}), "jwt audience invalid. expected: api")
	expect(t, v, signWith(t, newKey(t, jwk.RS256), named), "invalid kid")
	expect(t, v, forge(`{"alg":"PS256"}`, `{}`), "missing kid")
	impostor, err := newKey(t, jwk.RS256).WithID(first.ID())
	if err != nil {
		t.Fatal(err)
	}
	expect(t, v, signWith(t, impostor, named), "invalid signature")
	if _, err := newVerifier(t, from(away{})).Verify(t.Context(), signWith(t, first, named)); !errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("away: %v", err)
	}
}

func TestExpired(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	asked := 0
	v := newVerifier(t, func(c *jsonwebtoken.Config) {
		c.Verify.Audience = []string{"api"}
		c.Expired = func(_ context.Context, at time.Time, refusal *jwt.Refusal) error {
			asked++
			switch age := now.Sub(at); {
			case refusal.Reason != jwt.ErrExpired:
				t.Errorf("given %v", refusal)
				return refusal
			case age < 5*time.Second:
				return nil
			case age < time.Minute:
				return refusal
			default:
				return stop
			}
		}
	})
	expired := func(seconds int64, audience string) string {
		return sign(t, claims{"exp": now.Unix() - seconds, "aud": audience})
	}
	expect(t, v, expired(-1, "api"), good)
	expect(t, v, broken(expired(1, "api")), "invalid signature")
	expect(t, v, sign(t, claims{"exp": now.Unix() - 1, "aud": "api", "nbf": now.Unix() + 1}), "jwt not active")
	if asked != 0 {
		t.Errorf("asked %d times too often", asked)
	}
	expect(t, v, expired(4, "api"), good)
	expect(t, v, expired(5, "api"), "jwt expired")
	expect(t, v, expired(4, "other"), "jwt audience invalid. expected: api")
	if _, err := v.Verify(t.Context(), expired(60, "api")); !errors.Is(err, stop) || errors.Is(err, jwt.ErrExpired) {
		t.Error(err)
	}
	ignoring := newVerifier(t, func(c *jsonwebtoken.Config) {
		c.Verify.IgnoreExpiration = true
		c.Expired = func(context.Context, time.Time, *jwt.Refusal) error { return stop }
	})
	expect(t, ignoring, expired(60, "api"), good)
}
