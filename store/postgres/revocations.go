package postgres

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

const (
	endSession = `UPDATE jeton_sessions
		SET ended_at = $4, end_reason = $5, kept_until = coalesce(access_until, '1970-01-01 00:00:00+00')
		WHERE id = $1 AND ($2 = '' OR user_id = $2) AND id <> $3 AND ended_at IS NULL
		RETURNING id, access_until`

	// Rows are locked in one order, so that two who end sessions of a user do not wait for each other.
	endSessionsOfUser = `WITH mine AS (
			SELECT id FROM jeton_sessions WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL ORDER BY id FOR UPDATE
		)
		UPDATE jeton_sessions AS s
		SET ended_at = $3, end_reason = $4, kept_until = coalesce(s.access_until, '1970-01-01 00:00:00+00')
		FROM mine WHERE s.id = mine.id
		RETURNING s.id, s.access_until`

	// These change nothing but have the commit wait for a synchronous standby, which then has everything that was committed before.
	// There is no index of a user's sessions that have ended.
	confirmSession = `UPDATE jeton_sessions SET end_reason = end_reason
		WHERE id = $1 AND ($2 = '' OR user_id = $2) AND id <> $3 AND ended_at IS NOT NULL`
	confirmAny = `UPDATE jeton_counter SET n = n WHERE id = 1`

	// takeNumbers raises the counter by the number of entries and inserts them with the numbers between. Nobody else can
	// take one before this transaction has ended.
	takeNumbers = `WITH taken AS (
			UPDATE jeton_counter SET n = n + $1::bigint WHERE id = 1 RETURNING n
		), inserted AS (
			INSERT INTO jeton_revocations (number, id, expires_at)
			SELECT taken.n - $1::bigint + given.i, given.id, given.expires_at
			FROM taken, unnest($2::bytea[], $3::timestamptz[]) WITH ORDINALITY AS given (id, expires_at, i)
		)`

	insertRevocations = takeNumbers + ` SELECT n FROM taken`

	// insertAndNotify is insertRevocations and a notification, which the database sends after the commit.
	insertAndNotify = takeNumbers + ` SELECT n, pg_notify('` + channel + `', n::text) FROM taken`

	selectRevocations = `SELECT number, id, expires_at FROM jeton_revocations WHERE number > $1 ORDER BY number LIMIT $2`
)

// EndSessions marks sessions ended and inserts their revocations in one transaction, and returns the revocations, lowest
// first. If neither e.SessionID nor e.UserID is set, it ends none. Where a synchronous standby confirms what is written, no error means
// that it knows of the end of all these sessions, those that were ended before among them.
func (s *Store) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	if e.SessionID == "" && e.UserID == "" || !isText(e.SessionID+e.UserID) {
		return nil, translate(ctx, "end sessions", ctx.Err())
	}
	var entries []revoke.Entry
	err := s.transactNotifying(ctx, func(ctx context.Context, tx pgx.Tx, insert string) (err error) {
		entries, err = endSessions(ctx, tx, insert, e)
		return err
	})
	if err != nil {
		return nil, translate(ctx, "end sessions", err)
	}
	return entries, nil
}

// transactNotifying is transact with the statement to insert revocations with.
func (s *Store) transactNotifying(ctx context.Context, fn func(ctx context.Context, tx pgx.Tx, insert string) error) error {
	insert, err := s.insertStatement(ctx)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error { return fn(ctx, tx, insert) })
}

// endSessions takes the numbers last, so that others wait for them as briefly as can be.
func endSessions(ctx context.Context, tx pgx.Tx, insert string, e jeton.Ending) ([]revoke.Entry, error) {
	ended, err := markEnded(ctx, tx, e)
	if err != nil {
		return nil, err
	}
	if len(ended) == 0 {
		return nil, confirmEnded(ctx, tx, e)
	}
	var entries []revoke.Entry
	for _, session := range ended {
		if until := session.accessUntil.Add(e.RevokeUntil); until.After(e.At) {
			entries = append(entries, revoke.Entry{ID: revoke.IDOf(session.id), ExpiresAt: stored(until)})
		}
	}
	return entries, insertEntries(ctx, tx, insert, entries)
}

// endedSession is what matters of a session that has just been ended.
type endedSession struct {
	id          string
	accessUntil time.Time
}

// markEnded marks the sessions that e is about.
func markEnded(ctx context.Context, tx pgx.Tx, e jeton.Ending) ([]endedSession, error) {
	query, args := endSessionsOfUser, []any{e.UserID, e.Except, timestamp(e.At), e.Reason}
	if e.SessionID != "" {
		query, args = endSession, append([]any{e.SessionID}, args...)
	}
	rows, _ := tx.Query(ctx, query, args...) // rows have the error, too
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (ended endedSession, err error) {
		err = row.Scan(&ended.id, instant{&ended.accessUntil})
		return ended, err
	})
}

// confirmEnded makes sure of sessions that have been ended before, perhaps by a call that was given up while it waited for the standby to have
// that: nobody is told that there was nothing to do while the standby knows of nothing.
func confirmEnded(ctx context.Context, tx pgx.Tx, e jeton.Ending) error {
	query, args := confirmAny, []any(nil)
	if e.SessionID != "" {
		query, args = confirmSession, []any{e.SessionID, e.UserID, e.Except}
	}
	_, err := tx.Exec(ctx, query, args...)
	return err
}

var errNoCounter = errors.New("table jeton_counter has lost its row")

// insertEntries inserts entries and writes their numbers into them.
func insertEntries(ctx context.Context, tx pgx.Tx, insert string, entries []revoke.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	ids, times := make([][]byte, len(entries)), make([]*time.Time, len(entries))
	for i, entry := range entries {
		ids[i], times[i] = entry.ID[:], timestamp(entry.ExpiresAt)
	}
	rows, _ := tx.Query(ctx, insert, len(entries), ids, times) // rows have the error, too
	last, err := pgx.CollectExactlyOneRow(rows, scanNumber)
	if errors.Is(err, pgx.ErrNoRows) {
		return errNoCounter
	}
	for i := range entries {
		entries[i].Number = last - uint64(len(entries)-1-i)
	}
	return err
}

// scanNumber reads the first column.
func scanNumber(row pgx.CollectableRow) (n uint64, err error) {
	dest := make([]any, len(row.FieldDescriptions())) // nil is not read
	dest[0] = &n
	return n, row.Scan(dest...)
}

// RevokeToken inserts a revocation that is not a session's end.
func (s *Store) RevokeToken(ctx context.Context, id revoke.ID, expiresAt time.Time) (revoke.Entry, error) {
	entries := []revoke.Entry{{ID: id, ExpiresAt: stored(expiresAt)}}
	err := s.transactNotifying(ctx, func(ctx context.Context, tx pgx.Tx, insert string) error {
		return insertEntries(ctx, tx, insert, entries)
	})
	if err != nil {
		return revoke.Entry{}, translate(ctx, "revoke token", err)
	}
	return entries[0], nil
}

// Revocations returns at most limit entries with a number above after, lowest first.
func (s *Store) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	if after > math.MaxInt64 || limit <= 0 {
		return nil, translate(ctx, "revocations", ctx.Err())
	}
	entries, err := collectLatest(ctx, s, scanEntry, selectRevocations, int64(after), limit)
	return entries, translate(ctx, "revocations", err)
}

func scanEntry(row pgx.CollectableRow) (entry revoke.Entry, err error) {
	err = row.Scan(&entry.Number, digest{(*[32]byte)(&entry.ID)}, instant{&entry.ExpiresAt})
	return entry, err
}
