package jwt_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func TestConfigErrorsNameTheField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*jwt.VerifierConfig)
		field  string // empty if the configuration is good
	}{
		{"good", func(*jwt.VerifierConfig) {}, ""},
		{"no issuer", func(c *jwt.VerifierConfig) { c.Issuer = "" }, "Issuer"},
		{"any issuer", func(c *jwt.VerifierConfig) { c.Issuer, c.AnyIssuer = "", true }, ""},
		{"issuer and any issuer", func(c *jwt.VerifierConfig) { c.AnyIssuer = true }, "Issuer"},
		{"no audience", func(c *jwt.VerifierConfig) { c.Audience = nil }, "Audience"},
		{"empty audience", func(c *jwt.VerifierConfig) { c.Audience = []string{} }, "Audience"},
		{"any audience", func(c *jwt.VerifierConfig) { c.Audience, c.AnyAudience = nil, true }, ""},
		{"audience and any audience", func(c *jwt.VerifierConfig) { c.AnyAudience = true }, "Audience"},
		{"nameless audience", func(c *jwt.VerifierConfig) { c.Audience = []string{"a", ""} }, "Audience"},
		{"unprintable type", func(c *jwt.VerifierConfig) { c.Types = []string{"JWT", "a\n"} }, "Types"},
		{"type beyond ASCII", func(c *jwt.VerifierConfig) { c.Types = []string{"é"} }, "Types"},
		{"absent type", func(c *jwt.VerifierConfig) { c.Types = []string{""} }, ""},
		{"all algorithms", func(c *jwt.VerifierConfig) { c.Algorithms = jwk.Algorithms() }, ""},
		{"none", func(c *jwt.VerifierConfig) { c.Algorithms = []jwk.Algorithm{jwk.ES256, "none"} }, "Algorithms"},
		{"empty algorithm", func(c *jwt.VerifierConfig) { c.Algorithms = []jwk.Algorithm{""} }, "Algorithms"},
		{"nameless claim", func(c *jwt.VerifierConfig) { c.Required = []string{""} }, "Required"},
		{"longest leeway", func(c *jwt.VerifierConfig) { c.Leeway = jwt.MaxLeeway }, ""},
		{"longer leeway", func(c *jwt.VerifierConfig) { c.Leeway = jwt.MaxLeeway + 1 }, "Leeway"},
		{"no leeway", func(c *jwt.VerifierConfig) { c.Leeway = -time.Hour }, ""},
		{"largest size", func(c *jwt.VerifierConfig) { c.MaxSize = 1 << 20 }, ""},
		{"larger size", func(c *jwt.VerifierConfig) { c.MaxSize = 1<<20 + 1 }, "MaxSize"},
		{"negative size", func(c *jwt.VerifierConfig) { c.MaxSize = -1 }, "MaxSize"},
		{"system clock", func(c *jwt.VerifierConfig) { c.Now = nil }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := strictConfig()
			test.change(&cfg)
			v, err := jwt.NewVerifier(cfg)
			if test.field == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if v != nil {
				t.Error("a verifier came with the error")
			}
			if err == nil || !strings.HasPrefix(err.Error(), "jwt: VerifierConfig."+test.field+": ") {
				t.Errorf("got %v, want it to name %s", err, test.field)
			}
			t.Log(err)
		})
	}
}

func TestDefaultClockIsTheSystems(t *testing.T) {
	t.Parallel()
	cfg := strictConfig()
	cfg.Now = nil
	k := key(t, jwk.HS256)
	claims := jwt.Claims{Issuer: issuer, Audience: []string{audience}, ExpiresAt: time.Now().Add(time.Hour)}
	verify(t, newVerifier(t, cfg), sign(t, k, "", claims), k)
	claims.ExpiresAt = time.Now().Add(-time.Hour)
	refused(t, newVerifier(t, cfg), sign(t, k, "", claims), newSet(t, k), jwt.ErrExpired)
}
