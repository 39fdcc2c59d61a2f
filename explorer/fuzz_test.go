package explorer_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/explorer"
)

// Whatever path and codings a client asks for, it gets one of the explorer's own files or none.
func FuzzServe(f *testing.F) {
	f.Add("/explorer", "gzip")
	f.Add("/explorer/", "gzip;q=0, *")
	f.Add("/explorer/../../etc/passwd", "br;q=1.0, ,;;q=")
	f.Add("/explorer/%2e%2e/go.mod", "\x00")
	e, err := explorer.New(explorer.Config{Document: "/openapi.json"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, codings string) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		request.URL = &url.URL{Path: path}
		request.Header.Set("Accept-Encoding", codings)
		recorder := httptest.NewRecorder()
		e.ServeHTTP(recorder, request)
		found := recorder.Code == http.StatusOK && strings.HasPrefix(path, "/explorer")
		if !found && recorder.Code != http.StatusNotFound {
			t.Errorf("%q is answered with %d", path, recorder.Code)
		}
	})
}
