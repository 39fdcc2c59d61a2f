package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
)

const passwordFlag = "password-stdin"

// addPasswordFlag gives a command that asks for a password the flag that lets it come from elsewhere.
func addPasswordFlag(cmd *cobra.Command) {
	cmd.Flags().Bool(passwordFlag, false, "read the password from standard input, up to the end of the line")
}

// newPassword asks for a password on the terminal, or reads it from standard input if a flag says so: otherwise a loop that reads
// a list of addresses there would have its next line taken for a password.
func (a *app) newPassword(cmd *cobra.Command) (string, error) {
	given, err := cmd.Flags().GetBool(passwordFlag)
	if err != nil {
		return "", err
	}
	if !given && !a.isTerminal(a.in) {
		return "", errors.New("Password: there is no terminal to ask on; --password-stdin reads it from standard input") //nolint:staticcheck // begins as the prompt does
	}
	return a.newSecret(cmd.Context(), "Password")
}

func newUserAddCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add EMAIL",
		Short: "Add an account",
		Long: `The password is asked for on the terminal, or read from standard input with --password-stdin.
If there is no data directory yet, it is made, so that there can be an account before the
first start of the server.`,
		Example: `  jeton user add ada@example.com --name "Ada Lovelace" --role admin --role editor
  jeton user add bob@example.com --password-stdin < password.txt`,
		Args: oneArgument("EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.addUser(cmd, args[0]) },
	}
	cmd.Flags().String("name", "", "the `NAME` that the user is called by")
	cmd.Flags().StringArray("role", nil, "a `ROLE`, which access tokens will have; may be given several times")
	addPasswordFlag(cmd)
	addJSON(cmd)
	return cmd
}

func (a *app) addUser(cmd *cobra.Command, email string) error {
	name, err := cmd.Flags().GetString("name")
	if err != nil {
		return err
	}
	roles, err := cmd.Flags().GetStringArray("role")
	if err != nil {
		return err
	}
	if _, ok := jeton.EmailKey(email); !ok { // before anybody types a password
		return fmt.Errorf("EMAIL %q is not an e-mail address", email)
	}
	password, err := a.newPassword(cmd)
	if err != nil {
		return err
	}
	return a.createUser(cmd, jeton.NewUser{Email: email, Password: password, Name: name, Roles: roles})
}

func (a *app) createUser(cmd *cobra.Command, u jeton.NewUser) (err error) {
	service, err := a.service(cmd, created)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	user, err := service.Auth().CreateUser(cmd.Context(), u)
	if errors.Is(err, jeton.ErrEmailTaken) {
		return fmt.Errorf("another account has the e-mail address %q", u.Email)
	}
	if err != nil {
		return invalid(err, userNames)
	}
	shown := newShownUser(user)
	return a.say(cmd, shown, "added %s with the id %s", shown.label(), shown.ID)
}
