package express_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/jetonauth/jeton/dialect/express"
	"github.com/jetonauth/jeton/jwk"
)

// Each option and each message arrives; what they mean in detail is tested where the rules are.
func TestVerifyOptions(t *testing.T) {
	t.Parallel()
	patterns := []*regexp.Regexp{regexp.MustCompile("urn:f[o]{2}")}
	ok := letThrough("hello, 1")
	tests := map[string]struct {
		verify express.VerifyOptions
		claims claims
		want   reply
	}{
		"audience":              {express.VerifyOptions{Audience: []string{"xxx"}}, claims{"aud": "xxx"}, ok},
		"none of the audiences": {express.VerifyOptions{Audience: []string{"xxx", "yyy"}}, claims{"aud": "zzz"}, unauthorized("jwt audience invalid. expected: xxx or yyy")},
		"audience by pattern":   {express.VerifyOptions{AudiencePatterns: patterns}, claims{"aud": "urn:foo"}, ok},
		"none of the issuers":   {express.VerifyOptions{Issuer: []string{"xxx", "yyy"}}, claims{"iss": "zzz"}, unauthorized("jwt issuer invalid. expected: xxx,yyy")},
		"another subject":       {express.VerifyOptions{Subject: "2"}, nil, unauthorized("jwt subject invalid. expected: 2")},
		"another jwtid":         {express.VerifyOptions{ID: "xxx"}, claims{"jti": "yyy"}, unauthorized("jwt jwtid invalid. expected: xxx")},
		"another nonce":         {express.VerifyOptions{Nonce: "xxx"}, claims{"nonce": 1}, unauthorized("jwt nonce invalid. expected: xxx")},
		"old":                   {express.VerifyOptions{MaxAge: time.Minute}, claims{"iat": now.Unix() - 60}, unauthorized("maxAge exceeded")},
		"of no age":             {express.VerifyOptions{MaxAge: time.Minute}, claims{"iat": nil}, unauthorized("iat required when maxAge is specified")},
		"expired, tolerated":    {express.VerifyOptions{ClockTolerance: time.Minute}, claims{"exp": now.Unix() - 59}, ok},
		"expired, ignored":      {express.VerifyOptions{IgnoreExpiration: true}, claims{"exp": now.Unix() - 9999}, ok},
		"early, ignored":        {express.VerifyOptions{IgnoreNotBefore: true}, claims{"nbf": now.Unix() + 1}, ok},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.verify.Now, tt.verify.Algorithms = clock, []jwk.Algorithm{jwk.HS256}
			o := options(func(o *express.Options) { o.Verify = tt.verify })
			ask(t, protect(t, o), withBearer(sign(t, tt.claims))).expect(t, tt.want)
		})
	}
}
