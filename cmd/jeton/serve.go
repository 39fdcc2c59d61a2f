package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"github.com/jetonauth/jeton/internal/server"
)

// serve runs the server. Every flag is also a variable of the environment.
type serve struct {
	Listen         string         `help:"Address and port to listen on." default:"127.0.0.1:8080" env:"JETON_LISTEN"`
	Data           string         `help:"Directory of the database and the keys; made if it is not there." default:"./jeton-data" env:"JETON_DATA"`
	Issuer         string         `help:"URL under which clients reach the server. Needed unless it listens on a loopback address." env:"JETON_ISSUER" placeholder:"URL"`
	AccessTTL      time.Duration  `name:"access-ttl" help:"Lifetime of access tokens." default:"15m" env:"JETON_ACCESS_TTL"`
	ReuseInterval  time.Duration  `help:"How long an older refresh token is answered with the current one. 0s: any reuse ends the session." default:"30s" env:"JETON_REUSE_INTERVAL"`
	Limits         string         `help:"Limits on how often passwords may be tried: on or off." enum:"on,off" default:"on" env:"JETON_LIMITS"`
	TrustedProxies []netip.Prefix `help:"Networks whose X-Forwarded-For is believed, such as 10.0.0.0/8." env:"JETON_TRUSTED_PROXIES" placeholder:"NETWORK"`
}

// masterKeyVariable holds the master key: hex or base64 of at least 32 random bytes. It is no flag, since other users of
// the machine can read a command line. Without it the key is in a file in the data directory.
const masterKeyVariable = "JETON_MASTER_KEY"

// Help says what the flags do not.
func (*serve) Help() string {
	return `The first start makes the data directory, the database and the keys.

Every flag is also a variable of the environment, which the list names. ` + masterKeyVariable + ` holds the master key, hex or
base64 of at least 32 random bytes, which seals the signing keys in the database; without it, it is made and kept in
the data directory, in master.key.`
}

// Run opens the server, says where it is, and answers until ctx is over.
func (c *serve) Run(ctx context.Context, s streams) error {
	srv, err := server.Open(ctx, server.Config{
		Listen: c.Listen, Data: c.Data, Issuer: c.Issuer, MasterKey: os.Getenv(masterKeyVariable),
		AccessTTL: c.AccessTTL, ReuseInterval: c.ReuseInterval, NoLimits: c.Limits == "off",
		TrustedProxies: c.TrustedProxies, Version: version(), Logger: newLogger(s.err),
	})
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // a signal came while starting, and there is nothing to finish
	}
	if err != nil {
		return err
	}
	welcome(s.out, srv, c.Data)
	return srv.Run(ctx)
}

func welcome(out io.Writer, srv *server.Server, data string) {
	fmt.Fprintf(out, `jeton %s listens at %s

  data      %s
  issuer    %s
  document  %[2]s/openapi.json

Sign up:

  curl %[2]s/auth/signup -H 'Content-Type: application/json' \
    -d '{"email":"ada@example.com","password":"correct horse battery"}'

`, version(), srv.URL(), data, srv.Issuer())
}

// newLogger writes text to a terminal and JSON to anything else.
func newLogger(w io.Writer) *slog.Logger {
	if file, ok := w.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(slog.NewTextHandler(w, nil))
		}
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}
