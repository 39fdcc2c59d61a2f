package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jetonauth/jeton"
)

// The SQLSTATE of what is asked for here (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	duplicateTable       = "42P07"
	duplicateObject      = "42710"

	invalidCatalogName     = "3D000" // no such database
	invalidSchemaName      = "3F000"
	invalidAuthorization   = "28000"
	invalidPassword        = "28P01"
	insufficientPrivilege  = "42501"
	undefinedObject        = "42704" // a parameter, while connecting
	invalidStatementName   = "26000"
	duplicatePreparedQuery = "42P05"
)

// translate makes err, which came from the database during operation, one that callers of [jeton.Store] know. The
// original is wrapped, too, unless it is the error of a context that is not the caller's.
//
//   - Whatever happened after ctx was over is ctx's error: the driver reports its own, according to what it was at.
//   - No rows are [jeton.ErrNotFound].
//   - A row that is there already is [jeton.ErrConflict]. Operations that can meet another one's e-mail address look
//     for that first.
//   - A database that cannot be reached, read or written is [jeton.ErrUnavailable].
//   - Errors that are jeton's already only say the operation.
//
// Where it is known what to do about an error of the database, the text says so.
func translate(ctx context.Context, operation string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("postgres: %s: %w", operation, ctx.Err())
	}
	err = explain(operation, err)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("postgres: %s: %w", operation, jeton.ErrNotFound)
	case isCode(err, uniqueViolation):
		return fmt.Errorf("postgres: %s: %w: %w", operation, jeton.ErrConflict, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fmt.Errorf("postgres: %s: %w: %v", operation, jeton.ErrUnavailable, err) //nolint:errorlint // the caller's context is not over
	case isUnavailable(err):
		return fmt.Errorf("postgres: %s: %w: %w", operation, jeton.ErrUnavailable, err)
	}
	return fmt.Errorf("postgres: %s: %w", operation, err)
}

// explain wraps an error with what to do about it, if that is known and not said yet.
func explain(operation string, err error) error {
	if _, ok := errors.AsType[*connectError](err); ok {
		return err
	}
	if connect, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return &connectError{text: explainConnect(connect), err: err}
	}
	if native, ok := errors.AsType[*pgconn.PgError](err); ok {
		if advice := advice(operation, native.Code); !strings.HasSuffix(err.Error(), advice) {
			return fmt.Errorf("%w; %s", err, advice)
		}
	}
	return err
}

// migrating begins the names of the operations that make tables.
const migrating = "migrate"

func advice(operation, code string) string {
	makes := strings.HasPrefix(operation, migrating)
	switch {
	case code == insufficientPrivilege && makes:
		return "this role may not create tables: run `jeton migrate up` with a role that may, see docs/postgres.md"
	case code == insufficientPrivilege:
		return `see docs/postgres.md, "Permissions", for what to grant`
	case code == invalidSchemaName && makes:
		return "the schema in search_path is not there, or this role may not use it, see docs/postgres.md"
	case code == invalidStatementName, code == duplicatePreparedQuery:
		return "a pooler in transaction mode? Add default_query_exec_mode=exec to the connection string, see docs/postgres.md"
	}
	return ""
}

// isCode reports whether err is the database's with one of these codes.
func isCode(err error, codes ...string) bool {
	native, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains(codes, native.Code)
}

// isTaken reports whether err is that of a value that another row has, in a column that has this constraint.
func isTaken(err error, constraint string) bool {
	native, ok := errors.AsType[*pgconn.PgError](err)
	return ok && native.Code == uniqueViolation && native.ConstraintName == constraint
}

// isRetryable reports whether the database has given a transaction up because of another one. It has done nothing then, and
// may well do it next time.
func isRetryable(err error) bool { return isCode(err, serializationFailure, deadlockDetected) }

// closedMessage is that of the error of pgxpool for a pool that was closed, which has no name there.
const closedMessage = "closed pool"

func isUnavailable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if native, ok := errors.AsType[*pgconn.PgError](err); ok {
		return isUnavailableCode(native.Code)
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return pgconn.Timeout(err) || errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || err.Error() == closedMessage
}

// isUnavailableCode tells what is wrong with the database from what is wrong with a statement.
func isUnavailableCode(code string) bool {
	switch code {
	case "25006", // read_only_sql_transaction: it has become a standby
		"25P03", "25P04", // idle_in_transaction_session_timeout, transaction_timeout
		serializationFailure, deadlockDetected, "40003", // after all retries, or when it is not known
		"55P03",                            // lock_not_available
		"57014",                            // query_canceled: statement_timeout, or somebody else did
		"57P01", "57P02", "57P03", "57P05": // shutting down, starting, or an idle session was ended
		return true
	}
	switch code[:min(len(code), 2)] {
	case "08", // connection exception
		"53", // insufficient resources
		"58", // system error
		"XX": // internal error, damaged data
		return true
	}
	return false
}
