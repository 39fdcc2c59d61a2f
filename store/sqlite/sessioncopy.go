package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

const (
	selectSessions = `SELECT ` + sessionColumns + ` FROM jeton_sessions WHERE id > ? ORDER BY id LIMIT ?`

	selectCounter = `SELECT n FROM jeton_counter`

	raiseCounter = `UPDATE jeton_counter SET n = max(n, ?)`
)

// ListSessions returns at most limit sessions by their ids, from the first id after the given one on.
func (s *Store) ListSessions(ctx context.Context, after string, limit int) ([]*jeton.Session, error) {
	sessions, err := collect(ctx, s.read, scanSession, selectSessions, after, max(limit, 0))
	return sessions, translate(ctx, "list sessions", err)
}

// AddSessions adds sessions just as they are, all or none. An ID that is there already, or twice among them, is [jeton.ErrConflict].
func (s *Store) AddSessions(ctx context.Context, sessions []*jeton.Session) error {
	err := s.write.transact(ctx, func(tx *sql.Tx) error {
		return insertAll(ctx, tx, insertSession, sessions, sessionValues)
	})
	return translate(ctx, "add sessions", err)
}

// LastRevocation is the highest number that was ever given to a revocation, also if that was pruned; 0 if there was none.
func (s *Store) LastRevocation(ctx context.Context) (uint64, error) {
	n, err := first(ctx, s.read, number[uint64], selectCounter)
	return n, translate(ctx, "last revocation", err)
}

// AddRevocations adds revocations with the numbers that they have, all or none, and gives higher numbers only from then on, also than
// last. A number that is there already, or twice among them, is [jeton.ErrConflict].
func (s *Store) AddRevocations(ctx context.Context, entries []revoke.Entry, last uint64) error {
	for _, entry := range entries {
		last = max(last, entry.Number)
	}
	err := s.write.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, raiseCounter, last); err != nil {
			return err
		}
		return insertAll(ctx, tx, insertRevocation, entries, entryValues)
	})
	return translate(ctx, "add revocations", err)
}

// insertAll inserts a row for each one of list, which has these values.
func insertAll[T any](ctx context.Context, tx *sql.Tx, query string, list []T, values func(T) []any) (err error) {
	insert, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for _, one := range list {
		if _, err := insert.ExecContext(ctx, values(one)...); err != nil {
			return err
		}
	}
	return nil
}
