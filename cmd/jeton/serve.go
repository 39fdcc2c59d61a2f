package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton/internal/server"
	"github.com/jetonauth/jeton/internal/settings"
)

func newServeCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `The first start makes the data directory, the database and the keys.

Each setting is a flag, a variable of the environment, and a key of jeton.yaml, which has
the name of the flag with "_" for "-". A flag wins over the environment, that over the
file, and the file over the default.

JETON_MASTER_KEY, or master_key in jeton.yaml, is the master key: hex or base64 of at least
32 random bytes, which seals the signing keys in the database. It is no flag, since others
can read a command line. Without it, it is made and kept in the data directory, in
master.key. With a database that several nodes share it is needed, the same on each.

SIGHUP makes a running server read jeton.yaml again.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd) },
	}
	addSettings(cmd)
	return cmd
}

// serve opens the server, says where it is, and answers until the context is over.
func (a *app) serve(cmd *cobra.Command) error {
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // from the start on: it would end the process
	defer signal.Stop(hangups)
	s, err := a.serverSettings(cmd)
	if err != nil {
		return err
	}
	log := a.newLogs(s.Values)
	log.warn(ctx, s)
	if s.Redis != "" {
		server.LogDrivers(log.logger())
	}
	srv, err := server.Open(ctx, serverConfig(s.Values, log.logger()))
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // a signal came while starting, and there is nothing to finish
	}
	if err != nil {
		return located(s, err)
	}
	welcome(a.out, srv, s)
	var work sync.WaitGroup
	r := &reloader{app: a, cmd: cmd, server: srv, running: s, logs: log, terminal: a.terminal(), stop: stop}
	work.Go(func() { r.run(ctx, hangups) })
	err = srv.Run(ctx)
	stop()
	work.Wait()
	return err
}

func welcome(out io.Writer, srv *server.Server, s *settings.Settings) {
	url := srv.URL()
	place := "data      " + s.Data
	if s.Database != "" {
		place = "database  " + s.Database.String()
	}
	lines := []string{
		place,
		"issuer    " + srv.Issuer(),
		"document  " + url + "/openapi.json",
	}
	if s.Explorer {
		lines = append(lines, "explorer  "+url+"/explorer")
	}
	fmt.Fprintf(out, `jeton %s listens at %s

  %s

Sign up:

  curl %[2]s/auth/signup -H 'Content-Type: application/json' \
    -d '{"email":"ada@example.com","password":"correct horse battery"}'

`, version(), url, strings.Join(lines, "\n  "))
}
