package postgres

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// connectError says in one line what could not be connected to, and why. pgx has a line for each attempt, of which there are two
// for each address with sslmode=prefer, and the first says that the server refuses TLS, which is no reason there.
type connectError struct {
	text string
	err  error
}

func (e *connectError) Error() string { return e.text }

func (e *connectError) Unwrap() error { return e.err }

// explainConnect is the text of a connectError: the last cause of each address, and advice about the very last one.
func explainConnect(err *pgconn.ConnectError) string {
	user, database := err.Config.User, cmp.Or(err.Config.Database, err.Config.User)
	var addresses, causes []string
	var last error
	for _, attempt := range attempts(err) {
		last = attempt
		address, cause := describe(attempt)
		i := slices.Index(addresses, address)
		if i < 0 {
			addresses, causes = append(addresses, address), append(causes, "")
			i = len(causes) - 1
		}
		causes[i] = cause
	}
	for i, address := range addresses {
		if address != "" {
			causes[i] = address + ": " + causes[i]
		}
	}
	text := fmt.Sprintf("cannot connect to database %q as user %q: %s", database, user, strings.Join(causes, "; "))
	if advice := connectAdvice(last, user, database); advice != "" {
		text += "; " + advice
	}
	return oneLine(text)
}

// attempts are the errors of each, in their order.
func attempts(err *pgconn.ConnectError) []error {
	type several interface {
		error
		Unwrap() []error
	}
	if joined, ok := errors.AsType[several](err); ok {
		return joined.Unwrap()
	}
	return []error{err.Unwrap()}
}

// describe returns what was tried, if that is known, and what became of it. What pgx has for an attempt has no name, but begins
// with the address, the host in parentheses and a colon.
func describe(attempt error) (address, cause string) {
	if lookup, ok := errors.AsType[*net.DNSError](attempt); ok {
		return lookup.Name, lookup.Err
	}
	wrapped := errors.Unwrap(attempt)
	if wrapped == nil {
		return "", attempt.Error()
	}
	prefix, ok := strings.CutSuffix(attempt.Error(), "): "+wrapped.Error())
	address, host, found := strings.Cut(prefix, " (")
	if !ok || !found {
		return "", attempt.Error()
	}
	if name, port, err := net.SplitHostPort(address); err == nil && name != host {
		address = net.JoinHostPort(host, port) + " (" + name + ")"
	}
	return address, causeOf(wrapped)
}

func causeOf(err error) string {
	if native, ok := errors.AsType[*pgconn.PgError](err); ok {
		return native.Message + " (SQLSTATE " + native.Code + ")"
	}
	if pgconn.Timeout(err) {
		return "no answer in time"
	}
	if errors.Is(err, pgconn.ErrReadOnlyConnection) {
		return "the database can only be read"
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		if number, ok := errors.AsType[syscall.Errno](dial); ok {
			return number.Error()
		}
		return dial.Err.Error()
	}
	return err.Error()
}

// connectAdvice is what to do about an answer of the server to somebody who would connect.
func connectAdvice(err error, user, database string) string {
	native, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return ""
	}
	quotedUser, quotedDatabase := pgx.Identifier{user}.Sanitize(), pgx.Identifier{database}.Sanitize()
	switch native.Code {
	case invalidCatalogName:
		return "there is no such database: CREATE DATABASE " + quotedDatabase + " OWNER " + quotedUser + " TEMPLATE template0 ENCODING 'UTF8'"
	case invalidPassword, invalidAuthorization:
		if strings.Contains(native.Message, "pg_hba.conf") {
			return "" // says it all
		}
		return "the password or the user is wrong; the password comes from the connection string, PGPASSWORD or a .pgpass file"
	case insufficientPrivilege:
		return "this role may not connect: GRANT CONNECT ON DATABASE " + quotedDatabase + " TO " + quotedUser
	case undefinedObject:
		return "the connection string has a parameter that the server does not know; docs/postgres.md lists the usual ones"
	}
	return ""
}

// oneLine has spaces in place of line feeds, tabs and what else is not printed.
func oneLine(text string) string {
	fields := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == ' ' })
	return strings.Join(fields, " ")
}
