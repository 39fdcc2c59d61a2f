package sqlite

import (
	"context"
	"database/sql"
	"math"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

const (
	endSession = `UPDATE jeton_sessions SET ended_at = ?4, end_reason = ?5
		WHERE id = ?1 AND (?2 = '' OR user_id = ?2) AND id <> ?3 AND ended_at IS NULL
		RETURNING id, access_until`

	endSessionsOfUser = `UPDATE jeton_sessions SET ended_at = ?3, end_reason = ?4
		WHERE user_id = ?1 AND ?1 <> '' AND id <> ?2 AND ended_at IS NULL
		RETURNING id, access_until`

	takeNumber = `UPDATE jeton_counter SET n = n + 1 RETURNING n`

	insertRevocation = `INSERT INTO jeton_revocations (number, id, expires_at) VALUES (?, ?, ?)`

	selectRevocations = `SELECT number, id, expires_at FROM jeton_revocations WHERE number > ? ORDER BY number LIMIT ?`
)

// EndSessions marks sessions ended and inserts their revocations in one transaction, and returns the revocations, lowest
// first. If neither e.SessionID nor e.UserID is set, it ends none.
func (s *Store) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	var entries []revoke.Entry
	err := s.write.transact(ctx, func(tx *sql.Tx) (err error) {
		entries, err = endSessions(ctx, tx, e)
		return err
	})
	if err != nil {
		return nil, translate(ctx, "end sessions", err)
	}
	return entries, nil
}

func endSessions(ctx context.Context, tx *sql.Tx, e jeton.Ending) ([]revoke.Entry, error) {
	ended, err := markEnded(ctx, tx, e)
	if err != nil {
		return nil, err
	}
	var entries []revoke.Entry
	for _, session := range ended {
		until := session.accessUntil.Add(e.RevokeUntil)
		if !until.After(e.At) {
			continue
		}
		entry, err := insertEntry(ctx, tx, revoke.IDOf(session.id), until)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// endedSession is what matters of a session that has just been ended.
type endedSession struct {
	id          string
	accessUntil time.Time
}

// markEnded marks the sessions that e is about.
func markEnded(ctx context.Context, tx *sql.Tx, e jeton.Ending) ([]endedSession, error) {
	if e.SessionID != "" {
		return collect(ctx, tx, scanEnded, endSession, e.SessionID, e.UserID, e.Except, micros(e.At), e.Reason)
	}
	return collect(ctx, tx, scanEnded, endSessionsOfUser, e.UserID, e.Except, micros(e.At), e.Reason)
}

func scanEnded(row scanner) (ended endedSession, err error) {
	err = row.Scan(&ended.id, instant{&ended.accessUntil})
	return ended, err
}

// RevokeToken inserts a revocation that is not a session's end.
func (s *Store) RevokeToken(ctx context.Context, id revoke.ID, expiresAt time.Time) (revoke.Entry, error) {
	var entry revoke.Entry
	err := s.write.transact(ctx, func(tx *sql.Tx) (err error) {
		entry, err = insertEntry(ctx, tx, id, expiresAt)
		return err
	})
	if err != nil {
		return revoke.Entry{}, translate(ctx, "revoke token", err)
	}
	return entry, nil
}

// insertEntry takes the next number, which nobody else can do before tx has ended, and inserts an entry with it.
func insertEntry(ctx context.Context, tx *sql.Tx, id revoke.ID, expiresAt time.Time) (revoke.Entry, error) {
	n, err := first(ctx, tx, number[uint64], takeNumber)
	if err != nil {
		return revoke.Entry{}, err
	}
	entry := revoke.Entry{Number: n, ID: id, ExpiresAt: expiresAt.UTC().Truncate(time.Microsecond)}
	_, err = tx.ExecContext(ctx, insertRevocation, entryValues(entry)...)
	return entry, err
}

// entryValues are what insertRevocation inserts.
func entryValues(entry revoke.Entry) []any {
	return []any{entry.Number, entry.ID[:], micros(entry.ExpiresAt)}
}

// Revocations returns at most limit entries with a number above after, lowest first.
func (s *Store) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	if after > math.MaxInt64 || limit <= 0 {
		return nil, translate(ctx, "revocations", ctx.Err())
	}
	entries, err := collect(ctx, s.read, scanEntry, selectRevocations, after, limit)
	return entries, translate(ctx, "revocations", err)
}

func scanEntry(row scanner) (entry revoke.Entry, err error) {
	err = row.Scan(&entry.Number, digest{(*[32]byte)(&entry.ID)}, instant{&entry.ExpiresAt})
	return entry, err
}
