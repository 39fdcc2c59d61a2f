package api_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk/remote"
)

var metadataPaths = []string{"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"}

func withIssuer(issuer string) option {
	return func(c *jeton.Config, _ *api.Config) { c.Issuer = issuer }
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		issuer, base string
		paths        []string
	}{
		{"https://auth.example.com", "https://auth.example.com", metadataPaths},
		{"https://auth.example.com/", "https://auth.example.com", metadataPaths},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080", metadataPaths},
		{"https://example.com/auth-server", "https://example.com/auth-server", behind(metadataPaths, "/auth-server")},
		{"https://example.com/auth-server/", "https://example.com/auth-server", behind(metadataPaths, "/auth-server")},
		{"https://example.com/a/b", "https://example.com/a/b", behind(metadataPaths, "/a/b")},
		{"https://example.com/a%2Fb/%C3%A9", "https://example.com/a%2Fb/%C3%A9", behind(metadataPaths, "/a%2Fb/%C3%A9")},
		{"https://example.com/{tenant}", "https://example.com/{tenant}", behind(metadataPaths, "/%7Btenant%7D")},
		{"https://example.com//a/../b", "https://example.com//a/../b", metadataPaths},
	} {
		t.Run(tt.issuer, func(t *testing.T) {
			t.Parallel()
			s := start(t, withIssuer(tt.issuer))
			want := map[string]any{
				"issuer": tt.issuer, "token_endpoint": tt.base + "/oauth/token", "revocation_endpoint": tt.base + "/oauth/revoke",
				"introspection_endpoint": tt.base + "/oauth/introspect", "jwks_uri": tt.base + "/.well-known/jwks.json",
				"grant_types_supported": "refresh_token", "response_types_supported": "",
				"token_endpoint_auth_methods_supported": "none", "revocation_endpoint_auth_methods_supported": "none",
				"introspection_endpoint_auth_methods_supported": "client_secret_basic",
			}
			for _, path := range tt.paths {
				a := s.get(path, "").expect(http.StatusOK)
				if a.header.Get("Cache-Control") != "public, max-age=300" || a.header.Get("Content-Type") != "application/json" {
					t.Errorf("%s: headers %v", path, a.header)
				}
				var got map[string]any
				if a.decode(&got); len(got) != len(want) {
					t.Errorf("%s: %s", path, a.text)
				}
				for name, value := range want {
					if list, ok := got[name].([]any); ok && words(list) != value || !ok && got[name] != value {
						t.Errorf("%s: %s is %v, want %v", path, name, got[name], value)
					}
				}
				post := s.post(path, "", "")
				if post.expectProblem(http.StatusMethodNotAllowed, "method_not_allowed"); post.header.Get("Allow") != "GET, HEAD" {
					t.Errorf("%s: Allow %q", path, post.header.Get("Allow"))
				}
			}
			checkDocument(t, s.api.OpenAPI())
		})
	}
}

// behind adds, to each of paths, one with a path of the issuer behind it.
func behind(paths []string, suffix string) []string {
	all := slices.Clone(paths)
	for _, path := range paths {
		all = append(all, path+suffix)
	}
	return all
}

// An issuer that is no URL has no metadata, and all the rest.
func TestIssuerThatIsNoURL(t *testing.T) {
	t.Parallel()
	for _, issuer := range []string{
		"my service", "urn:example:issuer", "auth.example.com", "/auth", "https://", "https:///auth", "ftp://example.com",
		"https://ada@example.com", "https://example.com?x", "https://example.com/?", "https://example.com#x", "https://example.com/%zz",
		"https://exa mple.com",
	} {
		s := start(t, withIssuer(issuer))
		for _, path := range metadataPaths {
			if _, pattern := s.mux(t).Handler(httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)); pattern != "" {
				t.Errorf("%s: %s is answered by %q", issuer, path, pattern)
			}
		}
		checkDocument(t, s.api.OpenAPI())
		if in := s.signUp(); s.exchange(in.RefreshToken).status != http.StatusOK {
			t.Errorf("%s: no refresh", issuer)
		}
	}
}

func (s *server) mux(t *testing.T) *http.ServeMux {
	t.Helper()
	mux := http.NewServeMux()
	s.api.Mount(mux)
	return mux
}

// A service elsewhere finds the keys by the issuer's URL alone, and accepts the issuer's tokens.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		path  string
		mount func(mux *http.ServeMux, operations http.Handler)
	}{
		"at the root": {"", func(mux *http.ServeMux, operations http.Handler) { mux.Handle("/", operations) }},
		"with a slash at the end": {"/", func(mux *http.ServeMux, operations http.Handler) {
			mux.Handle("/", operations)
		}},
		"below a path": {"/auth-server", func(mux *http.ServeMux, operations http.Handler) {
			mux.Handle("/auth-server/", http.StripPrefix("/auth-server", operations))
			mux.Handle("/.well-known/oauth-authorization-server/auth-server", operations)
		}},
		"below a path, without what is at the root": {"/auth-server", func(mux *http.ServeMux, operations http.Handler) {
			mux.Handle("/auth-server/", http.StripPrefix("/auth-server", operations))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			server := httptest.NewUnstartedServer(mux)
			t.Cleanup(server.Close)
			issuer := "http://" + server.Listener.Addr().String() + tt.path
			auth := jetontest.New(t, func(c *jeton.Config) { c.Issuer = issuer })
			operations := http.NewServeMux()
			api.Mount(operations, auth.Auth)
			tt.mount(mux, operations)
			server.Start()

			keys, err := remote.Discover(t.Context(), issuer)
			if err != nil {
				t.Fatal(err)
			}
			verifier, err := jeton.NewVerifier(jeton.VerifierConfig{
				Issuer: issuer, Audience: []string{issuer}, Keys: keys, Now: auth.Now,
			})
			if err != nil {
				t.Fatal(err)
			}
			p, err := verifier.Verify(t.Context(), auth.Token("ada"))
			if err != nil || p.Subject() != "ada" {
				t.Errorf("%v, %v", p, err)
			}
			if _, err := remote.Discover(t.Context(), strings.TrimSuffix(issuer, "/")+"/other"); err == nil || !strings.Contains(err.Error(), "discovery") {
				t.Errorf("another issuer: %v", err)
			}
		})
	}
}
