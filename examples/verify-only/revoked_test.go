package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
	revocations "github.com/jetonauth/jeton/revoke/remote"
)

// startJeton starts an issuer that is a jeton, and returns it, its URL, and the secret of a service client.
func startJeton(t *testing.T) (auth *jetontest.Auth, issuer, secret string) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	auth = jetontest.New(t, func(c *jeton.Config) { c.Issuer = server.URL })
	api.Mount(mux, auth.Auth)
	secret, err := auth.AddServiceClient(t.Context(), "verify-only", []string{jeton.ScopeRevocations})
	if err != nil {
		t.Fatal(err)
	}
	return auth, server.URL, secret
}

// A token that is signed out at the issuer is refused here within a second.
func TestSignedOut(t *testing.T) {
	t.Parallel()
	auth, issuer, secret := startJeton(t)
	revoked, err := follow(t.Context(), issuer, "verify-only", secret)
	if err != nil {
		t.Fatal(err)
	}
	routes, err := handler(t.Context(), issuer, issuer, "", revoked)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(routes)
	defer server.Close()
	out, stays := auth.SignUp("ada@example.com"), auth.SignUp("grace@example.com")
	whoIs(t, server.URL, out.AccessToken, http.StatusOK)
	if err := auth.SignOut(t.Context(), jeton.SignOutRequest{Token: out.AccessToken}); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Second)
	for asked := range time.Tick(10 * time.Millisecond) {
		if status := ask(t, server.URL, out.AccessToken); status == http.StatusUnauthorized {
			break
		} else if status != http.StatusOK || asked.After(deadline) {
			t.Fatalf("status %d a second after signing out", status)
		}
	}
	whoIs(t, server.URL, stays.AccessToken, http.StatusOK)
}

// ask returns the status of an answer.
func ask(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/whoami", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func TestDoesNotFollow(t *testing.T) {
	t.Parallel()
	_, issuer, secret := startJeton(t)
	for name, tt := range map[string]struct{ client, secret, want string }{
		"wrong secret": {"verify-only", secret[:len(secret)-1] + string(secret[len(secret)-1]^1), "its secret is another one"},
		"unknown":      {"nobody", secret, `does not know the service client "nobody"`},
		"no secret":    {"verify-only", "", "Config.Secret"},
	} {
		_, err := follow(t.Context(), issuer, tt.client, tt.secret)
		if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, revocations.ErrRefused) != (tt.secret != "") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
