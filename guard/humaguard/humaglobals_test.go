package humaguard_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton/guard"
)

// An application may replace huma's package variables. The test changes what the process shares, so it does not run beside others.
func TestApplicationThatReplacesHumaGlobals(t *testing.T) {
	newError, format := huma.NewError, huma.DefaultJSONFormat
	t.Cleanup(func() { huma.NewError, huma.DefaultJSONFormat = newError, format })
	ask := func() (*httptest.ResponseRecorder, any) {
		api := newAPI()
		op := register(t, api, newGuard(t, guard.Config{}))
		w := httptest.NewRecorder()
		api.Adapter().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/news", http.NoBody))
		return w, op["responses"]
	}
	want, described := ask()
	huma.NewError = func(int, string, ...error) huma.StatusError { return &applicationError{} }
	huma.DefaultJSONFormat.Marshal = func(io.Writer, any) error { return io.ErrUnexpectedEOF }
	got, other := ask()
	if got.Code != http.StatusUnauthorized || got.Body.String() != want.Body.String() || compact(got.Header()) != compact(want.Header()) {
		t.Errorf("%d %v %s", got.Code, got.Header(), got.Body)
	}
	for _, status := range []string{"400", "401", "503"} {
		if compact(at(other, status)) != compact(at(described, status)) {
			t.Errorf("the document has another answer %s: %v", status, at(other, status))
		}
	}
}

type applicationError struct{ Message string }

func (e *applicationError) Error() string  { return e.Message }
func (e *applicationError) GetStatus() int { return http.StatusTeapot }
