package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"github.com/jetonauth/jeton"
)

const (
	// A row says when the allowance of a key is whole again: each event moves that by its part of the window, and none may move it
	// further than a window from now (the generic cell rate algorithm). Where it would, no row changes.
	takeLimit = `INSERT INTO jeton_limits (key, whole_at) VALUES (?1, ?2 + ?3)
		ON CONFLICT (key) DO UPDATE SET whole_at = max(whole_at, ?2) + ?3 WHERE max(whole_at, ?2) + ?3 <= ?2 + ?4
		RETURNING whole_at`

	// lowerLimit takes back what no honest clock can have set.
	lowerLimit = `UPDATE jeton_limits SET whole_at = ?2 + ?4 WHERE key = ?1 AND whole_at + ?3 > ?2 + 2 * ?4 RETURNING whole_at`

	selectLimit = `SELECT whole_at FROM jeton_limits WHERE key = ?`

	returnLimit = `UPDATE jeton_limits SET whole_at = whole_at - ?3 WHERE key = ?1 AND whole_at > ?2`
)

// Take counts one event, unless limit is reached already: then it returns how long to wait until it is not. It counts in
// microseconds. Keys are kept as their SHA-256. Nobody waits longer than a window, also if the clock was ahead by more before.
func (s *Store) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (wait time.Duration, err error) {
	sum, part := sha256.Sum256([]byte(key)), partOf(limit)
	err = s.write.transact(ctx, func(tx *sql.Tx) error {
		_, err := first(ctx, tx, number[int64], takeLimit, sum[:], now.UnixMicro(), part, limit.Window.Microseconds())
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		whole, err := first(ctx, tx, number[int64], lowerLimit, sum[:], now.UnixMicro(), part, limit.Window.Microseconds())
		if errors.Is(err, sql.ErrNoRows) {
			whole, err = first(ctx, tx, number[int64], selectLimit, sum[:])
		}
		wait = time.Duration(whole+part-limit.Window.Microseconds()-now.UnixMicro()) * time.Microsecond
		return err
	})
	if err != nil {
		return 0, translate(ctx, "take", err)
	}
	return wait, nil
}

// Return takes back an event that Take counted.
func (s *Store) Return(ctx context.Context, key string, limit jeton.Limit, now time.Time) error {
	sum := sha256.Sum256([]byte(key))
	_, err := s.write.change(ctx, returnLimit, sum[:], now.UnixMicro(), partOf(limit))
	return translate(ctx, "return", err)
}

// partOf is the part of a window that one event takes, in microseconds.
func partOf(limit jeton.Limit) int64 { return limit.Window.Microseconds() / int64(limit.Count) }
