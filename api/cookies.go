package api

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// cookies are those of one service.
type cookies struct {
	unavailable           string // why there are none; empty if there are
	access, refresh, csrf cookie
	trusted               []string // origins
	origins               *http.CrossOriginProtection
	// accessCookie and refreshCookie take a token from a request's cookie, and do not check it.
	accessCookie, refreshCookie *guard.Guard
}

// maxCookie is how long the name and the value of a cookie may be together, in bytes (RFC 6265bis, section 5.6): browsers drop longer ones.
const maxCookie = 4096

// trust lets pages of these origins use the cookies.
func (c *cookies) trust(issuer string, others []string) error {
	c.origins = http.NewCrossOriginProtection()
	for _, origin := range others {
		if err := c.origins.AddTrustedOrigin(origin); err != nil {
			return fmt.Errorf("api: Config.Cookies.TrustedOrigins: %q is no origin such as https://app.example.com: %w", origin, err)
		}
	}
	c.trusted = slices.Clone(others)
	if err := c.origins.AddTrustedOrigin(issuer); err == nil { // a proxy in front may have changed the Host
		c.trusted = append(c.trusted, issuer)
	}
	return nil
}

// areThere reports whether there are any.
func (c *cookies) areThere() bool { return c.unavailable == "" }

// accepted adds the cookie of the access token, and the origins that may send it, to what a guard is to accept.
func (c *cookies) accepted(cfg guard.Config) guard.Config {
	if !c.areThere() {
		return cfg
	}
	if len(cfg.Sources) == 0 {
		cfg.Sources = []guard.Source{guard.Bearer()}
	}
	cfg.Sources = append(slices.Clone(cfg.Sources), guard.Cookie(c.access.name))
	cfg.CSRF.TrustedOrigins = slices.Concat(cfg.CSRF.TrustedOrigins, c.trusted)
	return cfg
}

// offered says why a request gets no cookies, if it wants some.
func (c *cookies) offered(r *http.Request, wanted bool) error {
	if !wanted {
		return nil
	}
	if c.areThere() {
		return c.admit(r)
	}
	return &jeton.ValidationError{Fields: []jeton.FieldError{{
		Pointer: "/" + cookiesMember, Code: "cookies_unavailable", Message: "must not be true: there are no cookies here, since " + c.unavailable,
	}}}
}

// admit lets a request use cookies. A page of another site could make a browser send it, with the cookies that it has, or to get others
// than its user wants. Browsers say where a request comes from; what does not has to have a media type that no other site's page can send
// without asking before.
func (c *cookies) admit(r *http.Request) error {
	if err := c.sameOrigin(r); err != nil {
		return err
	}
	said := r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
	if !said && !hasMediaType(r.Header, jsonType) {
		return newProblem(codeMediaType)
	}
	return nil
}

// sameOrigin refuses what a browser says to come from an origin that is neither this one nor trusted.
func (c *cookies) sameOrigin(r *http.Request) error {
	if !c.areThere() {
		return nil
	}
	if err := c.origins.Check(r); err != nil {
		return &guard.Refusal{
			Code: guard.ForgedRequest, Err: fmt.Errorf("%w: %w", guard.ErrOrigin, err), Description: "The request comes from another site.",
		}
	}
	return nil
}

// tokens returns those that a browser may use, the refresh token first. They are not checked.
func (c *cookies) tokens(r *http.Request) ([]string, error) {
	if err := c.sameOrigin(r); err != nil {
		return nil, err
	}
	var tokens []string
	for _, g := range []*guard.Guard{c.refreshCookie, c.accessCookie} {
		token, err := caught(g, r)
		if err != nil {
			return nil, err
		}
		if token != "" {
			tokens = append(tokens, token)
		}
	}
	if len(tokens) == 0 {
		return nil, nil
	}
	return tokens, c.admit(r)
}

// set puts what a grant holds into the cookies.
func (c *cookies) set(header http.Header, g *jeton.Grant) error {
	if n := len(c.access.name) + len(g.AccessToken); n > maxCookie {
		return fmt.Errorf("api: the cookie with the access token would have %d bytes, and browsers keep %d: put less into the token", n, maxCookie)
	}
	now := g.ExpiresAt.Add(-g.ExpiresIn)
	lives := endOf(g.Session).Sub(now)
	c.access.set(header, g.AccessToken, g.ExpiresIn)
	c.refresh.set(header, g.RefreshToken, lives)
	c.csrf.set(header, g.CSRF, lives)
	return nil
}

// clear removes the cookies from the browser.
func (c *cookies) clear(header http.Header) {
	if !c.areThere() {
		return
	}
	c.access.clear(header)
	c.refresh.clear(header)
	c.csrf.clear(header)
}
