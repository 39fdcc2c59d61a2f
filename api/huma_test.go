package api_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
)

// A problem is an error that huma knows how to answer.
func TestProblemIsAnErrorOfHuma(t *testing.T) {
	t.Parallel()
	for code, status := range api.Codes() {
		p := api.Problem(code)
		if p.GetStatus() != status || p.Error() != "api: "+code {
			t.Errorf("%s: %d %v", code, p.GetStatus(), p)
		}
		if with, ok := errors.AsType[huma.HeadersError](p); !ok || with.GetHeaders().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s has no headers", code)
		}
	}
}

// A guard sees the same through huma as without it.
func TestCarrier(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "http://host.example/?a=1&a=2&b=", http.NoBody)
	r.Header = http.Header{"Authorization": {"one", "two"}, "Cookie": {"c=1"}}
	through := api.Carrier(huma.WithValue(humago.NewContext(&huma.Operation{}, r, httptest.NewRecorder()), "key", "value"))
	direct := guard.FromRequest(r)
	if through.Method() != direct.Method() || through.Host() != direct.Host() {
		t.Errorf("%s %s", through.Method(), through.Host())
	}
	for _, name := range []string{"Authorization", "Cookie", "Origin"} {
		if got := through.Header(name); !slices.Equal(got, direct.Header(name)) {
			t.Errorf("header %s: %q", name, got)
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		if got := through.Query(name); !slices.Equal(got, direct.Query(name)) {
			t.Errorf("query %s: %q", name, got)
		}
	}
}
