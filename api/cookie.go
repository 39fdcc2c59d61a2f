package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// cookie is one without a value. What it has not said is the safe way.
type cookie struct {
	name, path, domain string
	insecure           bool // without Secure
	readable           bool // without HttpOnly
	sameSite           http.SameSite
}

// made is the cookie with a value.
func (c *cookie) made(value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // what is not safe was asked for, and checked, by newCookies
		Name: c.name, Value: value, Path: c.path, Domain: c.domain, MaxAge: maxAge,
		Secure: !c.insecure, HttpOnly: !c.readable, SameSite: c.sameSite,
	}
}

// set gives the browser a value, to be kept for a time.
func (c *cookie) set(header http.Header, value string, age time.Duration) {
	header.Add("Set-Cookie", c.made(value, max(1, int(age/time.Second))).String()) // 0 would leave the age out
}

// clear removes the cookie from the browser.
func (c *cookie) clear(header http.Header) {
	header.Add("Set-Cookie", c.made("", -1).String())
}

// prefix is the strictest one that the cookie keeps to.
func (c *cookie) prefix() string {
	switch {
	case c.insecure:
		return ""
	case c.domain == "" && c.path == "/":
		return "__Host-"
	default:
		return "__Secure-"
	}
}

// check says what the name has that the cookie has not. Browsers drop such a cookie, and compare prefixes without regard to case.
func (c *cookie) check() error {
	name := strings.ToLower(c.name)
	host, hidden := strings.HasPrefix(name, "__host-"), strings.HasPrefix(name, "__http-") || strings.HasPrefix(name, "__host-http-")
	switch {
	case c.made("", 0).Valid() != nil:
		return errors.New("is no name of a cookie: letters, digits and !#$%&'*+-.^_`|~ (RFC 6265, section 4.1.1)")
	case c.insecure && (host || hidden || strings.HasPrefix(name, "__secure-")):
		return errors.New("has a prefix that needs the attribute Secure, which Config.Cookies.Insecure leaves out")
	case host && c.domain != "":
		return errors.New("has a prefix that allows no Config.Cookies.Domain")
	case host && c.path != "/":
		return fmt.Errorf("has a prefix that needs the path /, and the cookie has %s: see Config.Cookies.RefreshPath", c.path)
	case hidden && c.readable:
		return errors.New("has a prefix of cookies that scripts cannot read, and they have to read this one")
	default:
		return nil
	}
}
