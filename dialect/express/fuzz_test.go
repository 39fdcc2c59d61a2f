package express_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/express"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// seen refuses every token, and remembers the last one.
type seen struct{ token string }

func (s *seen) Verify(_ context.Context, token string) (*jeton.Principal, error) {
	s.token = token
	return nil, &jwt.Refusal{Reason: jwt.ErrBadSignature}
}

// FuzzHeader: what is taken for a token is the second of two words, never another one than guard.Bearer takes, and without a token nobody
// gets through.
func FuzzHeader(f *testing.F) {
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer a.b.c", "bearer  a.b.c", "Basic a", "Bearer a b", "Bearer\ta", "Bearer a==", "Bearer é"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		own, theirs := new(seen), new(seen)
		middleware, err := express.JWT(express.Options{Verifier: own, Logger: options().Logger})
		if err != nil {
			t.Fatal(err)
		}
		never := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let through") })
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header["Authorization"] = []string{header}
		w := httptest.NewRecorder()
		middleware(never).ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("status %d", w.Code)
		}
		guard.Require(theirs)(never).ServeHTTP(httptest.NewRecorder(), r)
		words := strings.Split(header, " ")
		if own.token != "" && (len(words) != 2 || words[1] != own.token || !strings.EqualFold(words[0], "Bearer")) {
			t.Errorf("%q: the token is %q", header, own.token)
		}
		if theirs.token != "" && len(words) == 2 && theirs.token != own.token {
			t.Errorf("%q: the token is %q, and %q to guard.Bearer", header, own.token, theirs.token)
		}
	})
}

// FuzzToken: any bytes in place of a token are refused in the form that clients know.
func FuzzToken(f *testing.F) {
	for _, token := range []string{
		"abc", "a.b.c", "..", "e30.e30.", "eyJhbGciOiJIUzI1NiJ9.e30.AA", "eyJhbGciOiJub25lIn0.e30.",
		"eyJhbGciOiJIUzI1NiIsImtpZCI6IlxuIn0.eyJleHAiOjF9.AA", "eyJhbGciOiJIUzI1NiIsImtpZCI6IsOpIn0.eyJleHAiOjF9.AA",
	} {
		f.Add(token)
	}
	key, err := jwk.FromSecret(jwk.HS256, []byte(secret))
	if err != nil {
		f.Fatal(err)
	}
	byFunction := func(o *express.Options) {
		o.Secret = nil
		o.SecretFunc = func(context.Context, jwt.Header, map[string]any) (*jwk.Key, error) { return key, nil }
	}
	f.Fuzz(func(t *testing.T, text string) {
		never := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let through") })
		for _, o := range []express.Options{options(), options(byFunction)} {
			middleware, err := express.JWT(o)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			r.Header["Authorization"] = []string{"Bearer " + text}
			w := httptest.NewRecorder()
			middleware(never).ServeHTTP(w, r)
			var body struct{ Status string }
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Status == "" || w.Code != http.StatusUnauthorized {
				t.Errorf("%d %s (%v)", w.Code, w.Body, err)
			}
		}
	})
}

// FuzzCredentials: whatever a client sends to POST /token, it is never the server's fault, and lets nobody in who has not the password.
func FuzzCredentials(f *testing.F) {
	for _, seed := range [][2]string{
		{"application/json", `{"email":"ada@example.com","password":"x"}`},
		{"application/json", `{"email":["a"],"password":{}}`},
		{"application/json", `{"email":"a","email":"b"}`},
		{"application/json", ""},
		{"application/x-www-form-urlencoded", "email=a&password=%"},
		{"application/x-www-form-urlencoded; charset=x", "email=a;password=b"},
		{"", "email"},
		{";", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	key, err := jwk.Generate(jwk.HS256)
	if err != nil {
		f.Fatal(err)
	}
	a := jetontest.New(f, func(c *jeton.Config) {
		c.Profiles = []jeton.Profile{express.Profile(jetontest.Issuer, jwk.Static(key))}
		c.Claims = express.UserClaim(express.ProfileName, nil)
	})
	app, err := express.New(express.Config{Auth: a.Auth, Guard: express.Options{Logger: options().Logger}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, mediaType, text string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/token", strings.NewReader(text))
		r.Header["Content-Type"] = []string{mediaType}
		w := httptest.NewRecorder()
		app.ServeToken(w, r)
		switch w.Code {
		case http.StatusBadRequest, http.StatusUnauthorized, http.StatusRequestEntityTooLarge:
		default:
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
