// Command jeton runs the authentication server, and manages what it keeps.
//
//	jeton serve
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/jetonauth/jeton/internal/settings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	status := run(ctx, os.Args[1:], &app{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, isTerminal: isTerminal, environ: os.Environ(),
	})
	stop()
	os.Exit(status)
}

// The exit statuses of the program.
const (
	statusGood   = 0
	statusFailed = 1 // something is wrong, and a line on the error stream says what; or the answer is no
	statusUsage  = 2 // the command line names no command, flag or argument that there is
)

// usageError is a command line that cannot be understood.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// errSaid ends a command that has failed and has said all there is to say.
var errSaid = errors.New("failed")

// run runs one command line and returns the exit status.
func run(ctx context.Context, args []string, a *app) int {
	root := newRootCommand(a)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return statusGood
	}
	if !errors.Is(err, errSaid) {
		for line := range strings.Lines(describe(err)) {
			fmt.Fprintf(a.err, "jeton: %s\n", printable(strings.TrimSuffix(line, "\n")))
		}
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return statusUsage
	}
	return statusFailed
}

// describe is an error in one line, or one for each thing that is wrong with the settings.
func describe(err error) string {
	if problems, ok := errors.AsType[settings.Problems](err); ok {
		return problems.Error()
	}
	return strings.ReplaceAll(strings.ReplaceAll(err.Error(), "\n", "; "), "jeton: ", "")
}
