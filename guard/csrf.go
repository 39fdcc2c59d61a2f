package guard

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/jetonauth/jeton"
)

// CSRF protects requests whose token came in a cookie from being made by other sites (cross-site request forgery). A browser that says
// where a request comes from must name this host or a trusted origin, as [http.CrossOriginProtection] reads it; and what changes
// something must repeat, in a header, a value that only pages of this site can read.
//
// The value is in a cookie that scripts can read, and [CSRFDigest] of it in the token, so that whoever can verify the token can check
// the value, without a store. Methods that only read (GET, HEAD, OPTIONS, TRACE) need neither, except for the handshake of a WebSocket,
// whose Origin must be allowed, since it cannot have a header of its own.
type CSRF struct {
	// Headers are those that may carry the value; if there are none, X-CSRF-Token.
	Headers []string
	// Claim is the claim of the token with the value's digest; "csrf" if empty. A token without it is refused.
	Claim string
	// TrustedOrigins are others than this host that may send requests, such as https://app.example.com.
	TrustedOrigins []string
	// OriginOnly leaves the value out and goes by the origin alone. Browsers before 2020 do not say it on every request.
	OriginOnly bool
	// Off checks nothing. Dangerous: any site can act for the users who visit it.
	Off bool
}

// The defaults of [CSRF].
const (
	DefaultCSRFHeader = "X-CSRF-Token"
	DefaultCSRFClaim  = "csrf"
)

// Why a request with a cookie was refused as [ForgedRequest]: [Refusal.Err].
var (
	// ErrOrigin is for a request from another site.
	ErrOrigin = errors.New("guard: request from another origin")
	// ErrCSRFValue is for a request that does not repeat the value, or a wrong one.
	ErrCSRFValue = errors.New("guard: CSRF value missing or incorrect")
)

// CSRFDigest is what a token has in [CSRF.Claim] for a value: BASE64URL(SHA-256(value)).
func CSRFDigest(value string) string {
	sum := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// csrf is a [CSRF] that is ready to check; nil checks nothing.
type csrf struct {
	headers    []string
	claim      string
	origins    *http.CrossOriginProtection
	originOnly bool
}

func newCSRF(cfg CSRF) (*csrf, error) {
	if cfg.Off {
		return nil, nil
	}
	c := &csrf{headers: slices.Clone(cfg.Headers), claim: cfg.Claim, origins: http.NewCrossOriginProtection(), originOnly: cfg.OriginOnly}
	if len(c.headers) == 0 {
		c.headers = []string{DefaultCSRFHeader}
	}
	if c.claim == "" {
		c.claim = DefaultCSRFClaim
	}
	for i, name := range c.headers {
		if !isHTTPToken(name) {
			return nil, fmt.Errorf("guard: Config.CSRF.Headers: %q is no header's name", name)
		}
		c.headers[i] = http.CanonicalHeaderKey(name)
	}
	for _, origin := range cfg.TrustedOrigins {
		if err := c.origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("guard: Config.CSRF.TrustedOrigins: %q is no origin such as https://app.example.com: %w", origin, err)
		}
	}
	return c, nil
}

// check judges a request whose token came in a cookie and proved p.
func (c *csrf) check(carrier Carrier, p *jeton.Principal) *Refusal {
	if c == nil {
		return nil
	}
	method, upgrade := carrier.Method(), isUpgrade(carrier)
	if !upgrade && isSafe(method) {
		return nil
	}
	header := http.Header{"Sec-Fetch-Site": carrier.Header("Sec-Fetch-Site"), "Origin": carrier.Header("Origin")}
	if upgrade {
		method = http.MethodPost // what a handshake opens is not for reading only
	}
	unsaid := header.Get("Origin") == "" && header.Get("Sec-Fetch-Site") == ""
	err := c.origins.Check(&http.Request{Method: method, Host: carrier.Host(), Header: header, URL: &url.URL{Path: "/"}})
	if err != nil || upgrade && unsaid {
		return &Refusal{Code: ForgedRequest, Err: ErrOrigin, Description: originDescription}
	}
	if c.originOnly || upgrade || c.hasValue(carrier, p) {
		return nil
	}
	return &Refusal{Code: ForgedRequest, Err: ErrCSRFValue, Description: csrfDescription}
}

// hasValue reports whether the request repeats the value whose digest the token has. Two different values are none.
func (c *csrf) hasValue(carrier Carrier, p *jeton.Principal) bool {
	digest, ok := p.StringClaim(c.claim)
	if !ok || digest == "" {
		return false
	}
	matched := false
	for _, name := range c.headers {
		for _, value := range carrier.Header(name) {
			if subtle.ConstantTimeCompare([]byte(CSRFDigest(value)), []byte(digest)) != 1 {
				return false
			}
			matched = true
		}
	}
	return matched
}

// isSafe reports whether a method only reads (RFC 9110, section 9.2.1).
func isSafe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return false
	}
}

// isUpgrade reports whether a request wants to become something else than HTTP, such as a WebSocket.
func isUpgrade(c Carrier) bool {
	for _, line := range c.Header("Upgrade") {
		if strings.TrimSpace(line) != "" {
			return true
		}
	}
	return false
}
