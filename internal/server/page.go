package server

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is what somebody sees who opens the server in a browser: where things are, and one line that tries it.
type page struct{ Version, Issuer string }

// Style is the style sheet, which is part of the page so that the page needs nothing else.
func (page) Style() template.CSS { return template.CSS(pageStyle) } //nolint:gosec // a constant of this package

// Base is the issuer without a slash at the end.
func (p page) Base() string { return strings.TrimSuffix(p.Issuer, "/") }

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
