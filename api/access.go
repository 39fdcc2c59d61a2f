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
	"github.com/jetonauth/jeton/guard"
)

// tokens is the answer to a sign-up, sign-in or refresh (RFC 6749, section 5.1).
type tokens struct {
	_ struct{} `additionalProperties:"true"`

	AccessToken  string  `json:"access_token" doc:"A JWT (RFC 9068), for the Authorization header" example:"eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…"`
	TokenType    string  `json:"token_type" enum:"Bearer" doc:"How the access token is sent" example:"Bearer"`
	ExpiresIn    int64   `json:"expires_in" doc:"Seconds until the access token expires" example:"900"`
	RefreshToken string  `json:"refresh_token,omitempty" doc:"Buys the next tokens, once"`
	SessionID    string  `json:"session_id" doc:"The session that the tokens belong to"`
	Scope        *string `json:"scope,omitempty" doc:"The scopes of the access token, with spaces between them" example:"news:read"`
	User         *user   `json:"user,omitempty" doc:"The account, after a sign-up or sign-in"`
}

func newTokens(g *jeton.Grant) tokens {
	t := tokens{
		AccessToken: g.AccessToken, TokenType: "Bearer", ExpiresIn: int64(g.ExpiresIn / time.Second),
		RefreshToken: g.RefreshToken, SessionID: g.Session.ID,
	}
	if len(g.Session.Scopes) > 0 {
		t.Scope = new(strings.Join(g.Session.Scopes, " "))
	}
	return t
}

// newTokensWithUser is the answer to a sign-up or sign-in.
func newTokensWithUser(g *jeton.Grant, err error) (tokens, error) {
	if err != nil {
		return tokens{}, err
	}
	t, account := newTokens(g), newUser(g.User)
	t.User = &account
	return t, nil
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
		status: http.StatusCreated, answer: "The account, and the tokens of its first session",
		codes: []string{codeEmailTaken, codeSignUpClosed, codeRateLimited, codeBusy},
	}, jsonBody[signUpBody](a.registry()), a.signUp)
	add(a, operation{
		method: http.MethodPost, path: "/auth/login", id: "signIn", tag: tagAccess, summary: "Sign in",
		description: "Begins a session for who proves an identity, with an e-mail address and a password unless `strategy` says " +
			"otherwise. A wrong password, an unknown and a disabled account are answered alike.",
		status: http.StatusOK, answer: "The account, and the tokens of a new session",
		codes: []string{codeInvalidCredentials, codeChallenge, codeRateLimited, codeBusy},
	}, in, a.signIn)
	add(a, operation{
		method: http.MethodPost, path: "/auth/refresh", id: "refresh", tag: tagAccess, summary: "Get new tokens",
		description: "Exchanges a refresh token for a new access token and the next refresh token. The one before is still answered, " +
			"with the current one, for a short time: a retry after a lost answer does no harm. Used later, it ends the session.",
		status: http.StatusOK, answer: "The session's new tokens",
		codes: []string{codeInvalidGrant},
	}, jsonBody[refreshBody](a.registry()), a.refresh)
	a.addSignOut()
	return nil
}

func (a *API) addSignOut() {
	add(a, operation{
		method: http.MethodPost, path: "/auth/logout", id: "signOut", tag: tagAccess, summary: "Sign out",
		description: "Ends the session of `refresh_token`, or of the access token in the Authorization header, expired or not; if both " +
			"are there, `refresh_token` counts. A token that proves nothing is no error: nobody is signed in with it. `everywhere` ends " +
			"all sessions of the account, and needs `current_password` or a sign-in within the last 5 minutes.",
		status: http.StatusNoContent, answer: "Nobody is signed in with this token any more",
		codes: []string{codeInvalidCredentials, codeInvalidRequest, codeReauthenticate, codeRateLimited, codeBusy},
	}, jsonBody[signOutBody](a.registry()).orNone(), a.signOut)
	describeBearer(a.document)
	op := &a.endpoints[len(a.endpoints)-1].op
	op.Security = []map[string][]string{{}, {bearerScheme: {}}}
}

