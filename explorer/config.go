package explorer

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// DefaultBasePath is where an [Explorer] is, unless [Config.BasePath] says otherwise.
const DefaultBasePath = "/explorer"

// Config says what an [Explorer] shows. Document is needed.
//
// Document, SignIn and Refresh are URL references as a browser resolves them: a path of the explorer's origin such as /openapi.json,
// or one that begins at the explorer's folder, such as ../openapi.json, which also holds behind a proxy that adds a prefix.
type Config struct {
	// Document is where the OpenAPI document is. It may also be a URL of http or https; the browser refuses one that is not of the
	// explorer's origin.
	Document string
	// Title is what the browser's tab says: "API explorer".
	Title string
	// SignIn is the operation that signs in: it is sent {"email": …, "password": …} as JSON, and answers with access_token and, if
	// it has them, expires_in and refresh_token (RFC 6749, section 5.1), or with a problem (RFC 9457), whose detail is shown. It
	// authorizes every security scheme of type http and scheme bearer. Empty: the explorer only takes tokens.
	SignIn string
	// Refresh is the operation that is sent {"refresh_token": …} as JSON, and answers as SignIn does. Before a request whose token
	// has expired, the explorer gets a new one from it. Empty, or without a refresh token: it says that the sign-in has expired.
	Refresh string
	// BasePath is the path that requests for the explorer's page have, as the handler sees them: [DefaultBasePath].
	BasePath string
}

func (c Config) withDefaults() (Config, error) {
	c.Title = cmp.Or(c.Title, "API explorer")
	c.BasePath = cmp.Or(c.BasePath, DefaultBasePath)
	if c.Document == "" {
		return c, errors.New(`explorer: Config.Document: needed, where the OpenAPI document is, such as "/openapi.json"`)
	}
	if !isWeb(c.Document) && !isPath(c.Document) {
		return c, fmt.Errorf(`explorer: Config.Document: %q, want a path such as "/openapi.json", or a URL of http or https`, c.Document)
	}
	if c.SignIn != "" && !isPath(c.SignIn) {
		return c, fmt.Errorf(`explorer: Config.SignIn: %q, want a path such as "/auth/login"`, c.SignIn)
	}
	if c.Refresh != "" && !isPath(c.Refresh) {
		return c, fmt.Errorf(`explorer: Config.Refresh: %q, want a path such as "/auth/refresh"`, c.Refresh)
	}
	if c.Refresh != "" && c.SignIn == "" {
		return c, errors.New("explorer: Config.Refresh: of no use without Config.SignIn, which gives the refresh token")
	}
	if !isBasePath(c.BasePath) {
		return c, fmt.Errorf(`explorer: Config.BasePath: %q, want a path of letters, digits and -._~ such as "/explorer"`, c.BasePath)
	}
	return c, nil
}

// isWeb reports whether s is a URL of http or https.
func isWeb(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// isPath reports whether s names no other host, however a browser reads it: to a browser, a backslash is a slash.
func isPath(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && u.Path != "" && !strings.HasPrefix(u.Path, "//") &&
		!strings.Contains(s, `\`) && strings.TrimSpace(s) == s
}

// isBasePath reports whether s is a path that is the same written in a URL, in a pattern of [http.ServeMux] and in a request.
func isBasePath(s string) bool {
	unfit := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~/", r)
	}
	below := strings.TrimSuffix(s, "/") + "/x"
	return strings.HasPrefix(s, "/") && path.Clean(below) == below && !strings.ContainsFunc(s, unfit)
}
