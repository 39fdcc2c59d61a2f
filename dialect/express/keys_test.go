package express_test

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/express"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// publicPEM is the public part of a key as a file has it.
func publicPEM(t *testing.T, key *jwk.Key) express.Secret {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func withKey(secret express.Secret, algorithms ...jwk.Algorithm) express.Options {
	return options(func(o *express.Options) { o.Secret, o.Verify.Algorithms = secret, algorithms })
}

func TestPublicKeys(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []jwk.Algorithm{jwk.RS256, jwk.PS384, jwk.ES256, jwk.EdDSA} {
		key := newKey(t, algorithm)
		h := protect(t, withKey(publicPEM(t, key), algorithm))
		ask(t, h, withBearer(signWith(t, key, jwt.Claims{}))).expect(t, letThrough("hello, 1"))
		ask(t, h, withBearer(sign(t, nil))).expect(t, unauthorized("invalid algorithm"))
		// Who knows the public key must not be able to sign with it.
		known, err := jwk.FromSecret(jwk.HS256, publicPEM(t, key))
		if err != nil {
			t.Fatal(err)
		}
		ask(t, h, withBearer(signWith(t, known, jwt.Claims{}))).expect(t, unauthorized("invalid algorithm"))
	}
}

func TestSecretFunction(t *testing.T) {
	t.Parallel()
	own := newKey(t, jwk.HS256)
	h := protect(t, options(withCodes, func(o *express.Options) {
		o.Secret = nil
		o.SecretFunc = func(_ context.Context, header jwt.Header, payload map[string]any) (*jwk.Key, error) {
			switch payload["iss"] {
			case "own":
				return own, nil
			case "none":
				return nil, &express.UnauthorizedError{Code: "missing_secret", Message: "no such tenant"}
			case "down":
				return nil, fmt.Errorf("tenants: %w", jeton.ErrUnavailable)
			case "blamed":
				return nil, &express.UnauthorizedError{Code: "missing_secret", Message: "down", Inner: jeton.ErrUnavailable}
			case "nil":
				return nil, nil
			}
			return nil, errors.New("a secret " + header.Type)
		}
	}))
	for issuer, want := range map[string]reply{
		"own": letThrough("hello, 1"), "none": coded("missing_secret", "no such tenant"), "down": unavailable(), "blamed": unavailable(),
		"nil": internal(), "broken": internal(),
	} {
		ask(t, h, withBearer(signWith(t, own, jwt.Claims{Issuer: issuer}))).expect(t, want)
	}
	// Nobody is asked for the key of what is no token.
	for _, token := range []string{"abc", "a.b.c", forge(`{"alg":"HS256"}`, "junk"), forge(`{"alg":"none"}`, `{}`)} {
		if got := ask(t, h, withBearer(token)); got.status != 401 || !strings.Contains(got.body, "invalid_token") {
			t.Errorf("%q: %+v", token, got)
		}
	}
	other := signWith(t, newKey(t, jwk.HS512), jwt.Claims{Issuer: "own"})
	ask(t, h, withBearer(other)).expect(t, coded("invalid_token", "invalid algorithm"))
}

// Keys of another issuer, found by "kid".
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	first := newKey(t, jwk.RS256)
	set, err := jwk.NewSet(first.Public(), newKey(t, jwk.RS256).Public())
	if err != nil {
		t.Fatal(err)
	}
	o := options(func(o *express.Options) {
		o.Secret, o.Keys = nil, set
		o.Verify.Algorithms, o.Verify.Issuer, o.Verify.Audience = []jwk.Algorithm{jwk.RS256}, []string{"https://issuer.example.com"}, []string{"api"}
	})
	h := protect(t, o)
	named := jwt.Claims{Issuer: "https://issuer.example.com", Audience: []string{"api"}}
	ask(t, h, withBearer(signWith(t, first, named))).expect(t, letThrough("hello, 1"))
	ask(t, h, withBearer(signWith(t, newKey(t, jwk.RS256), named))).expect(t, unauthorized("invalid kid"))
	o.Keys = away{}
	ask(t, protect(t, o), withBearer(signWith(t, first, named))).expect(t, unavailable())
}

// away is a source that cannot be reached.
type away struct{}

func (away) VerifyingKeys(context.Context) (*jwk.Set, error) { return nil, errors.New("a secret") }

