package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

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
func translate(ctx context.Context, operation string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("postgres: %s: %w", operation, ctx.Err())
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
