package jwk_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

func TestWeakSecrets(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]string{
		"nil":                  "",
		"one byte short":       "zXq0L1bV7mR3sT9kWc5yNfGhJ2dPa8u",
		"zeros":                strings.Repeat("\x00", 32),
		"padded with zeros":    "k9Q2xZ7w" + strings.Repeat("\x00", 32),
		"all the same":         strings.Repeat("a", 64),
		"short pattern":        strings.Repeat("ab1", 20),
		"short pattern, cut":   strings.Repeat("abcd", 10)[:37],
		"keyboard row":         strings.Repeat("1234567890", 4),
		"half a secret, twice": strings.Repeat("k9Q2xZ7wP4vN8mT3", 2),
		"RFC 7515":             string(decode(t, rfc7515Secret)),
		"RFC 7515, as text":    rfc7515Secret,
		"a known sample":       "a-string-secret-at-least-256-bits-long",
		"another":              "a-valid-string-secret-that-is-at-least-384-bits-long",
		"secret repeated":      "secretsecretsecretsecretsecretsecret",
		"change me":            "Change-Me-To-Something-Secure-In-Production!",
		"change me, upper":     "PLEASE_CHANGE_THIS_SECRET_KEY_BEFORE_DEPLOYING"[:32],
		"your secret":          "your-super-secret-jwt-signing-key-2026",
		"keyboard cat":         "keyboard cat keyboard cat keyboard",
		"alphabet":             "abcdefghijklmnopqrstuvwxyz0123456789",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, err := jwk.FromSecret(jwk.HS256, []byte(secret))
			wantError(t, err, jwk.ErrWeakKey)
			if err != nil && len(secret) > 3 && strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows the secret: %v (%v)", err, k)
			}
			_, err = jwk.Parse([]byte(`{"kty":"oct","alg":"HS256","k":"` + encode([]byte(secret)) + `"}`))
			wantError(t, err, jwk.ErrWeakKey)
		})
	}
}

func TestSecretsMustBeAsLongAsTheHash(t *testing.T) {
	t.Parallel()
	for alg, size := range map[jwk.Algorithm]int{jwk.HS256: 32, jwk.HS384: 48, jwk.HS512: 64} {
		secret := make([]byte, size)
		for i := range secret {
			secret[i] = byte(i)
		}
		if _, err := jwk.FromSecret(alg, secret); err != nil {
			t.Errorf("%s with %d bytes: %v", alg, size, err)
		}
		_, err := jwk.FromSecret(alg, secret[:size-1])
		wantError(t, err, jwk.ErrWeakKey)
	}
	_, err := jwk.FromSecret(jwk.ES256, bytes.Repeat([]byte("x"), 64))
	wantError(t, err, jwk.ErrAlgorithm)
	_, err = jwk.FromSecret("none", bytes.Repeat([]byte("x"), 64))
	wantError(t, err, jwk.ErrUnsupported)
}

// What people make with openssl rand must pass, however it is encoded.
func TestRandomSecretsAreGood(t *testing.T) {
	t.Parallel()
	for range 2000 {
		raw := make([]byte, 32)
		if _, err := rand.Read(raw); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{
			string(raw), hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
			base64.StdEncoding.EncodeToString(raw), encode(raw), "prefix_" + encode(raw),
		} {
			if _, err := jwk.FromSecret(jwk.HS256, []byte(secret)); err != nil {
				t.Fatalf("%q: %v", secret, err)
			}
		}
	}
	for _, secret := range []string{
		"correct horse battery staple envelope",
		"zu lang um erraten zu werden, zu kurz für ein Gedicht",
	} {
		if _, err := jwk.FromSecret(jwk.HS256, []byte(secret)); err != nil {
			t.Errorf("%q: %v", secret, err)
		}
	}
}
