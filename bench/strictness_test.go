package bench_test

import (
	"encoding/json"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/jwt"
)

// fuzzed is a token, taken apart.
type fuzzed struct {
	token           string
	mode            mode
	header, payload text
}

func newFuzzed(token string, m mode) fuzzed {
	parts := strings.SplitN(token, ".", 3)
	f := fuzzed{token: token, mode: m}
	if len(parts) == 3 {
		f.header, f.payload = newText(parts[0]), newText(parts[1])
	}
	return f
}

// strictness is a rule of jeton that another library does not have. README.md lists them.
type strictness struct {
	name   string
	reason jwt.Reason
	// claim is the member that jeton says is at fault; empty if it is not always the same, or none.
	claim string
	// holds says whether a token breaks the rule. It does not ask jeton.
	holds func(fuzzed) bool
	// samples are tokens that jeton refuses for it and another library accepts.
	samples []sample
}

// sample is what [court.token] makes a token of.
type sample struct {
	header, payload, tail string
	mode                  mode
}

// inHeader and inPayload add members to a good header or payload.
func inHeader(members string) sample {
	return sample{header: members, mode: insertHeader | insertPayload}
}

func inPayload(members string) sample {
	return sample{payload: members, mode: insertHeader | insertPayload}
}

// wholePayload is a payload that replaces the good one, for any issuer and audience.
func wholePayload(payload string) sample {
	return sample{payload: payload, mode: insertHeader | open}
}

func strictnesses() []strictness {
	return slices.Concat(formStrictnesses(), headerStrictnesses(), claimStrictnesses())
}

