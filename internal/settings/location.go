package settings

import (
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
)

// A Location is the URL of a database. It shows everything but the password.
type Location string

// Reveal is the URL with its password.
func (l Location) Reveal() string { return string(l) }

// String is the URL with "(hidden)" for each password in it. A password that should be percent-encoded, and is not, may look like other parts
// of the URL: then more is hidden than need be.
func (l Location) String() string {
	scheme, rest, found := strings.Cut(string(l), "://")
	if !found {
		return string(l) // the name of a file
	}
	query := ""
	if i := strings.IndexByte(rest, '?'); i >= 0 && !strings.Contains(rest[i:], "@") {
		rest, query = rest[:i], hideParameters(rest[i+1:])
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		if user, _, ok := strings.Cut(rest[:i], ":"); ok {
			rest = user + ":" + hidden + rest[i:]
		}
	}
	return scheme + "://" + rest + query
}

// hideParameters hides the values of all parameters but those that are certainly no secret.
func hideParameters(query string) string {
	parameters := strings.Split(query, "&")
	for i, p := range parameters {
		switch name, value, ok := strings.Cut(p, "="); {
		case !ok && p != "":
			parameters[i] = hidden // perhaps the rest of the value before
		case ok && value != "" && !isPublic(name):
			parameters[i] = name + "=" + hidden
		}
	}
	return "?" + strings.Join(parameters, "&")
}

// isPublic reports whether the value of a parameter may be shown. Its name is taken as it is written: a decent one needs no percent signs.
func isPublic(name string) bool {
	return slices.Contains([]string{
		"addr", "application_name", "appname", "authmechanism", "authsource", "connect_timeout", "db", "default_query_exec_mode", "directconnection",
		"host", "journal", "master_name", "maxpoolsize", "minpoolsize", "pool_max_conn_idle_time", "pool_max_conn_lifetime", "pool_max_conns",
		"pool_min_conns", "pool_size", "port", "protocol", "read_timeout", "readpreference", "replicaset", "retryreads", "retrywrites",
		"search_path", "serverselectiontimeoutms", "ssl", "sslcert", "sslmode", "sslrootcert", "target_session_attrs", "timeoutms", "tls",
		"tlscafile", "user", "username", "w",
	}, strings.ToLower(name))
}

// Shared says that several nodes can use the database: it is no file.
func (l Location) Shared() bool { return l != "" && !strings.HasPrefix(string(l), sqlitePrefix) }

// GoString is the same as String.
func (l Location) GoString() string { return l.String() }

// MarshalText is the same as String.
func (l Location) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// LogValue is the same as String.
func (l Location) LogValue() slog.Value { return slog.StringValue(l.String()) }

// HasPassword says that there is one in the URL itself.
func (l Location) HasPassword() bool { return l.String() != string(l) }

const wantDatabase = "postgres://user@host/name, mongodb://host/name or sqlite:FILE"

// ParseDatabase returns the URL of a database, in the form that the setting "database" has. The error says what is wanted, and not what was
// given, which may hold a password.
func ParseDatabase(text string) (Location, error) {
	return parseLocation(text, wantDatabase, isDatabase)
}

func parseLocation(text, want string, good func(text string) bool) (Location, error) {
	if strings.ContainsAny(text, "\x00\r\n") || !good(text) {
		return "", errors.New("is no such URL; want " + want)
	}
	return Location(text), nil
}

// The schemes that a location of each kind may have.
func databaseSchemes() []string { return []string{"postgres", "postgresql", "mongodb", "mongodb+srv"} }

func redisSchemes() []string {
	return []string{"redis", "rediss", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel", "unix"}
}

const sqlitePrefix = "sqlite:"

// location is a form of the URLs at a field. What is wrong is said without the text, which may hold a password.
func location(field func(*Values) *Location, want string, good func(text string) bool) form {
	return of(field, want, func(text string) (Location, error) { return parseLocation(text, want, good) }, Location.String)
}

func isDatabase(text string) bool {
	file, ok := strings.CutPrefix(text, sqlitePrefix)
	return ok && file != "" && !strings.HasPrefix(file, "//") && badPath(file) == "" || hasScheme(text, databaseSchemes())
}

func isRedis(text string) bool { return hasScheme(text, redisSchemes()) }

// hasScheme leaves the rest to whoever opens it: a list of hosts is no URL of package url.
func hasScheme(text string, schemes []string) bool {
	scheme, rest, ok := strings.Cut(text, "://")
	if _, err := url.PathUnescape(rest); err != nil {
		return false
	}
	return ok && rest != "" && slices.Contains(schemes, scheme)
}
