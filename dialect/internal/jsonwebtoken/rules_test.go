package jsonwebtoken_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
)

func TestRules(t *testing.T) {
	t.Parallel()
	type rules = jsonwebtoken.VerifyOptions
	patterns := []*regexp.Regexp{regexp.MustCompile("urn:f[o]{2}")}
	tests := map[string]struct {
		verify rules
		claims claims
		want   string
	}{
		"audience":                {rules{Audience: []string{"xxx"}}, claims{"aud": "xxx"}, good},
		"one of the audiences":    {rules{Audience: []string{"xxx", "yyy"}}, claims{"aud": []string{"zzz", "yyy"}}, good},
		"none of the audiences":   {rules{Audience: []string{"xxx", "yyy"}}, claims{"aud": "zzz"}, "jwt audience invalid. expected: xxx or yyy"},
		"no audience":             {rules{Audience: []string{"xxx"}}, nil, "jwt audience invalid. expected: xxx"},
		"audience by pattern":     {rules{AudiencePatterns: patterns}, claims{"aud": "urn:foo"}, good},
		"audience by no pattern":  {rules{Audience: []string{"urn:bar"}, AudiencePatterns: patterns}, claims{"aud": "urn:fo"}, "jwt audience invalid. expected: urn:bar or /urn:f[o]{2}/"},
		"no audience, pattern":    {rules{AudiencePatterns: []*regexp.Regexp{regexp.MustCompile("")}}, nil, "jwt audience invalid. expected: //"},
		"issuer":                  {rules{Issuer: []string{"xxx"}}, claims{"iss": "xxx"}, good},
		"one of the issuers":      {rules{Issuer: []string{"xxx", "yyy"}}, claims{"iss": "yyy"}, good},
		"none of the issuers":     {rules{Issuer: []string{"xxx", "yyy"}}, claims{"iss": "zzz"}, "jwt issuer invalid. expected: xxx,yyy"},
		"no issuer":               {rules{Issuer: []string{"xxx"}}, nil, "jwt issuer invalid. expected: xxx"},
		"subject":                 {rules{Subject: "1"}, nil, good},
		"another subject":         {rules{Subject: "2"}, nil, "jwt subject invalid. expected: 2"},
		"no subject":              {rules{Subject: "2"}, claims{"sub": nil}, "jwt subject invalid. expected: 2"},
		"jwtid":                   {rules{ID: "xxx"}, claims{"jti": "xxx"}, good},
		"another jwtid":           {rules{ID: "xxx"}, claims{"jti": "yyy"}, "jwt jwtid invalid. expected: xxx"},
		"nonce":                   {rules{Nonce: "xxx"}, claims{"nonce": "xxx"}, good},
		"another nonce":           {rules{Nonce: "xxx"}, claims{"nonce": 1}, "jwt nonce invalid. expected: xxx"},
		"young":                   {rules{MaxAge: time.Minute}, claims{"iat": now.Unix() - 59}, good},
		"old":                     {rules{MaxAge: time.Minute}, claims{"iat": now.Unix() - 60}, "maxAge exceeded"},
		"old, tolerated":          {rules{MaxAge: time.Minute, ClockTolerance: time.Second}, claims{"iat": now.Unix() - 60}, good},
		"of no age":               {rules{MaxAge: time.Minute}, claims{"iat": nil}, "iat required when maxAge is specified"},
		"expired, tolerated":      {rules{ClockTolerance: time.Minute}, claims{"exp": now.Unix() - 59}, good},
		"expired, not tolerated":  {rules{ClockTolerance: time.Minute}, claims{"exp": now.Unix() - 60}, "jwt expired"},
		"early, tolerated":        {rules{ClockTolerance: time.Minute}, claims{"nbf": now.Unix() + 60}, good},
		"early, not tolerated":    {rules{ClockTolerance: time.Minute}, claims{"nbf": now.Unix() + 61}, "jwt not active"},
		"expired, ignored":        {rules{IgnoreExpiration: true}, claims{"exp": now.Unix() - 9999}, good},
		"early, exp ignored":      {rules{IgnoreExpiration: true}, claims{"nbf": now.Unix() + 1}, "jwt not active"},
		"neither, exp ignored":    {rules{IgnoreExpiration: true}, claims{"nbf": now.Unix() + 1, "exp": now.Unix() - 1}, "jwt not active"},
		"early, ignored":          {rules{IgnoreNotBefore: true}, claims{"nbf": now.Unix() + 1}, good},
		"expired, nbf ignored":    {rules{IgnoreNotBefore: true}, claims{"exp": now.Unix() - 1}, "jwt expired"},
		"neither, nbf ignored":    {rules{IgnoreNotBefore: true}, claims{"nbf": now.Unix() + 1, "exp": now.Unix() - 1}, "jwt expired"},
		"no exp, ignored":         {rules{IgnoreExpiration: true}, claims{"exp": nil}, "invalid exp value"},
		"expired before audience": {rules{Audience: []string{"xxx"}}, claims{"exp": now.Unix()}, "jwt expired"},
		"audience before issuer":  {rules{Audience: []string{"xxx"}, Issuer: []string{"xxx"}}, nil, "jwt audience invalid. expected: xxx"},
		"issuer before subject":   {rules{Issuer: []string{"xxx"}, Subject: "2"}, nil, "jwt issuer invalid. expected: xxx"},
		"subject before age":      {rules{MaxAge: 1, Subject: "2"}, nil, "jwt subject invalid. expected: 2"},
		"ignored, but audience":   {rules{IgnoreExpiration: true, Audience: []string{"xxx"}}, claims{"exp": 1}, "jwt audience invalid. expected: xxx"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.verify.Now = clock
			v := newVerifier(t, func(c *jsonwebtoken.Config) { c.Verify = tt.verify })
			expect(t, v, sign(t, tt.claims), tt.want)
		})
	}
}

