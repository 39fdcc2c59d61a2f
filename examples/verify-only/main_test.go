package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwk/remote"
	"github.com/jetonauth/jeton/jwt"
)

const audience = "news"

// issuer is somebody else's server: it publishes keys, and metadata that says where.
type issuer struct {
	*httptest.Server
	mu   sync.Mutex
	keys *jwk.Set
}

func newIssuer(t *testing.T, keys ...*jwk.Key) *issuer {
	t.Helper()
	is := &issuer{}
	is.publish(t, keys...)
	mux := http.NewServeMux()
	is.Server = httptest.NewServer(mux)
	t.Cleanup(is.Close)
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": is.URL, "jwks_uri": is.URL + "/keys"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		is.mu.Lock()
		defer is.mu.Unlock()
		_ = json.NewEncoder(w).Encode(is.keys) // the public parts only
	})
	return is
}

func (is *issuer) publish(t *testing.T, keys ...*jwk.Key) {
	t.Helper()
	set, err := jwk.NewSet(keys...)
	if err != nil {
		t.Fatal(err)
	}
	is.mu.Lock()
	defer is.mu.Unlock()
	is.keys = set
}

// mint signs an ordinary token with key, after change has changed it.
func (is *issuer) mint(t *testing.T, key *jwk.Key, change func(*jwt.Claims)) string {
	t.Helper()
	claims := jwt.Claims{
		Issuer: is.URL, Subject: "ada", Audience: []string{"shop", audience}, ExpiresAt: time.Now().Add(time.Hour),
		Extra: map[string]any{"scope": "news:read news:write"},
	}
	if change != nil {
		change(&claims)
	}
	token, err := jwt.Sign(key, "at+jwt", claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func newKey(t *testing.T, alg jwk.Algorithm) *jwk.Key {
	t.Helper()
	key, err := jwk.Generate(alg)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// start runs what main runs, on a port of its own.
func start(t *testing.T, issuer, jwks string) (url string) {
	t.Helper()
	routes, err := handler(t.Context(), issuer, audience, jwks, nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(routes)
	t.Cleanup(server.Close)
	return server.URL
}

// whoIs calls the service, fails the test unless the answer has this status, and returns the answer.
func whoIs(t *testing.T, url, token string, status int) (http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/whoami", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Fatalf("%d %s, want %d", resp.StatusCode, text, status)
	}
	return resp.Header, string(text)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	key, another := newKey(t, jwk.ES256), newKey(t, jwk.ES256)
	impostor, err := another.WithID(key.ID())
	if err != nil {
		t.Fatal(err)
	}
	is := newIssuer(t, key, newKey(t, jwk.EdDSA))
	for name, url := range map[string]string{
		"discovered": start(t, is.URL, ""),
		"JWK Set":    start(t, is.URL, is.URL+"/keys"),
	} {
		_, text := whoIs(t, url, is.mint(t, key, nil), http.StatusOK)
		if want := "subject: ada\nscopes: news:read news:write\n"; text != want {
			t.Errorf("%s: %q, want %q", name, text, want)
		}
		header, _ := whoIs(t, url, "", http.StatusUnauthorized)
		if got := header.Get("WWW-Authenticate"); got != `Bearer realm="api"` {
			t.Errorf("%s, no token: WWW-Authenticate %q", name, got)
		}
		for what, token := range map[string]string{
			"expired":          is.mint(t, key, func(c *jwt.Claims) { c.ExpiresAt = time.Now().Add(-time.Hour) }),
			"another audience": is.mint(t, key, func(c *jwt.Claims) { c.Audience = []string{"shop"} }),
			"another issuer":   is.mint(t, key, func(c *jwt.Claims) { c.Issuer = "https://issuer.example.com" }),
			"unknown key":      is.mint(t, another, nil),
			"another's key":    is.mint(t, impostor, nil),
			"no token at all":  "abc",
		} {
			header, text := whoIs(t, url, token, http.StatusUnauthorized)
			expired := strings.Contains(text, "expired")
			if !strings.Contains(header.Get("WWW-Authenticate"), `error="invalid_token"`) || expired != (what == "expired") {
				t.Errorf("%s, %s: %q, %s", name, what, header, text)
			}
		}
	}
}

// A new key is found when the first token names it, without a restart. One that is published no more is forgotten.
func TestRotation(t *testing.T) {
	t.Parallel()
	first, second := newKey(t, jwk.ES256), newKey(t, jwk.EdDSA)
	is := newIssuer(t, first)
	url := start(t, is.URL, "")
	whoIs(t, url, is.mint(t, first, nil), http.StatusOK)
	is.publish(t, second)
	whoIs(t, url, is.mint(t, second, nil), http.StatusOK)
	whoIs(t, url, is.mint(t, first, nil), http.StatusUnauthorized)
}

// Without its issuer the service goes on. Only of a key that it cannot ask about it does not know what to say.
func TestIssuerGoesAway(t *testing.T) {
	t.Parallel()
	key := newKey(t, jwk.ES256)
	is := newIssuer(t, key)
	url := start(t, is.URL, "")
	is.Close()
	whoIs(t, url, is.mint(t, key, nil), http.StatusOK)
	header, text := whoIs(t, url, is.mint(t, newKey(t, jwk.ES256), nil), http.StatusServiceUnavailable)
	if header.Get("Retry-After") == "" || !strings.Contains(text, "unavailable") {
		t.Errorf("%v, %s", header, text)
	}
}

func TestDoesNotStart(t *testing.T) {
	t.Parallel()
	away := newIssuer(t, newKey(t, jwk.ES256))
	away.Close()
	here := newIssuer(t, newKey(t, jwk.ES256))
	for name, tt := range map[string]struct {
		issuer, audience, jwks string
		want                   []string
		unavailable            bool
	}{
		"issuer away":       {away.URL, audience, "", []string{"keys of " + away.URL, "refused"}, true},
		"JWK Set away":      {here.URL, audience, away.URL + "/keys", []string{away.URL + "/keys", "refused"}, true},
		"another's keys":    {here.URL + "/", audience, "", []string{here.URL + "/", "is of the issuer"}, true},
		"no JWK Set":        {here.URL, audience, here.URL + "/nothing", []string{"/nothing answered 404"}, true},
		"http to elsewhere": {"http://issuer.example.com", audience, "", []string{"Config.Issuer", "https"}, false},
		"no audience":       {here.URL, "", "", []string{"Audience"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			_, err := handler(ctx, tt.issuer, tt.audience, tt.jwks, nil)
			if err == nil {
				t.Fatal("it starts")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if got := errors.Is(err, remote.ErrUnavailable); got != tt.unavailable {
				t.Errorf("unavailable is %t, want %t: %v", got, tt.unavailable, err)
			}
		})
	}
}
