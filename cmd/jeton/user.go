package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
)

func newUserCommand(a *app) *cobra.Command {
	group := newGroup(a, &cobra.Command{
		Use:   "user",
		Short: "Manage accounts",
		Long: `These commands work in the data directory, also beside a running server, where they take
effect within a second. An account is named by its e-mail address or its id.`,
		Example: `  jeton user add ada@example.com --name "Ada Lovelace" --role admin
  jeton user disable ada@example.com
  jeton user list --json`,
	},
		newUserAddCommand(a), newUserListCommand(a), newUserShowCommand(a), newUserPasswordCommand(a), newUserRolesCommand(a),
		newUserDisableCommand(a), newUserEnableCommand(a), newUserDeleteCommand(a), newUserImportCommand(a))
	addServiceSettings(group)
	return group
}

// shownUser is an account as it is printed.
type shownUser struct {
	ID                string    `json:"id"`
	Email             string    `json:"email"`
	Name              string    `json:"name"`
	Roles             []string  `json:"roles"`
	Disabled          bool      `json:"disabled"`
	CreatedAt         time.Time `json:"created_at"`
	UpdatedAt         time.Time `json:"updated_at"`
	PasswordChangedAt time.Time `json:"password_changed_at,omitzero"` // absent if there is no password
}

func newShownUser(u *jeton.User) shownUser {
	shown := shownUser{
		ID: u.ID, Email: u.Email, Name: u.Name, Roles: append([]string{}, u.Roles...), Disabled: u.Disabled,
		CreatedAt: u.CreatedAt.UTC(), UpdatedAt: u.UpdatedAt.UTC(),
	}
	if u.PasswordHash != "" {
		shown.PasswordChangedAt = u.PasswordChangedAt.UTC()
	}
	return shown
}

// label is what an account is called in messages.
func (u shownUser) label() string {
	if u.Email != "" {
		return u.Email
	}
	return u.ID
}

func (u shownUser) state() string {
	if u.Disabled {
		return "disabled"
	}
	return "enabled"
}

// findUser returns the account that somebody names by its e-mail address or id.
func findUser(ctx context.Context, auth *jeton.Auth, name string) (*jeton.User, error) {
	find, kind := auth.Account, "id"
	if strings.Contains(name, "@") {
		find, kind = auth.AccountByEmail, "e-mail address"
	}
	user, err := find(ctx, name)
	if errors.Is(err, jeton.ErrNotFound) && !errors.Is(err, jeton.ErrUnavailable) {
		return nil, fmt.Errorf("no account has the %s %q", kind, name)
	}
	return user, err
}

// userNames are what the fields of an account are called on the command line.
var userNames = map[string]string{"email": "EMAIL", "password": "Password", "name": "--name", "roles": "roles"}

// onUser returns what a command does whose first argument names an account: act, and then say what has become of the account.
func (a *app) onUser(act func(ctx context.Context, auth *jeton.Auth, user *jeton.User, args []string) error, said string,
) func(cmd *cobra.Command, args []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return a.withUser(cmd, args[0], func(auth *jeton.Auth, user *jeton.User) error {
			if err := act(cmd.Context(), auth, user, args[1:]); err != nil {
				return invalid(err, userNames)
			}
			return a.sayUser(cmd, auth, user.ID, said)
		})
	}
}

// withUser opens the service and finds an account in it.
func (a *app) withUser(cmd *cobra.Command, name string, do func(*jeton.Auth, *jeton.User) error) (err error) {
	service, err := a.service(cmd, existing)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	user, err := findUser(cmd.Context(), service.Auth(), name)
	if err != nil {
		return err
	}
	return do(service.Auth(), user)
}

// sayUser prints an account as it is now, or a line about it.
func (a *app) sayUser(cmd *cobra.Command, auth *jeton.Auth, id, format string) error {
	user, err := auth.Account(cmd.Context(), id)
	if err != nil {
		return err
	}
	shown := newShownUser(user)
	return a.say(cmd, shown, format, shown.label())
}
