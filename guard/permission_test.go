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
	const noScopeNamed = `Bearer realm="api", error="insufficient_scope", error_description="The access token does not allow this."`
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
			guard.Roles("admin"), http.StatusForbidden, noScopeNamed,
		},
		"one of the roles": {guard.Config{Roles: []string{"admin", "editor"}}, guard.Roles("admin", "editor"), http.StatusOK, ""},
		"none of the roles": {
			guard.Config{Roles: []string{"admin", "edit"}},
			guard.Roles("admin", "edit"), http.StatusForbidden, noScopeNamed,
		},
		"policy": {guard.Config{Policy: answer(true, nil)}, guard.Allow(answer(true, nil)), http.StatusOK, ""},
		"policy, no": {
			guard.Config{Policy: answer(false, nil)},
			guard.Allow(answer(false, nil)), http.StatusForbidden, noScopeNamed,
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
		"scopes, and not the role": {
			guard.Config{Scopes: []string{"news:read"}, Roles: []string{"admin"}},
			func(h http.Handler) http.Handler { return guard.Scopes("news:read")(guard.Roles("admin")(h)) }, http.StatusForbidden, noScopeNamed,
		},
		"scopes, and not the policy": {
			guard.Config{Scopes: []string{"news:read"}, Policy: answer(false, nil)},
			func(h http.Handler) http.Handler {
				return guard.Scopes("news:read")(guard.Allow(answer(false, nil))(h))
			}, http.StatusForbidden, noScopeNamed,
		},
		"role, and not the policy": {
			guard.Config{Roles: []string{"editor"}, Policy: answer(false, nil)},
			func(h http.Handler) http.Handler { return guard.Roles("editor")(guard.Allow(answer(false, nil))(h)) }, http.StatusForbidden, noScopeNamed,
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

// What is needed stays what it was when the guard was made, whatever becomes of the slices.
func TestDemandsStay(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	scopes, roles := []string{"news:delete"}, []string{"admin"}
	handlers := map[string]http.Handler{
		"scopes of a guard": newGuard(t, guard.Config{Verifier: a.Auth, Scopes: scopes}).Wrap(never(t)),
		"roles of a guard":  newGuard(t, guard.Config{Verifier: a.Auth, Roles: roles}).Wrap(never(t)),
		"scopes":            newGuard(t, guard.Config{Verifier: a.Auth}).Wrap(guard.Scopes(scopes...)(never(t))),
		"roles":             newGuard(t, guard.Config{Verifier: a.Auth}).Wrap(guard.Roles(roles...)(never(t))),
	}
	scopes[0], roles[0] = "news:read", "editor"
	token := a.Token("user-1", jetontest.Scopes("news:read"), jetontest.Roles("editor"))
	for name, handler := range handlers {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+token)
		if handler.ServeHTTP(w, r); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// Whatever a check refuses has a cause, for the log; what the application gave it stays as it was.
func TestRefusalsOfChecks(t *testing.T) {
	t.Parallel()
	away, own := errors.New("no database"), &guard.Refusal{Code: guard.InvalidToken}
	answer := func(err error) guard.Policy {
		return func(context.Context, *jeton.Principal) (bool, error) { return false, err }
	}
	a := jetontest.New(t)
	g := newGuard(t, guard.Config{Verifier: a.Auth, Optional: true})
	none, _ := g.Admit(t.Context(), request(t, ""))
	ada, _ := g.Admit(t.Context(), request(t, "", "Authorization", "Bearer "+a.Token("ada")))
	for name, tt := range map[string]struct {
		refusal *guard.Refusal
		code    guard.Code
		cause   error // any if nil
	}{
		"scopes, no token": {guard.CheckScopes(none, "a"), guard.MissingToken, guard.ErrNoToken},
		"roles, no token":  {guard.CheckRoles(none, "a"), guard.MissingToken, guard.ErrNoToken},
		"policy, no token": {guard.CheckPolicy(none, answer(nil)), guard.MissingToken, guard.ErrNoToken},
		"scopes":           {guard.CheckScopes(ada, "a"), guard.InsufficientScope, nil},
		"roles":            {guard.CheckRoles(ada, "a"), guard.InsufficientScope, nil},
		"no role named":    {guard.CheckRoles(ada), guard.InsufficientScope, nil},
		"policy":           {guard.CheckPolicy(ada, answer(nil)), guard.InsufficientScope, nil},
		"policy, error":    {guard.CheckPolicy(ada, answer(away)), guard.Unavailable, away},
		"no policy":        {guard.CheckPolicy(ada, nil), guard.Internal, nil},
		"policy, panic": {
			guard.CheckPolicy(ada, func(context.Context, *jeton.Principal) (bool, error) { panic("defect") }), guard.Internal, nil,
		},
	} {
		if r := tt.refusal; r == nil || r.Code != tt.code || r.Err == nil || tt.cause != nil && !errors.Is(r, tt.cause) {
			t.Errorf("%s: %v, want %s, %v", name, r, tt.code, tt.cause)
		}
	}
	_, ofUser := guard.Users(func(context.Context, string) (string, error) { return "", own }).Find(ada)
	for name, got := range map[string]*guard.Refusal{"policy": guard.CheckPolicy(ada, answer(own)), "user": ofUser} {
		if got == nil || got.Code != guard.InvalidToken || got == own || own.Description != "" {
			t.Errorf("%s: the application's refusal: %v, of %+v", name, got, own)
		}
	}
}
