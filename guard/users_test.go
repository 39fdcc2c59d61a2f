package guard_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwt"
)

type account struct{ name string }

var errBanned = &guard.Refusal{Code: guard.InsufficientScope, Description: "Banned."}

// accounts finds users by subject, and fails for some.
func accounts(_ context.Context, subject string) (*account, error) {
	switch subject {
	case "ada":
		return &account{"Ada"}, nil
	case "nobody":
		return nil, fmt.Errorf("accounts: %w", jeton.ErrNotFound)
	case "lost":
		return nil, fmt.Errorf("%w: %w", jeton.ErrUnavailable, jeton.ErrNotFound)
	case "banned":
		return &account{"Banned"}, fmt.Errorf("accounts: %w", errBanned)
	case "nil":
		return nil, nil
	default:
		return nil, errors.New("accounts: a secret")
	}
}

func TestLoader(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	users := guard.Users(accounts)
	tests := map[string]struct {
		status    int
		code      string
		challenge string
	}{
		"ada":    {http.StatusOK, "", ""},
		"":       {http.StatusUnauthorized, "invalid_token", invalidChallenge},
		"nobody": {http.StatusUnauthorized, "invalid_token", invalidChallenge},
		"banned": {http.StatusForbidden, "insufficient_scope", `Bearer realm="api", error="insufficient_scope", error_description="Banned."`},
		"lost":   {http.StatusServiceUnavailable, "unavailable", ""},
		"broken": {http.StatusServiceUnavailable, "unavailable", ""},
		"nil":    {http.StatusInternalServerError, "internal", ""},
	}
	for subject, tt := range tests {
		t.Run("subject "+subject, func(t *testing.T) {
			t.Parallel()
			next := never(t)
			if tt.code == "" {
				next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					u, ok := users.From(r.Context())
					p, _ := jeton.FromContext(r.Context())
					w.Write(fmt.Appendln(nil, ok, u.name, p.Subject()))
				})
			}
			g := newGuard(t, guard.Config{Verifier: i.verifier(t)})
			got := ask(t, g.Wrap(users.Load(next)), http.MethodGet, "Bearer "+i.token(t, subject))
			if tt.code != "" {
				got.expectProblem(t, tt.status, tt.code, tt.challenge)
			} else if got.body != "true Ada ada\n" {
				t.Errorf("%d %s", got.status, got.body)
			}
			if strings.Contains(got.body, "secret") {
				t.Errorf("the client was told the cause: %s", got.body)
			}
		})
	}
}

func TestLoaderWithoutPrincipal(t *testing.T) {
	t.Parallel()
	users := guard.Users(accounts)
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, ok := users.From(r.Context())
		w.Write(fmt.Append(nil, u == nil, ok))
	})
	g := newGuard(t, guard.Config{Verifier: newIssuer(t).verifier(t), Optional: true})
	if got := ask(t, g.Wrap(users.Load(next)), http.MethodGet); got.body != "true false" {
		t.Errorf("got %s", got.body)
	}
}

func TestLoaderAnswersAsTheGuardDoes(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	var log strings.Builder
	cfg := guard.Config{
		Verifier: i.verifier(t), Realm: "news",
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Answerer: guard.AnswererFunc(func(r *guard.Refusal) guard.Answer {
			missing := errors.Is(r, jwt.ErrMissingClaim)
			return guard.Answer{Status: r.Status(), Body: fmt.Append(nil, r.Realm, " ", r.Code, " ", missing)}
		}),
	}
	g := newGuard(t, cfg)
	h := g.Wrap(guard.Users(accounts).Load(never(t)))
	got := ask(t, h, http.MethodGet, "Bearer "+i.token(t, ""))
	if got.status != http.StatusUnauthorized || got.body != "news invalid_token true" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if !strings.Contains(log.String(), "code=invalid_token") {
		t.Errorf("log: %s", &log)
	}
}

