package jsonwebtoken_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// What jsonwebtoken says about a token, and where jeton is stricter "invalid token".
func TestWords(t *testing.T) {
	t.Parallel()
	v := newVerifier(t)
	token := sign(t, nil)
	header, payload := `{"alg":"HS256","typ":"JWT"}`, `{"sub":"1","exp":1893559445}`
	unsigned := token[:strings.LastIndexByte(token, '.')+1]
	for name, tt := range map[string]struct{ token, want string }{
		"good":                {token, good},
		"a second before":     {sign(t, claims{"exp": now.Unix() + 1}), good},
		"valid from now on":   {sign(t, claims{"nbf": now.Unix()}), good},
		"a key id":            {forge(`{"alg":"HS256","kid":"any"}`, payload), good},
		"no typ":              {forge(`{"alg":"HS256"}`, payload), good},
		"no subject":          {sign(t, claims{"sub": nil}), good},
		"nothing":             {"", "jwt malformed"},
		"not a JWT":           {"abc", "jwt malformed"},
		"two parts":           {"a.b", "jwt malformed"},
		"four parts":          {"a.b.c.d", "jwt malformed"},
		"empty parts":         {"..", "invalid token"},
		"not base64url":       {"a!.b!.c!", "invalid token"},
		"padding at the end":  {token + "==", "invalid token"},
		"header no JSON":      {forge("junk", payload), "invalid token"},
		"header no object":    {"e30x.e30.abc", "invalid token"},
		"payload no JSON":     {forge(header, "junk"), "invalid token"},
		"claims in no object": {forge(header, `[1]`), "invalid token"},
		"names twice":         {forge(`{"alg":"HS256","alg":"HS256"}`, payload), "invalid token"},
		"subject is a number": {sign(t, claims{"sub": 1}), "invalid token"},
		"longer than 16 KiB":  {sign(t, claims{"x": strings.Repeat("x", 17<<10)}), "invalid token"},
		"key id with control": {forge(`{"alg":"HS256","kid":"\n"}`, payload), "invalid token"},
		"no signature":        {unsigned, "jwt signature is required"},
		"alg none, unsigned":  {"eyJhbGciOiJub25lIn0.e30.", "jwt signature is required"},
		"signature":           {broken(token), "invalid signature"},
		"another key":         {signWith(t, newKey(t, jwk.HS256), jwt.Claims{}), "invalid signature"},
		"alg none":            {forge(`{"alg":"none"}`, payload), "invalid algorithm"},
		"alg of a public key": {forge(`{"alg":"RS256"}`, payload), "invalid algorithm"},
		"alg of a longer one": {forge(`{"alg":"HS512"}`, payload), "invalid algorithm"},
		"exp no number":       {forge(header, `{"exp":"x"}`), "invalid exp value"},
		"no exp":              {sign(t, claims{"exp": nil}), "invalid exp value"},
		"nbf no number":       {forge(header, `{"nbf":"x","exp":1893559445}`), "invalid nbf value"},
		"expired":             {sign(t, claims{"exp": now.Unix()}), "jwt expired"},
		"not yet valid":       {sign(t, claims{"nbf": now.Unix() + 1}), "jwt not active"},
		"neither nor":         {sign(t, claims{"nbf": now.Unix() + 9, "exp": now.Unix() - 9}), "jwt not active"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, v, tt.token, tt.want)
		})
	}
}

