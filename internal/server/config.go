// Package server wires the rooms of jeton into the one that the binary runs: data directory, database, keys, service, HTTP
// operations, pages, health, housekeeping and the listener.
package server

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/database"
	"github.com/jetonauth/jeton/internal/settings"
)

// Config is what the operator says. Package settings has checked each value by itself.
type Config struct {
	// Listen is the address and port to listen on; port 0 means any free one.
	Listen string
	// Data is the directory of the database and the master key. It is made, for the owner only, if it is not there, and not used with a
	// database that others share.
	Data string
	// Database is as of [database.Open]; empty means SQLite in Data.
	Database settings.Location
	// Redis is as of [redis.Open]: it counts limits and passes hints of revocations on. Empty means none.
	Redis settings.Location
	// MustExist makes it [ErrNoDatabase] if there is none, in place of making one.
	MustExist bool
	// Issuer is the URL under which clients reach the server. Empty means http:// and the listening address, which must
	// then be a loopback one.
	Issuer string
	// MasterKey seals the signing keys and derives the refresh tokens: hex or base64 of at least 32 random bytes. Empty means
	// one that is made and kept in a file in Data; with a database that others share that is an error.
	MasterKey settings.Secret
	// AccessTTL is as in [jeton.Config]. So is ReuseInterval, but that zero means that any reuse ends the session.
	AccessTTL, ReuseInterval time.Duration
	// MaxStaleness and AcceptStale are as in [jeton.Config].
	MaxStaleness time.Duration
	AcceptStale  bool
	// NoLimits switches the limits on sign-in off.
	NoLimits bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// NoCookies refuses who asks for tokens in cookies. InsecureCookies and TrustedOrigins are as in [api.Cookies].
	NoCookies, InsecureCookies bool
	TrustedOrigins             []string
	// VerifyLoadUser is as in [api.Config].
	VerifyLoadUser bool
	// Explorer says that there is an API explorer at /explorer.
	Explorer bool
	// Version is that of the binary.
	Version string
	// Logger takes everything that the server logs.
	Logger *slog.Logger

	// configure changes the service in tests.
	configure func(*jeton.Config)
}

// A SettingError is about one setting, whose value shows only in use that it is wrong.
type SettingError struct {
	// Key is the setting's name in package settings.
	Key string
	// Err says what is wrong.
	Err error
}

func (e *SettingError) Error() string { return e.Key + ": " + e.Err.Error() }

func (e *SettingError) Unwrap() error { return e.Err }

// wrong is a [SettingError] with a text.
func wrong(key, format string, args ...any) error {
	return &SettingError{Key: key, Err: fmt.Errorf(format, args...)}
}

// url is where the database is.
func (c Config) url() string {
	if c.Database != "" {
		return c.Database.Reveal()
	}
	return database.SQLite(filepath.Join(c.Data, databaseFile))
}

// about is the setting that says where the database is.
func (c Config) about() string {
	if c.Database != "" {
		return "database"
	}
	return "data"
}

// shared reports whether other nodes can use the database, too.
func (c Config) shared() bool { return database.Shared(c.url()) }

// issuerAt is the issuer of a server that listens at addr and was told none.
func issuerAt(addr net.Addr) (string, error) {
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil || !at.Addr().IsLoopback() {
		return "", &SettingError{Key: "issuer", Err: settings.NeedIssuer(addr.String())}
	}
	return "http://" + at.String(), nil
}
