// Package sqlite keeps accounts, sessions, revocations, signing keys, service clients and limits in a SQLite database: one
// file, no server, no cgo.
//
// [Open] opens a file as it should be; [New] takes handles that the application opened, whose file may hold its own
// tables, too: those of this package begin with "jeton_". Nothing is created until [Store.Migrate] is called.
//
// What a method has acknowledged is on disk. There is one writer at a time, for the whole file; readers wait for nobody.
// Several processes of one machine may share a file; a file on a network drive cannot be shared.
package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jetonauth/jeton"
)

var (
	_ jeton.Store              = (*Store)(nil)
	_ jeton.UserLister         = (*Store)(nil)
	_ jeton.UserImporter       = (*Store)(nil)
	_ jeton.HashCounter        = (*Store)(nil)
	_ jeton.SessionCopier      = (*Store)(nil)
	_ jeton.ServiceClientStore = (*Store)(nil)
	_ jeton.LimitStore         = (*Store)(nil)
)

// Store is a [jeton.Store] over a SQLite database. It is safe for concurrent use. Make one with [Open] or [New].
//
// Its errors are the sentinels of [jeton.Store]'s methods, wrapped; [jeton.ErrUnavailable] together with the driver's
// own error when the database cannot be reached, is full, damaged or was locked for too long; and the context's error
// when the context was over. SQLite's wait for the lock of another process, 5 s at most, is not cut short by the context.
type Store struct {
	write, read *handle
	owned       bool // by the store: Close closes them
}

// New returns a store over handles of modernc.org/sqlite that the caller opened and will close. The first is used for
// what writes, the second for what only reads; a nil second one means the first. The store writes one
// thing after the other, whatever the handle would allow. Open the first with
//
//	_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)
//
// Without synchronous(FULL) a power cut may undo a sign-out; without WAL readers and the writer wait for each other.
func New(write, read *sql.DB) *Store {
	s := &Store{write: newHandle(write)}
	s.read = s.write
	if read != nil && read != write {
		s.read = newHandle(read)
	}
	return s
}

// Handles returns the handles for what writes and for what only reads, for an application that keeps tables of its own in the
// same file. They belong to the store: closing it closes those that [Open] opened. What the application writes waits for
// its turn as the store's own writes do.
func (s *Store) Handles() (write, read *sql.DB) { return s.write.db, s.read.db }

// Ping reads a page through either handle. The error is [jeton.ErrUnavailable].
func (s *Store) Ping(ctx context.Context) error { return translate(ctx, "ping", s.ping(ctx)) }

func (s *Store) ping(ctx context.Context) error {
	for _, h := range []*handle{s.write, s.read} {
		if _, err := first(ctx, h, number[int], "SELECT count(*) FROM sqlite_schema"); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the handles that [Open] opened, and moves what was written into the one file. Handles that were given to
// [New] stay open.
func (s *Store) Close() error {
	if !s.owned {
		return nil
	}
	// The last connection to close tidies the file up, which only the writer may do.
	if err := errors.Join(s.read.db.Close(), s.write.db.Close()); err != nil {
		return translate(context.Background(), "close", err)
	}
	return nil
}
