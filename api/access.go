package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
)

// tokens is the answer to a sign-up, sign-in or refresh (RFC 6749, section 5.1).
type tokens struct {
	_ struct{} `additionalProperties:"true"`

	AccessToken  string `json:"access_token" doc:"A JWT (RFC 9068), for the Authorization header" example:"eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…"`
	TokenType    string `json:"token_type" enum:"Bearer" doc:"How the access token is sent" example:"Bearer"`
	ExpiresIn    int64  `json:"expires_in" doc:"Seconds until the access token expires" example:"900"`
	RefreshToken string `json:"refresh_token,omitempty" doc:"Buys the next tokens, once"`
	SessionID    string `json:"session_id" doc:"The session that the tokens belong to"`
	Scope        string `json:"scope,omitempty" doc:"The scopes of the access token, with spaces between them" example:"news:read"`
	User         *user  `json:"user,omitempty" doc:"The account, after a sign-up or sign-in"`
}

func newTokens(g *jeton.Grant) tokens {
	return tokens{
		AccessToken: g.AccessToken, TokenType: "Bearer", ExpiresIn: int64(g.ExpiresIn / time.Second),
		RefreshToken: g.RefreshToken, SessionID: g.Session.ID, Scope: strings.Join(g.Session.Scopes, " "),
	}
}

// String leaves the tokens out.
func (t tokens) String() string { return "tokens of session " + t.SessionID }

// GoString is the same as String.
func (t tokens) GoString() string { return t.String() }

// LogValue is the same as String.
func (t tokens) LogValue() slog.Value { return slog.StringValue(t.String()) }

// addAccess adds the operations that give tokens and take them back.
func (a *API) addAccess() error {
	in, err := newLoginBody(a.registry(), a.auth.Strategies())
	if err != nil {
		return err
	}
	add(a, operation{
		method: http.MethodPost, path: "/auth/signup", id: "signUp", tag: tagAccess, summary: "Make an account",
		description: "Makes an account with an e-mail address and a password, and signs it in. The address is compared without regard " +
			"to case.",
		status: http.StatusCreated, answer: "The account, and the tokens of its first session", cookies: true,
		codes: []string{codeEmailTaken, codeSignUpClosed, codeRateLimited, codeBusy},
	}, jsonBody[signUpBody](a.registry()), a.signUp)
	add(a, operation{
		method: http.MethodPost, path: "/auth/login", id: "signIn", tag: tagAccess, summary: "Sign in",
		description: "Begins a session for who proves an identity, with an e-mail address and a password unless `strategy` says " +
			"otherwise. A wrong password, an unknown and a disabled account are answered alike.",
		status: http.StatusOK, answer: "The account, and the tokens of a new session", cookies: true,
		codes: []string{codeInvalidCredentials, codeChallenge, codeRateLimited, codeBusy},
	}, in, a.signIn)
	a.addRefresh()
	a.addSignOut()
	return nil
}

type signUpBody struct {
	Email    string `json:"email" doc:"E-mail address, to sign in with" format:"idn-email" maxLength:"254" example:"ada@example.com"`
	Password secret `json:"password" format:"password" doc:"Password, of 8 characters at least unless the server says otherwise" maxLength:"4096" example:"correct horse battery"`
	Name     string `json:"name,omitempty" doc:"What to be called" maxLength:"256" example:"Ada"`
	Cookies  bool   `json:"cookies,omitempty" doc:"Give the tokens in cookies, and a CSRF value in the answer" example:"false"`
}

func (a *API) signUp(ctx context.Context, c *call[signUpBody]) (granted, error) {
	if err := a.cookies.offered(c.request, c.body.Cookies); err != nil {
		return granted{}, err
	}
	grant, err := a.auth.SignUp(ctx, jeton.SignUpRequest{
		Email: c.body.Email, Password: string(c.body.Password), Name: c.body.Name, Client: c.client, Cookies: c.body.Cookies,
	})
	if err != nil {
		return granted{}, err
	}
	return a.giveFirst(c.answer, grant, c.body.Cookies)
}

func (a *API) signIn(ctx context.Context, c *call[login]) (granted, error) {
	if err := a.cookies.offered(c.request, c.body.cookies); err != nil {
		return granted{}, err
	}
	grant, err := a.auth.SignIn(ctx, jeton.SignInRequest{
		Strategy: c.body.strategy, Credentials: c.body.credentials, Client: c.client, Cookies: c.body.cookies,
	})
	if challenge, ok := errors.AsType[*jeton.Challenge](err); ok {
		if _, unwritable := json.Marshal(challenge.Data); unwritable != nil {
			err = fmt.Errorf("api: the challenge of strategy %q has no JSON form: %w", c.body.strategy, unwritable)
		}
	}
	if err != nil {
		return granted{}, err
	}
	return a.giveFirst(c.answer, grant, c.body.cookies)
}
