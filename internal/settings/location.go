package settings

import (
	"errors"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Location is the URL of a database. It shows everything but the password.
type Location string

// Reveal is the URL with its password.
func (l Location) Reveal() string { return string(l) }

// String is the URL with "(hidden)" for each password in it. A password that should be percent-encoded, and is not, may look like other parts
// of the URL, and somebody else may forget a part: where a URL has not the form that it should have, nothing but its scheme is shown.
func (l Location) String() string {
	text := string(l)
	if text == "" || strings.HasPrefix(text, sqlitePrefix) {
		return text // the name of a file
	}
	scheme, rest, _ := strings.Cut(text, "://")
	if !slices.Contains(slices.Concat(databaseSchemes(), redisSchemes()), scheme) {
		return hidden
	}
	before, query, hasQuery := strings.Cut(rest, "?")
	before, good := hideUser(before, slices.Contains(redisSchemes(), scheme))
	if !good || strings.ContainsAny(query, "?@#") {
		return scheme + "://" + hidden
	}
	if hasQuery {
		before += "?" + hideParameters(query)
	}
	return scheme + "://" + before
}

// hideUser hides the password of what is before the parameters, and says whether each part of that is where it should be. Programs differ in
// what a name alone is to Redis: redis-cli takes it for the password.
func hideUser(text string, redis bool) (shown string, good bool) {
	i := strings.LastIndexByte(text, '@')
	hosts, path, _ := strings.Cut(text[i+1:], "/")
	if !isPlain(path) || !areHosts(hosts) {
		return "", false
	}
	if i < 0 {
		return text, true
	}
	user, password, found := strings.Cut(text[:i], ":")
	if !isPlain(user) || strings.Contains(user+password, "/") || found && password == "" { // what is it, if it begins with an @?
		return "", false
	}
	switch {
	case found:
		user += ":" + hidden
	case redis && user != "":
		user = hidden
	}
	return user + text[i:], true
}

// areHosts reports whether a text is hosts with commas between them, their ports numbers.
func areHosts(text string) bool {
	for host := range strings.SplitSeq(text, ",") {
		name, port, found := strings.Cut(host, ":")
		if strings.HasPrefix(host, "[") {
			address, after, closed := strings.Cut(host[1:], "]")
			if _, err := netip.ParseAddr(address); err != nil || !closed || after != "" && after[0] != ':' {
				return false
			}
			name, port, found = "", strings.TrimPrefix(after, ":"), after != ""
		}
		if _, err := strconv.ParseUint(port, 10, 16); found && err != nil {
			return false
		}
		if strings.ContainsFunc(name, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._%", r)
		}) {
			return false
		}
	}
	return true
}

// hideParameters hides all parameters but those that are certainly no secret.
func hideParameters(query string) string {
	if query == "" {
		return ""
	}
	parameters := strings.Split(query, "&")
	for i, p := range parameters {
		switch name, value, ok := strings.Cut(p, "="); {
		case ok && isPublic(name) && isPlain(strings.ReplaceAll(value, ":", "")):
		case ok && (isPublic(name) || isSecret(name)):
			parameters[i] = name + "=" + hidden
		default:
			parameters[i] = hidden // perhaps the rest of the value before
		}
	}
	return strings.Join(parameters, "&")
}

// isPlain reports whether a part of a URL is only that, and has no other part behind it.
func isPlain(part string) bool {
	decoded, err := url.PathUnescape(part)
	return err == nil && !strings.ContainsAny(decoded, ":&=;?@#")
}

// isSecret reports whether a parameter is known, and its value hidden. Another name may itself be the rest of a password with an & in it.
func isSecret(name string) bool {
	return slices.Contains([]string{
		"authmechanismproperties", "pass", "passfile", "password", "sentinel_password", "sslkey", "sslpassword", "tlscertificatekeyfile",
		"tlscertificatekeyfilepassword",
	}, strings.ToLower(name))
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

// HasPassword says that there is one in the URL itself, or may be.
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
	f := of(field, want, func(text string) (Location, error) { return parseLocation(text, want, good) }, Location.String)
	f.location = true
	return f
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
