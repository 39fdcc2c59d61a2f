package api

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strings"

	"github.com/jetonauth/jeton"
)

// addIntrospection adds the operation by which a service asks what a token is worth.
func (a *API) addIntrospection() {
	add(a, operation{
		method: http.MethodPost, path: introspectionPath, id: "introspectToken", tag: tagOAuth, oauth: true,
		summary: "Ask what a token is worth",
		description: "Says whether an access token is good, and for whom, as RFC 7662 has it. It is for services that cannot verify one by " +
			"themselves. Whatever this service would not let in is not active. A refresh token is active as long as it can be exchanged, and " +
			"asking does not use it up. The caller is a service client with the scope `introspect`.",
		status: http.StatusOK, answer: "What the token is worth now", admit: a.mayIntrospect,
		codes: []string{codeInvalidCredentials, codeInsufficientScope},
	}, formBody[introspectionBody](a.registry()), a.introspect)
	describeBasic(a.document)
	a.endpoints[len(a.endpoints)-1].op.Security = []map[string][]string{{basicScheme: {}}}
}

type introspectionBody struct {
	_ struct{} `additionalProperties:"true"`

	Token secret `json:"token" doc:"The token"`
	Hint  string `json:"token_type_hint,omitempty" doc:"Which kind of token it is. A wrong one does no harm." example:"access_token"`
}

// introspection is what a token is worth (RFC 7662, section 2.2). It has nothing personal.
type introspection struct {
	_ struct{} `additionalProperties:"true"`

	Active    bool     `json:"active" doc:"Whether the token is good now. If it is not, nothing else is told."`
	Scope     string   `json:"scope,omitempty" doc:"Its scopes, with spaces between them" example:"news:read"`
	ClientID  string   `json:"client_id,omitempty" doc:"The client that it was issued to" example:"first-party"`
	TokenType string   `json:"token_type,omitempty" doc:"How it is sent: Bearer; or refresh_token if it is one" example:"Bearer"`
	ExpiresAt int64    `json:"exp,omitempty" doc:"When it expires, in seconds since 1970" example:"1893456900"`
	IssuedAt  int64    `json:"iat,omitempty" doc:"When it was issued, in seconds since 1970" example:"1893456000"`
	NotBefore int64    `json:"nbf,omitempty" doc:"When it begins to be good, in seconds since 1970"`
	Subject   string   `json:"sub,omitempty" doc:"The account that it is for" example:"q3u2v7c5n4m1x8z6k9j0h2g4f7"`
	Audience  []string `json:"aud,omitempty" nullable:"false" doc:"The services that it is for"`
	Issuer    string   `json:"iss,omitempty" doc:"Who issued it" example:"https://auth.example.com"`
	TokenID   string   `json:"jti,omitempty" doc:"Names it"`
	SessionID string   `json:"sid,omitempty" doc:"The session that it belongs to"`
	Roles     []string `json:"roles,omitempty" nullable:"false" doc:"Roles of the account"`
}

// mayIntrospect lets service clients in that have the scope. Anybody else's body is not read.
func (a *API) mayIntrospect(r *http.Request) error {
	_, err := a.serviceClient(r, jeton.ScopeIntrospect)
	return err
}

func (a *API) introspect(ctx context.Context, c *call[introspectionBody]) (introspection, error) {
	if c.body.Token == "" {
		return introspection{}, missing("token")
	}
	token := string(c.body.Token)
	if isRefreshToken(token) {
		return a.introspectRefreshToken(ctx, token)
	}
	p, err := a.principal(ctx, token)
	if err != nil || p == nil {
		return introspection{}, err
	}
	return newIntrospection(p)
}

// introspectRefreshToken tells what a session is that has a refresh token. It is none of the session's uses.
func (a *API) introspectRefreshToken(ctx context.Context, token string) (introspection, error) {
	s, err := a.auth.SessionOf(ctx, token)
	switch {
	case err != nil && a.problemOf(err).Code == codeInvalidGrant:
		return introspection{}, nil
	case err != nil:
		return introspection{}, err
	}
	return introspection{
		Active: true, TokenType: "refresh_token", Scope: strings.Join(s.Scopes, " "), ExpiresAt: endOf(s).Unix(),
		ClientID: a.auth.ClientID(), Subject: s.UserID, Issuer: a.auth.Issuer(), SessionID: s.ID,
	}, nil
}

// newIntrospection tells what is known of a token that is good.
func newIntrospection(p *jeton.Principal) (introspection, error) {
	claims := map[string]json.RawMessage{} // a struct would match names loosely
	if err := p.Claims(&claims); err != nil {
		return introspection{}, err
	}
	return introspection{
		Active: true, TokenType: "Bearer", Scope: strings.Join(p.Scopes(), " "), ClientID: claim[string](claims, "client_id"),
		ExpiresAt: p.ExpiresAt().Unix(), IssuedAt: seconds(claims, "iat"), NotBefore: seconds(claims, "nbf"),
		Subject: p.Subject(), Audience: audience(claims), Issuer: p.Issuer(), TokenID: p.TokenID(), SessionID: p.Session(),
		Roles: p.Roles(),
	}, nil
}

// claim is the claim name if it is a T.
func claim[T any](claims map[string]json.RawMessage, name string) (value T) {
	var read T
	if text, there := claims[name]; there && json.Unmarshal(text, &read) == nil {
		return read
	}
	return value
}

// seconds is a time as a whole number, which a claim need not be (RFC 7519, section 2).
func seconds(claims map[string]json.RawMessage, name string) int64 {
	return int64(math.Floor(claim[float64](claims, name)))
}

// audience is a list, whether the claim is one or not.
func audience(claims map[string]json.RawMessage) []string {
	if one := claim[string](claims, "aud"); one != "" {
		return []string{one}
	}
	return claim[[]string](claims, "aud")
}
