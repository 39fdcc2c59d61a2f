package jwt_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

const (
	issuer   = "https://issuer.example"
	audience = "api"
)

// noon is when the tests take place.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// goodPayload has one claim more than a verifier of strictConfig asks for.
const goodPayload = `{"iss":"https://issuer.example","sub":"42","aud":"api","exp":1767358800}`

func strictConfig() jwt.VerifierConfig {
	return jwt.VerifierConfig{Issuer: issuer, Audience: []string{audience}, Now: clock}
}

// openConfig accepts whatever is in the right form and signed.
func openConfig() jwt.VerifierConfig {
	return jwt.VerifierConfig{AnyIssuer: true, AnyAudience: true, AnyTime: true, Now: clock}
}

func newVerifier(t testing.TB, cfg jwt.VerifierConfig) *jwt.Verifier {
	t.Helper()
	v, err := jwt.NewVerifier(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// generated keeps one key for each algorithm, because making an RSA key is slow.
var generated sync.Map

func key(t testing.TB, algorithm jwk.Algorithm) *jwk.Key {
	t.Helper()
	once, _ := generated.LoadOrStore(algorithm, sync.OnceValues(func() (*jwk.Key, error) { return jwk.Generate(algorithm) }))
	k, err := once.(func() (*jwk.Key, error))()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newKey(t testing.TB, algorithm jwk.Algorithm) *jwk.Key {
	t.Helper()
	k, err := jwk.Generate(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newSet(t testing.TB, keys ...*jwk.Key) *jwk.Set {
	t.Helper()
	s, err := jwk.NewSet(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withoutAlgorithm returns the public part of an RSA key as a foreign JWK Set may have it, with no "alg".
func withoutAlgorithm(t testing.TB, k *jwk.Key) *jwk.Key {
	t.Helper()
	data, err := json.Marshal(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil {
		t.Fatal(err)
	}
	delete(members, "alg")
	if data, err = json.Marshal(members); err != nil {
		t.Fatal(err)
	}
	bare, err := jwk.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if bare.Algorithm() != "" {
		t.Fatalf("an RSA key without alg says %q", bare.Algorithm())
	}
	return bare
}

func encode[T string | []byte](part T) string {
	return base64.RawURLEncoding.EncodeToString([]byte(part))
}

// forge signs any header and payload, well-formed or not.
func forge(t testing.TB, k *jwk.Key, header, payload string) string {
	t.Helper()
	return forgeSegments(t, k, encode(header), encode(payload))
}

// forgeSegments signs any encoded header and payload.
func forgeSegments(t testing.TB, k *jwk.Key, header, payload string) string {
	t.Helper()
	signed := header + "." + payload
	signature, err := k.Sign([]byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

func sign(t testing.TB, k *jwk.Key, typ string, claims jwt.Claims) string {
	t.Helper()
	token, err := jwt.Sign(k, typ, claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func verify(t testing.TB, v *jwt.Verifier, token string, keys ...*jwk.Key) *jwt.Token {
	t.Helper()
	got, err := v.Verify(token, newSet(t, keys...))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// wantRefusal fails unless err is a refusal for that reason that comes without a token and does not show the token given.
func wantRefusal(t testing.TB, err error, got *jwt.Token, want jwt.Reason, token string) *jwt.Refusal {
	t.Helper()
	if got != nil {
		t.Errorf("claims of a refused token were returned: %v", err)
	}
	refusal, ok := errors.AsType[*jwt.Refusal](err)
	if !ok {
		t.Fatalf("got %v (%T), want a *Refusal: %s", err, err, want)
	}
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %s", err, want)
	}
	message := err.Error()
	if strings.ContainsAny(message, "\r\n") {
		t.Errorf("not one line: %q", message)
	}
	if parts := strings.Split(token, "."); len(parts) == 3 {
		for _, part := range append(parts[2:], token) {
			if len(part) > 8 && strings.Contains(message, part) {
				t.Errorf("the message shows token or signature: %s", message)
			}
		}
	}
	return refusal
}

func refused(t testing.TB, v *jwt.Verifier, token string, keys *jwk.Set, want jwt.Reason) *jwt.Refusal {
	t.Helper()
	got, err := v.Verify(token, keys)
	return wantRefusal(t, err, got, want, token)
}
