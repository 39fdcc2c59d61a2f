package main

import (
	"context"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton/internal/server"
	"github.com/jetonauth/jeton/internal/settings"
)

// reloader reads the settings again whenever it is told to, and makes the server work as they say.
type reloader struct {
	app      *app
	cmd      *cobra.Command
	server   *server.Server
	running  *settings.Settings // those in effect
	logs     *logs
	terminal any    // the stream that was one when the server started, or nil
	stop     func() // ends the server
}

// run reloads at each signal until ctx is over. A signal that comes since the terminal has been closed ends the server, as it
// does with other programs.
func (r *reloader) run(ctx context.Context, hangups <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
		}
		if r.terminal != nil && !r.app.isTerminal(r.terminal) {
			r.stop()
			return
		}
		r.reload(ctx)
	}
}

func (r *reloader) reload(ctx context.Context) {
	log := r.logs.logger()
	next, err := r.app.serverSettings(r.cmd)
	if err != nil {
		for line := range strings.Lines(describe(err)) {
			log.ErrorContext(ctx, "settings are wrong, and stay as they were", "error", strings.TrimSpace(line))
		}
		return
	}
	r.logs.warn(ctx, next)
	changes := r.running.Changes(next)
	kept := r.running.Keep(next)
	if err := r.server.Reload(ctx, serverConfig(kept.Values, log)); err != nil {
		log.ErrorContext(ctx, "settings could not be changed, and stay as they were", "error", err)
		return
	}
	r.running = kept
	r.logs.use(kept.Values)
	for _, c := range changes {
		logChange(ctx, log, c)
	}
	log.InfoContext(ctx, "settings read again", "changes", len(changes))
}

func logChange(ctx context.Context, log *slog.Logger, c settings.Change) {
	if c.Restart {
		log.WarnContext(ctx, "setting changed, and takes effect after a restart only", "setting", c.Key, "old", c.Old, "new", c.New)
		return
	}
	log.InfoContext(ctx, "setting changed", "setting", c.Key, "old", c.Old, "new", c.New)
}
