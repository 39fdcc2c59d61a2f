package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
)

// Cookies says how browsers may keep their tokens in cookies. A sign-up or sign-in with "cookies": true is answered with cookies, and
// without tokens. The zero value offers that if the issuer is https, and refuses it otherwise.
//
// There are three: the access token's, which is sent to all of the host; the refresh token's, which is sent to the operations under /auth/
// only; and one with a value that scripts can read, and must repeat in the header X-CSRF-Token of every request that changes something, as
// guard.CSRF says. Scripts cannot read the first two.
type Cookies struct {
	// Off refuses who asks for cookies, and looks at none. The other fields do not matter then.
	Off bool
	// Insecure leaves out the attribute Secure, and the names' prefixes that need it, for a server on the developer's own machine. The issuer
	// must be http on a loopback host, otherwise the error is [ErrInsecureIssuer]. Cookies do not tell ports apart: every other
	// server on that host gets them, too.
	Insecure bool
	// Domain, such as example.com, has the access token and the CSRF value sent to every host of a domain that the issuer's host belongs to.
	// All of these hosts then get the tokens, and can plant cookies. Empty means the host alone. The refresh token stays with the host.
	Domain string
	// SameSite is that of the access token and the CSRF value: http.SameSiteLaxMode, or http.SameSiteStrictMode, with which who follows
	// a link from another site is not signed in on the page that it leads to. The refresh token's is always strict.
	SameSite http.SameSite
	// Names are the cookies' names. Whoever changes Domain or RefreshPath changes them, too: browsers keep the old cookies beside the new ones.
	Names CookieNames
	// RefreshPath is where browsers find the operations, and the Path of the refresh token's cookie. Empty means the issuer's path and /auth.
	RefreshPath string
	// TrustedOrigins are those, beside the issuer's and the host's own, whose pages may use the cookies, such as https://app.example.com.
	// Browsers send them from the same site only.
	TrustedOrigins []string
}

// CookieNames are the names of cookies. One that begins with a prefix of RFC 6265bis, section 4.1.3, such as "__Host-", has to have what the
// prefix stands for.
type CookieNames struct {
	// Access is that of the access token: "__Host-jeton"; with a Domain "__Secure-jeton", and if Insecure "jeton".
	Access string
	// Refresh is that of the refresh token: "__Secure-jeton-refresh", and if Insecure "jeton-refresh".
	Refresh string
	// CSRF is that of the CSRF value: "__Host-jeton-csrf"; with a Domain "__Secure-jeton-csrf", and if Insecure "jeton-csrf".
	CSRF string
}

// ErrInsecureIssuer is what [New] returns, wrapped, for [Cookies.Insecure] with an issuer that others can reach.
var ErrInsecureIssuer = errors.New("only for an issuer that is http on a loopback host, such as http://127.0.0.1:8080")

// newCookies returns what a service with this issuer does about cookies. The error names the field that is wrong; the zero Cookies have none.
func newCookies(cfg Cookies, issuer string) (*cookies, error) {
	if cfg.Off {
		return &cookies{unavailable: "they are switched off"}, nil
	}
	at, bad := issuerURL(issuer)
	if cfg.Insecure && (bad != nil || at.Scheme != "http" || !isLoopback(at.Hostname())) {
		return nil, fmt.Errorf("api: Config.Cookies.Insecure: %w, and not %q", ErrInsecureIssuer, issuer)
	}
	if bad != nil {
		return &cookies{unavailable: "the issuer is no URL of a server"}, nil //nolint:nilerr // which is allowed
	}
	c, err := cfg.templates(at)
	if err != nil {
		return nil, err
	}
	if err := c.name(cfg.Names); err != nil {
		return nil, err
	}
	if err := c.trust(originOf(at), cfg.TrustedOrigins); err != nil {
		return nil, err
	}
	if at.Scheme != "https" && !cfg.Insecure {
		c.unavailable = "the issuer is not https"
	}
	return c, nil
}

