package guard_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
)

func TestPermissions(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	token := a.Token("user-1", jetontest.Scopes("news:read", "news:write"), jetontest.Roles("editor"))
	answer := func(allowed bool, err error) guard.Policy {
		return func(context.Context, *jeton.Principal) (bool, error) { return allowed, err }
	}
	for name, tt := range map[string]struct {
		cfg        guard.Config
		middleware func(http.Handler) http.Handler
		status     int
		challenge  string
	}{
		"scopes": {
			guard.Config{Scopes: []string{"news:read", "news:write"}}, guard.Scopes("news:read", "news:write"), http.StatusOK, "",
		},
		"no scopes": {guard.Config{}, guard.Scopes(), http.StatusOK, ""},
		"a scope too many": {
			guard.Config{Scopes: []string{"news:read", "news:delete"}},
			guard.Scopes("news:read", "news:delete"), http.StatusForbidden,
			`Bearer realm="api", error="insufficient_scope", error_description="The access token does not allow this.", scope="news:read news:delete"`,
		},
		"a scope that is not there": {
			guard.Config{Scopes: []string{"news:delete"}},
			guard.Scopes("news:delete"), http.StatusForbidden,
			`Bearer realm="api", error="insufficient_scope", error_description="The access token does not allow this.", scope="news:delete"`,
		},
		"a role that is not there": {
			guard.Config{Roles: []string{"admin"}},
			guard.Roles("admin"), http.StatusForbidden,
			`Bearer realm="api", error="insufficient_scope", error_description="The access token does not allow this."`,
		},
		"one of the roles": {guard.Config{Roles: []string{"admin", "editor"}}, guard.Roles("admin", "editor"), http.StatusOK, ""},
		"none of the roles": {
			guard.Config{Roles: []string{"admin", "edit"}},
			guard.Roles("admin", "edit"), http.StatusForbidden,
			`Bearer realm="api", error="insufficient_scope", error_description="The access token does not allow this."`,
		},
		"policy": {guard.Config{Policy: answer(true, nil)}, guard.Allow(answer(true, nil)), http.StatusOK, ""},
		"policy, no": {
			guard.Config{Policy: answer(false, nil)},
			guard.Allow(answer(false, nil)), http.StatusForbidden,
			`Bearer realm="api", error="insufficient_scope", error_description="The access token does not allow this."`,
		},
		"policy, error": {
			guard.Config{Policy: answer(true, errors.New("no database"))},
			guard.Allow(answer(true, errors.New("no database"))),
			http.StatusServiceUnavailable, "",
		},
		"policy, refusal": {
			guard.Config{Policy: answer(true, &guard.Refusal{Code: guard.InvalidToken, Description: "Sign in again."})},
			guard.Allow(answer(true, &guard.Refusal{Code: guard.InvalidToken, Description: "Sign in again."})),
			http.StatusUnauthorized, `Bearer realm="api", error="invalid_token", error_description="Sign in again."`,
		},
		"everything": {
			guard.Config{Scopes: []string{"news:read"}, Roles: []string{"editor"}, Policy: answer(true, nil)},
			func(h http.Handler) http.Handler {
				return guard.Scopes("news:read")(guard.Roles("editor")(guard.Allow(answer(true, nil))(h)))
			}, http.StatusOK, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.Verifier = a.Auth
			for where, handler := range map[string]http.Handler{
				"in the guard": newGuard(t, tt.cfg).Wrap(http.HandlerFunc(reached)),
				"inside it":    newGuard(t, guard.Config{Verifier: a.Auth}).Wrap(tt.middleware(http.HandlerFunc(reached))),
			} {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
				r.Header.Set("Authorization", "Bearer "+token)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != tt.status || w.Header().Get("WWW-Authenticate") != tt.challenge {
					t.Errorf("%s: %d %s", where, w.Code, w.Header().Get("WWW-Authenticate"))
				}
			}
		})
	}
}

func reached(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }

// Whoever has no token is not told what a token would need, but that one is.
func TestPermissionWithoutPrincipal(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	inner := guard.Scopes("news:read")(never(t))
	for name, handler := range map[string]http.Handler{
		"behind an optional guard": newGuard(t, guard.Config{Verifier: a.Auth, Optional: true}).Wrap(inner),
		"behind none":              inner,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
		if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != `Bearer realm="api"` {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
}

func TestUsersBy(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	users := guard.UsersBy("email", func(_ context.Context, email string) (string, error) {
		if email == "panic@example.com" {
			panic("no leak")
		}
		return "user of " + email, nil
	})
	for name, tt := range map[string]struct {
		claim  []jetontest.TokenOption
		status int
		user   string
	}{
		"claim":    {[]jetontest.TokenOption{jetontest.Claim("email", "ada@example.com")}, http.StatusOK, "user of ada@example.com"},
		"no claim": {nil, http.StatusUnauthorized, ""},
		"number":   {[]jetontest.TokenOption{jetontest.Claim("email", 7)}, http.StatusUnauthorized, ""},
		"panic":    {[]jetontest.TokenOption{jetontest.Claim("email", "panic@example.com")}, http.StatusInternalServerError, ""},
	} {
		var got string
		handler := newGuard(t, guard.Config{Verifier: a.Auth}).Wrap(users.Load(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got, _ = users.From(r.Context())
		})))
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+a.Token("user-1", tt.claim...))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != tt.status || got != tt.user {
			t.Errorf("%s: %d %q", name, w.Code, got)
		}
	}
}

// Only who sends no token passes an optional guard without one.
func TestAPolicyIsNotPassedByWhatItSays(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	g := newGuard(t, guard.Config{Verifier: a.Auth, Optional: true, Policy: func(ctx context.Context, _ *jeton.Principal) (bool, error) {
		return false, guard.CheckRoles(ctx, "admin") // which finds nobody there yet
	}})
	handler := g.Wrap(http.HandlerFunc(reached))
	for name, test := range map[string]struct {
		token  string
		status int
	}{
		"a token":  {a.Token("u"), http.StatusUnauthorized},
		"no token": {"", http.StatusOK},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		if test.token != "" {
			r.Header.Set("Authorization", "Bearer "+test.token)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != test.status {
			t.Errorf("%s: %d, want %d", name, w.Code, test.status)
		}
	}
}
