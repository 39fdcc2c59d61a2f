package guardtest

import (
	"net/http"
	"strings"

	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwt"
)

func cookieScenarios() []scenario {
	return []scenario{
		{"a token in a cookie", (*scene).cookieToken},
		{"a cookie and the CSRF value", (*scene).cookieValue},
		{"a cookie and the origin", (*scene).cookieOrigin},
		{"a header wins over a cookie", (*scene).headerWins},
	}
}

// cookieGuard accepts tokens in a header or a cookie.
func cookieGuard() guard.Config {
	return guard.Config{Sources: []guard.Source{guard.Bearer(), guard.Cookie("token")}}
}

// withCookie returns a request of a browser, with more headers in pairs of name and value.
func withCookie(method, token string, more ...string) request {
	header := http.Header{"Cookie": {"theme=dark; token=" + token + "; lang=eo"}}
	for i := 0; i+1 < len(more); i += 2 {
		header[more[i]] = append(header[more[i]], more[i+1])
	}
	return request{method: method, header: header}
}

func (s *scene) cookieToken() {
	r := s.start(cookieGuard())
	token := s.issuer.token(s, "ada")
	r.admits(withCookie(http.MethodGet, token), foundOf("ada"))
	r.admits(withCookie(http.MethodHead, token), "")
	r.admits(withCookie(http.MethodGet, token, "Cookie", "more=1"), foundOf("ada"))
	r.refuses(withCookie(http.MethodGet, token, "Cookie", "token="+s.issuer.token(s, "bob")), malformed)
	r.refuses(withCookie(http.MethodGet, token+"; token="+token), malformed)
	r.refuses(withCookie(http.MethodGet, "abc"), invalid)
	r.refuses(withCookie(http.MethodGet, ""), missing)
	r.refuses(request{header: http.Header{"Cookie": {"Token=" + token}}}, missing)
}

func (s *scene) cookieValue() {
	r := s.start(cookieGuard())
	token := s.issuer.token(s, "ada")
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		r.refuses(withCookie(method, token), forged)
		r.refuses(withCookie(method, token, guard.DefaultCSRFHeader, "guessed"), forged)
		r.refuses(withCookie(method, token, guard.DefaultCSRFHeader, csrfValue, guard.DefaultCSRFHeader, "guessed"), forged)
		r.admits(withCookie(method, token, guard.DefaultCSRFHeader, csrfValue), foundOf("ada"))
	}
	bare := s.issuer.token(s, "ada", func(c *jwt.Claims) { delete(c.Extra, guard.DefaultCSRFClaim) })
	r.refuses(withCookie(http.MethodPost, bare, guard.DefaultCSRFHeader, csrfValue), forged)
	r.admits(request{method: http.MethodPost, header: bearer(token).header}, foundOf("ada"))
}

func (s *scene) cookieOrigin() {
	cfg := cookieGuard()
	cfg.CSRF.TrustedOrigins = []string{"https://app.example.com"}
	r := s.start(cfg)
	token := s.issuer.token(s, "ada")
	post := func(name, value string) request {
		return withCookie(http.MethodPost, token, guard.DefaultCSRFHeader, csrfValue, name, value)
	}
	r.refuses(post("Sec-Fetch-Site", "cross-site"), forged)
	r.refuses(post("Sec-Fetch-Site", "same-site"), forged)
	r.refuses(post("Origin", "https://evil.example.com"), forged)
	r.refuses(post("Origin", "null"), forged)
	r.admits(post("Sec-Fetch-Site", "same-origin"), foundOf("ada"))
	r.admits(post("Origin", r.url), foundOf("ada"))
	r.admits(post("Origin", "https://app.example.com"), foundOf("ada"))
	// The same host on another port is another origin.
	r.refuses(post("Origin", r.url[:strings.LastIndex(r.url, ":")]+":1"), forged)
}

// What the client says explicitly counts, even if it is wrong.
func (s *scene) headerWins() {
	r := s.start(cookieGuard())
	ada, bob := s.issuer.token(s, "ada"), s.issuer.token(s, "bob")
	r.admits(withCookie(http.MethodGet, bob, "Authorization", "Bearer "+ada), foundOf("ada"))
	r.admits(withCookie(http.MethodPost, bob, "Authorization", "Bearer "+ada), foundOf("ada"))
	r.refuses(withCookie(http.MethodGet, bob, "Authorization", "Bearer abc"), invalid)
	r.refuses(withCookie(http.MethodGet, bob, "Authorization", "Bearer"), malformed)
	r.admits(withCookie(http.MethodGet, bob, "Authorization", "Basic YWRhOmFkYQ=="), foundOf("bob"))
}
