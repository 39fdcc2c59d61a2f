package api

import (
	"context"
	"net/http"

	"github.com/jetonauth/jeton"
)

// addRefresh adds the operation that exchanges a refresh token.
func (a *API) addRefresh() {
	in := jsonBody[refreshBody](a.registry())
	description := "Exchanges a refresh token for a new access token and the next refresh token. The one before is still answered, " +
		"with the current one, for a short time: a retry after a lost answer does no harm. Used later, it ends the session."
	if a.cookies.areThere() {
		in = in.orNone()
		description += " Without `refresh_token` in the body, which may then be left out, the token is the one in the cookie, and so are the " +
			"tokens of the answer. It counts only beside the cookie with the CSRF value of the same session, which browsers send with it."
	} else {
		schema := a.registry().SchemaFromRef(in.schema.Ref)
		schema.Required = append(schema.Required, "refresh_token")
	}
	add(a, operation{
		method: http.MethodPost, path: "/auth/refresh", id: "refresh", tag: tagAccess, summary: "Get new tokens", description: description,
		status: http.StatusOK, answer: "The session's new tokens", cookies: true,
		codes: []string{codeInvalidGrant, codeInvalidRequest},
	}, in, a.refresh)
	if a.cookies.areThere() {
		op := &a.endpoints[len(a.endpoints)-1].op
		op.Security = []map[string][]string{{}, a.byRefreshCookie()}
	}
}

type refreshBody struct {
	RefreshToken secret `json:"refresh_token,omitempty" doc:"The latest refresh token"`
}

// refresh takes the token of the body, which says explicitly what a cookie does not, or that of the cookie.
func (a *API) refresh(ctx context.Context, c *call[refreshBody]) (granted, error) {
	if c.body.RefreshToken != "" {
		return a.refreshed(ctx, c.answer, jeton.RefreshRequest{Token: string(c.body.RefreshToken), Client: c.client})
	}
	token, err := caught(a.cookies.refreshCookie, c.request)
	switch {
	case err != nil:
		return granted{}, err
	case token == "": // as if it were dead: browsers drop cookies in time, and pages have to know one answer only
		return granted{}, jeton.ErrInvalidGrant
	}
	if err := a.cookies.admit(c.request); err != nil {
		return granted{}, err
	}
	answer, err := a.refreshedByCookie(ctx, c, token)
	if err != nil && a.problemOf(err).Code == codeInvalidGrant { // and nothing else: trouble of the service's own signs nobody out
		a.cookies.clear(c.answer)
	}
	return answer, err
}

// refreshedByCookie exchanges a token whose cookie may have been planted by another host of the same site, for somebody else's session to take
// the place of the user's: the cookie has a path of its own, so that browsers allow it no prefix that forbids that. The one with the CSRF value
// has such a prefix, and has to be of the same session.
func (a *API) refreshedByCookie(ctx context.Context, c *call[refreshBody], token string) (granted, error) {
	csrf := c.request.CookiesNamed(a.cookies.csrf.name)
	if len(csrf) != 1 || csrf[0].Value == "" {
		return granted{}, jeton.ErrInvalidGrant
	}
	return a.refreshed(ctx, c.answer, jeton.RefreshRequest{Token: token, Client: c.client, Cookies: true, CSRF: csrf[0].Value})
}

// refreshed exchanges a refresh token.
func (a *API) refreshed(ctx context.Context, header http.Header, request jeton.RefreshRequest) (granted, error) {
	grant, err := a.auth.Refresh(ctx, request)
	if err != nil {
		return granted{}, err
	}
	return a.give(header, grant, request.Cookies)
}
