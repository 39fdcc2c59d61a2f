package jwt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// badObjects are texts that are no strict JSON object. %s stands for a member that makes a good one. Each has the fault
// that its refusal must name.
var badObjects = map[string]string{
	"":                                      "not a JSON object",
	" ":                                     "not a JSON object",
	"null":                                  "not a JSON object",
	"[%s]":                                  "not a JSON object",
	`"text"`:                                "not a JSON object",
	"\ufeff{%s}":                            "not a JSON object",
	"{%s":                                   "ends too early",
	"{%s,}":                                 "unexpected character",
	"{,%s}":                                 "unexpected character",
	"{%s}{}":                                "follows the JSON object",
	"{%s}x":                                 "follows the JSON object",
	"{%s}\x00":                              "follows the JSON object",
	"{%s,'a':1}":                            "unexpected character",
	`{%s,"a":"b`:                            "ends too early",
	`{%s,"a":"\`:                            "ends too early",
	`{%s,"a":-}`:                            "unexpected character",
	`{%s,"a":--1}`:                          "unexpected character",
	`{%s,"a":01}`:                           "unexpected character",
	`{%s,"a":+1}`:                           "unexpected character",
	`{%s,"a":.5}`:                           "unexpected character",
	`{%s,"a":1.}`:                           "unexpected character",
	`{%s,"a":1e}`:                           "unexpected character",
	`{%s,"a":0x1}`:                          "unexpected character",
	`{%s,"a":NaN}`:                          "unexpected character",
	`{%s,"a":TRUE}`:                         "unexpected character",
	`{%s,"a":nul}`:                          "unexpected character",
	`{%s,"a"}`:                              "unexpected character",
	`{%s,"a":}`:                             "unexpected character",
	`{%s "a":1}`:                            "unexpected character",
	`{%s,"a":[1,]}`:                         "unexpected character",
	`{%s,"a":[1 2]}`:                        "unexpected character",
	`{%s,"a":[1}`:                           "unexpected character",
	`{%s/**/}`:                              "unexpected character",
	"{%s,\"a\":\"\n\"}":                     "control character",
	`{%s,"a":"\x41"}`:                       "unexpected character",
	`{%s,"a":"\u12"}`:                       "unexpected character",
	`{%s,"a":"\u12g4"}`:                     "unexpected character",
	`{%s,"a":"\ud800"}`:                     "lone surrogate",
	`{%s,"a":"\udc00"}`:                     "lone surrogate",
	`{%s,"a":"\ud800\ud800"}`:               "lone surrogate",
	`{%s,"a":"\ud800A"}`:                    "lone surrogate",
	`{%s,"a":"\ud800\n"}`:                   "lone surrogate",
	`{%s,"\udfff":1}`:                       "lone surrogate",
	"{%s,\"a\":\"\xff\"}":                   "invalid UTF-8",
	"{%s,\"a\":\"\xc0\x80\"}":               "invalid UTF-8",
	"{%s,\"a\":\"\xed\xa0\x80\"}":           "invalid UTF-8",
	"{%s,\"\xff\":1}":                       "invalid UTF-8",
	`{%s,"a":1,"a":1}`:                      "duplicate member",
	`{%s,"a":1,"\u0061":2}`:                 "duplicate member",
	`{%s,"":1,"":2}`:                        "duplicate member",
	`{%s,"a":{"b":1,"b":1}}`:                "duplicate member",
	`{%s,"a":[{"b":{},"b":1}]}`:             "duplicate member",
	`{%s,"a":[[{"b":1,"c":2,"\u0062":3}]]}`: "duplicate member",
	`{%s,"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`:            "deeper than 32",
	`{%s,"a":` + strings.Repeat(`{"a":`, 31) + "{}" + strings.Repeat("}", 31) + `}`: "deeper than 32",
	`{%s,"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`:        "deeper than 32",
	`{%s,` + manyMembers(40) + `,"m7":0}`:                                           "duplicate member",
	`{%s,` + manyMembers(17) + `,"m16":0}`:                                          "duplicate member",
	`{%s,` + manyMembers(40) + `,"m14":0}`:                                          "duplicate member",
	`{%s,` + manyMembers(16) + `,"m15":0}`:                                          "duplicate member",
}

// goodObjects are unusual, but JSON.
var goodObjects = []string{
	" \t\r\n{ %s , \"a\" : [ ] } \n",
	`{%s,"a":{},"A":{}}`,
	`{%s,"a":{"b":1},"b":{"b":1}}`,
	`{%s,"a":[{"b":1},{"b":1}]}`,
	`{%s,"":1,"\u0000":2}`,
	`{%s,"a":"\ud83d\ude00\uD83D\uDE00 \"\\\/\b\f\n\r\t é"}`,
	`{%s,"a":[-0,0.0,1e5,1E+5,1.25e-7,-12,true,false,null,"",[],{}]}`,
	`{%s,"a":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`,
	`{%s,"a":[` + strings.Repeat("{},", 40) + strings.Repeat("[],", 40) + `1]}`,
	`{%s,` + manyMembers(500) + `}`,
}

func manyMembers(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"m%d":%d`, i, i)
	}
	return strings.Join(members, ",")
}

func TestStrictJSON(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	keys := newSet(t, k)
	v := newVerifier(t, openConfig())
	inHeader := func(object string) string {
		return forge(t, k, strings.Replace(object, "%s", `"alg":"HS256"`, 1), goodPayload)
	}
	inPayload := func(object string) string {
		return forge(t, k, `{"alg":"HS256"}`, strings.Replace(object, "%s", `"exp":1767358800`, 1))
	}
	for object, fault := range badObjects {
		header, payload := inHeader(object), inPayload(object)
		refusal := refused(t, v, header, keys, jwt.ErrMalformed)
		if !strings.HasPrefix(refusal.Detail, "header: ") || !strings.Contains(refusal.Detail, fault) {
			t.Errorf("header %.60q: %v, want %q", object, refusal, fault)
		}
		if _, err := jwt.UnverifiedHeader(header); err == nil || err.Error() != refusal.Error() {
			t.Errorf("header %.60q, unverified: %v, want %v", object, err, refusal)
		}
		refusal = refused(t, v, payload, keys, jwt.ErrMalformed)
		if !strings.HasPrefix(refusal.Detail, "payload: ") || !strings.Contains(refusal.Detail, fault) {
			t.Errorf("payload %.60q: %v, want %q", object, refusal, fault)
		}
	}
	for _, object := range goodObjects {
		for _, token := range []string{inHeader(object), inPayload(object)} {
			if _, err := v.Verify(token, keys); err != nil {
				t.Errorf("%.60q: %v", object, err)
			}
		}
	}
}

func TestStrictBase64(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	keys := newSet(t, k)
	v := newVerifier(t, openConfig())
	// Lengths of 0, 1 and 2 modulo 3, so that padding and unused bits are there to be abused.
	headers := []string{`{"alg":"HS256"}`, `{"alg":"HS256" }`, `{"alg":"HS256"  }`}
	payloads := []string{`{"exp":1767358800}`, `{"exp":1767358800 }`, `{"exp":1767358800  }`}
	for i := range 3 {
		header, payload := encode(headers[i]), encode(payloads[i])
		good := forgeSegments(t, k, header, payload)
		if _, err := v.Verify(good, keys); err != nil {
			t.Fatal(err)
		}
		for fault, spoil := range spoilers {
			for name, token := range map[string]string{
				"header":    forgeSegments(t, k, spoil(header), payload),
				"payload":   forgeSegments(t, k, header, spoil(payload)),
				"signature": spoilSignature(good, spoil),
			} {
				if token == good {
					continue // nothing of that kind to spoil here
				}
				refusal := refused(t, v, token, keys, jwt.ErrMalformed)
				if want := name + ": " + fault; refusal.Detail != want {
					t.Errorf("%s: %v, want %q", token, refusal, want)
				}
			}
		}
	}
}

// spoilers make a segment wrong, each in the way of its name; where that cannot be, they leave it as it is.
var spoilers = map[string]func(string) string{
	"padding in base64url": func(s string) string {
		return s + strings.Repeat("=", (4-len(s)%4)%4)
	},
	"white space in base64url":          func(s string) string { return s[:4] + "\n" + s[4:] },
	"base64 instead of base64url":       func(s string) string { return "+" + s[1:] },
	"a character that is not base64url": func(s string) string { return s[:3] + "\u00e9" + s[3:] },
	"impossible length of base64url":    func(s string) string { return s + strings.Repeat("A", (5-len(s)%4)%4) },
	"unused bits in base64url are not zero": func(s string) string {
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		if len(s)%4 == 0 {
			return s
		}
		last := strings.IndexByte(alphabet, s[len(s)-1])
		return s[:len(s)-1] + string(alphabet[last|1])
	},
}

func spoilSignature(token string, spoil func(string) string) string {
	dot := strings.LastIndexByte(token, '.') + 1
	return token[:dot] + spoil(token[dot:])
}

func TestBytesAroundAToken(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	good := forge(t, k, `{"alg":"HS256"}`, goodPayload)
	v := newVerifier(t, openConfig())
	for _, token := range []string{
		" " + good, good + " ", good + "\n", good + "\r\n", "\t" + good, good + "=", good + "\x00", "\ufeff" + good,
		strings.Replace(good, ".", "\r\n.", 1), strings.Replace(good, ".", "=.", 1), "Bearer " + good, good + ",", `"` + good + `"`,
	} {
		refused(t, v, token, newSet(t, k), jwt.ErrMalformed)
	}
	// Here the payload differs from the signed one, and what is not signed is not decoded.
	refused(t, v, strings.Replace(good, ".", ".\n", 1), newSet(t, k), jwt.ErrBadSignature)
}

func TestEmptySignatureIsCalledThat(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	token := encode(`{"alg":"HS256"}`) + "." + encode(goodPayload) + "."
	refusal := refused(t, newVerifier(t, openConfig()), token, newSet(t, k), jwt.ErrBadSignature)
	if refusal.Detail != "empty" {
		t.Error(refusal)
	}
}

func TestUnverifiedHeaderIsBounded(t *testing.T) {
	t.Parallel()
	token := encode(`{"alg":"HS256"}`) + "." + strings.Repeat("A", 1<<20) + ".AA"
	if _, err := jwt.UnverifiedHeader(token[len(token)-1<<20:]); !errors.Is(err, jwt.ErrMalformed) {
		t.Errorf("the end of a token: %v", err)
	}
	_, err := jwt.UnverifiedHeader(token)
	if refusal := wantRefusal(t, err, nil, jwt.ErrMalformed, token); !strings.Contains(refusal.Detail, "at most 1048576") {
		t.Error(refusal)
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	good := forge(t, k, `{"alg":"HS256"}`, goodPayload)
	p := strings.Split(good, ".")
	tests := []struct {
		name, token string
		want        jwt.Reason
	}{
		{"empty", "", jwt.ErrMalformed},
		{"one dot", ".", jwt.ErrMalformed},
		{"two dots", "..", jwt.ErrMalformed},
		{"one part", p[0], jwt.ErrMalformed},
		{"two parts", p[0] + "." + p[1], jwt.ErrMalformed},
		{"four parts", good + ".", jwt.ErrMalformed},
		{"five parts", good + ".AA.AA", jwt.ErrMalformed},
		{"no header", "." + p[1] + "." + p[2], jwt.ErrMalformed},
		{"no payload", p[0] + ".." + p[2], jwt.ErrBadSignature},
		{"signed empty payload", forgeSegments(t, k, p[0], ""), jwt.ErrMalformed},
		{"no signature", p[0] + "." + p[1] + ".", jwt.ErrBadSignature},
		{"flattened JSON", fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, p[0], p[1], p[2]), jwt.ErrMalformed},
		{"JSON with two dots", `{"a":"..."}`, jwt.ErrMalformed},
	}
	v := newVerifier(t, openConfig())
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			refused(t, v, test.token, newSet(t, k), test.want)
		})
	}
}

func TestHeaderParameters(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	tests := []struct {
		header string
		want   jwt.Reason
		claim  string
	}{
		{`{"alg":"HS256"}`, "", ""},
		{`{"alg":"HS256","typ":"JWT","cty":"JWT"}`, "", ""},
		{`{"alg":"HS256","b64":true}`, "", ""},
		{`{"alg":"HS256","jku":"https://evil.example","x5u":1,"jwk":{},"x5c":[],"x5t":"AA","x5t#S256":null,"iss":"x"}`, "", ""},
		{`{}`, jwt.ErrMalformed, "alg"},
		{`{"Alg":"HS256"}`, jwt.ErrMalformed, "alg"},
		{`{"ALG":"HS256","typ":"JWT"}`, jwt.ErrMalformed, "alg"},
		{`{"alg":null}`, jwt.ErrMalformed, "alg"},
		{`{"alg":["HS256"]}`, jwt.ErrMalformed, "alg"},
		{`{"alg":{"alg":"HS256"}}`, jwt.ErrMalformed, "alg"},
		{`{"alg":"HS256","kid":7}`, jwt.ErrMalformed, "kid"},
		{`{"alg":"HS256","kid":null}`, jwt.ErrMalformed, "kid"},
		{`{"alg":"HS256","typ":1}`, jwt.ErrMalformed, "typ"},
		{`{"alg":"HS256","cty":true}`, jwt.ErrMalformed, "cty"},
		{`{"alg":"HS256","crit":["exp"],"exp":1}`, jwt.ErrMalformed, "crit"},
		{`{"alg":"HS256","crit":["b64"],"b64":true}`, jwt.ErrMalformed, "crit"},
		{`{"alg":"HS256","crit":[]}`, jwt.ErrMalformed, "crit"},
		{`{"alg":"HS256","crit":null}`, jwt.ErrMalformed, "crit"},
		{`{"alg":"HS256","b64":false}`, jwt.ErrMalformed, "b64"},
		{`{"alg":"HS256","b64":"true"}`, jwt.ErrMalformed, "b64"},
		{`{"alg":"HS256","zip":"DEF"}`, jwt.ErrMalformed, "zip"},
		{`{"alg":"HS256","enc":"A128GCM"}`, jwt.ErrMalformed, "enc"},
		{`{"alg":"none"}`, jwt.ErrUnsupportedAlgorithm, "alg"},
		{`{"alg":"dir"}`, jwt.ErrUnsupportedAlgorithm, "alg"},
		{`{"alg":"HS256 "}`, jwt.ErrUnsupportedAlgorithm, "alg"},
		{`{"alg":"HS256\u0000"}`, jwt.ErrUnsupportedAlgorithm, "alg"},
	}
	v := newVerifier(t, openConfig())
	for _, test := range tests {
		t.Run(test.header, func(t *testing.T) {
			t.Parallel()
			token := forge(t, k, test.header, goodPayload)
			_, headerErr := jwt.UnverifiedHeader(token)
			got, err := v.Verify(token, newSet(t, k))
			if test.want == "" {
				if err != nil || headerErr != nil {
					t.Errorf("Verify: %v, UnverifiedHeader: %v", err, headerErr)
				}
				return
			}
			for _, refusal := range []*jwt.Refusal{
				wantRefusal(t, err, got, test.want, token), wantRefusal(t, headerErr, nil, test.want, token),
			} {
				if refusal.Claim != test.claim {
					t.Errorf("%v is about %q, want %q", refusal, refusal.Claim, test.claim)
				}
			}
		})
	}
}

func TestRegisteredClaimsHaveTheirTypes(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	v := newVerifier(t, openConfig())
	wrong := map[string][]string{
		"iss": {"1", "null", "true", `["a"]`, `{"a":1}`},
		"sub": {"1", "null", "false", `["a"]`, `{}`},
		"jti": {"1", "null", `["a"]`},
		"aud": {"1", "null", "{}", `[1]`, `["a",null]`, `[["a"]]`, `["a",{"b":"c"}]`},
		"exp": badDates,
		"nbf": badDates,
		"iat": badDates,
	}
	for claim, values := range wrong {
		for _, value := range values {
			payload := fmt.Sprintf(`{"x":1,%q:%s}`, claim, value)
			refusal := refused(t, v, forge(t, k, `{"alg":"HS256"}`, payload), newSet(t, k), jwt.ErrMalformed)
			if refusal.Claim != claim {
				t.Errorf("%s: %v", payload, refusal)
			}
		}
	}
}

var badDates = []string{
	`"1767358800"`, "null", "true", "[1767358800]", "-1", "-0", "-0.5", "253402300800", "1e12", "1e400", "1e99999999999999999999",
	`{"seconds":1}`, "9223372036854775808", "25340230080000e-2",
}

// TestNamesAreCaseSensitive has claims that encoding/json would take for registered ones.
func TestNamesAreCaseSensitive(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	cfg := strictConfig()
	for _, payload := range []string{
		`{"iss":"https://issuer.example","aud":"api","Exp":1767358800}`,
		`{"iss":"https://issuer.example","aud":"api","EXP":1767358800}`,
	} {
		refused(t, newVerifier(t, cfg), forge(t, k, `{"alg":"HS256"}`, payload), newSet(t, k), jwt.ErrMissingClaim)
	}
	payload := strings.TrimSuffix(goodPayload, "}") +
		`,"Iss":"https://evil.example","ISS":7,"Sub":"root","i\u017fs":"x","AUD":["x"],"Exp":1,"NBF":9999999999,"Nbf":"x"}`
	got := verify(t, newVerifier(t, cfg), forge(t, k, `{"alg":"HS256"}`, payload), k)
	if got.Issuer() != issuer || got.Subject() != "42" || !got.HasAudience(audience) || got.HasAudience("x") || !got.NotBefore().IsZero() {
		t.Errorf("claims with another case were taken: %q, %q, %q, %v", got.Issuer(), got.Subject(), got.Audience(), got.NotBefore())
	}
}
