package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// Where the operations for OAuth 2.0 clients are.
const (
	tokenPath         = "/oauth/token"
	revocationPath    = "/oauth/revoke"
	introspectionPath = "/oauth/introspect"
)

// addOAuth adds the operations for ready-made OAuth 2.0 clients.
func (a *API) addOAuth() {
	add(a, operation{
		method: http.MethodPost, path: tokenPath, id: "exchangeToken", tag: tagOAuth, oauth: true,
		summary: "Get new tokens, as OAuth has it",
		description: "The same as `POST /auth/refresh`, as RFC 6749, section 6 has it: `refresh_token` is the one grant type. Clients are " +
			"public and do not authenticate; their `client_id` proves nothing and is not compared. The tokens have the scope of " +
			"the session, which the answer names; a `scope` that asks for more is refused.",
		status: http.StatusOK, answer: "The session's new tokens", admit: withoutBasic,
		codes: []string{codeUnsupportedGrantType, codeInvalidGrant, codeInvalidScope, codeInvalidCredentials, codeRateLimited},
	}, formBody[tokenBody](a.registry()), a.exchange)
	add(a, operation{
		method: http.MethodPost, path: revocationPath, id: "revokeToken", tag: tagOAuth, oauth: true,
		summary: "Revoke a token",
		description: "Revokes a token of this service, as RFC 7009 has it: who has it may. A refresh token ends its session, and so does an " +
			"access token of a session; another access token is revoked by itself. A token that is no good any more is no error.",
		status: http.StatusOK, answer: "Nobody is let in with this token any more",
		codes: []string{codeUnsupportedTokenType},
	}, formBody[revocationBody](a.registry()), a.revoke)
	a.addIntrospection()
}

type tokenBody struct {
	_ struct{} `additionalProperties:"true"`

	GrantType    string `json:"grant_type" enum:"refresh_token" doc:"How the tokens are earned" example:"refresh_token"`
	RefreshToken secret `json:"refresh_token" doc:"The latest refresh token"`
	ClientID     string `json:"client_id,omitempty" doc:"What the client calls itself" example:"first-party"`
	ClientSecret secret `json:"client_secret,omitempty" doc:"Refused: clients do not authenticate here" deprecated:"true"`
	Scope        string `json:"scope,omitempty" doc:"Scopes with single spaces between them" example:"news:read"`
}

// exchange is the refresh of /auth/refresh for an OAuth client.
func (a *API) exchange(ctx context.Context, c *call[tokenBody]) (granted, error) {
	switch {
	case c.body.ClientSecret != "":
		return granted{}, notHere()
	case c.body.GrantType == "":
		return granted{}, missing("grant_type")
	case c.body.GrantType != "refresh_token":
		return granted{}, newProblem(codeUnsupportedGrantType)
	case c.body.RefreshToken == "":
		return granted{}, missing("refresh_token")
	case !isScope(c.body.Scope):
		return granted{}, newProblem(codeInvalidScope)
	}
	if err := a.checkScope(ctx, string(c.body.RefreshToken), c.body.Scope); err != nil {
		return granted{}, err
	}
	return a.refreshed(ctx, c.answer, jeton.RefreshRequest{Token: string(c.body.RefreshToken), Client: c.client})
}

// checkScope refuses to ask for more than the session of a refresh token has (RFC 6749, section 6), before the token is used up. What is wrong
// with the token is for the refresh to find, which notices thieves.
func (a *API) checkScope(ctx context.Context, token, scope string) error {
	if scope == "" {
		return nil
	}
	session, err := a.auth.SessionOf(ctx, token)
	switch {
	case err != nil && a.problemOf(err).Code == codeInvalidGrant:
		return nil
	case err != nil:
		return err
	}
	for word := range strings.SplitSeq(scope, " ") {
		if !slices.Contains(session.Scopes, word) {
			p := newProblem(codeInvalidScope)
			p.Detail = "The session does not have all of the scope."
			return p
		}
	}
	return nil
}

// isScope reports whether text is empty or a scope (RFC 6749, section 3.3).
func isScope(text string) bool {
	if text == "" {
		return true
	}
	for word := range strings.SplitSeq(text, " ") {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			return false
		}
	}
	return true
}

type revocationBody struct {
	_ struct{} `additionalProperties:"true"`

	Token secret `json:"token" doc:"An access token, or a refresh token"`
	Hint  string `json:"token_type_hint,omitempty" doc:"Which of them it is. A wrong one does no harm." example:"refresh_token"`
}

// isRefreshToken tells the kinds of tokens apart, by their form: a JWT has dots, a refresh token has none.
func isRefreshToken(token string) bool { return !strings.Contains(token, ".") }

// revoke revokes a token of either kind.
func (a *API) revoke(ctx context.Context, c *call[revocationBody]) (none, error) {
	token := string(c.body.Token)
	if token == "" {
		return none{}, missing("token")
	}
	if isRefreshToken(token) {
		return none{}, a.auth.SignOut(ctx, jeton.SignOutRequest{Token: token, Client: c.client})
	}
	p, err := a.principal(ctx, token)
	switch {
	case err != nil || p == nil:
		return none{}, err
	case p.TokenID() == "" && p.Session() == "":
		return none{}, newProblem(codeUnsupportedTokenType)
	}
	return none{}, a.auth.RevokeToken(ctx, p, c.client)
}

// principal is who the service's own guard would take the bearer of an access token for: nobody, nil, if the token is refused.
func (a *API) principal(ctx context.Context, token string) (*jeton.Principal, error) {
	p, refusal := a.guard.Check(ctx, bearer(token))
	switch {
	case refusal == nil:
		return p, nil
	case refusal.Code == guard.InvalidToken, refusal.Code == guard.InvalidRequest:
		return nil, nil
	}
	return nil, refusal
}

// bearer is a request of which there is nothing but its access token.
type bearer string

var _ guard.Carrier = bearer("")

// Method is empty.
func (bearer) Method() string { return "" }

// Host is empty.
func (bearer) Host() string { return "" }

// Header returns the token in its header.
func (b bearer) Header(name string) []string {
	if name != "Authorization" {
		return nil
	}
	return []string{"Bearer " + string(b)}
}

// Query returns nothing.
func (bearer) Query(string) []string { return nil }
