package server

import (
	"net/http"
	"strings"
	"testing"
)

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	check := func(method, path string, body any, status int) answered {
		t.Helper()
		a := r.want(r.do(method, path, "", body), status, "")
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
			if got := a.header.Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%s %s (%d): %s is %q, want %q once", method, path, status, name, got, want)
			}
		}
		return a
	}
	check("GET", "/", nil, http.StatusOK)
	check("GET", "/healthz", nil, http.StatusOK)
	check("GET", "/readyz", nil, http.StatusOK)
	check("GET", "/openapi.json", nil, http.StatusOK)
	check("GET", "/.well-known/jwks.json", nil, http.StatusOK)
	check("POST", "/auth/signup", ada, http.StatusCreated)
	check("POST", "/auth/login", ada, http.StatusOK)
	check("POST", "/auth/signup", object{"email": "ada"}, http.StatusUnprocessableEntity)
	check("GET", "/auth/me", nil, http.StatusUnauthorized)
	check("GET", "/nothing", nil, http.StatusNotFound)
	check("DELETE", "/healthz", nil, http.StatusMethodNotAllowed)
	if err := r.server.store.Close(); err != nil {
		t.Fatal(err)
	}
	check("GET", "/readyz", nil, http.StatusServiceUnavailable)
	check("POST", "/auth/login", ada, http.StatusServiceUnavailable)
}

func TestThePageEscapesWhatItIsTold(t *testing.T) {
	t.Parallel()
	const script = `<script>alert('"&1')</script>`
	r := start(t, t.TempDir(), func(c *Config) {
		c.Issuer, c.Version = "http://127.0.0.1:8080/"+script+"/", "1"+script
	})
	page := r.want(r.do("GET", "/", "", nil), 200, "").text
	if strings.Contains(page, "<script") {
		t.Errorf("the page holds a script of the configuration:\n%s", page)
	}
	const escaped = "&lt;script&gt;alert(&#39;&#34;&amp;1&#39;)&lt;/script&gt;"
	for _, part := range []string{
		"<small>1" + escaped + "</small>",
		"<code>http://127.0.0.1:8080/" + escaped + "/</code>",
		"curl http://127.0.0.1:8080/" + escaped + "/auth/signup ",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s:\n%s", part, page)
		}
	}
}
