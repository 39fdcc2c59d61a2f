package postgres

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// encodeHint is for whoever has a password in a URL.
const encodeHint = "; a password with @ / ? # : or % in it has to be percent-encoded (@ is %40), or belongs in PGPASSWORD"

// parse is pgxpool.ParseConfig with errors that hold nothing of the string.
func parse(dsn string) (*pgxpool.Config, error) {
	if isURL(dsn) && !isUnambiguous(dsn) {
		return nil, errors.New("postgres: connection string: an @ or ? that is not where one can be" + encodeHint)
	}
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("postgres: connection string: " + reason(dsn, err))
	}
	return cfg, nil
}

func isURL(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// isUnambiguous reports whether what is before the host of a URL is all that can have been meant to be: the only @ of the whole ends it, and the
// authority has not ended before (RFC 3986, section 3.2). Otherwise the rest of a password would be taken for a host, a port, a
// database or a parameter, each of which an error may name. A fragment, which connection strings have none of, is no reason to
// complain about #.
func isUnambiguous(dsn string) bool {
	_, rest, _ := strings.Cut(dsn, "://")
	before, after, found := strings.Cut(rest, "@")
	return !found || !strings.ContainsAny(before, "/?") && !strings.Contains(after, "@")
}

// reason is what pgx says about a connection string, without the string itself and without what it wraps, which may quote
// parts of it: a password that has a slash in it is taken for a port.
func reason(dsn string, err error) string {
	wrong, ok := errors.AsType[*pgconn.ParseConfigError](err)
	if !ok {
		return "cannot be read"
	}
	text, cause := wrong.Error(), wrong.Unwrap()
	if cause != nil {
		text = strings.TrimSuffix(text, " ("+cause.Error()+")")
	}
	text = strings.TrimPrefix(text, pgconn.NewParseConfigError(wrong.ConnString, "", nil).Error())
	text, _, _ = strings.Cut(text, ":") // what follows is a value
	switch {
	case text == "failed to configure TLS" && cause != nil:
		return tlsReason(cause)
	case text == "failed to parse as keyword/value":
		return text + "; want postgres://user@host/name, or keywords and values, those with spaces in single quotes"
	case isURL(dsn) && (text == "failed to parse as URL" || text == "invalid port"):
		return text + encodeHint
	}
	return text
}

// tlsReason names the parameter that is wrong, for which pgx has no names of errors.
func tlsReason(cause error) string {
	text := cause.Error()
	for _, known := range [][2]string{
		{"sslmode is invalid", "sslmode is none of disable, allow, prefer, require, verify-ca and verify-full"},
		{"unable to read CA file", "sslrootcert: the file cannot be read"},
		{"unable to add CA", "sslrootcert: the file has no certificate in PEM"},
		{"unable to load system", "sslrootcert: the system's certificates cannot be read"},
		{`both "sslcert" and "sslkey"`, "sslcert and sslkey: either needs the other"},
		{"unable to read sslkey", "sslkey: the file cannot be read"},
		{"failed to decode sslkey", "sslkey: the file has no key in PEM"},
		{"unable to find sslpassword", "sslpassword: needed for this sslkey"},
		{"unable to decrypt key", "sslpassword: does not open sslkey"},
		{"unable to read cert", "sslcert: the file cannot be read"},
		{"unable to load cert", "sslcert: has no certificate for sslkey"},
	} {
		if !strings.HasPrefix(text, known[0]) {
			continue
		}
		if file, ok := errors.AsType[*fs.PathError](cause); ok {
			return known[1] + ": " + file.Err.Error()
		}
		return known[1]
	}
	return "failed to configure TLS; look at sslmode, sslrootcert, sslcert and sslkey"
}
