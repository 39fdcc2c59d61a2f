package jwt_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

type ruleTest struct {
	name    string
	typ     string // a header member, with a comma before it
	payload string
	change  func(*jwt.VerifierConfig)
	want    jwt.Reason
}

func runRules(t *testing.T, tests []ruleTest) {
	t.Helper()
	k := key(t, jwk.HS256)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := strictConfig()
			if test.change != nil {
				test.change(&cfg)
			}
			token := forge(t, k, `{"alg":"HS256"`+test.typ+`}`, test.payload)
			got, err := newVerifier(t, cfg).Verify(token, newSet(t, k))
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantRefusal(t, err, got, test.want, token)
		})
	}
}

// claimsAt returns a good payload but for its times, which are written as given.
func claimsAt(times string) string {
	return `{"iss":"https://issuer.example","aud":"api",` + times + `}`
}

func TestTimes(t *testing.T) {
	t.Parallel()
	leeway := func(d time.Duration) func(*jwt.VerifierConfig) {
		return func(c *jwt.VerifierConfig) { c.Leeway = d }
	}
	anyTime := func(c *jwt.VerifierConfig) { c.AnyTime = true }
	unix := noon.Unix()
	exp := func(seconds int64) string { return claimsAt(fmt.Sprintf(`"exp":%d`, seconds)) }
	nbf := func(seconds int64) string { return claimsAt(fmt.Sprintf(`"exp":%d,"nbf":%d`, unix+600, seconds)) }
	runRules(t, []ruleTest{
		{"exp ahead", "", exp(unix + 1), nil, ""},
		{"exp within the default leeway", "", exp(unix - 29), nil, ""},
		{"exp at the end of the default leeway", "", exp(unix - 30), nil, jwt.ErrExpired},
		{"exp now, no leeway", "", exp(unix), leeway(-1), jwt.ErrExpired},
		{"exp in a second, no leeway", "", exp(unix + 1), leeway(-1), ""},
		{"exp in a fraction, no leeway", "", claimsAt(fmt.Sprintf(`"exp":%d.000000001`, unix)), leeway(-time.Hour), ""},
		{"exp a fraction ago, no leeway", "", claimsAt(fmt.Sprintf(`"exp":%d.999999999`, unix-1)), leeway(-1), jwt.ErrExpired},
		{"exp within the longest leeway", "", exp(unix - 299), leeway(jwt.MaxLeeway), ""},
		{"exp beyond the longest leeway", "", exp(unix - 300), leeway(jwt.MaxLeeway), jwt.ErrExpired},
		{"exp in 1970", "", exp(0), nil, jwt.ErrExpired},
		{"exp in 9999", "", exp(253402300799), nil, ""},
		{"exp with an exponent", "", claimsAt(`"exp":1.7673588e9`), nil, ""},
		{"exp absent", "", claimsAt(`"nbf":1`), nil, jwt.ErrMissingClaim},
		{"exp absent at any time", "", claimsAt(`"nbf":1`), anyTime, jwt.ErrMissingClaim},
		{"exp past at any time", "", exp(1), anyTime, ""},
		{"nbf past", "", nbf(unix - 1), nil, ""},
		{"nbf at the end of the default leeway", "", nbf(unix + 30), nil, ""},
		{"nbf beyond the default leeway", "", nbf(unix + 31), nil, jwt.ErrNotYetValid},
		{"nbf now, no leeway", "", nbf(unix), leeway(-1), ""},
		{"nbf in a second, no leeway", "", nbf(unix + 1), leeway(-1), jwt.ErrNotYetValid},
		{"nbf in a fraction, no leeway", "", claimsAt(fmt.Sprintf(`"exp":%d,"nbf":%d.000000001`, unix+9, unix)), leeway(-1), jwt.ErrNotYetValid},
		{"nbf ahead at any time", "", nbf(unix + 500), anyTime, ""},
		{"nbf in 1970", "", nbf(0), nil, ""},
		{"exp and nbf both wrong", "", claimsAt(fmt.Sprintf(`"exp":1,"nbf":%d`, unix+500)), nil, jwt.ErrExpired},
		{"iat ahead", "", claimsAt(fmt.Sprintf(`"exp":%d,"iat":%d`, unix+9, unix+8)), nil, ""},
		{"iat after exp", "", claimsAt(fmt.Sprintf(`"exp":%d,"iat":%d`, unix+9, unix+99)), nil, ""},
	})
}

