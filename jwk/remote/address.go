package remote

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
)

// maxRedirects bounds how often one request may be sent on.
const maxRedirects = 5

var (
	errAddress   = errors.New("not an https URL (http for loopback hosts only) without user and fragment")
	errIssuer    = errors.New("an issuer has no query")
	errOtherHost = errors.New("a redirect to another host")
	errRedirects = errors.New("too many redirects")
)

// parseAddress reads an address that may be asked.
func parseAddress(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, errAddress // url's own error would repeat the address
	}
	return u, checkAddress(u)
}

func checkAddress(u *url.URL) error {
	secure := u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
	if !secure || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return errAddress
	}
	return nil
}

// isLoopback reports whether host stays on this machine.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// checkIssuer checks an issuer's form (RFC 8414, section 2).
func checkIssuer(issuer string) error {
	u, err := parseAddress(issuer)
	if err != nil {
		return err
	}
	if u.RawQuery != "" || u.ForceQuery {
		return errIssuer
	}
	return nil
}

// redirectPolicy follows a redirect only within the host that was asked; then is asked next, if it is there.
func redirectPolicy(then func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		if err := checkAddress(req.URL); err != nil {
			return err
		}
		if !sameOrigin(req.URL, via[0].URL) {
			return errOtherHost
		}
		if len(via) > maxRedirects {
			return errRedirects
		}
		if then != nil {
			return then(req, via)
		}
		return nil
	}
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}
