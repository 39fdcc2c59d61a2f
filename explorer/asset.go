package explorer

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/swaggest/swgui/v5/static"
)

//go:embed explorer.css
var styleSheet []byte

//go:embed signin.js
var signInScript []byte

//go:embed explorer.js
var startScript []byte

// asset is a file that the page needs.
type asset struct {
	name        string // holds the fingerprint, so that it may be kept for ever
	fingerprint string
	contentType string
	compressed  []byte // with gzip; nil if it is kept as it is
	plain       func() ([]byte, error)
}

// newAssets returns the files by the names that the page has for them.
func newAssets() (map[string]*asset, error) {
	files := map[string]*asset{
		"explorer.css": kept("explorer.css", "text/css; charset=utf-8", styleSheet),
		"signin.js":    kept("signin.js", "text/javascript; charset=utf-8", signInScript),
		"explorer.js":  kept("explorer.js", "text/javascript; charset=utf-8", startScript),
	}
	for name, contentType := range map[string]string{
		"swagger-ui.css":       "text/css; charset=utf-8",
		"swagger-ui-bundle.js": "text/javascript; charset=utf-8",
	} {
		compressed, err := static.FS.ReadFile(name + ".gz")
		if err != nil {
			return nil, fmt.Errorf("explorer: Swagger UI: %w", err)
		}
		files[name] = packed(name, contentType, compressed)
	}
	const icon = "favicon-32x32.png"
	picture, err := static.FS.ReadFile(icon)
	if err != nil {
		return nil, fmt.Errorf("explorer: Swagger UI: %w", err)
	}
	files["icon.png"] = kept("icon.png", "image/png", picture)
	return files, nil
}

// kept is an asset that is not compressed.
func kept(name, contentType string, text []byte) *asset {
	a := newAsset(name, contentType, text)
	a.plain = func() ([]byte, error) { return text, nil }
	return a
}

// packed is an asset that is compressed already. It is unpacked once, if ever a client asks for that.
func packed(name, contentType string, compressed []byte) *asset {
	a := newAsset(name, contentType, compressed)
	a.compressed = compressed
	a.plain = sync.OnceValues(func() ([]byte, error) {
		reader, err := gzip.NewReader(bytes.NewReader(compressed))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(reader)
	})
	return a
}

func newAsset(name, contentType string, text []byte) *asset {
	ending, mark := path.Ext(name), fingerprint(text)
	return &asset{name: strings.TrimSuffix(name, ending) + "." + mark + ending, fingerprint: mark, contentType: contentType}
}

// fingerprint is the beginning of the SHA-256 of a text: another text has another one.
func fingerprint(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// ServeHTTP serves the file, compressed if the client takes that.
func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	content, tag := a.compressed, a.fingerprint+"-gzip"
	if a.compressed != nil {
		h.Set("Vary", "Accept-Encoding")
	}
	if a.compressed != nil && acceptsGzip(r.Header) {
		h.Set("Content-Encoding", "gzip")
	} else {
		var err error
		if content, err = a.plain(); err != nil {
			http.Error(w, "the file cannot be unpacked", http.StatusInternalServerError)
			return
		}
		tag = a.fingerprint
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// acceptsGzip reports whether a client takes gzip (RFC 9110, section 12.5.3).
func acceptsGzip(header http.Header) bool {
	weights := map[string]float64{}
	for offer := range strings.SplitSeq(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		coding, parameter, _ := strings.Cut(offer, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding == "x-gzip" {
			coding = "gzip"
		}
		weights[coding] = weight(parameter)
	}
	if own, named := weights["gzip"]; named {
		return own > 0
	}
	return weights["*"] > 0
}

// weight reads the parameter q of an offer. Without one it is 1; one that cannot be read is 0, since nothing is lost by not
// compressing.
func weight(parameter string) float64 {
	text, given := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameter)), "q=")
	if !given {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return 0
	}
	return q
}
