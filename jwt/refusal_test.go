package jwt_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func TestRefusalError(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 6, 500, time.FixedZone("", 3600))
	long := strings.Repeat("x", 63) + "é…"
	tests := []struct {
		refusal jwt.Refusal
		want    string
	}{
		{jwt.Refusal{Reason: jwt.ErrRevoked}, `jwt: token revoked`},
		{jwt.Refusal{Reason: jwt.ErrMissingClaim, Claim: "exp"}, `jwt: token missing claim: "exp"`},
		{
			jwt.Refusal{Reason: jwt.ErrExpired, Claim: "exp", Got: "2026-01-02T03:04:05Z", At: at},
			`jwt: token expired: "exp" 2026-01-02T03:04:05Z, judged at 2026-01-02T02:04:06.0000005Z`,
		},
		{
			jwt.Refusal{Reason: jwt.ErrWrongIssuer, Claim: "iss", Expected: "a", Got: "b\"\n\u202e"},
			`jwt: token wrong issuer: "iss" "b\"\n\u202e", expected "a"`,
		},
		{jwt.Refusal{Reason: jwt.ErrWrongAudience, Expected: "a, b", Got: "c"}, `jwt: token wrong audience: got "c", expected "a, b"`},
		{jwt.Refusal{Reason: jwt.ErrWrongType, Claim: "typ", Got: long}, `jwt: token wrong type: "typ" "` + long[:63] + `…"`},
		{jwt.Refusal{Reason: jwt.ErrMalformed, Detail: "a part"}, `jwt: token malformed: a part`},
		{jwt.Refusal{Reason: jwt.ErrMalformed, Detail: "a\npart"}, `jwt: token malformed: "a\npart"`},
		{jwt.Refusal{Reason: jwt.ErrMalformed, Claim: long + "\n"}, `jwt: token malformed: "` + long[:63] + `…"`},
	}
	for _, test := range tests {
		if got := test.refusal.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
		if !errors.Is(&test.refusal, test.refusal.Reason) {
			t.Errorf("%s is not its reason", test.want)
		}
	}
}

func TestValuesInRefusalsAreBounded(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	long := strings.Repeat("\u00e9\\n", 1000)
	keys := newSet(t, k)
	v := newVerifier(t, strictConfig())
	for name, token := range map[string]string{
		"kid":       forge(t, k, `{"alg":"HS256","kid":"`+long+`"}`, goodPayload),
		"alg":       forge(t, k, `{"alg":"`+long+`"}`, goodPayload),
		"typ":       forge(t, k, `{"alg":"HS256","typ":"`+long+`"}`, goodPayload),
		"iss":       forge(t, k, `{"alg":"HS256"}`, `{"iss":"`+long+`","aud":"api","exp":1767358800}`),
		"aud":       forge(t, k, `{"alg":"HS256"}`, `{"iss":"https://issuer.example","aud":["`+long+`","x"],"exp":1767358800}`),
		"duplicate": forge(t, k, `{"alg":"HS256","`+long+`":1,"`+long+`":1}`, goodPayload),
	} {
		got, err := v.Verify(token, keys)
		refusal, ok := errors.AsType[*jwt.Refusal](err)
		if got != nil || !ok {
			t.Fatalf("%s: %v", name, err)
		}
		for _, value := range []string{refusal.Claim, refusal.Got, refusal.Detail} {
			if len(value) > 300 || !utf8.ValidString(value) {
				t.Errorf("%s: a value of %d bytes: %q", name, len(value), value)
			}
		}
		if message := err.Error(); len(message) > 600 || strings.Contains(message, "\n") {
			t.Errorf("%s: %d bytes: %q", name, len(message), message)
		}
	}
}

// TestReasonsAreDistinct makes sure that no reason is taken for another.
func TestReasonsAreDistinct(t *testing.T) {
	t.Parallel()
	reasons := []jwt.Reason{
		jwt.ErrMalformed, jwt.ErrUnsupportedAlgorithm, jwt.ErrUnknownKey, jwt.ErrBadSignature, jwt.ErrExpired,
		jwt.ErrNotYetValid, jwt.ErrWrongAudience, jwt.ErrWrongIssuer, jwt.ErrWrongType, jwt.ErrMissingClaim, jwt.ErrRevoked,
	}
	for i, a := range reasons {
		for j, b := range reasons {
			if errors.Is(&jwt.Refusal{Reason: a}, b) != (i == j) {
				t.Errorf("%v and %v", a, b)
			}
		}
		if reason, ok := errors.AsType[jwt.Reason](error(&jwt.Refusal{Reason: a})); !ok || reason != a {
			t.Errorf("%v cannot be had from its refusal", a)
		}
	}
}