type signUpBody struct {
	Email    string `json:"email" doc:"E-mail address, to sign in with" format:"idn-email" maxLength:"254" example:"ada@example.com"`
	Password secret `json:"password" format:"password" doc:"Password, of 8 characters at least unless the server says otherwise" maxLength:"4096" example:"correct horse battery"`
	Name     string `json:"name,omitempty" doc:"What to be called" maxLength:"256" example:"Ada"`
}

func (a *API) signUp(ctx context.Context, c *call[signUpBody]) (tokens, error) {
	return newTokensWithUser(a.auth.SignUp(ctx, jeton.SignUpRequest{
		Email: c.body.Email, Password: string(c.body.Password), Name: c.body.Name, Client: c.client,
	}))
}

func (a *API) signIn(ctx context.Context, c *call[login]) (tokens, error) {
	grant, err := a.auth.SignIn(ctx, jeton.SignInRequest{
		Strategy: c.body.strategy, Credentials: c.body.credentials, Client: c.client,
	})
	if challenge, ok := errors.AsType[*jeton.Challenge](err); ok {
		if _, unwritable := json.Marshal(challenge.Data); unwritable != nil {
			err = fmt.Errorf("api: the challenge of strategy %q has no JSON form: %w", c.body.strategy, unwritable)
		}
	}
	return newTokensWithUser(grant, err)
}

type refreshBody struct {
	RefreshToken secret `json:"refresh_token" doc:"The latest refresh token"`
}

func (a *API) refresh(ctx context.Context, c *call[refreshBody]) (tokens, error) {
	return a.refreshed(ctx, c.body.RefreshToken, c.client)
}

// refreshed exchanges a refresh token.
func (a *API) refreshed(ctx context.Context, token secret, client jeton.Client) (tokens, error) {
	grant, err := a.auth.Refresh(ctx, jeton.RefreshRequest{Token: string(token), Client: client})
	if err != nil {
		return tokens{}, err
	}
	return newTokens(grant), nil
}

type signOutBody struct {
	RefreshToken    secret `json:"refresh_token,omitempty" doc:"A refresh token, in place of the access token in the Authorization header"`
	Everywhere      bool   `json:"everywhere,omitempty" doc:"End all sessions of the account" example:"false"`
	CurrentPassword secret `json:"current_password,omitempty" format:"password" doc:"The account's password, for everywhere" maxLength:"4096"`
}

func (a *API) signOut(ctx context.Context, c *call[signOutBody]) (none, error) {
	token := string(c.body.RefreshToken)
	if token == "" {
		var err error
		if token, err = a.bearerToken(ctx, c.request); err != nil || token == "" {
			return none{}, err
		}
	}
	return none{}, a.auth.SignOut(ctx, jeton.SignOutRequest{
		Token: token, Everywhere: c.body.Everywhere, CurrentPassword: string(c.body.CurrentPassword), Client: c.client,
	})
}

// bearerToken takes the token from a request where every guard takes it, and does not check it. It is empty if there is none.
func (a *API) bearerToken(ctx context.Context, r *http.Request) (string, error) {
	var caught string
	_, refusal := a.extractor.Check(context.WithValue(ctx, tokenCatcher{}, &caught), guard.FromRequest(r))
	if refusal != nil {
		return "", refusal
	}
	return caught, nil
}

// tokenCatcher is a verifier that proves nothing: it puts the token where its key in the context points to. It is its own key.
type tokenCatcher struct{}

// Verify keeps the token.
func (c tokenCatcher) Verify(ctx context.Context, token string) (*jeton.Principal, error) {
	caught, ok := ctx.Value(c).(*string)
	if !ok {
		return nil, jeton.ErrUnavailable
	}
	*caught = token
	return &jeton.Principal{}, nil
}
