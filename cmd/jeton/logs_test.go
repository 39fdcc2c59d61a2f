package main

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton/internal/settings"
)

func TestLogsAwayFromATerminal(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		settings.FormatAuto: `{"time":"`, settings.FormatJSON: `{"time":"`, settings.FormatText: `time=`,
	} {
		var errs bytes.Buffer
		testApp(io.Discard, &errs).newLogs(settings.Values{LogFormat: format}).logger().Info("hello", "a", "b")
		if !strings.HasPrefix(errs.String(), want) || !strings.Contains(errs.String(), "hello") {
			t.Errorf("%s: %s", format, &errs)
		}
	}
}

// A logger that somebody has kept goes with the settings.
func TestLogsChange(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	l := testApp(io.Discard, &errs).newLogs(settings.Values{LogFormat: settings.FormatText, LogLevel: slog.LevelWarn})
	kept := l.logger().With("one", 1).WithGroup("group").With("two", 2)
	sibling := kept.With("three", 3)
	kept.Info("not written")
	kept.Warn("first", "x", "y")
	l.use(settings.Values{LogFormat: settings.FormatJSON, LogLevel: slog.LevelDebug})
	kept.Debug("second", "x", "y")
	sibling.Info("third")
	l.use(settings.Values{LogFormat: settings.FormatText, LogLevel: slog.LevelError})
	kept.Warn("not written")
	want := []string{
		`level=WARN msg=first one=1 group.two=2 group.x=y`,
		`"level":"DEBUG","msg":"second","one":1,"group":{"two":2,"x":"y"}}`,
		`"level":"INFO","msg":"third","one":1,"group":{"two":2,"three":3}}`,
	}
	lines := strings.Split(strings.TrimSuffix(errs.String(), "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines:\n%s", len(lines), &errs)
	}
	for i := range want {
		if !strings.HasSuffix(lines[i], want[i]) {
			t.Errorf("line %q, want it to end with %q", lines[i], want[i])
		}
	}
	if kept.Enabled(t.Context(), slog.LevelWarn) {
		t.Error("it says that warnings are written")
	}
}

// What a server tells is not for those who run another command, unless they ask.
func TestLogsOfCommands(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args    []string
		environ []string
		want    slog.Level
	}{
		"nothing said":       {nil, nil, slog.LevelWarn},
		"said to the server": {nil, []string{"JETON_LOG_LEVEL=debug"}, slog.LevelWarn},
		"said of less":       {nil, []string{"JETON_LOG_LEVEL=error"}, slog.LevelError},
		"asked":              {[]string{"--log-level", "debug"}, nil, slog.LevelDebug},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := testApp(io.Discard, io.Discard)
			a.environ = test.environ
			cmd := &cobra.Command{}
			addServiceSettings(cmd)
			if err := cmd.ParseFlags(test.args); err != nil {
				t.Fatal(err)
			}
			s, err := a.settings(cmd)
			if err != nil {
				t.Fatal(err)
			}
			logger := a.commandLogs(cmd, s).logger()
			if !logger.Enabled(t.Context(), test.want) || logger.Enabled(t.Context(), test.want-1) {
				t.Errorf("the level is not %v", test.want)
			}
		})
	}
}
