package server

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"os"
	"os/exec"
	"regexp"
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
	const quoted = `&#39;http://127.0.0.1:8080/&lt;script&gt;alert(&#39;\&#39;&#39;&#34;&amp;1&#39;\&#39;&#39;)&lt;/script&gt;/auth/signup&#39; `
	for _, part := range []string{
		"<small>1" + escaped + "</small>",
		"<code>http://127.0.0.1:8080/" + escaped + "/</code>",
		"curl -sS " + quoted,
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s:\n%s", part, page)
		}
	}
}

func TestThePageLinksWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{true, false} {
		r := start(t, t.TempDir(), func(c *Config) { c.Explorer = on })
		page := r.want(r.do("GET", "/", "", nil), 200, "").text
		links := regexp.MustCompile(`<a [^>]*href="([^"]*)"`).FindAllStringSubmatch(page, -1)
		if len(links) < 4 {
			t.Errorf("%d links", len(links))
		}
		for _, link := range links {
			r.want(r.do("GET", "/"+link[1], "", nil), 200, "")
		}
		if linked := strings.Contains(page, `href="explorer"`); linked != on {
			t.Errorf("explorer %v: there is a link to it: %v", on, linked)
		}
		if status := r.do("GET", "/explorer/", "", nil).status; (status == 200) != on {
			t.Errorf("explorer %v: it is answered with %d", on, status)
		}
	}
}

func TestTheLineOnThePageWorksAsItIsPasted(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("JETON_TEST_COMPLETE") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	r := start(t, t.TempDir(), func(c *Config) { c.Issuer = "" })
	page := r.want(r.do("GET", "/", "", nil), 200, "").text
	line := regexp.MustCompile(`(?s)<pre><code>(.*)</code></pre>`).FindStringSubmatch(page)
	if len(line) != 2 || strings.Contains(line[1], "\n") {
		t.Fatalf("there is no such line:\n%s", page)
	}
	first := paste(t, html.UnescapeString(line[1]))
	if !strings.HasPrefix(first, "ada") || !strings.HasSuffix(first, "@example.com") {
		t.Errorf("the line made an account for %q", first)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for again := first; again == first || again == ""; { // the line makes another account in each second
		if again = paste(t, html.UnescapeString(line[1])); ctx.Err() != nil {
			t.Fatal("the line works once only")
		}
	}
}

// paste runs a line as a shell does, and returns the address of the account that it prints, if it prints one.
func paste(t *testing.T, line string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "sh", "-c", line).Output()
	var account struct{ ID, Email string }
	if err != nil || json.Unmarshal(out, &account) != nil {
		t.Fatalf("%s\nprinted %q: %v", line, out, err)
	}
	return account.Email
}
