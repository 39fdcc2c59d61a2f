package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	modernc "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/jetonauth/jeton"
)

// translate makes err, which came from the database during operation, one that callers of [jeton.Store] know. The
// original is wrapped, too.
//
//   - Whatever happened after ctx was over is ctx's error: the driver reports its own, according to what it was at.
//   - No rows are [jeton.ErrNotFound].
//   - A row that is there already is [jeton.ErrConflict]. Operations that can meet another one's e-mail address
//     look for that with [isCode] first.
//   - A database that cannot be reached, read or written is [jeton.ErrUnavailable].
//   - Errors that are jeton's already only say the operation.
func translate(ctx context.Context, operation string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("sqlite: %s: %w", operation, ctx.Err())
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("sqlite: %s: %w", operation, jeton.ErrNotFound)
	case isCode(err, lib.SQLITE_CONSTRAINT_PRIMARYKEY), isCode(err, lib.SQLITE_CONSTRAINT_UNIQUE):
		return fmt.Errorf("sqlite: %s: %w: %w", operation, jeton.ErrConflict, err)
	case isUnavailable(err):
		return fmt.Errorf("sqlite: %s: %w: %w", operation, jeton.ErrUnavailable, err)
	}
	return fmt.Errorf("sqlite: %s: %w", operation, err)
}

// isCode reports whether err is the driver's with this extended result code (https://www.sqlite.org/rescode.html). That of a
// row that is there already is 1555 if its primary key is, and 2067 if another unique column is.
func isCode(err error, code int) bool {
	native, ok := errors.AsType[*modernc.Error](err)
	return ok && native.Code() == code
}

// closedMessage is that of the error of [database/sql] for a handle that was closed, which has no name.
const closedMessage = "sql: database is closed"

func isUnavailable(err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || err.Error() == closedMessage {
		return true
	}
	native, ok := errors.AsType[*modernc.Error](err)
	if !ok {
		return false
	}
	switch native.Code() & 0xff { // the primary result code
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_PROTOCOL, lib.SQLITE_NOMEM, lib.SQLITE_IOERR, lib.SQLITE_FULL,
		lib.SQLITE_CANTOPEN, lib.SQLITE_PERM, lib.SQLITE_READONLY, lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT:
		return true
	}
	return false
}