// There are words for what other verifiers refuse, too.
func TestMessage(t *testing.T) {
	t.Parallel()
	for want, refusals := range map[string][]jwt.Refusal{
		"jwt malformed":                          {{Reason: jwt.ErrMalformed, Detail: "parts: 1"}},
		"invalid token":                          {{Reason: jwt.ErrMalformed}, {Reason: jwt.ErrMissingClaim, Claim: "x"}, {Reason: jwt.ErrWrongType}, {}},
		"invalid exp value":                      {{Reason: jwt.ErrMalformed, Claim: "exp"}, {Reason: jwt.ErrMissingClaim, Claim: "exp"}},
		"invalid nbf value":                      {{Reason: jwt.ErrMalformed, Claim: "nbf"}},
		"invalid algorithm":                      {{Reason: jwt.ErrUnsupportedAlgorithm}},
		"invalid signature":                      {{Reason: jwt.ErrUnknownKey}, {Reason: jwt.ErrBadSignature}},
		"jwt signature is required":              {{Reason: jwt.ErrBadSignature, Detail: "empty"}},
		"jwt expired":                            {{Reason: jwt.ErrExpired}},
		"jwt not active":                         {{Reason: jwt.ErrNotYetValid}},
		"jwt audience invalid. expected: x or y": {{Reason: jwt.ErrWrongAudience, Expected: "x, y"}},
		"jwt issuer invalid. expected: x":        {{Reason: jwt.ErrWrongIssuer, Expected: "x"}},
		revoked:                                  {{Reason: jwt.ErrRevoked}},
	} {
		for _, refusal := range refusals {
			if got, ok := jsonwebtoken.Message(fmt.Errorf("wrapped: %w", &refusal), revoked); got != want || !ok {
				t.Errorf("%v: got %q, want %q", &refusal, got, want)
			}
		}
	}
	for _, err := range []error{nil, errors.New("x"), jeton.ErrUnavailable} {
		if got, ok := jsonwebtoken.Message(err, revoked); got != "" || ok {
			t.Errorf("%v: %q", err, got)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	err := jsonwebtoken.Refused("closed", &jwt.Refusal{Reason: jwt.ErrRevoked, Detail: "by an operator"})
	if got, ok := jsonwebtoken.Message(fmt.Errorf("wrapped: %w", err), revoked); got != "closed" || !ok || !errors.Is(err, jwt.ErrRevoked) {
		t.Errorf("%q, %v", got, err)
	}
	if text := err.Error(); !strings.Contains(text, `"closed"`) || !strings.Contains(text, "by an operator") {
		t.Errorf("for logs: %s", text)
	}
}

func TestUnverifiedPayload(t *testing.T) {
	t.Parallel()
	if got := jsonwebtoken.UnverifiedPayload(broken(sign(t, claims{"jti": "x"}))); got["jti"] != "x" || got["sub"] != "1" {
		t.Errorf("claims %v", got)
	}
	for _, token := range []string{"", "abc", "a.b", "a.e30", "a.b.c", "a.e30.c.d", "a.W10.c", "a.e30=.c", "a.e31.c", sign(t, claims{"x": strings.Repeat("x", 17<<10)})} {
		if got := jsonwebtoken.UnverifiedPayload(token); got != nil {
			t.Errorf("%.20q: %v", token, got)
		}
	}
}

// FuzzVerify: any bytes in place of a token are refused, in some words.
func FuzzVerify(f *testing.F) {
	for _, token := range []string{
		"", "abc", "a.b.c", "..", "e30.e30.", "eyJhbGciOiJIUzI1NiJ9.e30.AA", "eyJhbGciOiJub25lIn0.e30.",
		"eyJhbGciOiJIUzI1NiIsImtpZCI6IlxuIn0.eyJleHAiOjF9.AA", "eyJhbGciOiJIUzI1NiIsImtpZCI6IsOpIn0.eyJleHAiOjF9.AA",
	} {
		f.Add(token)
	}
	own := newVerifier(f)
	found := newVerifier(f, finding(newKey(f, jwk.HS256), nil))
	set, err := jwk.NewSet(newKey(f, jwk.ES256).Public())
	if err != nil {
		f.Fatal(err)
	}
	foreign := newVerifier(f, from(set))
	f.Fuzz(func(t *testing.T, token string) {
		for _, v := range []*jsonwebtoken.Verifier{own, found, foreign} {
			p, err := v.Verify(t.Context(), token)
			if message, ok := jsonwebtoken.Message(err, revoked); p != nil || !ok || message == "" {
				t.Errorf("%q: %v, %v", token, p, err)
			}
		}
	})
}