func TestIssuers(t *testing.T) {
	t.Parallel()
	with := func(iss string) string { return `{` + iss + `"aud":"api","exp":1767358800}` }
	anyone := func(c *jwt.VerifierConfig) { c.Issuer, c.AnyIssuer = "", true }
	runRules(t, []ruleTest{
		{"the one", "", with(`"iss":"https://issuer.example",`), nil, ""},
		{"the one, escaped", "", with(`"iss":"https:\/\/issuer\u002eexample",`), nil, ""},
		{"absent", "", with(``), nil, jwt.ErrWrongIssuer},
		{"empty", "", with(`"iss":"",`), nil, jwt.ErrWrongIssuer},
		{"slash at the end", "", with(`"iss":"https://issuer.example/",`), nil, jwt.ErrWrongIssuer},
		{"other case", "", with(`"iss":"https://Issuer.example",`), nil, jwt.ErrWrongIssuer},
		{"longer", "", with(`"iss":"https://issuer.example.evil",`), nil, jwt.ErrWrongIssuer},
		{"NUL at the end", "", with(`"iss":"https://issuer.example\u0000",`), nil, jwt.ErrWrongIssuer},
		{"any", "", with(`"iss":"https://evil.example",`), anyone, ""},
		{"any, absent", "", with(``), anyone, ""},
		{"any, wrong type", "", with(`"iss":["https://issuer.example"],`), anyone, jwt.ErrMalformed},
	})
}

func TestAudiences(t *testing.T) {
	t.Parallel()
	with := func(aud string) string { return `{"iss":"https://issuer.example",` + aud + `"exp":1767358800}` }
	two := func(c *jwt.VerifierConfig) { c.Audience = []string{"web", "api"} }
	anyone := func(c *jwt.VerifierConfig) { c.Audience, c.AnyAudience = nil, true }
	runRules(t, []ruleTest{
		{"string", "", with(`"aud":"api",`), nil, ""},
		{"array", "", with(`"aud":["api"],`), nil, ""},
		{"one of several", "", with(`"aud":["x","api","y"],`), nil, ""},
		{"one of several for one of several", "", with(`"aud":["x","api"],`), two, ""},
		{"none of several", "", with(`"aud":["x","y"],`), two, jwt.ErrWrongAudience},
		{"absent", "", with(``), nil, jwt.ErrWrongAudience},
		{"empty array", "", with(`"aud":[],`), nil, jwt.ErrWrongAudience},
		{"empty string", "", with(`"aud":"",`), nil, jwt.ErrWrongAudience},
		{"array of an empty string", "", with(`"aud":[""],`), nil, jwt.ErrWrongAudience},
		{"a list in a string", "", with(`"aud":"x api",`), nil, jwt.ErrWrongAudience},
		{"other case", "", with(`"aud":"API",`), nil, jwt.ErrWrongAudience},
		{"any", "", with(`"aud":"x",`), anyone, ""},
		{"any, absent", "", with(``), anyone, ""},
		{"any, empty array", "", with(`"aud":[],`), anyone, ""},
	})
}

