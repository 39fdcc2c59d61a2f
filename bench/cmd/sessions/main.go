// Command sessions measures what sessions cost, and writes SESSIONS.md and the figures that cmd/scale makes sums of.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jetonauth/jeton/bench/internal/sessions"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run measures, and writes what it has found.
func run(ctx context.Context, arguments []string, out io.Writer) error {
	flags := flag.NewFlagSet("sessions", flag.ContinueOnError)
	rounds := flags.Int("rounds", 20, fmt.Sprintf("how often everything is measured; below %d the report says that they are too few", sessions.FewestRounds))
	turn := flags.Duration("time", 60*time.Millisecond, "how long the shortest measurement takes; those that write take several times as long")
	clients := flags.String("clients", "1,8,32", "how many clients are at it at once, with commas")
	rows := flags.Int("sessions", 100_000, "sessions, accounts and revocations in each database")
	revocations := flags.Int("revocations", 10_000_000, "live revocations in a node's memory")
	only := flags.String("only", "", "sections to run, with commas: "+strings.Join(sessions.Sections(), ", "))
	file := flags.String("out", "", "the file to write; by default SESSIONS.md, with -only the standard output")
	figures := flags.String("figures", "", "the file of figures to write; by default sessions.json, with -only none")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	cfg := sessions.Config{
		Rounds: *rounds, Turn: *turn, Sessions: *rows, Revocations: *revocations,
		Command:  strings.Join(append([]string{"go run ./cmd/sessions"}, arguments...), " "),
		Progress: func(what string) { fmt.Fprintln(os.Stderr, what) },
	}
	for text := range strings.SplitSeq(*clients, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("sessions: -clients: %w", err)
		}
		cfg.Clients = append(cfg.Clients, n)
	}
	if *only != "" {
		cfg.Only = strings.Split(*only, ",")
	}
	report, found, err := sessions.Run(ctx, cfg)
	if err != nil {
		return err
	}
	if *only == "" {
		*file, *figures = cmp.Or(*file, "SESSIONS.md"), cmp.Or(*figures, "sessions.json")
	}
	if *figures != "" {
		if err := found.Write(*figures); err != nil {
			return err
		}
	}
	if *file == "" {
		_, err := io.WriteString(out, report)
		return err
	}
	return os.WriteFile(*file, []byte(report), 0o644) //nolint:gosec // a report is for everybody
}
