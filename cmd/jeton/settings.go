package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/jetonauth/jeton/internal/settings"
)

// configSetting names the file of settings; it is a setting of no file.
func configSetting() settings.Definition {
	return settings.Definition{
		Key: "config", Placeholder: "FILE", Help: "file of settings",
		Otherwise: settings.DefaultFile + ", if it is in the working directory",
	}
}

// settingFlag is the text that a flag gives to a setting. It takes any: the settings are judged together.
type settingFlag struct {
	definition settings.Definition
	text       string
	given      bool
}

// Set takes a text; of a list, one that is added.
func (f *settingFlag) Set(text string) error {
	if f.given && f.definition.List() {
		text = f.text + "," + text
	}
	f.text, f.given = text, true
	return nil
}

func (f *settingFlag) String() string { return f.text }

// Type is what stands for the value in --help.
func (f *settingFlag) Type() string { return f.definition.Placeholder }

// usage is what --help says of a setting.
func usage(d settings.Definition) string {
	return fmt.Sprintf("%s (%s; default: %s)", d.Help, d.Variable(), cmp.Or(d.Default, d.Otherwise))
}

// addSettings gives a command the flags of settings, all of them or those with these keys, and --config.
func addSettings(cmd *cobra.Command, keys ...string) { addSettingsTo(cmd, cmd.Flags(), keys) }

// addServiceSettings gives a command and those below it the flags that say where the service is.
func addServiceSettings(cmd *cobra.Command) {
	addSettingsTo(cmd, cmd.PersistentFlags(), []string{"data", "database", "issuer", "log_format", "log_level"})
}

func addSettingsTo(cmd *cobra.Command, flags *pflag.FlagSet, keys []string) {
	cmd.Flags().SortFlags, flags.SortFlags = false, false // in the order of the list
	for _, d := range append([]settings.Definition{configSetting()}, settings.Definitions()...) {
		if d.Secret || len(keys) > 0 && d.Key != configSetting().Key && !slices.Contains(keys, d.Key) {
			continue
		}
		flags.AddFlag(&pflag.Flag{
			Name: d.Flag(), Usage: usage(d), Value: &settingFlag{definition: d},
		})
		if err := cmd.RegisterFlagCompletionFunc(d.Flag(), completeSetting(d)); err != nil {
			panic(err) // the flag was added above
		}
	}
}

func completeSetting(d settings.Definition) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch {
		case d.Key == configSetting().Key:
			return []cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		case d.Key == "data":
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
		return d.Choices(), cobra.ShellCompDirectiveNoFileComp
	}
}

// givenSettings returns the settings that flags give, by key.
func givenSettings(flags *pflag.FlagSet) map[string]string {
	given := map[string]string{}
	flags.VisitAll(func(f *pflag.Flag) {
		if s, ok := f.Value.(*settingFlag); ok && s.given {
			given[s.definition.Key] = s.text
		}
	})
	return given
}
