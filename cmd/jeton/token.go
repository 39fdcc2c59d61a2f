package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

func newTokenCommand(a *app) *cobra.Command {
	group := newGroup(a, &cobra.Command{
		Use:   "token",
		Short: "Make, check and explain access tokens",
		Example: `  jeton token sign --subject reports --scope reports:read --ttl 1h
  jeton token verify - < token.txt
  jeton token explain - --issuer https://auth.example.com < token.txt`,
	},
		newTokenSignCommand(a), newTokenVerifyCommand(a), newTokenExplainCommand(a))
	group.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 && strings.Contains(args[0], ".") { // a token, which is not repeated in an error
			return usageError{"a command is missing before the token: verify or explain" + hint(cmd, "")}
		}
		return nil
	}
	return group
}

// maxTokenText is how much is read as a token, in bytes: more than any verifier accepts.
const maxTokenText = 2 << 20

// tokenText returns the token of the command line, or with "-" that of standard input, without the line break at its end.
func (a *app) tokenText(argument string) (string, error) {
	if argument != "-" {
		return argument, nil
	}
	data, err := io.ReadAll(io.LimitReader(a.in, maxTokenText+1))
	if err != nil {
		return "", fmt.Errorf("TOKEN: standard input: %w", err)
	}
	if len(data) > maxTokenText {
		return "", fmt.Errorf("TOKEN: standard input has more than %d bytes", maxTokenText)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if text == "" {
		return "", errors.New("TOKEN: there is none in standard input")
	}
	return text, nil
}
