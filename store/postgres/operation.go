package postgres

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
)

const (
	// maxRetries is how often an operation is tried again after a deadlock or a conflict with another transaction.
	maxRetries = 5
	// retryPause is the longest wait before the first of these; it doubles with each.
	retryPause = 10 * time.Millisecond
)

// run is retry for an operation that only reads, and does not take for ever.
func (s *Store) run(ctx context.Context, fn func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return retry(ctx, fn)
}

// write is retry for what changes something, once it has a place among the writers.
//
// A success after ctx is over is none: a commit that waits for a synchronous standby when the database is asked to stop is ended by it
// with success, though the standby may not have it. From here that looks like an answer that has come just in time, so this one is
// lost, too, to somebody who has stopped waiting.
func (s *Store) write(ctx context.Context, fn func(ctx context.Context) error) error {
	if err := s.writers.enter(ctx); err != nil {
		return err
	}
	defer s.writers.leave()
	if err := retry(ctx, fn); err != nil {
		return err
	}
	return ctx.Err()
}

// writeWithin is write for what takes no longer than patience, the wait for a place included.
func (s *Store) writeWithin(ctx context.Context, patience time.Duration, fn func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.write(ctx, fn)
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
	return s.writeWithin(ctx, patience, func(ctx context.Context) error {
		return s.begin(ctx, func(tx pgx.Tx) error { return fn(ctx, tx) })
	})
}

// begin runs fn in a transaction, once.
func (s *Store) begin(ctx context.Context, fn func(tx pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{BeginQuery: beginTransaction}, fn)
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
	err = s.writeWithin(ctx, s.patience, func(ctx context.Context) error {
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

// changed is change for a statement that gives one row about what it has done, or none, which is [pgx.ErrNoRows].
func changed[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], query string, args ...any) (one T, err error) {
	err = s.writeWithin(ctx, s.patience, func(ctx context.Context) error {
		one, err = row(ctx, s, scan, query, args)
		return err
	})
	return one, err
}

// row runs a statement once, and reads the first row that it gives.
func row[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], query string, args []any) (T, error) {
	rows, _ := s.pool.Query(ctx, query, args...) // rows have the error, too
	return pgx.CollectOneRow(rows, scan)
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

// showReadOnly gives "on" on a standby, and where somebody has set that nothing may be written.
const showReadOnly = `SHOW transaction_read_only`

var errReadOnly = fmt.Errorf("%w: the database can only be read", jeton.ErrUnavailable)

// collectLatest is collect for what has to be the newest that there is. A standby, to which an address may lead after a failover, and a pooler
// at any time, may know less: its answer is errReadOnly. Both are asked at once, so that it is the same server that answers.
func collectLatest[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], query string, args ...any) (all []T, err error) {
	err = s.run(ctx, func(ctx context.Context) error {
		var batch pgx.Batch
		batch.Queue(showReadOnly).Query(func(rows pgx.Rows) error {
			readOnly, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
			if err == nil && readOnly != "off" {
				return errReadOnly
			}
			return err
		})
		batch.Queue(query, args...).Query(func(rows pgx.Rows) (err error) {
			all, err = pgx.CollectRows(rows, scan)
			return err
		})
		return s.pool.SendBatch(ctx, &batch).Close()
	})
	return all, err
}

// first is collect for queries that give one row or none, which is [pgx.ErrNoRows].
func first[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], query string, args ...any) (one T, err error) {
	err = s.run(ctx, func(ctx context.Context) error {
		one, err = row(ctx, s, scan, query, args)
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
