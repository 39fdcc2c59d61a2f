package guardtest

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

func tokenScenarios() []scenario {
	return []scenario{
		{"a good token", (*scene).goodToken},
		{"no token", (*scene).noToken},
		{"malformed headers", (*scene).malformedHeaders},
		{"two headers", (*scene).twoHeaders},
		{"another scheme", (*scene).otherScheme},
		{"an expired token", (*scene).expiredToken},
		{"tokens of others", (*scene).foreignTokens},
		{"a revoked token", (*scene).revokedToken},
		{"a header of the application's own", (*scene).ownHeader},
	}
}

func (s *scene) goodToken() {
	r := s.start(guard.Config{})
	token := s.issuer.token(s, "ada")
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER   "} {
		r.admits(request{header: http.Header{"Authorization": {scheme + token}}}, foundOf("ada"))
	}
	for range 3 {
		r.admits(bearer(token), foundOf("ada"))
	}
}

func (s *scene) noToken() {
	r := s.start(guard.Config{})
	for range 3 {
		r.refuses(request{}, missing)
	}
	r.refuses(request{header: http.Header{"X-Authorization": {"Bearer " + s.issuer.token(s, "ada")}}}, missing)
}

func (s *scene) malformedHeaders() {
	r := s.start(guard.Config{})
	token := s.issuer.token(s, "ada")
	for _, value := range []string{"Bearer", "Bearer " + token + " " + token, "Bearer " + token + ",", `Bearer "` + token + `"`} {
		r.refuses(request{header: http.Header{"Authorization": {value}}}, malformed)
	}
	r.admits(bearer(token), foundOf("ada"))
}

// Of two headers, a proxy in front and the server behind might read different ones.
func (s *scene) twoHeaders() {
	r := s.start(guard.Config{})
	ada, bob := s.issuer.token(s, "ada"), s.issuer.token(s, "bob")
	for _, values := range [][]string{
		{"Bearer " + ada, "Bearer " + bob}, {"Bearer " + ada, "Bearer " + ada}, {"Bearer " + ada, "Basic YWRhOmFkYQ=="}, {"Basic YWRhOmFkYQ==", "Bearer " + ada},
	} {
		r.refuses(request{header: http.Header{"Authorization": values}}, malformed)
	}
	r.admits(bearer(ada), foundOf("ada"))
}

func (s *scene) otherScheme() {
	r := s.start(guard.Config{})
	for _, value := range []string{"Basic YWRhOmFkYQ==", "Bearers " + s.issuer.token(s, "ada")} {
		r.refuses(request{header: http.Header{"Authorization": {value}}}, missing)
	}
}

// A client is told that a token has expired, since it can fetch a fresh one.
func (s *scene) expiredToken() {
	r := s.start(guard.Config{})
	token := s.issuer.token(s, "ada", func(c *jwt.Claims) {
		c.IssuedAt, c.ExpiresAt = s.issuer.now.Add(-2*time.Hour), s.issuer.now.Add(-time.Hour)
	})
	reply := r.refuses(bearer(token), invalid)
	if got := reply.Header.Get("WWW-Authenticate"); !strings.Contains(got, "expired") {
		s.Errorf("challenge %s does not say that the token has expired", got)
	}
}

func (s *scene) foreignTokens() {
	r := s.start(guard.Config{})
	stranger := newIssuer(s)
	good := s.issuer.token(s, "ada")
	signature := good[strings.LastIndex(good, "."):]
	other := s.issuer.token(s, "bob")
	for what, token := range map[string]string{
		"another audience":    s.issuer.token(s, "ada", func(c *jwt.Claims) { c.Audience = []string{"shop"} }),
		"another issuer":      s.issuer.token(s, "ada", func(c *jwt.Claims) { c.Issuer = "https://other.example.com" }),
		"another's key":       stranger.token(s, "ada"),
		"another's signature": other[:strings.LastIndex(other, ".")] + signature,
		"no signature":        strings.TrimSuffix(good, signature) + ".",
		"no token":            "abc",
	} {
		if got := r.refuses(bearer(token), invalid).Header.Get("WWW-Authenticate"); strings.Contains(got, "expired") {
			s.Errorf("%s: challenge %s", what, got)
		}
	}
	r.admits(bearer(good), foundOf("ada"))
}

func (s *scene) revokedToken() {
	revoked := revoke.NewList()
	r := s.start(guard.Config{Verifier: s.issuer.verifier(s, func(c *jeton.VerifierConfig) { c.Revoked = revoked })})
	ada, bob := s.issuer.token(s, "ada"), s.issuer.token(s, "bob")
	r.admits(bearer(ada), foundOf("ada"))
	revoked.Add(revoke.Entry{ID: revoke.IDOf("token of ada")})
	r.refuses(bearer(ada), invalid)
	r.admits(bearer(bob), foundOf("bob"))
}

