package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/jetonauth/jeton/internal/settings"
)

// newRootCommand returns the whole command line. A command is a function of the app in a file of its own, and a line here.
func newRootCommand(a *app) *cobra.Command {
	root := newGroup(a, &cobra.Command{
		Use:   "jeton",
		Short: "JWT authentication: sign-up, sign-in, sessions, and tokens that any service can check",
		Example: `  jeton serve
  jeton config show`,
	},
		newServeCommand(a),
		newUserCommand(a),
		newKeysCommand(a),
		newTokenCommand(a),
		newClientCommand(a),
		newMigrateCommand(a),
		newCopyCommand(a),
		newConfigCommand(a),
		newVersionCommand(a),
		newCompletionCommand(a),
		newManCommand(a),
	)
	root.SilenceErrors, root.SilenceUsage, root.DisableAutoGenTag = true, true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetHelpCommand(newHelpCommand(a))
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(a.out, help(cmd)) })
	root.SetFlagErrorFunc(flagError)
	a.addVersionFlag(root)
	return root
}

// newGroup returns a command that only has others below it. Alone it is an error, after the help that lists them.
func newGroup(a *app, group *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	group.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownCommand(cmd, args[0])
		}
		fmt.Fprintf(a.err, "%s\n", help(cmd))
		return usageError{"a command is missing"}
	}
	group.Args = cobra.ArbitraryArgs
	group.AddCommand(commands...)
	return group
}

func unknownCommand(group *cobra.Command, name string) error {
	var names []string
	for _, c := range group.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return usageError{fmt.Sprintf("unknown command %q%s", name, hint(group, settings.Nearest(name, names)))}
}

// hint ends a message about a name that there is not.
func hint(cmd *cobra.Command, nearest string) string {
	if nearest != "" {
		return fmt.Sprintf("; did you mean %s?", nearest)
	}
	return fmt.Sprintf("; see %s --help", cmd.CommandPath())
}

// flagError says what is wrong with a flag of the command line.
func flagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			return usageError{"unknown flag -" + name + hint(cmd, "")}
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		nearest := settings.Nearest(name, names)
		if nearest != "" {
			nearest = "--" + nearest
		}
		return usageError{"unknown flag --" + name + hint(cmd, nearest)}
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usageError{fmt.Sprintf("--%s needs a value%s", missing.GetFlag().Name, hint(cmd, ""))}
	}
	return usageError{err.Error() + hint(cmd, "")}
}

// arguments checks that a command gets its arguments: one for each name, those in brackets or not.
func arguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > len(names) {
			return usageError{fmt.Sprintf("unexpected argument %q%s", args[len(names)], hint(cmd, ""))}
		}
		if len(args) < len(names) && !strings.HasPrefix(names[len(args)], "[") {
			return usageError{fmt.Sprintf("%s is missing%s", names[len(args)], hint(cmd, ""))}
		}
		return nil
	}
}