func TestOptionsErrors(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	key := newKey(t, jwk.ES256)
	set, err := jwk.NewSet(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	never := func(context.Context, *express.UnauthorizedError) error { return nil }
	for name, tt := range map[string]struct {
		change func(*express.Options)
		want   string
	}{
		"no key":           {func(o *express.Options) { o.Secret = nil }, "Secret: needed"},
		"no algorithms":    {func(o *express.Options) { o.Verify.Algorithms = nil }, "Verify.Algorithms: needed"},
		"two keys":         {func(o *express.Options) { o.Keys = set }, "Secret: "},
		"rules of two":     {func(o *express.Options) { o.Secret, o.Verifier = nil, a }, "Verify: "},
		"expiry of two":    {func(o *express.Options) { *o = express.Options{Verifier: a, OnExpired: never} }, "Verify: "},
		"expiry ignored":   {func(o *express.Options) { o.OnExpired, o.Verify.IgnoreExpiration = never, true }, "OnExpired: "},
		"weak secret":      {func(o *express.Options) { o.Secret = express.Secret("shhhhhhared-secret") }, "Secret: the key: "},
		"short for HS512":  {func(o *express.Options) { o.Verify.Algorithms = []jwk.Algorithm{jwk.HS512} }, "Secret: the key: "},
		"algorithm":        {func(o *express.Options) { o.Verify.Algorithms = []jwk.Algorithm{"none"} }, "Secret: the key: "},
		"mixed":            {func(o *express.Options) { o.Verify.Algorithms = []jwk.Algorithm{jwk.HS256, jwk.RS256} }, "Secret: the key: "},
		"secret for a key": {func(o *express.Options) { o.Secret = publicPEM(t, key) }, "Secret: the key: "},
		"tolerance":        {func(o *express.Options) { o.Verify.ClockTolerance = time.Hour }, "Verify.ClockTolerance: "},
		"type":             {func(o *express.Options) { o.Verify.Types = []string{"\n"} }, "Verify: "},
		"foreign audience": {func(o *express.Options) { o.Secret, o.Keys = nil, set }, "Verify.Audience: "},
		"source":           {func(o *express.Options) { o.Sources = []guard.Source{guard.Query("")} }, "guard: Config.Sources"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			middleware, err := express.JWT(options(tt.change))
			if middleware != nil || err == nil || !strings.HasPrefix(err.Error(), "express: Options") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "shhhhhh") {
				t.Errorf("the secret is in %v", err)
			}
		})
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	o := options(func(o *express.Options) { o.Logger = nil })
	var texts []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		texts = append(texts, fmt.Sprintf(verb, o), fmt.Sprintf(verb, o.Secret))
	}
	text, err := json.Marshal(o.Secret)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("secret", "secret", o.Secret)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("secret", "secret", o.Secret)
	for _, text := range append(texts, string(text), log.String()) {
		if strings.Contains(text, secret) || strings.Contains(text, hex.EncodeToString([]byte(secret))) || !strings.Contains(text, "REDACTED") {
			t.Errorf("shown: %s", text)
		}
	}
}

// The secret is the caller's to clear.
func TestSecretIsCopied(t *testing.T) {
	t.Parallel()
	mine := express.Secret(secret)
	h := protect(t, withKey(mine, jwk.HS256))
	clear(mine)
	ask(t, h, withBearer(sign(t, nil))).expect(t, letThrough("hello, 1"))
}

func TestUnauthorizedError(t *testing.T) {
	t.Parallel()
	own := &express.UnauthorizedError{Code: "a", Message: "b"}
	if own.Error() != "express: a: b" || !errors.Is(own, jwt.ErrUnknownKey) {
		t.Errorf("%v: %v", own, errors.Unwrap(own))
	}
	cause := errors.New("c")
	caused := &express.UnauthorizedError{Code: "a", Message: "b", Inner: cause}
	if caused.Error() != "express: a: b: c" || !errors.Is(caused, cause) || errors.Is(caused, jwt.ErrUnknownKey) {
		t.Errorf("%v", caused)
	}
	for _, code := range []guard.Code{guard.InsufficientScope, guard.ForgedRequest, guard.Unavailable, guard.Internal, "other"} {
		if got := express.NewUnauthorizedError(&guard.Refusal{Code: code, Err: cause}); got != nil {
			t.Errorf("%s: %v", code, got)
		}
	}
	at := time.Date(2030, time.January, 2, 3, 4, 5, 0, time.UTC)
	expired := &jwt.Refusal{Reason: jwt.ErrExpired, Got: at.Format(time.RFC3339Nano)}
	if got := express.NewUnauthorizedError(&guard.Refusal{Code: guard.InvalidToken, Err: expired}); !got.ExpiredAt.Equal(at) || got.Message != "jwt expired" {
		t.Errorf("%+v", got)
	}
}
