package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton/guard"
)

// Routes returns the method and path of every operation.
func (a *API) Routes() []string {
	var routes []string
	for _, e := range a.endpoints {
		routes = append(routes, e.op.Method+" "+e.op.Path)
	}
	return routes
}

// Codes returns every code of a problem.
func Codes() map[string]int {
	codes := map[string]int{}
	for code, k := range kinds {
		codes[code] = k.status
	}
	return codes
}

// OAuthName is how RFC 6749 calls a code; empty if it has no word for it.
func OAuthName(code string) string { return oauthKinds[code].name }

// ParseForm is parseForm with these names as the known ones.
func ParseForm(text string, known ...string) (map[string]string, error) {
	return parseForm(text, func(name string) bool { return slices.Contains(known, name) })
}

// BasicCredentials is basicCredentials.
func BasicCredentials(header http.Header) (name, password string, err error) {
	name, hidden, err := basicCredentials(header)
	return name, string(hidden), err
}

// Problem is a problem of this code.
func Problem(code string) huma.StatusError { return newProblem(code) }

// NewWithGuard is New with sources, CSRF and more of the operations' guard.
func NewWithGuard(cfg Config, protection guard.Config) (*API, error) { return newAPI(cfg, protection) }

// Encoded is encoded.
func Encoded(value string) string { return encoded(value) }

// DecodeObject is decodeObject.
func DecodeObject(text []byte) (map[string]any, error) { return decodeObject(text) }

// Secret is secret.
type Secret = secret

// These hold secrets.
type (
	SignUpBody        = signUpBody
	TokenBody         = tokenBody
	RevocationBody    = revocationBody
	IntrospectionBody = introspectionBody
	Tokens            = tokens
	CookieGrant       = cookieGrant
	Granted           = granted
)

// GrantedTokens is an answer with tokens.
func GrantedTokens(t Tokens) Granted { return granted{tokens: &t} }

// GrantedCookies is an answer whose tokens are in cookies.
func GrantedCookies(c CookieGrant) Granted { return granted{cookies: &c} }

// Waiting is how many requests wait for a revocation.
func (a *API) Waiting() int {
	a.waiters.mu.Lock()
	defer a.waiters.mu.Unlock()
	return len(a.waiters.all)
}

// Subscribed reports whether there is a subscription for those who wait.
func (a *API) Subscribed() bool {
	a.waiters.mu.Lock()
	defer a.waiters.mu.Unlock()
	return a.waiters.cancel != nil
}

// LimitWaiters bounds how many may wait, of all service clients and of one.
func (a *API) LimitWaiters(all, ofOne int) {
	a.waiters.mu.Lock()
	defer a.waiters.mu.Unlock()
	a.waiters.max, a.waiters.maxClient = all, ofOne
}

// AllowedWait is allowedWait.
func AllowedWait(server *http.Server, wait time.Duration) time.Duration {
	return allowedWait(server, wait)
}
