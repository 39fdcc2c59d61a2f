package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton/internal/settings"
)

func newConfigCommand(a *app) *cobra.Command {
	return newGroup(a, &cobra.Command{
		Use:   "config",
		Short: "Show and check the settings",
		Long: `A setting is a flag, a variable of the environment, and a key of jeton.yaml. A flag
wins over the environment, that over the file, and the file over the default.`,
	},
		newConfigShowCommand(a), newConfigCheckCommand(a))
}

func newConfigShowCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show the settings in effect, and where each came from",
		Args:  arguments(),
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.showConfig(cmd) },
	}
	addSettings(cmd)
	addJSON(cmd)
	return cmd
}

// shownSetting is a setting as `jeton config show --json` prints it.
type shownSetting struct {
	Key   string `json:"key"`
	Value any    `json:"value"` // a text, or a list of them
	From  string `json:"from"`
}

func (a *app) showConfig(cmd *cobra.Command) error {
	s, err := a.settings(cmd)
	if err != nil {
		return err
	}
	a.printWarnings(s)
	shown := struct {
		File     string         `json:"file,omitempty"`
		Settings []shownSetting `json:"settings"`
	}{File: s.File}
	t := table{header: []string{"KEY", "VALUE", "FROM"}}
	for _, e := range s.Entries() {
		from := e.Origin.String()
		shown.Settings = append(shown.Settings, shownSetting{e.Key, e.Value, from})
		t.rows = append(t.rows, []string{e.Key, settingText(e), from})
	}
	return a.show(cmd, shown, t)
}

// settingText is a value in a table: in brackets what holds without one.
func settingText(e settings.Entry) string {
	text := fmt.Sprint(e.Value)
	if list, ok := e.Value.([]string); ok {
		text = strings.Join(list, ", ")
	}
	if text == "" {
		text = "(" + e.Otherwise + ")"
	}
	return text
}

func (a *app) printWarnings(s *settings.Settings) {
	for _, warning := range s.Warnings {
		fmt.Fprintf(a.err, "jeton: warning: %s\n", printable(warning))
	}
}

func newConfigCheckCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the settings, and say all that is wrong with them",
		Long: `Reads jeton.yaml, the environment and the flags as jeton serve does, and starts nothing.
It says all that is wrong, a line each, and exits with status 1 if there is anything.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.checkConfig(cmd) },
	}
	addSettings(cmd)
	return cmd
}

func (a *app) checkConfig(cmd *cobra.Command) error {
	s, err := a.serverSettings(cmd)
	if err != nil {
		return err
	}
	a.printWarnings(s)
	if s.File == "" {
		fmt.Fprintf(a.out, "no %s: the other settings are good\n", settings.DefaultFile)
		return nil
	}
	fmt.Fprintf(a.out, "%s: good\n", s.File)
	return nil
}
