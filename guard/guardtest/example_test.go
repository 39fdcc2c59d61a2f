package guardtest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/guardtest"
)

// The test of a router that takes middleware of net/http as it is, such as http.ServeMux.
func ExampleRun() {
	start := func(t testing.TB, h http.Handler) string {
		t.Helper()
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.URL
	}
	serve := func(t testing.TB, s guardtest.Server) (url string) {
		t.Helper()
		var h http.Handler = s
		list := s.Middleware()
		for i := range list {
			h = list[len(list)-1-i](h)
		}
		mux := http.NewServeMux()
		mux.Handle("/", h)
		return start(t, mux)
	}
	raw := func(t testing.TB, g *guard.Guard, h http.Handler) (url string) {
		t.Helper()
		mux := http.NewServeMux()
		mux.Handle("/", g.Wrap(h))
		return start(t, mux)
	}
	test := func(t *testing.T) { // func TestRouter(t *testing.T)
		t.Helper()
		guardtest.Run(t, guardtest.Harness{Serve: serve, Raw: raw})
	}
	_ = test
}
