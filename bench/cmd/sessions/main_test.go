package main

import (
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/bench/internal/scale"
	"github.com/jetonauth/jeton/bench/internal/sessions"
)

// A run too short to mean anything has everything in it that a long one has.
func TestRun(t *testing.T) {
	// Not parallel: it is a measurement.
	chosen := slices.DeleteFunc(sessions.Sections(), func(name string) bool { return name == "reads" })
	figures := filepath.Join(t.TempDir(), "figures.json")
	var out strings.Builder
	err := run(t.Context(), []string{
		"-rounds", "1", "-time", "1ms", "-clients", "1,2", "-sessions", "70", "-revocations", "20000", "-only", strings.Join(chosen, ","), "-figures", figures,
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	report := out.String()
	if n := strings.Count(report, "\n## "); n != len(chosen) {
		t.Errorf("%d sections, want %d", n, len(chosen))
	}
	want := []string{
		"1 rounds are too few to publish", "Date: 20", "\n### SQLite, one client\n", "\n### SQLite, 2 clients at once\n", "| bare UPDATE | ", "| store.AdvanceSession | ",
		"| Auth.Refresh | ", "| POST /auth/refresh | ", "| store.EndSessions | ", "| the password's hash alone | ", "| SQLite, limits in memory | ",
		"counted 5 times", "| 1,000 live | ", "| 20,000 live | ", "| SQLite, a session, refreshed | ",
	}
	postgres := !strings.Contains(report, "PostgreSQL is left out")
	if postgres {
		want = append(want, "\n### PostgreSQL, 2 clients at once\n", "| PostgreSQL, fillfactor 80, a session, refreshed | ")
	}
	for _, text := range want {
		if !strings.Contains(report, text) {
			t.Errorf("the report lacks %q", text)
		}
	}
	if bad := regexp.MustCompile(`.*(NaN|Inf|%!).*`).FindString(report); bad != "" {
		t.Errorf("the report has a number that is none: %s", bad)
	}
	found, err := scale.Read(figures)
	if err != nil {
		t.Fatal(err)
	}
	if found.Hash == 0 || found.Check == 0 || postgres && (found.RefreshesPerSecond == 0 || found.SignOutsPerSecond == 0 || found.SessionDisk == 0) {
		t.Errorf("figures are missing: %+v", found)
	}
	if t.Failed() {
		t.Log(report)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{
		{"-only", "taste"}, {"-rounds", "0"}, {"-time", "0s"}, {"-clients", "0"}, {"-clients", "x"}, {"-sessions", "0"}, {"-revocations", "0"}, {"-x"},
	} {
		if err := run(t.Context(), arguments, io.Discard); err == nil {
			t.Errorf("%q were taken", arguments)
		}
	}
}
