package foal_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/foal"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// FuzzHeader: what guard.Bearer takes for a token the hook takes for the same, and whatever else it takes follows the scheme. A request
// without a principal never gets past JWTRequired.
func FuzzHeader(f *testing.F) {
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer a.b.c", "bearer  a.b.c", "Basic Bearer a", "Bearer a b", "Bearer\ta", "Bearer a==", "Bearer é"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		hook, wrap := new(seen), new(seen)
		o := options(func(o *foal.Options) { o.Verifier, o.Verify = hook, foal.VerifyOptions{} })
		required, err := foal.JWTRequired(o)
		if err != nil {
			t.Fatal(err)
		}
		never := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let through") })
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header["Authorization"] = []string{header}
		w := httptest.NewRecorder()
		required(never).ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest && w.Code != http.StatusUnauthorized {
			t.Errorf("status %d", w.Code)
		}
		guard.Require(wrap)(never).ServeHTTP(httptest.NewRecorder(), r)
		if wrap.token != "" && wrap.token != hook.token {
			t.Errorf("%q: the token is %q, and %q to guard.Bearer", header, hook.token, wrap.token)
		}
		scheme, isTail := strings.CutSuffix(header, hook.token)
		if hook.token != "" && (!isTail || !strings.EqualFold(strings.TrimRight(scheme, " "), "Bearer") || !strings.HasSuffix(scheme, " ")) {
			t.Errorf("%q: the token is %q", header, hook.token)
		}
	})
}

// seen refuses every token, and remembers the last one.
type seen struct{ token string }

func (s *seen) Verify(_ context.Context, token string) (*jeton.Principal, error) {
	s.token = token
	return nil, &jwt.Refusal{Reason: jwt.ErrBadSignature}
}

// FuzzToken: any bytes in place of a token are refused in Foal's form, and no other way of finding the key lets them through.
func FuzzToken(f *testing.F) {
	for _, token := range []string{
		"", "abc", "a.b.c", "..", "e30.e30.", "eyJhbGciOiJIUzI1NiJ9.e30.AA", "eyJhbGciOiJub25lIn0.e30.",
		"eyJhbGciOiJIUzI1NiIsImtpZCI6IlxuIn0.eyJleHAiOjF9.AA", "eyJhbGciOiJIUzI1NiIsImtpZCI6IsOpIn0.eyJleHAiOjF9.AA",
	} {
		f.Add(token)
	}
	key, err := foal.Settings{Secret: secret}.VerifyingKey("")
	if err != nil {
		f.Fatal(err)
	}
	byFunction := func(o *foal.Options) {
		o.SecretOrPublicKey = func(context.Context, jwt.Header, map[string]any) (*jwk.Key, error) { return key, nil }
	}
	f.Fuzz(func(t *testing.T, text string) {
		never := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let through") })
		for _, o := range []foal.Options{options(), options(byFunction)} {
			required, err := foal.JWTRequired(o)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			r.Header["Authorization"] = []string{"Bearer " + text}
			w := httptest.NewRecorder()
			required(never).ServeHTTP(w, r)
			var body struct{ Code, Description string }
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Description == "" {
				t.Fatalf("body %s (%v)", w.Body, err)
			}
			if want := map[int]string{http.StatusBadRequest: "invalid_request", http.StatusUnauthorized: "invalid_token"}[w.Code]; body.Code != want || want == "" {
				t.Errorf("status %d, code %s", w.Code, body.Code)
			}
		}
	})
}
