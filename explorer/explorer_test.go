package explorer_test

import (
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/explorer"
)

func newExplorer(t *testing.T, cfg explorer.Config) *explorer.Explorer {
	t.Helper()
	if cfg.Document == "" {
		cfg.Document = "/openapi.json"
	}
	e, err := explorer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// answer is what a handler answers.
type answer struct {
	status int
	header http.Header
	text   string
}

// ask makes a request of a handler, with header lines such as "Accept-Encoding: gzip".
func ask(t *testing.T, h http.Handler, method, target string, lines ...string) answer {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Add(name, value)
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	return answer{recorder.Code, recorder.Header(), recorder.Body.String()}
}

var reference = regexp.MustCompile(`(?:href|src)="([^"]+)"`)

// references returns what a page refers to, as a browser resolves it.
func references(t *testing.T, at, page string) []string {
	t.Helper()
	base := httptest.NewRequestWithContext(t.Context(), http.MethodGet, at, nil).URL
	var found []string
	for _, match := range reference.FindAllStringSubmatch(page, -1) {
		u, err := base.Parse(match[1])
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, u.Path)
	}
	return found
}

func TestEverythingThatThePageNeedsIsThere(t *testing.T) {
	t.Parallel()
	tests := []struct {
		base  string
		pages []string
	}{
		{"", []string{"/explorer", "/explorer/"}},
		{"/explorer/", []string{"/explorer", "/explorer/"}},
		{"/v1/internal/docs", []string{"/v1/internal/docs", "/v1/internal/docs/"}},
		{"/", []string{"/"}},
	}
	types := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".png": "image/png"}
	for _, test := range tests {
		mux := http.NewServeMux()
		newExplorer(t, explorer.Config{BasePath: test.base}).Mount(mux)
		for _, at := range test.pages {
			page := ask(t, mux, http.MethodGet, at)
			if page.status != http.StatusOK || page.header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("%s: %d, %s", at, page.status, page.header.Get("Content-Type"))
			}
			kinds := map[string]int{}
			for _, asset := range references(t, at, page.text) {
				file := ask(t, mux, http.MethodGet, asset)
				ending := asset[strings.LastIndex(asset, "."):]
				kinds[ending]++
				if got := file.header.Get("Content-Type"); file.status != http.StatusOK || got != types[ending] {
					t.Errorf("%s refers to %s, which is answered with %d, %s", at, asset, file.status, got)
				}
				if len(file.text) < 100 {
					t.Errorf("%s refers to %s, in which there is nothing", at, asset)
				}
			}
			if want := map[string]int{".js": 3, ".css": 2, ".png": 1}; !maps.Equal(kinds, want) {
				t.Errorf("%s refers to %v, want %v", at, kinds, want)
			}
		}
	}
}

func TestBehindAProxyThatTakesAPrefixAway(t *testing.T) {
	t.Parallel()
	proxy := http.StripPrefix("/auth-service", newExplorer(t, explorer.Config{}))
	for _, at := range []string{"/auth-service/explorer", "/auth-service/explorer/"} {
		for _, asset := range references(t, at, ask(t, proxy, http.MethodGet, at).text) {
			if file := ask(t, proxy, http.MethodGet, asset); file.status != http.StatusOK {
				t.Errorf("%s refers to %s, which is answered with %d", at, asset, file.status)
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	e := newExplorer(t, explorer.Config{})
	page := ask(t, e, http.MethodGet, "/explorer")
	assets := references(t, "/explorer", page.text)
	targets := append([]string{"/explorer", "/explorer/", "/explorer/nothing", "/elsewhere"}, assets...)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		for _, target := range targets {
			header := ask(t, e, method, target).header
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
					"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
				"X-Content-Type-Options":       "nosniff",
				"Referrer-Policy":              "no-referrer",
				"Cross-Origin-Opener-Policy":   "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := header.Values(name); !slices.Equal(got, []string{want}) {
					t.Errorf("%s %s: %s is %q, want %q", method, target, name, got, want)
				}
			}
		}
	}
	if got := page.header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("the page: Cache-Control %q", got)
	}
	for _, asset := range assets {
		if got := ask(t, e, http.MethodGet, asset).header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", asset, got)
		}
	}
}

// What the policy forbids is not in the page.
func TestPageHasNothingInline(t *testing.T) {
	t.Parallel()
	page := ask(t, newExplorer(t, explorer.Config{SignIn: "/auth/login"}), http.MethodGet, "/explorer").text
	for _, inline := range []*regexp.Regexp{
		regexp.MustCompile(`<style|style=`), regexp.MustCompile(`<script[^>]*>[^<]`), regexp.MustCompile(`\son\w+=`), regexp.MustCompile(`https?:`),
	} {
		if found := inline.FindString(page); found != "" {
			t.Errorf("the page holds %q", found)
		}
	}
}

func TestPageHoldsTheConfiguration(t *testing.T) {
	t.Parallel()
	page := ask(t, newExplorer(t, explorer.Config{
		Title: "Bäcker & <b>Co</b>", Document: `/a"b'.json?x=1&y=2`, SignIn: "/auth/login?from=<explorer>", Refresh: "/auth/refresh",
	}), http.MethodGet, "/explorer").text
	for _, part := range []string{
		"<title>Bäcker &amp; &lt;b&gt;Co&lt;/b&gt;</title>",
		`data-document="/a&#34;b&#39;.json?x=1&amp;y=2"`,
		`data-sign-in="/auth/login?from=&lt;explorer&gt;"`,
		`data-refresh="/auth/refresh"`,
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s:\n%s", part, page)
		}
	}
}

