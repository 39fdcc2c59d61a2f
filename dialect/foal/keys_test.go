package foal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/foal"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func newKey(t *testing.T, algorithm ...jwk.Algorithm) *jwk.Key {
	t.Helper()
	key, err := jwk.Generate(append(algorithm, jwk.HS256)[0])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func jwtClaims() jwt.Claims { return jwt.Claims{} }

// publicPEM is the public part of a key as a configuration has it.
func publicPEM(t *testing.T, key *jwk.Key) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func withKey(settings foal.Settings, algorithms ...jwk.Algorithm) foal.Options {
	return options(func(o *foal.Options) { o.Settings, o.Verify.Algorithms = settings, algorithms })
}

func TestPublicKeys(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []jwk.Algorithm{jwk.RS256, jwk.RS512, jwk.PS256, jwk.ES256, jwk.ES384, jwk.ES512, jwk.EdDSA} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			key := newKey(t, algorithm)
			token := signWith(t, key, jwtClaims())
			for name, settings := range map[string]foal.Settings{
				"secretOrPublicKey": {SecretOrPublicKey: foal.Secret(publicPEM(t, key))},
				"publicKey":         {PublicKey: publicPEM(t, key)},
				"with an encoding":  {SecretOrPublicKey: foal.Secret(publicPEM(t, key)), SecretEncoding: "base64"},
			} {
				for _, o := range []foal.Options{withKey(settings), withKey(settings, algorithm)} {
					if got := ask(t, protect(t, o, false), withBearer(token)); got.status != http.StatusOK {
						t.Errorf("%s: %+v", name, got)
					}
				}
			}
			o := withKey(foal.Settings{PublicKey: publicPEM(t, key)})
			ask(t, protect(t, o, false), withBearer(sign(t, nil))).expect(t, unauthorized("invalid algorithm"))
		})
	}
}

// An RSA key verifies the RSA algorithms, as with jsonwebtoken, unless fewer are listed; a secret those that it is long enough for.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	rs256 := newKey(t, jwk.RS256)
	private, ok := mustPrivate(t, rs256).(*rsa.PrivateKey)
	if !ok {
		t.Fatal("no RSA key")
	}
	rs512, err := jwk.FromSigner(jwk.RS512, private)
	if err != nil {
		t.Fatal(err)
	}
	settings := foal.Settings{PublicKey: publicPEM(t, rs256)}
	both := signWith(t, rs512, jwtClaims())
	ask(t, protect(t, withKey(settings), false), withBearer(both)).expect(t, letThrough("hello, 1"))
	ask(t, protect(t, withKey(settings, jwk.RS256), false), withBearer(both)).expect(t, unauthorized("invalid algorithm"))

	long := foal.Settings{Secret: secret + secret}
	hs512, err := long.SigningKey(jwk.HS512)
	if err != nil {
		t.Fatal(err)
	}
	token := signWith(t, hs512, jwtClaims())
	ask(t, protect(t, withKey(long), false), withBearer(token)).expect(t, letThrough("hello, 1"))
	ask(t, protect(t, withKey(long, jwk.HS256, jwk.HS384), false), withBearer(token)).expect(t, unauthorized("invalid algorithm"))
	short := foal.Settings{Secret: secret}
	ask(t, protect(t, withKey(short), false), withBearer(token)).expect(t, unauthorized("invalid algorithm"))
}

// Of several keys the one counts that counts with Foal.
func TestKeyPrecedence(t *testing.T) {
	t.Parallel()
	pair := newKey(t, jwk.ES256)
	all := foal.Settings{Secret: secret, PublicKey: publicPEM(t, pair), SecretOrPublicKey: "another secret that is long enough"}
	ask(t, protect(t, withKey(all), false), withBearer(sign(t, nil))).expect(t, letThrough("hello, 1"))
	all.Secret = ""
	ask(t, protect(t, withKey(all), false), withBearer(signWith(t, pair, jwtClaims()))).expect(t, letThrough("hello, 1"))
}

