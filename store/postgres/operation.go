package postgres

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
)

const (
	// maxRetries is how often an operation is tried again after a deadlock or a conflict with another transaction.
	maxRetries = 5
	// retryPause is the longest wait before the first of these; it doubles with each.
	retryPause = 10 * time.Millisecond
)

// run is retry for an operation, which does not take for ever.
func (s *Store) run(ctx context.Context, fn func(ctx context.Context) error) error {
	return within(ctx, s.patience, fn)
}

// within is retry for what takes no longer than patience.
func within(ctx context.Context, patience time.Duration, fn func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return retry(ctx, fn)
}

// retry calls fn, and calls it again where the database asks for that: then it has done nothing.
func retry(ctx context.Context, fn func(ctx context.Context) error) error {
	for retries := range maxRetries {
		err := fn(ctx)
		if !isRetryable(err) || wait(ctx, jitter(retryPause<<retries)) != nil {
			return err
		}
	}
	return fn(ctx)
}

// wait returns the context's error if that is over first.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// jitter is some time up to d, so that those who got into each other's way do not meet again.
func jitter(d time.Duration) time.Duration {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	return time.Duration(binary.NativeEndian.Uint64(random[:]) % uint64(d))
}

// beginTransaction has the database end a transaction whose node has not been heard of for 5 s. Otherwise a node that vanishes without a word
// between two statements keeps its locks until TCP gives up, two hours later, and what all nodes need to sign somebody out may be among
// them. It is no parameter of the connection, since poolers refuse those that they do not know.
const beginTransaction = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 5000`

// transact runs fn in a transaction, which is committed if fn returns no error. fn may be called several times. The
// isolation is the weakest that all of these databases have; where one has only a stronger one, that is as good.
func (s *Store) transact(ctx context.Context, fn func(ctx context.Context, tx pgx.Tx) error) error {
	return s.transactWithin(ctx, s.patience, fn)
}

// transactWithin is transact for what may take longer.
func (s *Store) transactWithin(ctx context.Context, patience time.Duration, fn func(ctx context.Context, tx pgx.Tx) error) error {
	return within(ctx, patience, func(ctx context.Context) error {
		options := pgx.TxOptions{BeginQuery: beginTransaction}
		return pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error { return fn(ctx, tx) })
	})
}

// copyTarget is a pool, where what is copied is a transaction of its own, or a transaction.
type copyTarget interface {
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

// copyRows adds rows to a table, all or none. The columns are as a statement names them.
func copyRows(ctx context.Context, to copyTarget, table, columns string, rows [][]any) error {
	names := strings.FieldsFunc(columns, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	_, err := to.CopyFrom(ctx, pgx.Identifier{table}, names, pgx.CopyFromRows(rows))
	return err
}

// change runs a statement that writes, and says how many rows it was about.
func (s *Store) change(ctx context.Context, query string, args ...any) (rows int64, err error) {
	err = s.run(ctx, func(ctx context.Context) error {
		tag, err := s.pool.Exec(ctx, query, args...)
		rows = tag.RowsAffected()
		return err
	})
	return rows, err
}

// changeKeyed is change for a statement whose first argument is a key, which may be anything.
func (s *Store) changeKeyed(ctx context.Context, query, key string, args ...any) (rows int64, err error) {
	if !isText(key) {
		return 0, nil
	}
	return s.change(ctx, query, append([]any{key}, args...)...)
}

// collect runs a query and returns its rows, each read by scan.
func collect[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], query string, args ...any) (all []T, err error) {
	err = s.run(ctx, func(ctx context.Context) error {
		rows, _ := s.pool.Query(ctx, query, args...) // rows have the error, too
		all, err = pgx.CollectRows(rows, scan)
		return err
	})
	return all, err
}

// first is collect for queries that give one row or none, which is [pgx.ErrNoRows].
func first[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], query string, args ...any) (one T, err error) {
	err = s.run(ctx, func(ctx context.Context) error {
		rows, _ := s.pool.Query(ctx, query, args...) // rows have the error, too
		one, err = pgx.CollectOneRow(rows, scan)
		return err
	})
	return one, err
}

// firstKeyed is first for a query by a key, which may be anything.
func firstKeyed[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], query, key string) (one T, err error) {
	if !isText(key) {
		return one, pgx.ErrNoRows
	}
	return first(ctx, s, scan, query, key)
}
