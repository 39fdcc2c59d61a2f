package main

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lmittmann/tint"
	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton/internal/settings"
)

// logs is the form and the level of the log, which may change while loggers are in use.
type logs struct {
	app     *app
	handler atomic.Pointer[slog.Handler]
}

func (a *app) newLogs(v settings.Values) *logs {
	l := &logs{app: a}
	l.use(v)
	return l
}

// commandLogs is the log of a command that is over at once: what a server should tell is not of interest there, unless a flag of
// this very command says so.
func (a *app) commandLogs(cmd *cobra.Command, s *settings.Settings) *logs {
	v := s.Values
	if s.Origin("log_level").Kind != settings.Flag {
		v.LogLevel = max(v.LogLevel, slog.LevelWarn)
	}
	l := a.newLogs(v)
	l.warn(cmd.Context(), s)
	return l
}

// use makes all loggers write as v says.
func (l *logs) use(v settings.Values) {
	handler := l.app.newLogHandler(v)
	l.handler.Store(&handler)
}

func (l *logs) logger() *slog.Logger { return slog.New(&logHandler{logs: l}) }

// warn logs what is hardly meant in the settings.
func (l *logs) warn(ctx context.Context, s *settings.Settings) {
	for _, warning := range s.Warnings {
		l.logger().WarnContext(ctx, "settings", "warning", warning)
	}
}

// newLogHandler writes for people on a terminal, and elsewhere for programs, unless the format says otherwise.
func (a *app) newLogHandler(v settings.Values) slog.Handler {
	terminal := a.isTerminal(a.err)
	options := &slog.HandlerOptions{Level: v.LogLevel}
	switch {
	case v.LogFormat == settings.FormatJSON, v.LogFormat == settings.FormatAuto && !terminal:
		return slog.NewJSONHandler(jsonWriter{a.err}, options)
	case terminal:
		options := &tint.Options{Level: v.LogLevel, TimeFormat: time.DateTime, NoColor: !a.colour()}
		return quotingHandler{tint.NewTextHandler(a.err, options)}
	default:
		return slog.NewTextHandler(a.err, options)
	}
}

// colour says whether the terminal is to see colours (https://no-color.org). The console of Windows would have to be asked first.
func (a *app) colour() bool {
	return a.variable("NO_COLOR") == "" && a.variable("TERM") != "dumb" && runtime.GOOS != "windows"
}

// variable is the value of a variable of the environment.
func (a *app) variable(name string) string {
	i := slices.IndexFunc(a.environ, func(v string) bool { return strings.HasPrefix(v, name+"=") })
	if i < 0 {
		return ""
	}
	return a.environ[i][len(name)+1:]
}

// logHandler passes records on to the handler of the moment.
type logHandler struct {
	logs    *logs
	derived []func(slog.Handler) slog.Handler
}

func (h *logHandler) now() slog.Handler {
	handler := *h.logs.handler.Load()
	for _, derive := range h.derived {
		handler = derive(handler)
	}
	return handler
}

// Enabled says whether records of a level are written.
func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return (*h.logs.handler.Load()).Enabled(ctx, level)
}

// Handle writes a record.
func (h *logHandler) Handle(ctx context.Context, r slog.Record) error { return h.now().Handle(ctx, r) }

// WithAttrs returns a handler that adds these to each record.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) })
}

// WithGroup returns a handler that puts what comes into a group.
func (h *logHandler) WithGroup(name string) slog.Handler {
	return h.with(func(next slog.Handler) slog.Handler { return next.WithGroup(name) })
}

func (h *logHandler) with(derive func(slog.Handler) slog.Handler) slog.Handler {
	return &logHandler{h.logs, append(slices.Clip(h.derived), derive)}
}
