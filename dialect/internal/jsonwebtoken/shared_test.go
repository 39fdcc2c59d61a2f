package jsonwebtoken_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

const secret = "b3RoZXIgYnl0ZXMgZm9yIGV2ZXJ5IHRlc3QgaGVyZSE="

const revoked = "the dialect's words"

var now = time.Date(2030, time.January, 2, 3, 4, 5, 0, time.UTC)

func clock() time.Time { return now }

// config is a verifier's with the secret, and with what change does to it.
func config(t testing.TB, change ...func(*jsonwebtoken.Config)) jsonwebtoken.Config {
	t.Helper()
	keys, err := jsonwebtoken.ParseKeys([]byte(secret), nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := jsonwebtoken.Config{Dialect: "dialect", Own: keys, Verify: jsonwebtoken.VerifyOptions{Now: clock}}
	for _, f := range change {
		f(&cfg)
	}
	return cfg
}

func newVerifier(t testing.TB, change ...func(*jsonwebtoken.Config)) *jsonwebtoken.Verifier {
	t.Helper()
	v, err := jsonwebtoken.NewVerifier(config(t, change...))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// good is what is expected in place of the words for a token that is accepted.
const good = ""

// expect has v judge token: it is good, or refused in these words.
func expect(t testing.TB, v *jsonwebtoken.Verifier, token, want string) {
	t.Helper()
	p, err := v.Verify(t.Context(), token)
	if want == good {
		if err != nil || p == nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	_, refused := errors.AsType[*jwt.Refusal](err)
	if got, ok := jsonwebtoken.Message(err, revoked); got != want || !ok || !refused || p != nil {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

// claims are what a token says, over what every good one does; nil leaves one out.
type claims map[string]any

// sign returns a token as jsonwebtoken makes it: without a key id.
func sign(t testing.TB, c claims) string {
	t.Helper()
	all := claims{"sub": "1", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(all, c)
	for name, value := range all {
		if value == nil {
			delete(all, name)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return forge(`{"alg":"HS256","typ":"JWT"}`, string(text))
}

// forge signs any header and payload with the secret and HS256.
func forge(header, payload string) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func newKey(t testing.TB, algorithm jwk.Algorithm) *jwk.Key {
	t.Helper()
	key, err := jwk.Generate(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signWith returns a token of another key, named after it.
func signWith(t testing.TB, key *jwk.Key, c jwt.Claims) string {
	t.Helper()
	c.Subject, c.ExpiresAt = "1", now.Add(time.Hour)
	token, err := jwt.Sign(key, "JWT", c)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// broken is token with another signature.
func broken(token string) string { return token[:len(token)-6] + "AAAAAA" }