func (s *scene) ownHeader() {
	r := s.start(guard.Config{Sources: []guard.Source{guard.Header("X-Access-Token"), guard.Header("Authorization", "JWT")}})
	token := s.issuer.token(s, "ada")
	r.admits(request{header: http.Header{"X-Access-Token": {token}}}, foundOf("ada"))
	r.admits(request{header: http.Header{"Authorization": {"JWT " + token}}}, foundOf("ada"))
	r.refuses(request{header: http.Header{"X-Access-Token": {token, token}}}, malformed)
	r.refuses(request{header: http.Header{"X-Access-Token": {token}, "Authorization": {"JWT " + token}}}, malformed)
	r.refuses(bearer(token), missing)
}

func optionalScenarios() []scenario {
	return []scenario{
		{"optional", (*scene).optional},
		{"optional: a principal stays with its request", (*scene).principalStays},
	}
}

func (s *scene) optional() {
	r := s.start(guard.Config{Optional: true})
	token := s.issuer.token(s, "ada")
	r.admits(request{}, nobody)
	r.admits(request{header: http.Header{"Authorization": {"Basic YWRhOmFkYQ=="}}}, nobody)
	r.admits(bearer(token), foundOf("ada"))
	r.refuses(bearer("abc"), invalid)
	r.refuses(request{header: http.Header{"Authorization": {"Bearer"}}}, malformed)
	r.refuses(request{header: http.Header{"Authorization": {"Bearer " + token, "Bearer " + token}}}, malformed)
}

// Requests of one connection may share the memory that they are kept in.
func (s *scene) principalStays() {
	r := s.start(guard.Config{Optional: true}, func(v *Server) { v.Users = users() })
	for _, subject := range []string{"ada", "bob", "ada"} {
		r.admits(bearer(s.issuer.token(s, subject)), foundOf(subject)+" User "+subject)
		r.admits(request{}, nobody)
		r.refuses(bearer(s.issuer.token(s, "gone")), invalid)
		r.admits(request{}, nobody)
	}
}

func permissionScenarios() []scenario {
	return []scenario{
		{"scopes and roles of the guard", (*scene).guardPermissions},
		{"scopes", (*scene).scopes},
		{"roles", (*scene).roles},
		{"a policy", (*scene).policy},
		{"permissions behind an optional guard", (*scene).optionalPermissions},
	}
}

// without returns a good token that lacks a claim.
func (s *scene) without(claim string) request {
	return bearer(s.issuer.token(s, "ada", func(c *jwt.Claims) { delete(c.Extra, claim) }))
}

func (s *scene) guardPermissions() {
	r := s.start(guard.Config{Scopes: []string{"news:write"}, Roles: []string{"admin", "editor"}})
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada"))
	r.names(r.refuses(s.without("scope"), forbidden), "news:write")
	r.refuses(s.without("roles"), forbidden)
	r.refuses(request{}, missing)
}

// names wants a challenge to say which scopes are needed.
func (r *route) names(reply Reply, scopes string) {
	r.Helper()
	if got := reply.Header.Get("WWW-Authenticate"); !strings.Contains(got, fmt.Sprintf("scope=%q", scopes)) {
		r.Errorf("challenge %s does not say that the scope %q is needed", got, scopes)
	}
}

func (s *scene) scopes() {
	r := s.start(guard.Config{}, func(v *Server) { v.Scopes = []string{"news:read", "news:write"} })
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada"))
	r.names(r.refuses(s.without("scope"), forbidden), "news:read news:write")
	r.refuses(request{}, missing)
}

func (s *scene) roles() {
	r := s.start(guard.Config{}, func(v *Server) { v.Roles = []string{"admin", "editor"} })
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada"))
	r.refuses(s.without("roles"), forbidden)
	r.refuses(request{}, missing)
}

func (s *scene) policy() {
	r := s.start(guard.Config{}, func(v *Server) { v.Policy = byName })
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada"))
	r.refuses(bearer(s.issuer.token(s, "denied")), forbidden)
	r.refuses(bearer(s.issuer.token(s, "blocked")), forbidden)
	r.refuses(bearer(s.issuer.token(s, "broken")), unavailable)
}

// What is refused further in is answered as the guard does it, with and without a principal.
func (s *scene) optionalPermissions() {
	for _, change := range []func(*Server){
		func(v *Server) { v.Scopes = []string{"news:write"} },
		func(v *Server) { v.Roles = []string{"editor"} },
		func(v *Server) { v.Policy = byName },
	} {
		r := s.start(guard.Config{Optional: true}, change)
		r.refuses(request{}, missing)
		r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada"))
	}
}