func TestAnswersWithoutAFile(t *testing.T) {
	t.Parallel()
	e := newExplorer(t, explorer.Config{})
	var asset string
	for _, a := range references(t, "/explorer", ask(t, e, http.MethodGet, "/explorer").text) {
		if strings.Contains(a, "swagger-ui-bundle") {
			asset = a
		}
	}
	name := strings.TrimPrefix(asset, "/explorer/")
	for _, target := range []string{
		"/", "/explorers", "/explorer//", "/explorer/nothing", "/explorer/swagger-ui.css", "/explorer/swagger-ui-bundle.js.gz",
		"/explorer/../explorer/" + name, "/explorer/./" + name, "/explorer/..%2f..%2fetc%2fpasswd", "/explorer/%2e%2e/go.mod",
		`/explorer/..\` + name, "/explorer/" + strings.ToUpper(name), "/explorer/page.html", "/" + name, asset + "/",
	} {
		if got := ask(t, e, http.MethodGet, target); got.status != http.StatusNotFound {
			t.Errorf("%s is answered with %d, want 404", target, got.status)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "TRACE", "x"} {
		got := ask(t, e, method, "/explorer")
		if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s is answered with %d, Allow %q", method, got.status, got.header.Get("Allow"))
		}
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newExplorer(t, explorer.Config{}))
	defer server.Close()
	targets := references(t, "/explorer", ask(t, server.Config.Handler, http.MethodGet, "/explorer").text)
	for _, target := range append(targets, "/explorer") {
		for _, coding := range []string{"gzip", "identity"} {
			get, head := fetch(t, http.MethodGet, server.URL+target, coding), fetch(t, http.MethodHead, server.URL+target, coding)
			if get.text == "" || head.text != "" {
				t.Errorf("%s: GET has %d bytes, HEAD %d", target, len(get.text), len(head.text))
			}
			for _, name := range []string{"ETag", "Content-Type", "Content-Encoding", "Cache-Control", "Vary"} {
				if got, want := head.header.Get(name), get.header.Get(name); got != want || get.status != head.status {
					t.Errorf("%s: %s: HEAD %d %q, GET %d %q", target, name, head.status, got, get.status, want)
				}
			}
		}
	}
}

// fetch makes a request over HTTP.
func fetch(t *testing.T, method, address, coding string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", coding)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func TestFilesAreCompressedForWhoTakesThat(t *testing.T) {
	t.Parallel()
	e := newExplorer(t, explorer.Config{})
	var bundle string
	for _, asset := range references(t, "/explorer", ask(t, e, http.MethodGet, "/explorer").text) {
		if strings.Contains(asset, "swagger-ui-bundle") {
			bundle = asset
		}
	}
	plain := ask(t, e, http.MethodGet, bundle).text
	if !strings.Contains(plain, "SwaggerUIBundle") {
		t.Error("what is not compressed is no Swagger UI")
	}
	tests := []struct {
		lines      []string
		compressed bool
	}{
		{nil, false},
		{[]string{"Accept-Encoding: gzip"}, true},
		{[]string{"Accept-Encoding: br, GZip;q=0.2"}, true},
		{[]string{"Accept-Encoding: br", "Accept-Encoding: x-gzip"}, true},
		{[]string{"Accept-Encoding: *"}, true},
		{[]string{"Accept-Encoding: gzip;q=0, *"}, false},
		{[]string{"Accept-Encoding: gzip; q=0.000"}, false},
		{[]string{"Accept-Encoding: gzip;q=high"}, false},
		{[]string{"Accept-Encoding: br, deflate, identity"}, false},
	}
	for _, test := range tests {
		file := ask(t, e, http.MethodGet, bundle, test.lines...)
		if got := file.header.Get("Content-Encoding") == "gzip"; got != test.compressed {
			t.Errorf("%q: compressed: %v, want %v", test.lines, got, test.compressed)
		}
		if got := file.header.Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("%q: Vary %q", test.lines, got)
		}
		if test.compressed {
			reader, err := gzip.NewReader(strings.NewReader(file.text))
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := io.ReadAll(reader)
			if err != nil {
				t.Fatal(err)
			}
			file.text = string(unpacked)
		}
		if file.text != plain {
			t.Errorf("%q: another text", test.lines)
		}
	}
}

func TestWhatIsKnownIsNotSentAgain(t *testing.T) {
	t.Parallel()
	e := newExplorer(t, explorer.Config{})
	for _, target := range append(references(t, "/explorer", ask(t, e, http.MethodGet, "/explorer").text), "/explorer") {
		for _, coding := range []string{"gzip", "identity"} {
			tag := ask(t, e, http.MethodGet, target, "Accept-Encoding: "+coding).header.Get("ETag")
			again := ask(t, e, http.MethodGet, target, "Accept-Encoding: "+coding, "If-None-Match: "+tag)
			if tag == "" || again.status != http.StatusNotModified {
				t.Errorf("%s (%s) has ETag %s, and is then answered with %d", target, coding, tag, again.status)
			}
		}
	}
}

func TestAnotherTextHasAnotherName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, asset := range references(t, "/explorer", ask(t, newExplorer(t, explorer.Config{}), http.MethodGet, "/explorer").text) {
		fingerprint := regexp.MustCompile(`\.[0-9a-f]{16}\.`).FindString(asset)
		if fingerprint == "" || seen[fingerprint] {
			t.Errorf("%s has no fingerprint of its own", asset)
		}
		seen[fingerprint] = true
	}
}
