// Package postgres keeps accounts, sessions, revocations, signing keys, service clients and limits in a PostgreSQL
// database, which any number of nodes share.
//
// [Open] opens a pool of connections as it should be; [New] takes a pool that the application opened, whose database may hold
// its own tables, too: those of this package begin with "jeton_". Nothing is created until [Store.Migrate] is called.
//
// It uses nothing that CockroachDB and YugabyteDB lack but notifications, whose absence [Store.Watch] notices. Every
// method works in each of pgx's modes for running queries, so that a pooler between the two may keep
// connections for a transaction only: add default_query_exec_mode=exec to the connection string then.
package postgres

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

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

// Store is a [jeton.Store] over a PostgreSQL database. It is safe for concurrent use. Make one with [Open] or [New].
//
// Its errors are the sentinels of [jeton.Store]'s methods, wrapped; [jeton.ErrUnavailable] together with the driver's own
// error when the database cannot be reached, is shutting down, may not be written, or has not answered within 10 s; and the context's
// error when the context was over. A call whose context ends, or whose connection breaks, while the database is at work
// on it has happened completely or not at all; without an error it has happened, and a synchronous standby has it, too.
//
// Deadlocks and conflicts between transactions are tried again, at most five times.
type Store struct {
	pool     *pgxpool.Pool
	owned    bool          // by the store: Close closes it
	patience time.Duration // for one operation
	notifies atomic.Int32  // whether the database can notify: unknown, can or cannot
	writers  writers
}

// patience is how long an operation takes at most. A connection whose other end has silently gone would
// otherwise keep it waiting for as long as the system's network does.
const patience = 10 * time.Second

// New returns a store over a pool that the caller opened and will close. With the config of [ParseConfig] nothing happens after a
// call that was given up has returned, and no connection is made to a standby. It writes with all connections but one, so that it can
// always read.
func New(pool *pgxpool.Pool) *Store {
	return &Store{pool: pool, patience: patience, writers: newWriters(pool.Config().MaxConns)}
}

// Pool returns the pool, for an application that keeps tables of its own in the same database. It belongs to the store:
// closing it closes a pool that [Open] opened.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping asks the database whether it is there, can be written, and lets this role write what every node writes, once there are
// tables. The error is [jeton.ErrUnavailable], and says what is missing.
func (s *Store) Ping(ctx context.Context) error {
	readOnly, err := first(ctx, s, pgx.RowTo[string], showReadOnly)
	if err == nil && readOnly != "off" {
		err = errReadOnly
	}
	if err == nil {
		err = s.checkRights(ctx)
	}
	return translate(ctx, "ping", err)
}

// Close closes the pool that [Open] opened, once all its connections are given back. A pool that was given to [New] stays
// open.
func (s *Store) Close() error {
	if s.owned {
		s.pool.Close()
	}
	return nil
}