func TestTypes(t *testing.T) {
	t.Parallel()
	types := func(types ...string) func(*jwt.VerifierConfig) {
		return func(c *jwt.VerifierConfig) { c.Types = types }
	}
	runRules(t, []ruleTest{
		{"absent", ``, goodPayload, nil, ""},
		{"empty", `,"typ":""`, goodPayload, nil, ""},
		{"JWT", `,"typ":"JWT"`, goodPayload, nil, ""},
		{"jwt", `,"typ":"jwt"`, goodPayload, nil, ""},
		{"application/jwt", `,"typ":"application/jwt"`, goodPayload, nil, ""},
		{"APPLICATION/AT+JWT", `,"typ":"APPLICATION/AT+JWT"`, goodPayload, nil, ""},
		{"at+jwt", `,"typ":"at+jwt"`, goodPayload, nil, ""},
		{"application/", `,"typ":"application/"`, goodPayload, nil, jwt.ErrWrongType},
		{"application/application/jwt", `,"typ":"application/application/jwt"`, goodPayload, nil, jwt.ErrWrongType},
		{"text/jwt", `,"typ":"text/jwt"`, goodPayload, nil, jwt.ErrWrongType},
		{"JOSE", `,"typ":"JOSE"`, goodPayload, nil, jwt.ErrWrongType},
		{"logout+jwt", `,"typ":"logout+jwt"`, goodPayload, nil, jwt.ErrWrongType},
		{"space", `,"typ":" JWT"`, goodPayload, nil, jwt.ErrWrongType},
		{"own type", `,"typ":"access"`, goodPayload, types("Access"), ""},
		{"own media type", `,"typ":"access"`, goodPayload, types("application/access"), ""},
		{"Kelvin sign for k", `,"typ":"to\u212aen"`, goodPayload, types("token"), jwt.ErrWrongType},
		{"not own type", `,"typ":"JWT"`, goodPayload, types("access"), jwt.ErrWrongType},
		{"absent is no type", ``, goodPayload, types("access"), jwt.ErrWrongType},
		{"absent is accepted", ``, goodPayload, types("access", ""), ""},
		{"only absent", `,"typ":"JWT"`, goodPayload, types(""), jwt.ErrWrongType},
		{"application/ is not absent", `,"typ":"application/"`, goodPayload, types(""), jwt.ErrWrongType},
	})
}

func TestRequiredClaims(t *testing.T) {
	t.Parallel()
	required := func(names ...string) func(*jwt.VerifierConfig) {
		return func(c *jwt.VerifierConfig) { c.Required = names }
	}
	with := func(more string) string { return goodPayload[:len(goodPayload)-1] + more + "}" }
	runRules(t, []ruleTest{
		{"there", "", with(`,"sid":"1"`), required("sid"), ""},
		{"null", "", with(`,"sid":null`), required("sid"), ""},
		{"empty", "", with(`,"sid":""`), required("sid"), ""},
		{"registered", "", goodPayload, required("iss", "sub", "aud", "exp"), ""},
		{"absent", "", goodPayload, required("sub", "sid"), jwt.ErrMissingClaim},
		{"registered, absent", "", goodPayload, required("jti"), jwt.ErrMissingClaim},
		{"other case", "", with(`,"SID":"1"`), required("sid"), jwt.ErrMissingClaim},
		{"nested", "", with(`,"x":{"sid":"1"}`), required("sid"), jwt.ErrMissingClaim},
		{"dots are no path", "", with(`,"x":{"sid":"1"}`), required("x.sid"), jwt.ErrMissingClaim},
	})
}

// TestOrderOfRules takes a token that is wrong in every way, and sets right one fault after the other.
func TestOrderOfRules(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	cfg := strictConfig()
	cfg.Required = []string{"sid"}
	steps := []struct {
		header, payload string
		want            jwt.Reason
	}{
		{`"typ":"x"`, `"iss":"x","aud":"x"`, jwt.ErrMissingClaim},
		{`"typ":"x"`, `"iss":"x","aud":"x","exp":1,"nbf":1767359000`, jwt.ErrExpired},
		{`"typ":"x"`, `"iss":"x","aud":"x","exp":1767358800,"nbf":1767359000`, jwt.ErrNotYetValid},
		{`"typ":"x"`, `"iss":"x","aud":"x","exp":1767358800`, jwt.ErrWrongIssuer},
		{`"typ":"x"`, `"iss":"https://issuer.example","aud":"x","exp":1767358800`, jwt.ErrWrongAudience},
		{`"typ":"x"`, `"iss":"https://issuer.example","aud":"api","exp":1767358800`, jwt.ErrWrongType},
		{`"typ":"JWT"`, `"iss":"https://issuer.example","aud":"api","exp":1767358800`, jwt.ErrMissingClaim},
		{`"typ":"JWT"`, `"iss":"https://issuer.example","aud":"api","exp":1767358800,"sid":1`, ""},
	}
	v := newVerifier(t, cfg)
	for i, step := range steps {
		token := forge(t, k, `{"alg":"HS256",`+step.header+`}`, `{`+step.payload+`}`)
		got, err := v.Verify(token, newSet(t, k))
		if step.want == "" {
			if err != nil {
				t.Errorf("step %d: %v", i, err)
			}
			continue
		}
		wantRefusal(t, err, got, step.want, token)
	}
}

