package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asCommand makes the test binary be the command itself, for tests that need a process of their own.
const asCommand = "JETON_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"jeton": main})
}

// TestScripts runs command lines as they are typed, and compares what they say to the letter.
func TestScripts(t *testing.T) {
	t.Parallel()
	deadline := time.Now().Add(10 * time.Minute)
	if end, ok := t.Deadline(); ok {
		deadline = end.Add(-time.Minute) // a server that starts although it should not is an error, and no panic
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", os.Getenv("GORACE")) // how the race detector behaves, if it is there
			return nil
		},
		Deadline: deadline,
	})
}

// testApp is an app without standard input, terminal and environment.
func testApp(out, errs io.Writer) *app {
	return &app{in: strings.NewReader(""), out: out, err: errs, isTerminal: func(any) bool { return false }}
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	for line, want := range map[string]int{
		"":                                     statusGood,
		"--help":                               statusGood,
		"serve --help":                         statusGood,
		"help serve":                           statusGood,
		"version":                              statusGood,
		"config check":                         statusGood,
		"config check --listen here":           statusFailed,
		"config show --limits maybe":           statusFailed,
		"config check --config " + missing:     statusFailed,
		"serve --listen here":                  statusFailed,
		"serve --listen":                       statusUsage,
		"serve here":                           statusUsage,
		"serve --nonsense":                     statusUsage,
		"serve -x":                             statusUsage,
		"dance":                                statusUsage,
		"config":                               statusUsage,
		"config dance":                         statusUsage,
		"help dance":                           statusUsage,
		"completion":                           statusUsage,
		"completion tcsh":                      statusUsage,
		"man":                                  statusUsage,
		"version --json=maybe":                 statusUsage,
		"serve --listen here --listen=nowhere": statusFailed,
	} {
		var out, errs bytes.Buffer
		if got := run(t.Context(), strings.Fields(line), testApp(&out, &errs)); got != want {
			t.Errorf("jeton %s: exit status %d, want %d; it says %s%s", line, got, want, &out, &errs)
		}
		if (errs.Len() > 0) != (want != statusGood) {
			t.Errorf("jeton %s: the error stream has %q", line, &errs)
		}
	}
}
