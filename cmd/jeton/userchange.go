package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
)

func newUserPasswordCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "passwd EMAIL|ID",
		Short: "Set an account's password, and end its sessions",
		Args:  oneArgument("EMAIL or ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUser(cmd, args[0], func(auth *jeton.Auth, user *jeton.User) error {
				password, err := a.newPassword(cmd)
				if err != nil {
					return err
				}
				if err := auth.SetPassword(cmd.Context(), user.ID, password); err != nil {
					return invalid(err, userNames)
				}
				return a.sayUser(cmd, auth, user.ID, "changed the password of %s, and ended its sessions")
			})
		},
	}
	addPasswordFlag(cmd)
	addJSON(cmd)
	return cmd
}

func newUserDisableCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "disable EMAIL|ID",
		Short: "Disable an account, and end its sessions",
		Args:  arguments("EMAIL or ID"),
		RunE: a.onUser(func(ctx context.Context, auth *jeton.Auth, user *jeton.User, _ []string) error {
			return auth.SetDisabled(ctx, user.ID, true)
		}, "disabled %s, and ended its sessions"),
	}
	addJSON(cmd)
	return cmd
}

func newUserEnableCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "enable EMAIL|ID",
		Short: "Enable an account that was disabled",
		Args:  arguments("EMAIL or ID"),
		RunE: a.onUser(func(ctx context.Context, auth *jeton.Auth, user *jeton.User, _ []string) error {
			return auth.SetDisabled(ctx, user.ID, false)
		}, "enabled %s"),
	}
	addJSON(cmd)
	return cmd
}

func newUserDeleteCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete EMAIL|ID",
		Short: "Delete an account, and end its sessions",
		Args:  arguments("EMAIL or ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUser(cmd, args[0], func(auth *jeton.Auth, user *jeton.User) error { return a.deleteUser(cmd, auth, user) })
		},
	}
	addYes(cmd)
	addJSON(cmd)
	return cmd
}

func (a *app) deleteUser(cmd *cobra.Command, auth *jeton.Auth, user *jeton.User) error {
	shown := newShownUser(user)
	if err := a.confirm(cmd, "Delete "+printable(shown.label())); err != nil {
		return err
	}
	if err := auth.RemoveUser(cmd.Context(), user.ID); err != nil {
		return err
	}
	return a.say(cmd, shown, "deleted %s, and ended its sessions", shown.label())
}

func newUserRolesCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "roles EMAIL|ID [ROLE]...",
		Short: "Set an account's roles, and end its sessions",
		Long: `The roles named take the place of those that the account has. With --add and --remove the
others stay. Sessions end, since their tokens hold the old roles; if the account has just
these roles already, nothing changes.`,
		Example: `  jeton user roles ada@example.com admin editor
  jeton user roles ada@example.com --add auditor --remove editor
  jeton user roles ada@example.com --none`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return arguments("EMAIL or ID")(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.setRoles(cmd, args[0], args[1:]) },
	}
	cmd.Flags().StringArray("add", nil, "a `ROLE` to add; may be given several times")
	cmd.Flags().StringArray("remove", nil, "a `ROLE` to take away; may be given several times")
	cmd.Flags().Bool("none", false, "take all roles away")
	addJSON(cmd)
	return cmd
}

// rolesChange says what roles an account is to have.
type rolesChange struct {
	set, add, remove []string
	none             bool
}

func newRolesChange(cmd *cobra.Command, roles []string) (c rolesChange, err error) {
	c.set = roles
	var errs [3]error
	c.add, errs[0] = cmd.Flags().GetStringArray("add")
	c.remove, errs[1] = cmd.Flags().GetStringArray("remove")
	c.none, errs[2] = cmd.Flags().GetBool("none")
	if err := errors.Join(errs[:]...); err != nil {
		return c, err
	}
	ways := 0
	for _, given := range []bool{len(c.set) > 0, len(c.add)+len(c.remove) > 0, c.none} {
		if given {
			ways++
		}
	}
	switch {
	case ways == 0:
		return c, usageError{"ROLE is missing; --none takes all roles away"}
	case ways > 1:
		return c, usageError{"want roles, or --add and --remove, or --none" + hint(cmd, "")}
	}
	return c, nil
}

// of returns the roles that an account with these ones is to have, each once.
func (c rolesChange) of(roles []string) ([]string, error) {
	if len(c.set) > 0 || c.none {
		roles = c.set
	}
	next := slices.Concat(roles, c.add)
	for _, role := range c.remove {
		if !slices.Contains(next, role) {
			return nil, fmt.Errorf("the account has no role %q", role)
		}
		next = slices.DeleteFunc(next, func(r string) bool { return r == role })
	}
	return unique(next), nil
}

func unique(roles []string) []string {
	once := []string{}
	for _, role := range roles {
		if !slices.Contains(once, role) {
			once = append(once, role)
		}
	}
	return once
}

func (a *app) setRoles(cmd *cobra.Command, name string, roles []string) error {
	change, err := newRolesChange(cmd, roles)
	if err != nil {
		return err
	}
	return a.withUser(cmd, name, func(auth *jeton.Auth, user *jeton.User) error {
		next, err := change.of(user.Roles)
		if err != nil {
			return err
		}
		if slices.Equal(next, user.Roles) {
			return a.sayUser(cmd, auth, user.ID, "%s has these roles already")
		}
		if err := auth.SetRoles(cmd.Context(), user.ID, next); err != nil {
			return invalid(err, userNames)
		}
		said := "no roles"
		if len(next) > 0 {
			said = strings.Join(next, ", ")
		}
		return a.sayUser(cmd, auth, user.ID, "%s has now "+strings.ReplaceAll(said, "%", "%%")+"; its sessions are ended")
	})
}