// formStrictnesses are about the form of a token and of the JSON in it.
func formStrictnesses() []strictness {
	either := func(holds func(text) bool) func(fuzzed) bool {
		return func(f fuzzed) bool { return holds(f.header) || holds(f.payload) }
	}
	return []strictness{
		{
			name: "size", reason: jwt.ErrMalformed,
			holds:   func(f fuzzed) bool { return len(f.token) > jwt.DefaultMaxSize },
			samples: []sample{inPayload(`"x":"` + strings.Repeat("x", jwt.DefaultMaxSize) + `"`)},
		},
		{
			name: "canonical base64url", reason: jwt.ErrMalformed,
			holds: func(f fuzzed) bool { return slices.ContainsFunc(strings.Split(f.token, "."), notCanonical) },
			samples: []sample{
				{encode(goodHeader), encode(goodPayload) + "\n", "", segments},
				{encode(goodHeader + " "), encode(goodPayload+"  ") + "=", "", segments},
				{encode(goodHeader), encode(goodPayload)[:len(encode(goodPayload))-1] + "1", "", segments},
				{"", "", "\r\n", tampered | insertHeader | insertPayload},
			},
		},
		{
			name: "UTF-8", reason: jwt.ErrMalformed,
			holds:   either(func(x text) bool { return !utf8.ValidString(x.text) }),
			samples: []sample{inPayload("\"x\":\"\xff\""), inHeader("\"x\":\"\xff\"")},
		},
		{
			name: "lone surrogates", reason: jwt.ErrMalformed,
			holds:   either(func(x text) bool { return hasLoneSurrogate(x.text) }),
			samples: []sample{inPayload(`"x":"\ud800"`), inHeader(`"x":"\udc00\ud800"`)},
		},
		{
			name: "duplicate members", reason: jwt.ErrMalformed,
			holds:   either(func(x text) bool { return hasDuplicate(x.text) }),
			samples: []sample{inPayload(`"sub":"u2"`), inPayload(`"x":[{"a":1,"\u0061":2}]`), inHeader(`"kid":"k1"`)},
		},
		{
			name: "depth", reason: jwt.ErrMalformed,
			holds:   either(func(x text) bool { return depth(x.text) > 32 }),
			samples: []sample{inPayload(`"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32))},
		},
		{
			name: "nothing behind the object", reason: jwt.ErrMalformed,
			holds:   either(func(x text) bool { return x.members != nil && !json.Valid([]byte(x.text)) }),
			samples: []sample{wholePayload(`{"exp":1800000900}{}`), wholePayload(`{"exp":1800000900}]`)},
		},
		{
			name: "an object", reason: jwt.ErrMalformed,
			holds:   either(func(x text) bool { return strings.Trim(x.text, " \t\r\n") != "" && x.members == nil }),
			samples: []sample{wholePayload("null")},
		},
	}
}

// headerStrictnesses are about header parameters.
func headerStrictnesses() []strictness {
	list := []strictness{
		{
			name: "crit", reason: jwt.ErrMalformed, claim: "crit",
			holds:   func(f fuzzed) bool { return f.header.has("crit") },
			samples: []sample{inHeader(`"crit":["exp"]`), inHeader(`"crit":[]`)},
		},
		{
			name: "b64", reason: jwt.ErrMalformed, claim: "b64",
			holds:   func(f fuzzed) bool { return f.header.has("b64") && string(f.header.members["b64"]) != "true" },
			samples: []sample{inHeader(`"b64":false`), inHeader(`"b64":null`)},
		},
		{
			name: "a kid that is in the set", reason: jwt.ErrUnknownKey, claim: "kid",
			holds: func(f fuzzed) bool { return f.header.has("kid") && f.header.str("kid") != fuzzKeyID },
			samples: []sample{
				{header: `{"alg":"HS256","kid":"k3"}`, mode: insertPayload}, {header: `{"alg":"HS256","kid":""}`, mode: insertPayload},
			},
		},
		{
			name: "a kid where there are several keys", reason: jwt.ErrUnknownKey, claim: "kid",
			holds:   func(f fuzzed) bool { return f.mode&twoKeys != 0 && !f.header.has("kid") },
			samples: []sample{{header: `{"alg":"HS256"}`, mode: insertPayload | twoKeys}},
		},
		{
			name: "the key that kid names", reason: jwt.ErrBadSignature,
			holds:   func(f fuzzed) bool { return f.mode&twoKeys != 0 && f.header.str("kid") == otherKeyID },
			samples: []sample{{header: `{"alg":"HS256","kid":"k2"}`, mode: insertPayload | twoKeys}},
		},
		{
			name: "typ", reason: jwt.ErrWrongType, claim: "typ",
			holds: func(f fuzzed) bool {
				typ := strings.TrimPrefix(lowerASCII(f.header.str("typ")), "application/")
				return typ != "jwt" && typ != "at+jwt" && f.header.str("typ") != ""
			},
			samples: []sample{{header: `{"alg":"HS256","typ":"id+jwt"}`, mode: insertPayload}},
		},
	}
	for _, name := range []string{"enc", "zip"} {
		list = append(list, strictness{
			name: "no " + name, reason: jwt.ErrMalformed, claim: name,
			holds:   func(f fuzzed) bool { return f.header.has(name) },
			samples: []sample{inHeader(`"` + name + `":"x"`)},
		})
	}
	for _, name := range []string{"kid", "typ", "cty"} {
		list = append(list, strictness{
			name: name + " is a string", reason: jwt.ErrMalformed, claim: name,
			holds: func(f fuzzed) bool { return f.header.has(name) && !isString(f.header.members[name]) },
			samples: []sample{
				{header: `{"alg":"HS256","` + name + `":5}`, mode: insertPayload},
				{header: `{"alg":"HS256","` + name + `":null}`, mode: insertPayload},
			},
		})
	}
	return list
}

// claimStrictnesses are about claims.
func claimStrictnesses() []strictness {
	list := []strictness{
		{
			name: "exp", reason: jwt.ErrMissingClaim, claim: "exp",
			holds:   func(f fuzzed) bool { return !f.payload.has("exp") },
			samples: []sample{wholePayload(`{"iss":"a"}`), wholePayload(`{}`)},
		},
		{
			name: "exp 0 is a time", reason: jwt.ErrExpired, claim: "exp",
			holds:   func(f fuzzed) bool { exp, ok := f.payload.number("exp"); return ok && exp == 0 },
			samples: []sample{wholePayload(`{"exp":0}`), wholePayload(`{"exp":0.0e9}`)},
		},
		{
			name: "expired at exp, not after it", reason: jwt.ErrExpired, claim: "exp",
			holds: func(f fuzzed) bool {
				exp, ok := f.payload.number("exp")
				return ok && math.Trunc(exp) == float64(fuzzNow.Add(-bench.Leeway).Unix())
			},
			samples: []sample{wholePayload(`{"exp":1799999970}`)},
		},
		{
			name: "fractions of nbf", reason: jwt.ErrNotYetValid, claim: "nbf",
			holds: func(f fuzzed) bool {
				nbf, ok := f.payload.number("nbf")
				return ok && math.Trunc(nbf) == float64(fuzzNow.Add(bench.Leeway).Unix())
			},
			samples: []sample{wholePayload(`{"exp":1800000900,"nbf":1800000030.5}`)},
		},
		{
			name: "aud is a string, or an array of strings", reason: jwt.ErrMalformed, claim: "aud",
			holds:   func(f fuzzed) bool { return f.payload.has("aud") && !isStrings(f.payload.members["aud"]) },
			samples: []sample{wholePayload(`{"exp":1800000900,"aud":5}`), wholePayload(`{"exp":1800000900,"aud":null}`)},
		},
	}
	for _, name := range []string{"iss", "sub", "jti"} {
		list = append(list, strictness{
			name: name + " is a string", reason: jwt.ErrMalformed, claim: name,
			holds: func(f fuzzed) bool { return f.payload.has(name) && !isString(f.payload.members[name]) },
			samples: []sample{
				wholePayload(`{"exp":1800000900,"` + name + `":5}`), wholePayload(`{"exp":1800000900,"` + name + `":null}`),
			},
		})
	}
	for _, name := range []string{"exp", "nbf", "iat"} {
		list = append(list, strictness{
			name: name + " is a number", reason: jwt.ErrMalformed, claim: name,
			holds:   func(f fuzzed) bool { return f.payload.has(name) && !isNumber(f.payload.members[name]) },
			samples: []sample{wholePayload(withExpiry(name, "null"))},
		}, strictness{
			name: name + " from 1970 to 9999", reason: jwt.ErrMalformed, claim: name,
			holds: func(f fuzzed) bool {
				value, ok := f.payload.number(name)
				return ok && (value >= 253402300800 || f.payload.members[name][0] == '-')
			},
			samples: []sample{wholePayload(withExpiry(name, map[string]string{"exp": "253402300800", "nbf": "-1", "iat": "-0"}[name]))},
		})
	}
	for _, rule := range []struct {
		reason jwt.Reason
		claim  string
		sample sample
	}{
		{jwt.ErrWrongIssuer, "iss", sample{payload: `{"iss":"x","ISS":"https://id.example","aud":"notes","exp":1800000900}`, mode: insertHeader}},
		{jwt.ErrWrongAudience, "aud", sample{payload: `{"iss":"https://id.example","Aud":"notes","exp":1800000900}`, mode: insertHeader}},
		{jwt.ErrExpired, "exp", wholePayload(`{"exp":1,"EXP":1800000900}`)},
		{jwt.ErrNotYetValid, "nbf", wholePayload(`{"exp":1800000900,"nbf":1900000000,"nBf":1}`)},
	} {
		list = append(list, strictness{
			name: rule.claim + " and no other case of its letters", reason: rule.reason, claim: rule.claim,
			holds:   func(f fuzzed) bool { return f.payload.hasFolded(rule.claim) },
			samples: []sample{rule.sample},
		})
	}
	return list
}

// withExpiry is a payload with a claim and, if that is not it, a good "exp".
func withExpiry(name, value string) string {
	if name == "exp" {
		return `{"exp":` + value + `}`
	}
	return `{"exp":1800000900,"` + name + `":` + value + `}`
}

// limit is something that another library refuses and jeton accepts.
type limit struct {
	name    string
	library func(name string) bool
	holds   func(fuzzed) bool
	samples []sample
}

func limits() []limit {
	golang := func(name string) bool { return strings.HasPrefix(name, "golang-jwt") }
	only := func(want string) func(string) bool { return func(name string) bool { return name == want } }
	return []limit{
		{
			name: "go-jose reads header parameters that hold a key or a nonce", library: only(goJOSE),
			holds: func(f fuzzed) bool {
				return f.header.has("jwk") || f.header.has("x5c") || f.header.has("nonce")
			},
			samples: []sample{inHeader(`"jwk":{}`), inHeader(`"x5c":["x"]`), inHeader(`"nonce":5`)},
		},
		{
			name:    "a number beyond a float64 in the header",
			library: func(string) bool { return true },
			holds:   func(f fuzzed) bool { return hasHugeNumber(f.header.text) },
			samples: []sample{inHeader(`"x":1e400`)},
		},
		{
			name: "a number beyond a float64 in the payload", library: only(golangFloats),
			holds:   func(f fuzzed) bool { return hasHugeNumber(f.payload.text) },
			samples: []sample{inPayload(`"x":[-1e999]`)},
		},
		{
			name: "golang-jwt's MapClaims take a time of 0 for none", library: only(golangFloats),
			holds: func(f fuzzed) bool {
				return slices.ContainsFunc([]string{"exp", "nbf", "iat"}, func(name string) bool {
					value, ok := f.payload.number(name)
					return ok && value == 0
				})
			},
		},
		{
			name: "golang-jwt cuts off the fraction of exp", library: golang,
			holds: func(f fuzzed) bool {
				exp, ok := f.payload.number("exp")
				return ok && math.Trunc(exp) == float64(fuzzNow.Add(-bench.Leeway).Unix())
			},
			samples: []sample{wholePayload(`{"exp":1799999970.5}`)},
		},
		{
			name: "golang-jwt's RegisteredClaims take a name in another case for theirs", library: only(golangTyped),
			holds: func(f fuzzed) bool {
				return slices.ContainsFunc([]string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}, f.payload.hasFolded)
			},
			samples: []sample{inPayload(`"Sub":5`), inPayload(`"EXP":1`), inPayload(`"ıss":"x","\u017fub":5`)},
		},
	}
}

// Each strictness is one: jeton refuses its samples for that reason, and somebody else accepts them.
func TestStrictnesses(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	for _, s := range strictnesses() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if len(s.samples) == 0 || s.holds(newFuzzed(c.token(t, "", "", "", insertHeader|insertPayload), insertHeader)) {
				t.Error("it has no samples, or the good token breaks it")
			}
			for _, x := range s.samples {
				token := c.token(t, x.header, x.payload, x.tail, x.mode)
				own := c.jeton(t, token, x.mode)
				if own.err == nil || !s.explains(newFuzzed(token, x.mode), own.err) {
					t.Errorf("jeton answers %v to %+v", own.err, x)
				}
				accepts := func(j judgement) bool { return j.err == nil }
				if !slices.ContainsFunc(c.others(token, x.mode), accepts) {
					t.Errorf("nobody else accepts %+v", x)
				}
			}
		})
	}
}

// Each limit is one: jeton accepts its samples, and the library refuses them.
func TestLimits(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	for _, l := range limits() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			for _, x := range l.samples {
				token := c.token(t, x.header, x.payload, x.tail, x.mode)
				if own := c.jeton(t, token, x.mode); own.err != nil || !l.holds(newFuzzed(token, x.mode)) {
					t.Errorf("jeton answers %v to %+v", own.err, x)
				}
				refuses := func(j judgement) bool { return l.library(j.library) && j.err != nil }
				if !slices.ContainsFunc(c.others(token, x.mode), refuses) {
					t.Errorf("nobody refuses %+v", x)
				}
			}
		})
	}
}

// README.md lists every strictness and limit, those of keys too, and no others.
func TestReadmeListsThem(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, lists, _ := strings.Cut(string(readme), "\n## Where jeton differs")
	var names []string
	for _, s := range strictnesses() {
		names = append(names, s.name)
	}
	for _, l := range limits() {
		names = append(names, l.name)
	}
	for _, s := range keyStrictnesses() {
		names = append(names, s.name)
	}
	for _, l := range keyLimits() {
		names = append(names, l.name)
	}
	begins := func(entry, name string) bool {
		rest, ok := strings.CutPrefix(entry, name)
		return ok && (rest == "" || strings.ContainsAny(rest[:1], ".:, "))
	}
	entries := regexp.MustCompile("(?m)^- (.*)$").FindAllStringSubmatch(lists, -1)
	for _, name := range names {
		if !slices.ContainsFunc(entries, func(entry []string) bool { return begins(entry[1], name) }) {
			t.Errorf("README.md does not list %q", name)
		}
	}
	for _, entry := range entries {
		if !slices.ContainsFunc(names, func(name string) bool { return begins(entry[1], name) }) {
			t.Errorf("README.md lists %q, and there is no such difference", entry[1])
		}
	}
}

// explains says whether s is why jeton refuses a token.
func (s strictness) explains(f fuzzed, err error) bool {
	refusal, ok := err.(*jwt.Refusal) //nolint:errorlint // it is not wrapped
	return ok && refusal.Reason == s.reason && (s.claim == "" || refusal.Claim == s.claim) && s.holds(f)
}
