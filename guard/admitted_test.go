package guard_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
)

// teapots answers every refusal in its own way.
func teapots(r *guard.Refusal) guard.Answer {
	return guard.Answer{Status: http.StatusTeapot, Body: []byte(string(r.Code) + " in " + r.Realm)}
}

// What refuses further in answers as the guard does, also where an optional guard let a request without a token through.
func TestInnerRefusalsAreAnsweredByTheGuard(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	g := newGuard(t, guard.Config{Verifier: a.Auth, Optional: true, Realm: "news", Answerer: guard.AnswererFunc(teapots)})
	users := guard.Users(func(context.Context, string) (string, error) { return "", jeton.ErrNotFound })
	for name, tt := range map[string]struct {
		inner func(http.Handler) http.Handler
		token string
		want  string
	}{
		"scopes, no token": {guard.Scopes("a"), "", "missing_token in news"},
		"roles, no token":  {guard.Roles("a"), "", "missing_token in news"},
		"policy, no token": {guard.Allow(nil), "", "missing_token in news"},
		"scopes":           {guard.Scopes("a"), a.Token("u"), "insufficient_scope in news"},
		"no policy":        {guard.Allow(nil), a.Token("u"), "internal in news"},
		"user":             {users.Load, a.Token("u"), "invalid_token in news"},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		if tt.token != "" {
			r.Header.Set("Authorization", "Bearer "+tt.token)
		}
		g.Wrap(tt.inner(never(t))).ServeHTTP(w, r)
		if w.Code != http.StatusTeapot || w.Body.String() != tt.want {
			t.Errorf("%s: %d %s, want %s", name, w.Code, w.Body, tt.want)
		}
	}
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	g := newGuard(t, guard.Config{Verifier: a.Auth, Optional: true, Realm: "news"})
	users := guard.Users(func(_ context.Context, subject string) (string, error) { return "user " + subject, nil })
	ctx, refusal := g.Admit(t.Context(), request(t, "", "Authorization", "Bearer "+a.Token("ada", jetontest.Scopes("a"))))
	if p, ok := jeton.FromContext(ctx); !ok || refusal != nil || p.Subject() != "ada" || guard.Of(ctx) != g {
		t.Fatalf("%v, %v", p, refusal)
	}
	inner, refusal := users.Find(ctx)
	if user, ok := users.From(inner); !ok || user != "user ada" || refusal != nil || guard.Of(inner) != g {
		t.Errorf("user %q, %v", user, refusal)
	}
	if refusal := guard.CheckScopes(inner, "a"); refusal != nil {
		t.Error(refusal)
	}
	if refusal := guard.CheckRoles(inner, "a"); refusal == nil || refusal.Code != guard.InsufficientScope || refusal.Realm != "news" {
		t.Errorf("roles: %v", refusal)
	}

	ctx, refusal = g.Admit(t.Context(), request(t, ""))
	if _, ok := jeton.FromContext(ctx); ok || refusal != nil || guard.Of(ctx) != g {
		t.Errorf("without a token: %v", refusal)
	}
	if inner, refusal := users.Find(ctx); inner != ctx || refusal != nil {
		t.Errorf("user without a token: %v", refusal)
	}

	ctx, refusal = g.Admit(t.Context(), request(t, "", "Authorization", "Bearer bad"))
	if refusal == nil || refusal.Code != guard.InvalidToken || ctx != t.Context() {
		t.Errorf("a bad token: %v", refusal)
	}
}

// A principal may come without a guard, in a test of a handler.
func TestOfNoGuard(t *testing.T) {
	t.Parallel()
	g := guard.Of(jetontest.Context(t.Context(), "ada"))
	if _, refusal := g.Check(t.Context(), request(t, "", "Authorization", "Bearer a")); refusal == nil || refusal.Code != guard.Unavailable {
		t.Errorf("it lets through: %v", refusal)
	}
	if got := g.Answer(&guard.Refusal{Code: guard.MissingToken}).Header.Get("WWW-Authenticate"); got != `Bearer realm="api"` {
		t.Errorf("challenge %s", got)
	}
}

func TestAnswererPanics(t *testing.T) {
	t.Parallel()
	var logged strings.Builder
	g := newGuard(t, guard.Config{
		Verifier: new(seen), Logger: slog.New(slog.NewTextHandler(&logged, nil)),
		Answerer: guard.AnswererFunc(func(*guard.Refusal) guard.Answer { panic("defect") }),
	})
	w := httptest.NewRecorder()
	g.Wrap(never(t)).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "defect") || !strings.Contains(logged.String(), "defect") {
		t.Errorf("%d %s; log %s", w.Code, w.Body, &logged)
	}
}