// templates returns the cookies without values.
func (cfg Cookies) templates(issuer *url.URL) (*cookies, error) {
	if err := checkDomain(cfg.Domain, issuer.Hostname()); err != nil {
		return nil, fmt.Errorf("api: Config.Cookies.Domain: %w", err)
	}
	sameSite := cfg.SameSite
	switch sameSite {
	case 0, http.SameSiteDefaultMode:
		sameSite = http.SameSiteLaxMode
	case http.SameSiteLaxMode, http.SameSiteStrictMode:
	default:
		return nil, errors.New("api: Config.Cookies.SameSite: must be http.SameSiteLaxMode or http.SameSiteStrictMode")
	}
	c := &cookies{
		access:  cookie{path: "/", domain: cfg.Domain, insecure: cfg.Insecure, sameSite: sameSite},
		refresh: cookie{path: cfg.RefreshPath, insecure: cfg.Insecure, sameSite: http.SameSiteStrictMode},
		csrf:    cookie{path: "/", domain: cfg.Domain, insecure: cfg.Insecure, sameSite: sameSite, readable: true},
	}
	if cfg.RefreshPath == "" {
		c.refresh.path = issuer.EscapedPath() + "/auth"
		if !isCookiePath(c.refresh.path) || path.Clean(issuer.Path+"/auth") != issuer.Path+"/auth" {
			c.unavailable, c.refresh.path = "the issuer has a path that no cookie can have", "/"
		}
	}
	if !isCookiePath(c.refresh.path) {
		return nil, fmt.Errorf("api: Config.Cookies.RefreshPath: %q is no path of a cookie, such as /auth", cfg.RefreshPath)
	}
	return c, nil
}

// name gives the cookies these names, or those that fit their attributes.
func (c *cookies) name(names CookieNames) error {
	for _, n := range []struct {
		cookie             *cookie
		field, given, base string
	}{
		{&c.access, "Access", names.Access, "jeton"},
		{&c.refresh, "Refresh", names.Refresh, "jeton-refresh"},
		{&c.csrf, "CSRF", names.CSRF, "jeton-csrf"},
	} {
		n.cookie.name = n.given
		if n.given == "" {
			n.cookie.name = n.cookie.prefix() + n.base
		}
		if err := n.cookie.check(); err != nil {
			return fmt.Errorf("api: Config.Cookies.Names.%s: %q %w", n.field, n.cookie.name, err)
		}
	}
	switch {
	case c.refresh.name == c.access.name:
		return errors.New("api: Config.Cookies.Names.Refresh: another cookie has this name")
	case c.csrf.name == c.access.name || c.csrf.name == c.refresh.name:
		return errors.New("api: Config.Cookies.Names.CSRF: another cookie has this name")
	default:
		return nil
	}
}

// checkDomain says what is wrong with a Domain for the cookies of a host: browsers drop such a cookie.
func checkDomain(domain, host string) error {
	if domain == "" {
		return nil
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return fmt.Errorf("%q for an issuer whose host is an address; leave it empty", domain)
	}
	labels := strings.Split(domain, ".")
	valid := func(label string) bool {
		return label != "" && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	}
	if len(labels) < 2 || slices.ContainsFunc(labels, func(label string) bool { return !valid(label) }) {
		return fmt.Errorf("%q is no domain such as example.com, in lower case", domain)
	}
	if host = strings.ToLower(host); host != domain && !strings.HasSuffix(host, "."+domain) {
		return fmt.Errorf("the issuer's host %s does not belong to %s, so that browsers would drop the cookies", host, domain)
	}
	return nil
}

// isCookiePath reports whether a cookie may have this path (RFC 6265, section 4.1.1), and browsers would not put another in its place.
func isCookiePath(text string) bool {
	return strings.HasPrefix(text, "/") && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == ';' })
}

// isLoopback reports whether a host is this machine to everybody (RFC 6761, section 6.3, for the name).
func isLoopback(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().IsLoopback()
	}
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// originOf is the origin of an URL, as browsers write it.
func originOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if defaults := map[string]string{"http": ":80", "https": ":443"}; u.Port() != "" {
		host = strings.TrimSuffix(host, defaults[u.Scheme])
	}
	return u.Scheme + "://" + host
}
