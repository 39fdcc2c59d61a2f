package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// handle is an opened database with the statements that were prepared on it. They go with its connections.
type handle struct {
	db       *sql.DB
	turn     chan struct{} // full while somebody writes
	mu       sync.RWMutex
	prepared map[string]*sql.Stmt // by their text
}

func newHandle(db *sql.DB) *handle {
	return &handle{db: db, turn: make(chan struct{}, 1), prepared: map[string]*sql.Stmt{}}
}

// write calls fn when it is its turn: first come, first served. SQLite itself lets writers on several connections try
// again and again, and one may go away empty-handed while another one is busy.
func (h *handle) write(ctx context.Context, fn func() error) error {
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.turn }()
	return fn()
}

// statement returns the prepared statement of query, one of this package's constants.
func (h *handle) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	h.mu.RLock()
	statement := h.prepared[query]
	h.mu.RUnlock()
	if statement != nil {
		return statement, nil
	}
	// Preparing may have to wait for a connection, and so must not keep those waiting who hold one and have all they need.
	statement, err := h.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if other := h.prepared[query]; other != nil {
		return other, statement.Close() //nolint:sqlclosecheck // the one that is kept stays open
	}
	h.prepared[query] = statement
	return statement, nil
}

// QueryContext runs a prepared query.
func (h *handle) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	statement, err := h.statement(ctx, query) //nolint:sqlclosecheck // it is kept for the next call
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx, args...)
}

// change runs a prepared statement that writes, and says how many rows it was about.
func (h *handle) change(ctx context.Context, query string, args ...any) (rows int64, err error) {
	statement, err := h.statement(ctx, query) //nolint:sqlclosecheck // it is kept for the next call
	if err != nil {
		return 0, err
	}
	err = h.write(ctx, func() error {
		result, err := statement.ExecContext(ctx, args...)
		if err != nil {
			return err
		}
		rows, err = result.RowsAffected()
		return err
	})
	return rows, err
}

// transact runs fn in a transaction, which is committed if fn returns no error. The first statement of fn has to write,
// so that it waits for the lock there, however the handle begins transactions.
func (h *handle) transact(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return h.write(ctx, func() error {
		tx, err := h.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // undoes nothing after the commit
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Commit()
	})
}

// queryer is a [handle] or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// scanner is a row.
type scanner interface {
	Scan(dest ...any) error
}

// collect runs a query and returns its rows, each read by scan. A statement that writes needs a transaction.
func collect[T any](
	ctx context.Context, db queryer, scan func(row scanner) (T, error), query string, args ...any,
) (all []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// first is collect for queries that give one row or none, which is [sql.ErrNoRows].
func first[T any](
	ctx context.Context, db queryer, scan func(row scanner) (T, error), query string, args ...any,
) (one T, err error) {
	all, err := collect(ctx, db, scan, query, args...)
	if err == nil && len(all) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return one, err
	}
	return all[0], nil
}

func number[T int | int64 | uint64](row scanner) (n T, err error) {
	err = row.Scan(&n)
	return n, err
}
