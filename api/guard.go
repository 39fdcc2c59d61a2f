package api

import "github.com/jetonauth/jeton/guard"

// Guard returns a guard for the application's own routes that accepts what the operations do: the access token in the Authorization header or,
// if the service has cookies, in its cookie, with protection from other sites ([guard.CSRF]). With zero fields it verifies with the service and logs as it does.
// The cookie is added to cfg.Sources, and the trusted origins to those of cfg.CSRF. The error names the field of cfg that is wrong.
func (a *API) Guard(cfg guard.Config) (*guard.Guard, error) {
	if cfg.Verifier == nil {
		cfg.Verifier = a.auth
	}
	if cfg.Logger == nil {
		cfg.Logger = a.log
	}
	return guard.New(a.cookies.accepted(cfg))
}