func TestLoadersHavePlacesOfTheirOwn(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	first, second, unused := guard.Users(accounts), guard.Users(accounts), guard.Users(accounts)
	names := guard.Users(func(_ context.Context, subject string) (string, error) { return "name of " + subject, nil })
	h := first.Load(second.Load(names.Load(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, okA := first.From(r.Context())
		b, okB := second.From(r.Context())
		c, okC := unused.From(r.Context())
		name, okName := names.From(r.Context())
		w.Write(fmt.Append(nil, a != b, okA, okB, c == nil, okC, name, okName))
	}))))
	got := ask(t, guard.Require(i.verifier(t))(h), http.MethodGet, "Bearer "+i.token(t, "ada"))
	if want := fmt.Sprint(true, true, true, true, false, "name of ada", true); got.body != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
}

// A nil user of an interface type is no user either, while a nil map is an empty one.
func TestLoaderOfOtherTypes(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	done := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("done")) })
	nilError := guard.Users(func(context.Context, string) (error, error) { return nil, nil })
	nilPointer := guard.Users(func(context.Context, string) (fmt.Stringer, error) { return (*strings.Builder)(nil), nil })
	nilMap := guard.Users(func(context.Context, string) (map[string]bool, error) { return nil, nil })
	tests := map[string]struct {
		h      http.Handler
		status int
	}{
		"nil interface":            {nilError.Load(done), http.StatusInternalServerError},
		"nil pointer in interface": {nilPointer.Load(done), http.StatusInternalServerError},
		"nil map":                  {nilMap.Load(done), http.StatusOK},
		"no function":              {guard.Users[*account](nil).Load(done), http.StatusInternalServerError},
		"zero loader":              {new(guard.Loader[string]).Load(done), http.StatusInternalServerError},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGuard(t, guard.Config{Verifier: i.verifier(t)})
			got := ask(t, g.Wrap(tt.h), http.MethodGet, "Bearer "+i.token(t, "ada"))
			if got.status != tt.status {
				t.Errorf("%d %s, want %d", got.status, got.body, tt.status)
			}
		})
	}
}

// A test of an application puts a principal into the context with no guard around.
func TestLoaderWithoutGuard(t *testing.T) {
	t.Parallel()
	ctx := jeton.NewContext(t.Context(), &jeton.Principal{}) // whose subject is empty
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	w := httptest.NewRecorder()
	guard.Users(accounts).Load(never(t)).ServeHTTP(w, r)
	if got := w.Header().Get("WWW-Authenticate"); w.Code != http.StatusUnauthorized || got != invalidChallenge {
		t.Errorf("%d %s", w.Code, got)
	}
}

// The log and an Answerer hear why nobody was found.
func TestFindSaysWhy(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	g := newGuard(t, guard.Config{Verifier: a.Auth})
	for subject, tt := range map[string]struct {
		loader *guard.Loader[*account]
		cause  error // any if nil
		text   string
	}{
		"ada":    {guard.UsersBy("email", accounts), jwt.ErrMissingClaim, "email"},
		"nobody": {guard.Users(accounts), jeton.ErrNotFound, "accounts"},
		"lost":   {guard.Users(accounts), jeton.ErrUnavailable, ""},
		"broken": {guard.Users(accounts), nil, "accounts: a secret"},
		"nil":    {guard.Users(accounts), nil, "neither a user nor an error"},
		"eve":    {guard.Users[*account](nil), nil, "no function"},
	} {
		ctx, _ := g.Admit(t.Context(), request(t, "", "Authorization", "Bearer "+a.Token(subject)))
		inner, refusal := tt.loader.Find(ctx)
		if refusal == nil || refusal.Err == nil || tt.cause != nil && !errors.Is(refusal, tt.cause) || !strings.Contains(refusal.Error(), tt.text) {
			t.Errorf("%s: %v", subject, refusal)
		}
		if user, ok := tt.loader.From(inner); ok || user != nil {
			t.Errorf("%s: user %v", subject, user)
		}
	}
}
