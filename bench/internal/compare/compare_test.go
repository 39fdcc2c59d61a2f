package compare_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/bench/internal/compare"
)

// A run too short to mean anything has everything in it that a long one has.
func TestRun(t *testing.T) {
	// Not parallel: it is a measurement.
	report, err := compare.Run(t.Context(), compare.Config{
		Rounds: 2, Turn: 200 * time.Microsecond, Command: "go test", Progress: func(string) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"`go test`", "2 rounds are too few to publish", "Date: 20", "GOMAXPROCS", "go1."}
	for _, algorithm := range bench.Algorithms() {
		want = append(want, "\n### "+string(algorithm)+"\n")
	}
	for _, library := range bench.Libraries() {
		want = append(want, "\n| "+library.Name+" | ")
	}
	for _, protection := range bench.Protections() {
		want = append(want, "\n| "+protection.Name+" | ")
	}
	for _, text := range want {
		if !strings.Contains(report, text) {
			t.Errorf("the report lacks %q", text)
		}
	}
	if n := strings.Count(report, "\n## "); n != len(compare.Sections()) {
		t.Errorf("%d headings for %d sections", n, len(compare.Sections()))
	}
	if bad := regexp.MustCompile(`.*(NaN|Inf|%!).*`).FindString(report); bad != "" {
		t.Errorf("the report has a number that is none: %s", bad)
	}
	checkTables(t, report)
	if t.Failed() {
		t.Log(report)
	}
}

// checkTables checks that each table has as many cells in each row.
func checkTables(t *testing.T, report string) {
	t.Helper()
	cells := 0
	for line := range strings.Lines(report) {
		n := strings.Count(line, "|")
		if cells != 0 && n != 0 && n != cells {
			t.Errorf("a row of %d cells in a table of %d: %s", n-1, cells-1, line)
		}
		cells = n
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	good := compare.Config{Rounds: 1, Turn: time.Millisecond, Progress: func(string) {}}
	for what, change := range map[string]func(*compare.Config){
		"unknown section": func(c *compare.Config) { c.Only = []string{"verify", "taste"} },
		"no rounds":       func(c *compare.Config) { c.Rounds = 0 },
		"no time":         func(c *compare.Config) { c.Turn = 0 },
	} {
		cfg := good
		change(&cfg)
		if report, err := compare.Run(t.Context(), cfg); err == nil || report != "" {
			t.Errorf("%s: %q, %v", what, report, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	good.Only = []string{"loopback"}
	if _, err := compare.Run(ctx, good); !errors.Is(err, context.Canceled) {
		t.Errorf("%v after the context ended", err)
	}
}
