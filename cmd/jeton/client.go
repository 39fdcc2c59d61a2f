package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
)

func newClientCommand(a *app) *cobra.Command {
	group := newGroup(a, &cobra.Command{
		Use:   "client",
		Short: "Manage the services that may ask about tokens",
		Long: `A service client has a name and a secret, by which it may ask a running server at
/oauth/introspect what a token is worth, or follow what is revoked. What is changed here
takes effect in the server at once.`,
		Example: `  jeton client add billing --scope introspect
  jeton client list
  jeton client remove billing`,
	},
		newClientAddCommand(a), newClientListCommand(a), newClientRemoveCommand(a))
	addServiceSettings(group)
	return group
}

// clientNames are what the fields of a client are called on the command line.
var clientNames = map[string]string{"name": "NAME", "scopes": "--scope"}

func newClientAddCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a service client, and print its secret",
		Long: `The secret is printed once and kept nowhere. It is all that goes to standard output:

    jeton client add billing --scope introspect > billing.secret

If there is no data directory yet, it is made.`,
		Example: `  jeton client add billing --scope introspect
  jeton client add gateway --scope introspect,revocations --json`,
		Args: arguments("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.addClient(cmd, args[0]) },
	}
	cmd.Flags().StringSlice("scope", nil,
		"what it may do, a `SCOPE` or several with commas: "+jeton.ScopeIntrospect+", "+jeton.ScopeRevocations)
	if err := cmd.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions(
		[]cobra.Completion{jeton.ScopeIntrospect, jeton.ScopeRevocations}, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was added above
	}
	addJSON(cmd)
	return cmd
}

func (a *app) addClient(cmd *cobra.Command, name string) (err error) {
	scopes, err := cmd.Flags().GetStringSlice("scope")
	if err != nil {
		return err
	}
	service, err := a.service(cmd, created)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	secret, err := service.Auth().AddServiceClient(cmd.Context(), name, scopes)
	if errors.Is(err, jeton.ErrConflict) {
		return fmt.Errorf("there is a client %q already; remove it for a new secret", name)
	}
	if err != nil {
		return invalid(err, clientNames)
	}
	if asJSON, err := cmd.Flags().GetBool(jsonFlag); err != nil || asJSON {
		return printJSON(a.out, struct {
			Name   string `json:"name"`
			Secret string `json:"secret"`
		}{name, secret})
	}
	fmt.Fprintf(a.err, "added the client %s; its secret, which is not shown again:\n", name)
	_, err = fmt.Fprintln(a.out, secret)
	return err
}

func newClientListCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the service clients",
		Args:  arguments(),
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.listClients(cmd) },
	}
	addJSON(cmd)
	return cmd
}

func (a *app) listClients(cmd *cobra.Command) (err error) {
	service, err := a.service(cmd, existing)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	clients, err := service.Auth().ServiceClients(cmd.Context())
	if err != nil {
		return err
	}
	t := table{header: []string{"NAME", "SCOPES", "CREATED"}, none: "no clients"}
	for _, c := range clients {
		t.rows = append(t.rows, []string{c.Name, strings.Join(c.Scopes, ","), stamp(c.CreatedAt)})
	}
	if clients == nil {
		clients = []*jeton.ServiceClient{} // in JSON a list in any case
	}
	return a.show(cmd, clients, t)
}

func newClientRemoveCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a service client, whose secret is refused from then on",
		Args:  arguments("NAME"),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.removeClient(cmd, args[0]) },
	}
	addJSON(cmd)
	return cmd
}

func (a *app) removeClient(cmd *cobra.Command, name string) (err error) {
	service, err := a.service(cmd, existing)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	err = service.Auth().RemoveServiceClient(cmd.Context(), name)
	if errors.Is(err, jeton.ErrNotFound) && !errors.Is(err, jeton.ErrUnavailable) {
		return fmt.Errorf("there is no client %q", name)
	}
	if err != nil {
		return err
	}
	return a.say(cmd, struct {
		Name    string `json:"name"`
		Removed bool   `json:"removed"`
	}{name, true}, "removed the client %s", name)
}
