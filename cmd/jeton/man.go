package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

// newManCommand writes the manual pages. It is for those who make packages, and so not in the list of commands.
func newManCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIRECTORY",
		Short:  "Write a manual page for each command",
		Long:   `The pages carry the date of SOURCE_DATE_EPOCH, in seconds since 1970, or else today's.`,
		Args:   arguments("DIRECTORY"),
		Hidden: true,
		RunE:   func(cmd *cobra.Command, args []string) error { return a.writeManual(cmd.Root(), args[0]) },
	}
}

func (a *app) writeManual(root *cobra.Command, directory string) error {
	date := time.Now()
	if epoch := a.variable("SOURCE_DATE_EPOCH"); epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return fmt.Errorf("SOURCE_DATE_EPOCH: %q is no number of seconds since 1970", epoch)
		}
		date = time.Unix(seconds, 0)
	}
	date = date.UTC()
	if err := os.MkdirAll(directory, 0o755); err != nil { //nolint:gosec // manual pages are for everybody
		return err
	}
	showPlaceholders(root)
	return doc.GenManTree(root, &doc.GenManHeader{
		Section: "1", Date: &date, Source: "jeton " + version(), Manual: "jeton",
	}, directory)
}

// showPlaceholders makes the pages say --listen=ADDRESS: they print what is the default there.
func showPlaceholders(cmd *cobra.Command) {
	for _, flags := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) {
			if s, ok := f.Value.(*settingFlag); ok {
				f.DefValue = s.Type()
			}
		})
	}
	for _, below := range cmd.Commands() {
		showPlaceholders(below)
	}
}
