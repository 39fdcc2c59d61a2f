package guard_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// hello names the principal that it is called for.
func hello(w http.ResponseWriter, r *http.Request) {
	p, ok := jeton.FromContext(r.Context())
	if !ok {
		w.Write([]byte("hello, stranger"))
		return
	}
	w.Write([]byte("hello, " + p.Subject()))
}

// never is a handler that must not be called.
func never(t *testing.T) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
}

// reply is what came back over a connection.
type reply struct {
	method string
	status int
	header http.Header
	body   string
}

// ask sends a request over a real connection.
func ask(t *testing.T, h http.Handler, method string, authorization ...string) reply {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header["Authorization"] = authorization
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{method, response.StatusCode, response.Header, string(body)}
}

func (r reply) expectProblem(t *testing.T, status int, code, challenge string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d", r.status, status)
	}
	if got := r.header.Get("WWW-Authenticate"); got != challenge {
		t.Errorf("challenge\n got %s\nwant %s", got, challenge)
	}
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
	if got := r.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("cache control %q", got)
	}
	if got := r.header.Get("Retry-After"); (got == "1") != (status == http.StatusServiceUnavailable) {
		t.Errorf("retry after %q", got)
	}
	if r.method == http.MethodHead {
		if r.body != "" {
			t.Errorf("body %q", r.body)
		}
		return
	}
	var problem struct {
		Status int
		Code   string
	}
	if err := json.Unmarshal([]byte(r.body), &problem); err != nil || problem.Status != status || problem.Code != code {
		t.Errorf("body %s (%v), want status %d, code %s", r.body, err, status, code)
	}
}

const (
	missingChallenge   = `Bearer realm="api"`
	malformedChallenge = `Bearer realm="api", error="invalid_request", ` +
		`error_description="The Authorization header is not the word Bearer, a space and a token."`
	twoHeadersChallenge = `Bearer realm="api", error="invalid_request", ` +
		`error_description="The request has more than one Authorization header."`
	invalidChallenge = `Bearer realm="api", error="invalid_token", ` +
		`error_description="The access token is malformed, revoked or otherwise invalid."`
	expiredChallenge = `Bearer realm="api", error="invalid_token", error_description="The access token has expired."`
)
