package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

const (
	// sessionIDBytes are the bytes of id as the index has them.
	sessionIDBytes = `decode(replace(id, '\', '\\'), 'escape')`

	selectSessions = `SELECT ` + sessionColumns + ` FROM jeton_sessions WHERE ` + sessionIDBytes + ` > $1
		ORDER BY ` + sessionIDBytes + ` LIMIT $2`

	selectCounter = `SELECT n FROM jeton_counter WHERE id = 1`

	raiseCounter = `UPDATE jeton_counter SET n = greatest(n, $1::bigint) WHERE id = 1`
)

// ListSessions returns at most limit sessions by their ids, in the order of their bytes, from the first id after the given one on.
func (s *Store) ListSessions(ctx context.Context, after string, limit int) ([]*jeton.Session, error) {
	if limit <= 0 {
		return nil, translate(ctx, "list sessions", ctx.Err())
	}
	sessions, err := collect(ctx, s, scanSession, selectSessions, []byte(after), limit)
	return sessions, translate(ctx, "list sessions", err)
}

// AddSessions adds sessions as they are, all or none. An ID that is there already, or twice among them, is [jeton.ErrConflict].
func (s *Store) AddSessions(ctx context.Context, sessions []*jeton.Session) error {
	rows := make([][]any, len(sessions))
	for i, session := range sessions {
		rows[i] = sessionValues(session)
	}
	err := s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return copyRows(ctx, tx, `jeton_sessions`, insertedSessionColumns, rows)
	})
	return translate(ctx, "add sessions", err)
}

// LastRevocation is the highest number that was ever given to a revocation, 0 if there was none.
func (s *Store) LastRevocation(ctx context.Context) (uint64, error) {
	n, err := first(ctx, s, scanNumber, selectCounter)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNoCounter
	}
	return n, translate(ctx, "last revocation", err)
}

// AddRevocations adds revocations with the numbers that they have, all or none; later ones get numbers above theirs and last. A number
// that is there already, or twice among them, is [jeton.ErrConflict]. It notifies nobody.
func (s *Store) AddRevocations(ctx context.Context, entries []revoke.Entry, last uint64) error {
	rows := make([][]any, len(entries))
	for i, entry := range entries {
		rows[i] = []any{entry.Number, entry.ID[:], timestamp(entry.ExpiresAt)}
		last = max(last, entry.Number)
	}
	if last > math.MaxInt64 {
		return fmt.Errorf("postgres: add revocations: the number %d is above the highest that can be stored", last)
	}
	err := s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		// First, so that nobody gets a number meanwhile.
		tag, err := tx.Exec(ctx, raiseCounter, int64(last))
		if err == nil && tag.RowsAffected() == 0 {
			err = errNoCounter
		}
		if err != nil {
			return err
		}
		return copyRows(ctx, tx, `jeton_revocations`, `number, id, expires_at`, rows)
	})
	return translate(ctx, "add revocations", err)
}
