package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is set by the linker for a released binary.
var release string //nolint:gochecknoglobals // set by the linker

// build is what `jeton version` prints.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"` // the commit is not all there is
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func thisBuild() build {
	b := build{Version: release, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if ok && b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "development version"
	}
	if ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	return b
}

// version is that of the release, or of the module that was built.
func version() string { return thisBuild().Version }

func (b build) String() string {
	text := fmt.Sprintf("jeton %s (%s, %s", b.Version, b.Go, b.Platform)
	if b.Commit != "" {
		text += ", commit " + b.Commit[:min(12, len(b.Commit))]
	}
	if b.Modified {
		text += " and changes"
	}
	return text + ")"
}

func newVersionCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.printVersion(cmd)
		},
	}
	addJSON(cmd)
	return cmd
}

func (a *app) printVersion(cmd *cobra.Command) error {
	b := thisBuild()
	if asJSON, err := cmd.Flags().GetBool(jsonFlag); err == nil && asJSON {
		return printJSON(a.out, b)
	}
	_, err := fmt.Fprintln(a.out, b)
	return err
}

// addVersionFlag makes the root command understand --version, and print its help if there is nothing else to do.
func (a *app) addVersionFlag(root *cobra.Command) {
	asked := root.Flags().BoolP("version", "v", false, "print the version and exit")
	otherwise := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case *asked:
			return a.printVersion(cmd)
		case len(args) == 0:
			_, err := fmt.Fprint(a.out, help(cmd))
			return err
		default:
			return otherwise(cmd, args)
		}
	}
}
