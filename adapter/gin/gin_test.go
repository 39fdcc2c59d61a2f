package jetongin_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/jetonauth/jeton"
	jetongin "github.com/jetonauth/jeton/adapter/gin"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/guardtest"
	"github.com/jetonauth/jeton/jetontest"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	m.Run()
}

func TestAdapter(t *testing.T) {
	t.Parallel()
	guardtest.Run(t, guardtest.Harness{Serve: serve, Raw: raw})
}

// Behind gin's own recovery, which answers 500 where net/http would end the connection.
func TestAdapterBehindRecovery(t *testing.T) {
	t.Parallel()
	guardtest.Run(t, guardtest.Harness{
		Serve: func(t testing.TB, s guardtest.Server) string {
			t.Helper()
			return start(t, s, gin.RecoveryWithWriter(nil))
		},
	})
}

func serve(t testing.TB, s guardtest.Server) (url string) {
	t.Helper()
	return start(t, s)
}

func start(t testing.TB, s guardtest.Server, before ...gin.HandlerFunc) (url string) {
	t.Helper()
	r := gin.New()
	r.Use(before...)
	r.Use(jetongin.Wrap(s.Guard))
	if s.Users != nil {
		r.Use(jetongin.Load(s.Users))
	}
	if s.Scopes != nil {
		r.Use(jetongin.Scopes(s.Scopes...))
	}
	if s.Roles != nil {
		r.Use(jetongin.Roles(s.Roles...))
	}
	if s.Policy != nil {
		r.Use(jetongin.Allow(s.Policy))
	}
	r.Any("/*path", func(c *gin.Context) { c.String(http.StatusOK, "%s", s.Handle(c.Request.Context())) })
	return listen(t, r)
}

func raw(t testing.TB, g *guard.Guard, h http.Handler) (url string) {
	t.Helper()
	r := gin.New()
	r.Any("/*path", jetongin.Wrap(g), gin.WrapH(h))
	return listen(t, r)
}

func listen(t testing.TB, h http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// ask returns what r answers to a request with a token, unless that is empty.
func ask(r http.Handler, method, path, token string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, http.NoBody)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, request)
	return w
}

// Without a verifier, nothing is let through.
func TestNoVerifier(t *testing.T) {
	t.Parallel()
	token := jetontest.New(t).Token("ada")
	var none *jeton.Auth
	for name, h := range map[string]gin.HandlerFunc{
		"require": jetongin.Require(nil), "optional": jetongin.Optional(nil), "require nil": jetongin.Require(none),
	} {
		r := gin.New()
		r.GET("/", h, func(*gin.Context) { t.Errorf("%s: the handler was called", name) })
		for _, token := range []string{"", token} {
			if got := ask(r, http.MethodGet, "/", token).Code; got != http.StatusServiceUnavailable {
				t.Errorf("%s: %d", name, got)
			}
		}
	}
}

// What stands around the guard sees what it answered, and who was let in.
func TestAround(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	var status int
	var aborted, known bool
	r := gin.New()
	r.Use(func(c *gin.Context) {
		c.Next()
		_, known = jeton.FromContext(c.Request.Context())
		status, aborted = c.Writer.Status(), c.IsAborted()
	})
	r.GET("/", jetongin.Require(a), func(c *gin.Context) { c.Status(http.StatusAccepted) })
	ask(r, http.MethodGet, "/", "")
	if status != http.StatusUnauthorized || !aborted || known {
		t.Errorf("refused: status %d, aborted %t, known %t", status, aborted, known)
	}
	ask(r, http.MethodGet, "/", a.Token("ada"))
	if status != http.StatusAccepted || aborted || !known {
		t.Errorf("let through: status %d, aborted %t, known %t", status, aborted, known)
	}
}

// The words that were given are the ones that count, whatever becomes of the slice.
func TestWordsAreCopied(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	scopes, roles := []string{"news:write"}, []string{"admin"}
	r := gin.New()
	done := func(c *gin.Context) { c.Status(http.StatusOK) }
	r.GET("/scopes", jetongin.Require(a), jetongin.Scopes(scopes...), done)
	r.GET("/roles", jetongin.Require(a), jetongin.Roles(roles...), done)
	scopes[0], roles[0] = "news:read", "reader"
	token := a.Token("ada", jetontest.Scopes("news:read"), jetontest.Roles("reader"))
	for _, path := range []string{"/scopes", "/roles"} {
		if got := ask(r, http.MethodGet, path, token).Code; got != http.StatusForbidden {
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
		r := gin.New()
		r.Use(func(c *gin.Context) {
			ctx, cancel := with(c.Request.Context())
			defer cancel()
			c.Request = c.Request.WithContext(ctx)
			c.Next()
		})
		r.GET("/", jetongin.Require(verifier), func(c *gin.Context) {
			if c.Request.Context().Value(contextKey{}) != name {
				t.Errorf("%s: the handler does not see the value", name)
			}
		})
		if got := ask(r, http.MethodGet, "/", token).Code; got != tt.status || seen != name {
			t.Errorf("%s: %d, the verifier saw %v", name, got, seen)
		}
	}
}
