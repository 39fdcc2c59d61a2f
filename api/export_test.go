package api

import (
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

// Problem is a problem of this code.
func Problem(code string) huma.StatusError { return newProblem(code) }

// Carrier is a request as a guard sees it.
func Carrier(ctx huma.Context) guard.Carrier { return humaCarrier{ctx} }

// DecodeObject is decodeObject.
func DecodeObject(text []byte) (map[string]any, error) { return decodeObject(text) }

// Secret is secret.
type Secret = secret

// SignUpBody and Tokens hold secrets.
type (
	SignUpBody = signUpBody
	Tokens     = tokens
)
