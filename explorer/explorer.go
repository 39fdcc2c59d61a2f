package explorer

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"
)

// contentSecurityPolicy lets the page run the scripts and styles that this package serves, and speak to its own origin. The small
// pictures in Swagger UI's style sheet are data: URLs. Swagger UI needs neither inline styles nor inline scripts, nor eval: React
// sets styles through the object model, which a policy does not concern.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// Explorer is an [http.Handler] that serves Swagger UI for one document. It is immutable and safe for concurrent use.
type Explorer struct {
	base   string            // without a slash at the end; empty at the root
	page   map[string][]byte // by the path that it is asked for
	assets map[string]*asset // by name
}

// New returns an explorer. The error names the field of cfg that is missing or wrong.
func New(cfg Config) (*Explorer, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	files, err := newAssets()
	if err != nil {
		return nil, err
	}
	e := &Explorer{base: strings.TrimSuffix(cfg.BasePath, "/"), page: map[string][]byte{}, assets: map[string]*asset{}}
	for _, a := range files {
		e.assets[a.name] = a
	}
	e.page[e.base+"/"], err = render(cfg, files, "./")
	if err == nil && e.base != "" {
		e.page[e.base], err = render(cfg, files, "./"+path.Base(e.base)+"/")
	}
	return e, err
}

// render makes the page. Its links are relative, so that it also works behind a proxy that serves it under another path; folder is
// where they find the assets.
func render(cfg Config, files map[string]*asset, folder string) ([]byte, error) {
	links := map[string]string{}
	for name, a := range files {
		links[name] = folder + a.name
	}
	var page bytes.Buffer
	if err := pageTemplate.Execute(&page, struct {
		Config
		Asset map[string]string
	}{cfg, links}); err != nil {
		return nil, fmt.Errorf("explorer: the page cannot be made: %w", err)
	}
	return page.Bytes(), nil
}

// Mount adds the explorer to mux, for [Config].BasePath and everything below it.
func (e *Explorer) Mount(mux *http.ServeMux) {
	mux.Handle("GET "+e.base+"/", e)
	if e.base != "" {
		mux.Handle("GET "+e.base, e)
	}
}

// ServeHTTP answers GET and HEAD for the page and the files that it needs, and 404 for everything else. It looks at the path of
// r.URL, which has to begin with [Config].BasePath.
func (e *Explorer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if page, ok := e.page[r.URL.Path]; ok {
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", `"`+fingerprint(page)+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(page))
		return
	}
	name, below := strings.CutPrefix(r.URL.Path, e.base+"/")
	if file, ok := e.assets[name]; below && ok {
		file.ServeHTTP(w, r)
		return
	}
	http.NotFound(w, r)
}
