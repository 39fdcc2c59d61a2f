// Package settings is what an operator can say to the program, in one list: each setting is a flag, a variable of the
// environment and a key of jeton.yaml. It reads all three, decides who wins, and remembers where each value came from.
//
// A flag wins over the environment, that over the file, and the file over the default.
package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"time"
)

// Values are the settings as the program uses them. A new one is a field here and an entry in [Definitions].
type Values struct {
	// Listen is the address and port to listen on.
	Listen string
	// Data is the directory of the database and the master key.
	Data string
	// Database is where accounts and sessions are kept; empty means SQLite in Data. Redis is where limits are counted, if anywhere.
	Database, Redis Location
	// Issuer is the URL under which clients reach the server; empty means http:// and the listening address.
	Issuer string
	// AccessTTL and ReuseInterval are as in jeton.Config, but that a ReuseInterval of zero means that any reuse ends the session.
	AccessTTL, ReuseInterval time.Duration
	// MaxStaleness and AcceptStale are as in jeton.Config.
	MaxStaleness time.Duration
	AcceptStale  bool
	// Limits says whether there are limits on how often passwords may be tried.
	Limits bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Cookies says whether browsers may keep tokens in cookies; InsecureCookies and TrustedOrigins are as in api.Cookies.
	Cookies, InsecureCookies bool
	TrustedOrigins           []string
	// VerifyLoadUser is as in api.Config.
	VerifyLoadUser bool
	// MasterKey seals the signing keys; empty means the one in the data directory.
	MasterKey Secret
	// Explorer says whether there is an API explorer.
	Explorer bool
	// LogFormat is one of the Format constants.
	LogFormat string
	// LogLevel is the least level that is logged.
	LogLevel slog.Level
}

// The forms of logs.
const (
	FormatAuto = "auto" // text on a terminal, JSON otherwise
	FormatText = "text"
	FormatJSON = "json"
)

// Settings are the values in effect, and where each came from. They are immutable.
type Settings struct {
	Values
	// File is the name of the file that was read; empty if there is none.
	File string
	// Warnings are what is not wrong and yet hardly meant, one line each.
	Warnings []string

	origins map[string]Origin // by key: of those that have a value
}

// Origin says where the value of a setting came from.
func (s *Settings) Origin(key string) Origin { return s.origins[key] }

// Wrong is err as a [Problem] of a setting, which names the place where the value came from: for what shows only when a
// value is used.
func (s *Settings) Wrong(key string, err error) error {
	return Problem{Origin: s.Origin(key), Key: key, Text: err.Error()}
}

// Entry is one setting, to be shown.
type Entry struct {
	Key    string
	Value  any // a string, or a []string of a list; a secret shows only whether it is there
	Origin Origin
	// Otherwise says in words what holds without a value.
	Otherwise string
}

// Entries returns all settings in the order of [Definitions].
func (s *Settings) Entries() []Entry {
	var entries []Entry
	for _, d := range Definitions() {
		entry := Entry{Key: d.Key, Value: d.form.text(&s.Values), Origin: s.Origin(d.Key), Otherwise: d.Otherwise}
		if d.form.list {
			entry.Value = splitList(d.form.text(&s.Values))
		}
		entries = append(entries, entry)
	}
	return entries
}

// A Change is a setting that differs between two readings. The texts of a secret are equal.
type Change struct {
	Key, Old, New string
	Restart       bool // it takes effect at the next start only
}

// Changes returns what differs in next.
func (s *Settings) Changes(next *Settings) []Change {
	var changes []Change
	for _, d := range Definitions() {
		if !d.form.same(&s.Values, &next.Values) {
			changes = append(changes, Change{d.Key, d.form.text(&s.Values), d.form.text(&next.Values), d.Restart})
		}
	}
	return changes
}

// Keep returns next with those settings as they are in s that take effect at a start only.
func (s *Settings) Keep(next *Settings) *Settings {
	kept := *next
	kept.origins = map[string]Origin{}
	for _, d := range Definitions() {
		from := next
		if d.Restart {
			from = s
			d.form.copy(&kept.Values, &s.Values)
		}
		if origin, ok := from.origins[d.Key]; ok {
			kept.origins[d.Key] = origin
		}
	}
	return &kept
}

// NeedIssuer is the error of a server that listens on an address that others can reach, and was told no issuer.
func NeedIssuer(listen string) error {
	return fmt.Errorf("needed when listening on %s: the URL under which clients reach the server, such as https://auth.example.com", listen)
}

// What a server needs whose database others share.
var (
	errSharedIssuer = errors.New("needed with a database that nodes share, the same on each of them: the URL under which clients reach them, " +
		"such as https://auth.example.com")
	errSharedKey = errors.New("needed with a database that nodes share: the one that the other nodes have; " +
		"for a new database, openssl rand -hex 32 makes one")
)

// NeedSharedIssuer is the error of a node that was told no issuer, over a database that nodes share.
func NeedSharedIssuer() error { return errSharedIssuer }

// NeedSharedKey is the error of a node that was told no master key, over a database that nodes share.
func NeedSharedKey() error { return errSharedKey }

// Definitions returns the settings, in the order in which they are shown.
func Definitions() []Definition {
	return slices.Clone(definitions())
}
