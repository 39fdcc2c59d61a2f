// Package server wires the rooms of jeton into the one that the binary runs: data directory, database, keys, service, HTTP
// operations, pages, health, housekeeping and the listener.
package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/jetonauth/jeton"
)

// Config is what the operator says.
type Config struct {
	// Listen is the address and port to listen on; port 0 means any free one.
	Listen string
	// Data is the directory of the database and the master key. It is made, for the owner only, if it is not there.
	Data string
	// Issuer is the URL under which clients reach the server. Empty means http:// and the listening address, which must
	// then be a loopback one.
	Issuer string
	// MasterKey seals the signing keys and derives the refresh tokens: hex or base64 of at least 32 random bytes. Empty means
	// one that is made and kept in a file beside the database.
	MasterKey string
	// AccessTTL and ReuseInterval are as in [jeton.Config].
	AccessTTL, ReuseInterval time.Duration
	// NoLimits switches the limits on sign-in off.
	NoLimits bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Version is that of the binary.
	Version string
	// Logger takes everything that the server logs.
	Logger *slog.Logger

	// configure changes the service in tests.
	configure func(*jeton.Config)
}

func (c Config) check() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("--listen %q: want address:port, such as 127.0.0.1:8080", c.Listen)
	}
	if c.Data == "" {
		return errors.New("--data: want the name of a directory")
	}
	if c.AccessTTL < time.Second || c.AccessTTL > 24*time.Hour {
		return fmt.Errorf("--access-ttl %v: want 1s to 24h", c.AccessTTL)
	}
	if c.ReuseInterval < 0 || c.ReuseInterval > time.Hour {
		return fmt.Errorf("--reuse-interval %v: want 0s to 1h", c.ReuseInterval)
	}
	if c.Issuer != "" {
		return checkIssuer(c.Issuer)
	}
	return nil
}

func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	good := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == ""
	if !good {
		return fmt.Errorf("--issuer %q: want the URL under which clients reach the server, such as https://auth.example.com", issuer)
	}
	return nil
}

// issuerAt is the issuer of a server that listens at addr and was told none.
func issuerAt(addr net.Addr) (string, error) {
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil || !at.Addr().IsLoopback() {
		return "", fmt.Errorf("--issuer: needed when listening on %v, the URL under which clients reach the server", addr)
	}
	return "http://" + at.String(), nil
}
