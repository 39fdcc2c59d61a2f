package foal_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/jetonauth/jeton/dialect/foal"
)

// Each option and each message arrives; what they mean in detail is tested where the rules are.
func TestVerifyOptions(t *testing.T) {
	t.Parallel()
	patterns := []*regexp.Regexp{regexp.MustCompile("urn:f[o]{2}")}
	ok := letThrough("hello, 1")
	tests := map[string]struct {
		verify foal.VerifyOptions
		claims claims
		want   reply
	}{
		"audience":              {foal.VerifyOptions{Audience: []string{"xxx"}}, claims{"aud": "xxx"}, ok},
		"none of the audiences": {foal.VerifyOptions{Audience: []string{"xxx", "yyy"}}, claims{"aud": "zzz"}, unauthorized("jwt audience invalid. expected: xxx or yyy")},
		"audience by pattern":   {foal.VerifyOptions{AudiencePatterns: patterns}, claims{"aud": "urn:foo"}, ok},
		"none of the issuers":   {foal.VerifyOptions{Issuer: []string{"xxx", "yyy"}}, claims{"iss": "zzz"}, unauthorized("jwt issuer invalid. expected: xxx,yyy")},
		"another subject":       {foal.VerifyOptions{Subject: "2"}, nil, unauthorized("jwt subject invalid. expected: 2")},
		"another jwtid":         {foal.VerifyOptions{ID: "xxx"}, claims{"jti": "yyy"}, unauthorized("jwt jwtid invalid. expected: xxx")},
		"another nonce":         {foal.VerifyOptions{Nonce: "xxx"}, claims{"nonce": 1}, unauthorized("jwt nonce invalid. expected: xxx")},
		"old":                   {foal.VerifyOptions{MaxAge: time.Minute}, claims{"iat": now.Unix() - 60}, unauthorized("maxAge exceeded")},
		"of no age":             {foal.VerifyOptions{MaxAge: time.Minute}, claims{"iat": nil}, unauthorized("iat required when maxAge is specified")},
		"expired, tolerated":    {foal.VerifyOptions{ClockTolerance: time.Minute}, claims{"exp": now.Unix() - 59}, ok},
		"expired, ignored":      {foal.VerifyOptions{IgnoreExpiration: true}, claims{"exp": now.Unix() - 9999}, ok},
		"early, ignored":        {foal.VerifyOptions{IgnoreNotBefore: true}, claims{"nbf": now.Unix() + 1}, ok},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.verify.Now = clock
			o := options(func(o *foal.Options) { o.Verify = tt.verify })
			ask(t, protect(t, o, false), withBearer(sign(t, tt.claims))).expect(t, tt.want)
		})
	}
}
