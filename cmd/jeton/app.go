package main

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/jetonauth/jeton/internal/server"
	"github.com/jetonauth/jeton/internal/settings"
)

// app is what the commands share: the streams, the environment, and what they make of the settings.
type app struct {
	in         io.Reader
	out, err   io.Writer // results go to out, everything else to err
	isTerminal func(stream any) bool
	environ    []string

	lines *bufio.Reader // of in, once a line was read
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// terminal is one of the streams that is a terminal, or nil.
func (a *app) terminal() any {
	for _, stream := range []any{a.err, a.out, a.in} {
		if a.isTerminal(stream) {
			return stream
		}
	}
	return nil
}

// settings reads the settings anew, as they are for cmd.
func (a *app) settings(cmd *cobra.Command) (*settings.Settings, error) {
	return settings.Read(settings.Source{Flags: givenSettings(cmd.Flags()), Environ: a.environ})
}

// serverSettings is settings for a server, which needs more.
func (a *app) serverSettings(cmd *cobra.Command) (*settings.Settings, error) {
	return settings.Read(settings.Source{Flags: givenSettings(cmd.Flags()), Environ: a.environ, Serve: true})
}

// What a command wants of the data directory.
type existence bool

const (
	existing existence = true  // there must be a database
	created  existence = false // it is made if it is not there, as jeton serve would
)

// service opens the service that the settings name, for a command that works beside a running server. The caller closes it.
func (a *app) service(cmd *cobra.Command, data existence) (*server.Service, error) {
	service, _, err := a.findService(cmd, data)
	return service, err
}

// findService is service, and reports whether what is wrong is that there is no database.
func (a *app) findService(cmd *cobra.Command, data existence) (service *server.Service, missing bool, err error) {
	s, err := a.settings(cmd)
	if err != nil {
		return nil, false, err
	}
	log := a.commandLogs(cmd, s).logger()
	if s.Redis != "" {
		server.LogDrivers(log)
	}
	cfg := serverConfig(s.Values, log)
	cfg.MustExist = bool(data)
	service, err = server.OpenService(cmd.Context(), cfg)
	return service, errors.Is(err, server.ErrNoDatabase), located(s, err)
}

// serverConfig is what the settings say to a server.
func serverConfig(v settings.Values, logger *slog.Logger) server.Config {
	return server.Config{
		Listen: v.Listen, Data: v.Data, Database: v.Database, Redis: v.Redis, Issuer: v.Issuer, MasterKey: v.MasterKey, AccessTTL: v.AccessTTL,
		MaxStaleness: v.MaxStaleness, AcceptStale: v.AcceptStale,
		ReuseInterval: v.ReuseInterval, NoLimits: !v.Limits, TrustedProxies: v.TrustedProxies, Explorer: v.Explorer,
		VerifyLoadUser: v.VerifyLoadUser,
		NoCookies:      !v.Cookies, InsecureCookies: v.InsecureCookies, TrustedOrigins: v.TrustedOrigins,
		Version: version(), Logger: logger,
	}
}

// located adds to an error about a setting the place where its value came from.
func located(s *settings.Settings, err error) error {
	if setting, ok := errors.AsType[*server.SettingError](err); ok {
		return s.Wrong(setting.Key, setting.Err)
	}
	return err
}
