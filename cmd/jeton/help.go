package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is how many columns --help takes.
const helpWidth = 100

// help is what --help prints.
func help(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n", cmd.Short)
	if cmd.Long != "" {
		fmt.Fprintf(&b, "\n%s\n", cmd.Long)
	}
	fmt.Fprintf(&b, "\nUsage:\n  %s\n", usageLine(cmd))
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	commands(&b, cmd)
	of, others := flagsOf(cmd)
	if of.HasAvailableFlags() {
		fmt.Fprintf(&b, "\nSettings:\n%s", of.FlagUsagesWrapped(helpWidth))
	}
	fmt.Fprintf(&b, "\nFlags:\n%s", others.FlagUsagesWrapped(helpWidth))
	return b.String()
}

func usageLine(cmd *cobra.Command) string {
	if cmd.HasAvailableSubCommands() {
		return cmd.CommandPath() + " COMMAND"
	}
	return cmd.UseLine()
}

func commands(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	b.WriteString("\nCommands:\n")
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			fmt.Fprintf(b, "  %-*s  %s\n", cmd.NamePadding(), c.Name(), c.Short)
		}
	}
}

// flagsOf takes the flags of settings and the others apart.
func flagsOf(cmd *cobra.Command) (ofSettings, others *pflag.FlagSet) {
	ofSettings, others = pflag.NewFlagSet("", pflag.ContinueOnError), pflag.NewFlagSet("", pflag.ContinueOnError)
	ofSettings.SortFlags, others.SortFlags = false, false
	add := func(f *pflag.Flag) {
		if _, ok := f.Value.(*settingFlag); ok {
			ofSettings.AddFlag(f)
		} else {
			others.AddFlag(f)
		}
	}
	cmd.LocalFlags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return ofSettings, others
}

// newHelpCommand prints the help of another command.
func newHelpCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]...",
		Short: "Say what a command does",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			about := cmd.Root()
			for _, name := range args {
				below, _, err := about.Find([]string{name})
				if err != nil || below == about {
					return unknownCommand(about, name)
				}
				about = below
			}
			about.InitDefaultHelpFlag()
			fmt.Fprint(a.out, help(about))
			return nil
		},
	}
}
