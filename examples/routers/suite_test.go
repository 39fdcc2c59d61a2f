package routers_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/guardtest"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/memory"
)

// routes returns a router whose one route is for all paths and methods, and has h behind the middleware.
type routes func(middleware []func(http.Handler) http.Handler, h http.Handler) http.Handler

func serveMux(middleware []func(http.Handler) http.Handler, h http.Handler) http.Handler {
	for i := range middleware {
		h = middleware[len(middleware)-1-i](h)
	}
	m := http.NewServeMux()
	m.Handle("/", h)
	return m
}

func chiRouter(middleware []func(http.Handler) http.Handler, h http.Handler) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware...)
	r.Handle("/*", h)
	return r
}

func gorillaRouter(middleware []func(http.Handler) http.Handler, h http.Handler) http.Handler {
	r := mux.NewRouter()
	for _, m := range middleware {
		r.Use(m)
	}
	r.PathPrefix("/").Handler(h)
	return r
}

func echo4(middleware []func(http.Handler) http.Handler, h http.Handler) http.Handler {
	e := echo.New()
	for _, m := range middleware {
		e.Use(echo.WrapMiddleware(m))
	}
	e.Any("/*", echo.WrapHandler(h))
	return e
}

func TestSuite(t *testing.T) {
	t.Parallel()
	for name, router := range map[string]routes{
		"http.ServeMux": serveMux, "chi": chiRouter, "gorilla/mux": gorillaRouter, "echo 4": echo4,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			guardtest.Run(t, guardtest.Harness{
				Serve: func(t testing.TB, s guardtest.Server) string {
					t.Helper()
					return listen(t, router(s.Middleware(), s))
				},
				Raw: func(t testing.TB, g *guard.Guard, h http.Handler) string {
					t.Helper()
					return listen(t, router([]func(http.Handler) http.Handler{g.Wrap}, h))
				},
			})
		})
	}
}

func listen(t testing.TB, h http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// newAuth returns a service, and a token of it for ada.
func newAuth() (auth *jeton.Auth, token string) {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		panic(err)
	}
	auth, err = jeton.New(jeton.Config{
		Issuer: "https://api.example.com", Keys: jwk.Static(key), Store: memory.New(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	token, err = auth.Issue(context.Background(), "ada", jeton.IssueOptions{})
	if err != nil {
		panic(err)
	}
	return auth, token
}
