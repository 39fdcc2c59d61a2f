package proxy_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"
)

// separators are what a header's name may have besides letters and digits (RFC 9110, section 5.6.2).
const separators = "!#$%&'*+-.^_`|~"

// forged returns headers by all names that an application may take for X-Auth- and what follows.
func forged(what string, spell func(string) string, values ...string) http.Header {
	all := http.Header{}
	for _, first := range separators {
		for _, second := range separators {
			all[spell(fmt.Sprintf("X%cAuth%c%s", first, second, what))] = values
		}
	}
	return all
}

// cases are ways to write a header's name, which all mean the same.
var cases = []func(string) string{strings.Clone, strings.ToLower, strings.ToUpper, swapCase}

func swapCase(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, name)
}

// No client says of itself who it is.
func TestForgedHeaders(t *testing.T) {
	t.Parallel()
	eachProxy(t, "", func(s *site) {
		token := s.auth.Token("ada") // without a session, roles, scopes and an address
		for _, what := range []string{"Subject", "Session", "Roles", "Scope", "Email"} {
			for _, spell := range cases {
				for _, values := range [][]string{{"admin"}, {"admin", "root"}, {""}} {
					s.get(token, forged(what, spell, values...)).expectSeen(subject("ada"))
				}
				s.get("", forged(what, spell, "admin")).expectRefused(401, `Bearer realm="api"`)
			}
		}
		all := http.Header{}
		for i, name := range []string{"X-Auth-Subject", "x-auth-subject", "X_Auth_Subject", "x.auth~subject", "X-AUTH-SUBJECT"} {
			all[name] = []string{fmt.Sprint("admin", i), "root"}
		}
		s.get(token, all).expectSeen(subject("ada"))
		for _, connection := range []string{"X-Auth-Subject", "close, X-Auth-Subject, X-Auth-Roles"} {
			// A proxy removes what a client calls a header of the connection (RFC 9110, section 7.6.1).
			s.get(token, http.Header{"Connection": {connection}}).expectSeen(subject("ada"))
		}
	})
}

// Where a proxy can, it deletes what begins like the headers, too. nginx leaves X-Auth-Other.
func TestOtherForgedHeaders(t *testing.T) {
	t.Parallel()
	eachProxy(t, "", func(s *site) {
		for _, spell := range cases {
			all := forged("Other", spell, "x")
			if strings.HasSuffix(s.t.Name(), "/nginx") {
				delete(all, spell("X-Auth-Other"))
			}
			s.get(s.auth.Token("ada"), all).expectSeen(subject("ada"))
		}
	})
}

// All of these names would reach the application, if no proxy were in front of it.
func TestForgedHeadersWithoutProxy(t *testing.T) {
	t.Parallel()
	s := &site{t: t, reached: new(atomic.Int64)}
	application := httptest.NewServer(http.HandlerFunc(s.application))
	t.Cleanup(application.Close)
	s.address = application.Listener.Addr().String()
	for _, spell := range cases {
		arrived := 0
		for name := range s.get("", forged("Subject", spell, "admin")).request().Header {
			if cgi(name) == "X_AUTH_SUBJECT" {
				arrived++
			}
		}
		if want := len(separators) * len(separators); arrived != want {
			t.Errorf("%d of %d names arrived", arrived, want)
		}
	}
}