func mustPrivate(t *testing.T, key *jwk.Key) any {
	t.Helper()
	text, err := key.MarshalPrivatePEM()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

// Who knows the public key must not be able to sign with it.
func TestPublicKeyIsNoSecret(t *testing.T) {
	t.Parallel()
	key := newKey(t, jwk.ES256)
	if _, ok := mustPrivate(t, key).(*ecdsa.PrivateKey); !ok {
		t.Fatal("no elliptic key")
	}
	settings := foal.Settings{SecretOrPublicKey: foal.Secret(publicPEM(t, key))}
	if _, err := foal.JWTRequired(withKey(settings, jwk.HS256)); err == nil {
		t.Error("a public key was taken for a secret")
	}
	known, err := jwk.FromSecret(jwk.HS256, []byte(publicPEM(t, key)))
	if err != nil {
		t.Fatal(err)
	}
	forged := signWith(t, known, jwtClaims())
	ask(t, protect(t, withKey(settings), false), withBearer(forged)).expect(t, unauthorized("invalid algorithm"))
}

func TestSecretOrPublicKeyFunction(t *testing.T) {
	t.Parallel()
	own, other := newKey(t), newKey(t, jwk.ES256)
	find := func(_ context.Context, header jwt.Header, payload map[string]any) (*jwk.Key, error) {
		switch payload["iss"] {
		case "own":
			return own, nil
		case "other":
			return other.Public(), nil
		case "unknown":
			return nil, foal.InvalidToken("no such tenant")
		case "forbidden":
			return nil, foal.InvalidToken("a \"quoted\" <name>")
		case "down":
			return nil, fmt.Errorf("tenants: %w", jeton.ErrUnavailable)
		case "late":
			return nil, fmt.Errorf("tenants: %w", context.DeadlineExceeded)
		case "nil":
			return nil, nil
		case "panic":
			panic("a secret")
		}
		if header.Type != "JWT" {
			return nil, errors.New("the header is not the token's")
		}
		return nil, errors.New("a secret")
	}
	quoted := unauthorized("a quoted <name>")
	quoted.body = `{"code":"invalid_token","description":"a \"quoted\" <name>"}`
	h := protect(t, options(func(o *foal.Options) { o.SecretOrPublicKey = find }), false)
	for issuer, tt := range map[string]struct {
		key  *jwk.Key
		want reply
	}{
		"own": {own, letThrough("hello, 1")}, "other": {other, letThrough("hello, 1")},
		"unknown": {own, unauthorized("no such tenant")}, "forbidden": {own, quoted},
		"down": {own, unavailable()}, "late": {own, unavailable()},
		"nil": {own, internal()}, "panic": {own, internal()}, "broken": {own, internal()},
	} {
		ask(t, h, withBearer(signWith(t, tt.key, jwt.Claims{Issuer: issuer}))).expect(t, tt.want)
	}
	ask(t, h, withBearer(signWith(t, newKey(t), jwt.Claims{Issuer: "own"}))).expect(t, unauthorized("jwt signature"))
	ask(t, h, withBearer(signWith(t, other, jwt.Claims{Issuer: "own"}))).expect(t, unauthorized("invalid algorithm"))
	ask(t, h, withBearer(forge(t, `{"alg":"ES256"}`, `{"iss":"own"}`))).expect(t, unauthorized("invalid algorithm"))
	ask(t, h, withBearer(forge(t, `{"alg":"HS256"}`, `junk`))).expect(t, unauthorized("invalid token"))
}

// Keys of another issuer, found by "kid".
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	first, second := newKey(t, jwk.RS256), newKey(t, jwk.ES256)
	set, err := jwk.NewSet(first.Public(), second.Public())
	if err != nil {
		t.Fatal(err)
	}
	o := options(func(o *foal.Options) {
		o.Keys, o.Settings = set, foal.Settings{}
		o.Verify.Issuer, o.Verify.Audience = []string{"https://issuer.example.com"}, []string{"api"}
	})
	h := protect(t, o, false)
	named := jwt.Claims{Issuer: "https://issuer.example.com", Audience: []string{"api"}}
	for _, key := range []*jwk.Key{first, second} {
		ask(t, h, withBearer(signWith(t, key, named))).expect(t, letThrough("hello, 1"))
	}
	ask(t, h, withBearer(signWith(t, first, jwtClaims()))).expect(t, unauthorized("jwt audience invalid. expected: api"))
	ask(t, h, withBearer(signWith(t, newKey(t, jwk.RS256), named))).expect(t, unauthorized("invalid kid"))
	ask(t, h, withBearer(forge(t, `{"alg":"PS256"}`, `{}`))).expect(t, unauthorized("missing kid"))
	impostor, err := newKey(t, jwk.RS256).WithID(first.ID())
	if err != nil {
		t.Fatal(err)
	}
	ask(t, h, withBearer(signWith(t, impostor, named))).expect(t, unauthorized("jwt signature"))

	o.Keys = away{}
	ask(t, protect(t, o, true), withBearer(signWith(t, first, named))).expect(t, unavailable())
}

// away is a source that cannot be reached.
type away struct{}

func (away) VerifyingKeys(context.Context) (*jwk.Set, error) { return nil, errors.New("a secret") }

// A service's own verifier judges by itself, and Foal's words are found for what it says.
func TestVerifier(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	grant := a.SignUp("ada@example.com")
	h := protect(t, options(func(o *foal.Options) { o.Verifier, o.Settings, o.Verify = a, foal.Settings{}, foal.VerifyOptions{} }), false)
	ask(t, h, withBearer(grant.AccessToken)).expect(t, letThrough("hello, "+grant.User.ID))

	b := jetontest.New(t)
	ask(t, h, withBearer(b.Token("1"))).expect(t, unauthorized("jwt signature"))
	ask(t, h, withBearer("abc")).expect(t, unauthorized("jwt malformed"))
	restricted, err := a.Verifier(jeton.VerifyOptions{Audience: []string{"x", "y"}})
	if err != nil {
		t.Fatal(err)
	}
	others := protect(t, options(func(o *foal.Options) { o.Verifier, o.Verify = restricted, foal.VerifyOptions{} }), false)
	ask(t, others, withBearer(grant.AccessToken)).expect(t, unauthorized("jwt audience invalid. expected: x or y"))

	if err := a.SignOut(t.Context(), jeton.SignOutRequest{Token: grant.AccessToken}); err != nil {
		t.Fatal(err)
	}
	ask(t, h, withBearer(grant.AccessToken)).expect(t, unauthorized("jwt revoked"))
	token := a.Token("1")
	a.Advance(time.Hour)
	ask(t, h, withBearer(token)).expect(t, unauthorized("jwt expired"))
}
