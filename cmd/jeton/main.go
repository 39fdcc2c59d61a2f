// Command jeton runs the authentication server.
//
//	jeton serve
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands are the subcommands and what they share.
type commands struct {
	Serve   serve            `cmd:"" help:"Run the server."`
	Version kong.VersionFlag `help:"Print the version and exit." short:"v"`
}

// streams are where a command writes: results to out, everything else to err.
type streams struct{ out, err io.Writer }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	status := run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
	stop()
	os.Exit(status)
}

// run runs one command line and returns the exit status: 0, or 1 after one line on the error stream that says what is wrong.
func run(ctx context.Context, args []string, s streams) int {
	err := dispatch(ctx, args, s)
	if err == nil || errors.Is(err, errExit) {
		return 0
	}
	line := strings.ReplaceAll(strings.ReplaceAll(err.Error(), "\n", "; "), "jeton: ", "")
	fmt.Fprintf(s.err, "jeton: %s\n", line)
	return 1
}

// errExit ends a command line that asked for help or the version, after it was printed.
var errExit = errors.New("exit")

func dispatch(ctx context.Context, args []string, s streams) (err error) {
	var cli commands
	defer func() {
		if exit := recover(); exit == errExit { //nolint:errorlint // the very value that Exit below panics with
			err = errExit
		} else if exit != nil {
			panic(exit)
		}
	}()
	parser, err := kong.New(&cli,
		kong.Name("jeton"),
		kong.Description("JWT authentication: sign-up, sign-in, sessions, and tokens that any service can check."),
		kong.Vars{"version": version()},
		kong.Writers(s.out, s.err),
		kong.Exit(func(int) { panic(errExit) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w; see jeton --help", err)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run(s)
}
