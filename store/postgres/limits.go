package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
)

// A key's row has one time, when its allowance is whole again: the generic cell rate algorithm. An event moves it by a step,
// the window divided by the count, and may happen if it then is no further away than the window.
const (
	// takeLimit gives no time if it has counted, and otherwise how long there is to wait: as far as this statement could see
	// when it began, which may be nothing if another one counted at the same moment.
	takeLimit = `WITH taken AS (
			INSERT INTO jeton_limits AS l (key, whole_at) VALUES ($1, $2::bigint + $3::bigint)
			ON CONFLICT (key) DO UPDATE SET whole_at = greatest(l.whole_at, $2::bigint) + $3::bigint
			WHERE l.whole_at + $3::bigint <= $2::bigint + $4::bigint
			RETURNING key
		)
		SELECT true, 0 FROM taken
		UNION ALL
		SELECT false, whole_at + $3::bigint - $2::bigint - $4::bigint FROM jeton_limits
		WHERE key = $1 AND NOT EXISTS (SELECT 1 FROM taken)`

	// lowerLimit takes back what no honest clock can have set.
	lowerLimit = `UPDATE jeton_limits SET whole_at = $2::bigint + $4::bigint
		WHERE key = $1 AND whole_at + $3::bigint > $2::bigint + 2 * $4::bigint`

	returnLimit = `UPDATE jeton_limits SET whole_at = whole_at - $3::bigint WHERE key = $1 AND whole_at > $2::bigint`
)

// longestWindow keeps times in nanoseconds within 64 bits.
const longestWindow = 100 * 365 * 24 * time.Hour

// leastWait is the wait for an allowance that others have used up at this very moment.
const leastWait = time.Millisecond

// Take counts one event, unless limit is reached already: then it returns how long to wait until it is not. All nodes count
// together, by their own clocks. Nobody waits longer than a window, also if another node's clock was ahead by more when it counted.
func (s *Store) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	step, window := steps(limit)
	took, err := changed(ctx, s, scanTake, takeLimit, key, now.UnixNano(), step, window)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return leastWait, nil
	case err != nil:
		return 0, translate(ctx, "take", err)
	case took.counted:
		return 0, nil
	case took.wait > time.Duration(window):
		// Only then: if it were lowered to what this node's clock calls a window whenever it is a little above, two nodes whose clocks differ
		// by more than a step would count for nothing.
		_, err := s.change(ctx, lowerLimit, key, now.UnixNano(), step, window)
		return max(time.Duration(step), leastWait), translate(ctx, "take", err)
	}
	return max(took.wait, leastWait), nil
}

// Return takes back an event that Take counted.
func (s *Store) Return(ctx context.Context, key string, limit jeton.Limit, now time.Time) error {
	step, _ := steps(limit)
	_, err := s.change(ctx, returnLimit, key, now.UnixNano(), step)
	return translate(ctx, "return", err)
}

// steps returns by how many nanoseconds an event moves the time of its key, and how far that may go.
func steps(limit jeton.Limit) (step, window int64) {
	window = int64(min(limit.Window, longestWindow))
	return window / int64(limit.Count), window
}

// taking is what became of an event.
type taking struct {
	counted bool
	wait    time.Duration
}

func scanTake(row pgx.CollectableRow) (t taking, err error) {
	var wait int64
	err = row.Scan(&t.counted, &wait)
	t.wait = time.Duration(wait)
	return t, err
}
