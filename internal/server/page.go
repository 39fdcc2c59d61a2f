package server

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"

	"github.com/jetonauth/jeton/explorer"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// mountPages adds what people see who open the server in a browser.
func mountPages(mux *http.ServeMux, cfg Config) error {
	mux.Handle("GET /{$}", page{Version: cfg.Version, Issuer: cfg.Issuer, Explorer: cfg.Explorer})
	if !cfg.Explorer {
		return nil
	}
	// Seen from the explorer's folder, so that they are right behind a proxy that adds a prefix.
	pages, err := explorer.New(explorer.Config{
		Title: "jeton explorer", Document: "../openapi.json", SignIn: "../auth/login", Refresh: "../auth/refresh",
	})
	if err != nil {
		return err
	}
	pages.Mount(mux)
	return nil
}

// page is the first of them: where things are, and one line that tries it.
type page struct {
	Version, Issuer string
	Explorer        bool
}

// Style is the style sheet, which is part of the page so that the page needs nothing else.
func (page) Style() template.CSS { return template.CSS(pageStyle) } //nolint:gosec // a constant of this package

// Command is a line for a shell: it signs somebody up whom nobody knew before, and asks with the token who that is. The token is the
// first member of the answer, the fourth piece between quotation marks.
func (p page) Command() string {
	base := strings.TrimSuffix(p.Issuer, "/")
	signUp := "curl -sS " + shellWord(base+"/auth/signup") + " -H 'Content-Type: application/json' " +
		`-d '{"email":"ada'$(date +%s)'@example.com","password":"correct horse battery"}'`
	return "curl -sS " + shellWord(base+"/auth/me") + ` -H "Authorization: Bearer $(` + signUp + ` | cut -d'"' -f4)"`
}

// shellWord is s as one word of a shell's command line.
func shellWord(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/._-"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func (p page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, p); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	sum := sha256.Sum256([]byte(pageStyle))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_, _ = w.Write(body.Bytes()) // the client may be gone; there is nobody to tell
}
