package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

const yesFlag = "yes"

// addYes gives a command that asks before it acts the flag --yes.
func addYes(cmd *cobra.Command) { cmd.Flags().BoolP(yesFlag, "y", false, "do not ask") }

// oneArgument is [arguments] for commands whose other arguments may be secrets by mistake, such as a part of a token that was not put
// in quotes: they are not repeated in the error.
func oneArgument(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usageError{"there is more than " + name + ", which may need quotes" + hint(cmd, "")}
		}
		return arguments(name)(cmd, args)
	}
}

// confirm asks a person whether to go on, such as "Delete ada@example.com". Where there is no terminal to ask on, --yes must say so.
func (a *app) confirm(cmd *cobra.Command, question string) error {
	if yes, err := cmd.Flags().GetBool(yesFlag); err != nil || yes {
		return err
	}
	if !a.isTerminal(a.in) {
		return usageError{"--yes is needed where there is no terminal to ask on" + hint(cmd, "")}
	}
	fmt.Fprintf(a.err, "%s? [y/N] ", question)
	answer, err := a.answer(cmd.Context())
	if err != nil {
		fmt.Fprintln(a.err)
		return fmt.Errorf("nothing was changed: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("nothing was changed")
}

// answer reads a line, but not longer than the context lasts.
func (a *app) answer(ctx context.Context) (string, error) {
	type entered struct {
		text string
		err  error
	}
	line := make(chan entered, 1)
	go func() { // who is interrupted leaves it behind, and the process ends
		text, err := a.readLine()
		line <- entered{text, err}
	}()
	select {
	case e := <-line:
		return e.text, e.err
	case <-ctx.Done():
		return "", errors.New("interrupted")
	}
}
