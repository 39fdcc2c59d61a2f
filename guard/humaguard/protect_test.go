package humaguard_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/guardtest"
	"github.com/jetonauth/jeton/guard/humaguard"
)

var methods = []string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// plain is an answer as it is.
type plain struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// The suite that every router passes, with what it asks given as options, and with a group.
func TestSuite(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(huma.API, guardtest.Server){"operations": byOperation, "group": byGroup} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			guardtest.Run(t, guardtest.Harness{
				Serve: func(t testing.TB, s guardtest.Server) string {
					t.Helper()
					mux := http.NewServeMux()
					serve(humago.New(mux, huma.DefaultConfig("Suite", "1")), s)
					return listen(t, mux)
				},
				Raw: raw,
			})
		})
	}
}

func byOperation(api huma.API, s guardtest.Server) {
	for _, op := range everything() {
		huma.Register(api, humaguard.Protect(api.OpenAPI(), op, s.Guard, optionsOf(s)...), answer(s))
	}
}

func byGroup(api huma.API, s guardtest.Server) {
	group := huma.NewGroup(api)
	humaguard.ProtectGroup(group, s.Guard, optionsOf(s)...)
	for _, op := range everything() {
		huma.Register(group, op, answer(s))
	}
}

// everything is operations for all methods and paths.
func everything() []huma.Operation {
	var list []huma.Operation
	for _, method := range methods {
		list = append(list, huma.Operation{OperationID: "do" + method, Method: method, Path: "/{rest...}", DefaultStatus: http.StatusOK})
	}
	return list
}

func optionsOf(s guardtest.Server) []humaguard.Option {
	var list []humaguard.Option
	if s.Users != nil {
		list = append(list, humaguard.Users(s.Users))
	}
	if s.Scopes != nil {
		list = append(list, humaguard.Scopes(s.Scopes...))
	}
	if s.Roles != nil {
		list = append(list, humaguard.Roles(s.Roles...))
	}
	if s.Policy != nil {
		list = append(list, humaguard.Allow(s.Policy))
	}
	return list
}

func answer(s guardtest.Server) func(context.Context, *struct{}) (*plain, error) {
	return func(ctx context.Context, _ *struct{}) (*plain, error) {
		return &plain{"text/plain; charset=utf-8", []byte(s.Handle(ctx))}, nil
	}
}

// raw has a handler of net/http behind the middleware.
func raw(t testing.TB, g *guard.Guard, h http.Handler) string {
	t.Helper()
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("Raw", "1"))
	for _, op := range everything() {
		op = humaguard.Protect(api.OpenAPI(), op, g)
		api.Adapter().Handle(&op, op.Middlewares.Handler(func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			h.ServeHTTP(w, r.WithContext(ctx.Context()))
		}))
	}
	return listen(t, mux)
}

func listen(t testing.TB, h http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}
