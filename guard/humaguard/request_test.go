package humaguard_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/humaguard"
)

// A guard sees the same through huma as without it.
func TestCarrier(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "http://host.example/?a=1&a=2&b=", http.NoBody)
	r.Header = http.Header{"Authorization": {"one", "two"}, "Cookie": {"c=1"}}
	through := humaguard.Carrier(huma.WithValue(humago.NewContext(&huma.Operation{}, r, httptest.NewRecorder()), "key", "value"))
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
