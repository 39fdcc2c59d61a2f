package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
)

func newCompletionCommand(a *app) *cobra.Command {
	shells := []cobra.Completion{"bash", "zsh", "fish"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print a script that makes a shell complete jeton's commands",
		Long: `For the shell that runs:

    bash   source <(jeton completion bash)
    zsh    source <(jeton completion zsh)
    fish   jeton completion fish | source

For every shell to come, put the script where the shell looks for such:

    bash   jeton completion bash > /etc/bash_completion.d/jeton
    zsh    jeton completion zsh > "${fpath[1]}/_jeton"
    fish   jeton completion fish > ~/.config/fish/completions/jeton.fish

bash needs its package bash-completion, and zsh "autoload -U compinit; compinit".`,
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			choices := ": bash, zsh or fish" + hint(cmd, "")
			switch {
			case len(args) == 0:
				return usageError{"the shell is missing" + choices}
			case !slices.Contains(shells, args[0]):
				return usageError{fmt.Sprintf("%q is no shell that jeton knows%s", args[0], choices)}
			}
			return arguments(args[0])(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch root := cmd.Root(); args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			default:
				return root.GenFishCompletion(a.out, true)
			}
		},
	}
}
