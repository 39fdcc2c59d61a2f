package api

import (
	"context"
	"net/http"
	"time"

	"github.com/jetonauth/jeton"
)

// user is an account as its owner sees it.
type user struct {
	_ struct{} `additionalProperties:"true"`

	ID        string    `json:"id" doc:"Random, and never used again" example:"q3u2v7c5n4m1x8z6k9j0h2g4f7"`
	Email     string    `json:"email" doc:"E-mail address, as it was typed; empty if there is none" example:"ada@example.com"`
	Name      string    `json:"name" doc:"What to be called; empty if there is none" example:"Ada"`
	Roles     []string  `json:"roles" nullable:"false" doc:"Roles, which access tokens carry"`
	CreatedAt time.Time `json:"created_at" doc:"When the account was made, in UTC"`
	UpdatedAt time.Time `json:"updated_at" doc:"When the account was last changed, in UTC"`
}

func newUser(u *jeton.User) user {
	return user{
		ID: u.ID, Email: u.Email, Name: u.Name, Roles: append([]string{}, u.Roles...),
		CreatedAt: u.CreatedAt.UTC(), UpdatedAt: u.UpdatedAt.UTC(),
	}
}

// addAccount adds the operations on one's own account.
func (a *API) addAccount() {
	add(a, operation{
		method: http.MethodGet, path: "/auth/me", id: "getAccount", tag: tagAccount, protected: true, summary: "See the account",
		description: "The account that the access token is for.",
		status:      http.StatusOK, answer: "The account",
	}, nil, a.me)
	add(a, operation{
		method: http.MethodPatch, path: "/auth/me", id: "changeAccount", tag: tagAccount, protected: true,
		example: map[string]any{"name": "Ada Lovelace"},
		summary: "Change the account",
		description: "Changes what the body names, and leaves the rest. Another e-mail address needs `current_password`, or a sign-in " +
			"within the last 5 minutes.",
		status: http.StatusOK, answer: "The account, changed",
		codes: []string{codeInvalidCredentials, codeReauthenticate, codeEmailTaken, codeRateLimited, codeBusy},
	}, jsonBody[accountBody](a.registry()), a.changeAccount)
	add(a, operation{
		method: http.MethodDelete, path: "/auth/me", id: "deleteAccount", tag: tagAccount, protected: true,
		example: map[string]any{"current_password": "correct horse battery"},
		summary: "Delete the account",
		description: "Deletes the account and ends all its sessions. It needs `current_password`, or a sign-in within the last 5 " +
			"minutes; with the latter, the body may be left out.",
		status: http.StatusNoContent, answer: "The account is gone", cookies: true,
		codes: []string{codeInvalidCredentials, codeReauthenticate, codeRateLimited, codeBusy},
	}, jsonBody[deletionBody](a.registry()).orNone(), a.deleteAccount)
	add(a, operation{
		method: http.MethodPost, path: "/auth/password", id: "changePassword", tag: tagAccount, protected: true,
		summary:     "Change the password",
		description: "Sets another password, and ends all other sessions of the account.",
		status:      http.StatusNoContent, answer: "The password is changed",
		codes: []string{codeInvalidCredentials, codeConflict, codeRateLimited, codeBusy},
	}, jsonBody[passwordBody](a.registry()), a.changePassword)
}

func (a *API) me(ctx context.Context, c *call[none]) (user, error) {
	u, err := a.auth.Account(ctx, c.principal.Subject())
	if err != nil {
		return user{}, subjectGone(err)
	}
	return newUser(u), nil
}

type accountBody struct {
	Name            *string `json:"name,omitempty" doc:"What to be called" maxLength:"256" example:"Ada Lovelace"`
	Email           *string `json:"email,omitempty" doc:"Another e-mail address" format:"idn-email" maxLength:"254" example:"ada@example.org"`
	CurrentPassword secret  `json:"current_password,omitempty" format:"password" doc:"The account's password, for another address" maxLength:"4096"`
}

func (a *API) changeAccount(ctx context.Context, c *call[accountBody]) (user, error) {
	u, err := a.auth.ChangeAccount(ctx, c.principal, jeton.AccountChange{
		Name: c.body.Name, Email: c.body.Email, CurrentPassword: string(c.body.CurrentPassword), Client: c.client,
	})
	if err != nil {
		return user{}, subjectGone(err)
	}
	return newUser(u), nil
}

type deletionBody struct {
	CurrentPassword secret `json:"current_password,omitempty" format:"password" doc:"The account's password" maxLength:"4096"`
}

func (a *API) deleteAccount(ctx context.Context, c *call[deletionBody]) (none, error) {
	err := a.auth.DeleteAccount(ctx, c.principal, jeton.DeletionRequest{
		CurrentPassword: string(c.body.CurrentPassword), Client: c.client,
	})
	if err == nil {
		err = a.forget(c.request, c.answer)
	}
	return none{}, subjectGone(err)
}

// forget removes the cookies of a request that was let in by one of them.
func (a *API) forget(r *http.Request, answer http.Header) error {
	token, err := caught(a.bearer, r)
	if err == nil && token == "" {
		a.cookies.clear(answer)
	}
	return err
}

type passwordBody struct {
	CurrentPassword secret `json:"current_password" format:"password" doc:"The password until now" maxLength:"4096" example:"correct horse battery"`
	NewPassword     secret `json:"new_password" format:"password" doc:"The password from now on" maxLength:"4096" example:"staple battery horse"`
}

func (a *API) changePassword(ctx context.Context, c *call[passwordBody]) (none, error) {
	err := a.auth.ChangePassword(ctx, c.principal, jeton.ChangePasswordRequest{
		Current: string(c.body.CurrentPassword), New: string(c.body.NewPassword), Client: c.client,
	})
	return none{}, subjectGone(err)
}
