package jwt_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// accessClaims are those of jeton's own access tokens: a payload of some 300 bytes.
func accessClaims(now time.Time) jwt.Claims {
	return jwt.Claims{
		Issuer: "https://api.example.com", Subject: "zmoqru3giqynegohjn37fhjezy", Audience: []string{"https://api.example.com"},
		ExpiresAt: now.Add(15 * time.Minute), IssuedAt: now, ID: "oavfxjtjh63g544meypwz3ream",
		Extra: map[string]any{
			"client_id": "first-party", "sid": "h6jc6nbxng3hs4v5lytojhmgvm", "auth_time": now.Unix(), "amr": []string{"pwd"},
		},
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, alg := range []jwk.Algorithm{jwk.HS256, jwk.RS256, jwk.ES256, jwk.EdDSA} {
		b.Run(string(alg), func(b *testing.B) {
			key, err := jwk.Generate(alg)
			if err != nil {
				b.Fatal(err)
			}
			set, err := jwk.NewSet(key)
			if err != nil {
				b.Fatal(err)
			}
			token, err := jwt.Sign(key, "at+jwt", accessClaims(time.Now()))
			if err != nil {
				b.Fatal(err)
			}
			v, err := jwt.NewVerifier(jwt.VerifierConfig{
				Issuer: "https://api.example.com", Audience: []string{"https://api.example.com"}, Types: []string{"at+jwt"},
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(token, set); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHMAC is the floor of BenchmarkVerify/HS256.
func BenchmarkHMAC(b *testing.B) {
	key, err := jwk.Generate(jwk.HS256)
	if err != nil {
		b.Fatal(err)
	}
	token, err := jwt.Sign(key, "at+jwt", accessClaims(time.Now()))
	if err != nil {
		b.Fatal(err)
	}
	message := []byte(token[:len(token)-44])
	mac := hmac.New(sha256.New, make([]byte, 32))
	var sum [32]byte
	b.ReportAllocs()
	for b.Loop() {
		mac.Reset()
		mac.Write(message)
		mac.Sum(sum[:0])
	}
}

func BenchmarkSign(b *testing.B) {
	for _, alg := range []jwk.Algorithm{jwk.HS256, jwk.ES256} {
		b.Run(string(alg), func(b *testing.B) {
			key, err := jwk.Generate(alg)
			if err != nil {
				b.Fatal(err)
			}
			claims := accessClaims(time.Now())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := jwt.Sign(key, "at+jwt", claims); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
