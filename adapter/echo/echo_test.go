package jetonecho_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/jetonauth/jeton"
	jetonecho "github.com/jetonauth/jeton/adapter/echo"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/guardtest"
	"github.com/jetonauth/jeton/jetontest"
)

func TestAdapter(t *testing.T) {
	t.Parallel()
	guardtest.Run(t, guardtest.Harness{Serve: serve, Raw: raw})
}

// Behind echo's own middleware, which replaces writers and recovers.
func TestAdapterBehindMiddleware(t *testing.T) {
	t.Parallel()
	guardtest.Run(t, guardtest.Harness{
		Serve: func(t testing.TB, s guardtest.Server) string {
			t.Helper()
			return start(t, s, middleware.Recover(), middleware.RequestID(), middleware.Gzip())
		},
	})
}

func serve(t testing.TB, s guardtest.Server) (url string) {
	t.Helper()
	return start(t, s)
}

func start(t testing.TB, s guardtest.Server, before ...echo.MiddlewareFunc) (url string) {
	t.Helper()
	e := echo.New()
	e.Use(before...)
	e.Use(jetonecho.Wrap(s.Guard))
	if s.Users != nil {
		e.Use(jetonecho.Load(s.Users))
	}
	if s.Scopes != nil {
		e.Use(jetonecho.Scopes(s.Scopes...))
	}
	if s.Roles != nil {
		e.Use(jetonecho.Roles(s.Roles...))
	}
	if s.Policy != nil {
		e.Use(jetonecho.Allow(s.Policy))
	}
	e.Any("/*", func(c *echo.Context) error { return c.String(http.StatusOK, s.Handle(c.Request().Context())) })
	return listen(t, e)
}

func raw(t testing.TB, g *guard.Guard, h http.Handler) (url string) {
	t.Helper()
	e := echo.New()
	e.Any("/*", echo.WrapHandler(h), jetonecho.Wrap(g))
	return listen(t, e)
}

func listen(t testing.TB, h http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// ask returns what e answers to a request with a token, unless that is empty.
func ask(e *echo.Echo, method, path, token string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, http.NoBody)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, request)
	return w
}

// Without a verifier, nothing is let through.
func TestNoVerifier(t *testing.T) {
	t.Parallel()
	token := jetontest.New(t).Token("ada")
	var none *jeton.Auth
	for name, m := range map[string]echo.MiddlewareFunc{
		"require": jetonecho.Require(nil), "optional": jetonecho.Optional(nil), "require nil": jetonecho.Require(none),
	} {
		e := echo.New()
		e.GET("/", func(*echo.Context) error { t.Errorf("%s: the handler was called", name); return nil }, m)
		for _, token := range []string{"", token} {
			if got := ask(e, http.MethodGet, "/", token).Code; got != http.StatusServiceUnavailable {
				t.Errorf("%s: %d", name, got)
			}
		}
	}
}

// What stands around the guard sees what it answered, who was let in, and the handler's error.
func TestAround(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	var status int
	var known bool
	var failed error
	e := echo.New()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			failed = next(c)
			_, known = jeton.FromContext(c.Request().Context())
			if response, err := echo.UnwrapResponse(c.Response()); err == nil {
				status = response.Status
			}
			return failed
		}
	})
	wrong := echo.NewHTTPError(http.StatusConflict, "conflict")
	e.GET("/", func(*echo.Context) error { return wrong }, jetonecho.Require(a))
	if ask(e, http.MethodGet, "/", ""); status != http.StatusUnauthorized || known || failed != nil {
		t.Errorf("refused: status %d, known %t, %v", status, known, failed)
	}
	if got := ask(e, http.MethodGet, "/", a.Token("ada")).Code; got != http.StatusConflict || !known || !errors.Is(failed, wrong) {
		t.Errorf("let through: status %d, known %t, %v", got, known, failed)
	}
}

// The words that were given are the ones that count, whatever becomes of the slice.
func TestWordsAreCopied(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	scopes, roles := []string{"news:write"}, []string{"admin"}
	e := echo.New()
	done := func(c *echo.Context) error { return c.NoContent(http.StatusOK) }
	e.GET("/scopes", done, jetonecho.Require(a), jetonecho.Scopes(scopes...))
	e.GET("/roles", done, jetonecho.Require(a), jetonecho.Roles(roles...))
	scopes[0], roles[0] = "news:read", "reader"
	token := a.Token("ada", jetontest.Scopes("news:read"), jetontest.Roles("reader"))
	for _, path := range []string{"/scopes", "/roles"} {
		if got := ask(e, http.MethodGet, path, token).Code; got != http.StatusForbidden {
			t.Errorf("%s: %d", path, got)
		}
	}
}

type contextKey struct{}

// What stands in front gives the guard a context: its values arrive, and its deadline ends the judging.
func TestContextFromInFront(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	token := a.Token("ada")
	var seen any
	verifier := jeton.VerifierFunc(func(ctx context.Context, token string) (*jeton.Principal, error) {
		seen = ctx.Value(contextKey{})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return a.Verify(ctx, token)
	})
	for name, tt := range map[string]struct {
		deadline time.Time
		status   int
	}{"in time": {time.Now().Add(time.Hour), http.StatusOK}, "too late": {time.Now().Add(-time.Hour), http.StatusServiceUnavailable}} {
		with := func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithDeadline(context.WithValue(ctx, contextKey{}, name), tt.deadline)
		}
		e := echo.New()
		e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c *echo.Context) error {
				ctx, cancel := with(c.Request().Context())
				defer cancel()
				c.SetRequest(c.Request().WithContext(ctx))
				return next(c)
			}
		})
		e.GET("/", func(c *echo.Context) error {
			if c.Request().Context().Value(contextKey{}) != name {
				t.Errorf("%s: the handler does not see the value", name)
			}
			return c.NoContent(http.StatusOK)
		}, jetonecho.Require(verifier))
		if got := ask(e, http.MethodGet, "/", token).Code; got != tt.status || seen != name {
			t.Errorf("%s: %d, the verifier saw %v", name, got, seen)
		}
	}
}