// TestVerifiersDoNotInfluenceEachOther verifies one token with verifiers that differ in each option, in both orders.
func TestVerifiersDoNotInfluenceEachOther(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	keys := newSet(t, k)
	token := forge(t, k, `{"alg":"HS256","typ":"JWT"}`, goodPayload)
	lax := newVerifier(t, openConfig())
	for name, test := range map[string]struct {
		change func(*jwt.VerifierConfig)
		want   jwt.Reason
	}{
		"Issuer":     {func(c *jwt.VerifierConfig) { c.Issuer = "https://other.example" }, jwt.ErrWrongIssuer},
		"Audience":   {func(c *jwt.VerifierConfig) { c.Audience = []string{"other"} }, jwt.ErrWrongAudience},
		"Types":      {func(c *jwt.VerifierConfig) { c.Types = []string{"at+jwt"} }, jwt.ErrWrongType},
		"Algorithms": {func(c *jwt.VerifierConfig) { c.Algorithms = []jwk.Algorithm{jwk.HS384} }, jwt.ErrUnsupportedAlgorithm},
		"Required":   {func(c *jwt.VerifierConfig) { c.Required = []string{"jti"} }, jwt.ErrMissingClaim},
		"Now":        {func(c *jwt.VerifierConfig) { c.Now = func() time.Time { return noon.Add(24 * time.Hour) } }, jwt.ErrExpired},
		"MaxSize":    {func(c *jwt.VerifierConfig) { c.MaxSize = len(token) - 1 }, jwt.ErrMalformed},
		"Leeway": {func(c *jwt.VerifierConfig) {
			c.Leeway, c.Now = -1, func() time.Time { return time.Unix(1767358800, 0) }
		}, jwt.ErrExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := strictConfig()
			test.change(&cfg)
			picky := newVerifier(t, cfg)
			for range 2 {
				if _, err := lax.Verify(token, keys); err != nil {
					t.Error(err)
				}
				refused(t, picky, token, keys, test.want)
			}
		})
	}
}

func TestRefusedTimesSayWhen(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	token := forge(t, k, `{"alg":"HS256"}`, claimsAt(`"exp":1767300000.25`))
	refusal := refused(t, newVerifier(t, strictConfig()), token, newSet(t, k), jwt.ErrExpired)
	want := `jwt: token expired: "exp" 2026-01-01T20:40:00.25Z, judged at 2026-01-02T12:00:00Z, leeway 30s`
	if refusal.Error() != want {
		t.Errorf("got  %s\nwant %s", refusal, want)
	}
	if !refusal.At.Equal(noon) || refusal.Claim != "exp" {
		t.Errorf("got %+v", refusal)
	}
}

func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	cfg := strictConfig()
	cfg.Types = []string{"JWT"}
	cfg.Algorithms = []jwk.Algorithm{jwk.HS256}
	cfg.Required = []string{"sub"}
	v := newVerifier(t, cfg)
	cfg.Audience[0], cfg.Types[0], cfg.Algorithms[0], cfg.Required[0] = "x", "x", jwk.RS256, "x"
	k := key(t, jwk.HS256)
	verify(t, v, forge(t, k, `{"alg":"HS256","typ":"JWT"}`, goodPayload), k)
	if slices.Contains(cfg.Audience, audience) {
		t.Error("the test changed nothing")
	}
}
