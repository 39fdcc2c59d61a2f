// Command compare runs the comparison of jeton with other libraries and writes RESULTS.md.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/jetonauth/jeton/bench/internal/compare"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	const file = "RESULTS.md"
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	rounds := flags.Int("rounds", 30, fmt.Sprintf("how often everything is measured; below %d the report says that they are too few", compare.FewestRounds))
	turn := flags.Duration("time", 60*time.Millisecond, "how long each measurement takes")
	only := flags.String("only", "", "sections to run, with commas: "+strings.Join(compare.Sections(), ", "))
	out := flags.String("out", "", "the file to write; by default "+file+", with -only the standard output")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	cfg := compare.Config{
		Rounds:   *rounds,
		Turn:     *turn,
		Command:  strings.Join(append([]string{"go run ./cmd/compare"}, arguments...), " "),
		Progress: func(what string) { fmt.Fprintln(os.Stderr, what) },
	}
	if *only != "" {
		cfg.Only = strings.Split(*only, ",")
	}
	report, err := compare.Run(ctx, cfg)
	if err != nil {
		return err
	}
	if *out == "" && *only != "" {
		_, err := os.Stdout.WriteString(report)
		return err
	}
	return os.WriteFile(cmp.Or(*out, file), []byte(report), 0o644) //nolint:gosec // a report is for everybody
}
