package api

import (
	"context"
	"net/http"

	"github.com/jetonauth/jeton"
)

// addSignOut adds the operation that ends a session.
func (a *API) addSignOut() {
	description := "Ends the session of `refresh_token`, or of the access token in the Authorization header, expired or not; if both " +
		"are there, `refresh_token` counts. A token that proves nothing is no error: nobody is signed in with it. `everywhere` ends " +
		"all sessions of the account, and needs `current_password` or a sign-in within the last 5 minutes."
	if a.cookies.areThere() {
		description += " If neither is there, the cookies count. The answer removes them from the browser."
	}
	add(a, operation{
		method: http.MethodPost, path: "/auth/logout", id: "signOut", tag: tagAccess, summary: "Sign out", description: description,
		example: map[string]any{},
		status:  http.StatusNoContent, answer: "Nobody is signed in with this token any more", cookies: true,
		codes: []string{codeInvalidCredentials, codeInvalidRequest, codeReauthenticate, codeRateLimited, codeBusy},
	}, jsonBody[signOutBody](a.registry()).orNone(), a.signOut)
	describeBearer(a.document)
	op := &a.endpoints[len(a.endpoints)-1].op
	op.Security = []map[string][]string{{}, {bearerScheme: {}}}
	if a.cookies.areThere() {
		op.Security = append(op.Security, a.byAccessCookie(), a.byRefreshCookie())
	}
}

type signOutBody struct {
	RefreshToken    secret `json:"refresh_token,omitempty" doc:"A refresh token, in place of the access token in the Authorization header"`
	Everywhere      bool   `json:"everywhere,omitempty" doc:"End all sessions of the account" example:"false"`
	CurrentPassword secret `json:"current_password,omitempty" format:"password" doc:"The account's password, for everywhere" maxLength:"4096"`
}

// signOut ends what the request names. Then the browser forgets its cookies, whichever token counted: who signs out does not mean to
// stay signed in. A page of another site cannot make it do so.
func (a *API) signOut(ctx context.Context, c *call[signOutBody]) (none, error) {
	tokens, err := a.signedInWith(c)
	if err != nil {
		return none{}, err
	}
	for _, token := range tokens {
		err := a.auth.SignOut(ctx, jeton.SignOutRequest{
			Token: token, Everywhere: c.body.Everywhere, CurrentPassword: string(c.body.CurrentPassword), Client: c.client,
		})
		if err != nil {
			return none{}, err
		}
	}
	if a.cookies.sameOrigin(c.request) == nil {
		a.cookies.clear(c.answer)
	}
	return none{}, nil
}

// signedInWith returns the tokens by which a request says who it is: the one that it says explicitly, or those of the browser's cookies.
func (a *API) signedInWith(c *call[signOutBody]) ([]string, error) {
	if c.body.RefreshToken != "" {
		return []string{string(c.body.RefreshToken)}, nil
	}
	token, err := caught(a.bearer, c.request)
	if err != nil || token != "" {
		return []string{token}, err
	}
	return a.cookies.tokens(c.request)
}