// An expired token that is let through needs a good signature all the same, and a known type.
func TestIgnoredExpiryIsNoPass(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, func(c *jsonwebtoken.Config) { c.Verify.IgnoreExpiration = true })
	expired := sign(t, claims{"exp": now.Unix() - 9})
	expect(t, v, expired, good)
	expect(t, v, broken(expired), "invalid signature")
	expect(t, v, forge(`{"alg":"HS256","typ":"other"}`, `{"exp":1}`), "invalid token")
	early := sign(t, claims{"nbf": now.Unix() + 9})
	v = newVerifier(t, func(c *jsonwebtoken.Config) { c.Verify.IgnoreNotBefore = true })
	expect(t, v, early, good)
	expect(t, v, broken(early), "invalid signature")
	expect(t, v, strings.ToUpper(early), "invalid token")
}

func TestTypes(t *testing.T) {
	t.Parallel()
	payload := `{"sub":"1","exp":1893559445}`
	v := newVerifier(t, func(c *jsonwebtoken.Config) { c.Verify.Types = []string{"access"} })
	expect(t, v, forge(`{"alg":"HS256","typ":"access"}`, payload), good)
	expect(t, v, sign(t, nil), "invalid token")
	v = newVerifier(t)
	expect(t, v, forge(`{"alg":"HS256","typ":"access"}`, payload), "invalid token")
	expect(t, v, forge(`{"alg":"HS256","typ":"at+jwt"}`, payload), good)
	expect(t, v, forge(`{"alg":"HS256"}`, payload), good)
}

// Times are judged by the clock at the moment of the question.
func TestTimePasses(t *testing.T) {
	t.Parallel()
	at := now
	v := newVerifier(t, func(c *jsonwebtoken.Config) { c.Verify.Now = func() time.Time { return at } })
	token := sign(t, nil)
	expect(t, v, token, good)
	at = now.Add(time.Hour)
	expect(t, v, token, "jwt expired")
}
