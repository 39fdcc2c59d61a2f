package routers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/examples/routers"
	"github.com/jetonauth/jeton/jetontest"
)

func all() map[string]func(auth jeton.Verifier) http.Handler {
	return map[string]func(auth jeton.Verifier) http.Handler{
		"http.ServeMux": routers.ServeMux, "chi": routers.Chi, "gorilla/mux": routers.Gorilla, "echo 4": routers.Echo4,
	}
}

// ask returns what h answers to a request with a token, unless that is empty.
func ask(h http.Handler, method, path, token string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, http.NoBody)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request)
	return w
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	reader, writer := a.Token("ada"), a.Token("ada", jetontest.Scopes("news:write"))
	for name, routes := range all() {
		h := routes(a)
		for _, tt := range []struct {
			method, path, token string
			status              int
			body                string
		}{
			{http.MethodGet, "/", "", http.StatusOK, "welcome"},
			{http.MethodGet, "/", "forged", http.StatusOK, "welcome"},
			{http.MethodGet, "/news", reader, http.StatusOK, "news for ada"},
			{http.MethodGet, "/news", "", http.StatusUnauthorized, ""},
			{http.MethodGet, "/news", "forged", http.StatusUnauthorized, ""},
			{http.MethodPost, "/news", writer, http.StatusCreated, ""},
			{http.MethodPost, "/news", reader, http.StatusForbidden, ""},
			{http.MethodPost, "/news", "", http.StatusUnauthorized, ""},
		} {
			got := ask(h, tt.method, tt.path, tt.token)
			if got.Code != tt.status || tt.body != "" && got.Body.String() != tt.body {
				t.Errorf("%s: %s %s with %.10s: %d %s, want %d %s", name, tt.method, tt.path, tt.token, got.Code, got.Body, tt.status, tt.body)
			}
			if challenge := got.Header().Get("WWW-Authenticate"); (challenge != "") != (tt.status == http.StatusUnauthorized || tt.status == http.StatusForbidden) {
				t.Errorf("%s: %s %s with %.10s: challenge %q", name, tt.method, tt.path, tt.token, challenge)
			}
		}
	}
}

// What is around a guarded path, and what no route matches there, is not let through either.
func TestAroundTheRoutes(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	for name, routes := range all() {
		h := routes(a)
		for _, path := range []string{"/news/", "/news/1", "/news//", "//news", "/news/../news", "/NEWS"} {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
				if got := ask(h, method, path, "").Code; got < http.StatusMultipleChoices {
					t.Errorf("%s: %s %s: %d", name, method, path, got)
				}
			}
		}
	}
}

func Example() {
	auth, token := newAuth()
	for _, h := range []http.Handler{routers.ServeMux(auth), routers.Chi(auth), routers.Gorilla(auth), routers.Echo4(auth)} {
		fmt.Println(ask(h, http.MethodGet, "/news", token).Body, ask(h, http.MethodGet, "/news", "").Code)
	}
	// Output:
	// news for ada 401
	// news for ada 401
	// news for ada 401
	// news for ada 401
}
