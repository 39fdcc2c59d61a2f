package sqlite

import (
	"context"
	"time"
)

// Each statement removes at most 1000 rows, so that it does not hold up other writers for long.
const (
	pruneSessions = `DELETE FROM jeton_sessions WHERE rowid IN
		(SELECT rowid FROM jeton_sessions WHERE removable_at <= ? LIMIT 1000)`

	pruneRevocations = `DELETE FROM jeton_revocations WHERE number IN
		(SELECT number FROM jeton_revocations WHERE expires_at <= ? LIMIT 1000)`

	pruneLimits = `DELETE FROM jeton_limits WHERE key IN (SELECT key FROM jeton_limits WHERE whole_at <= ? LIMIT 1000)`
)

// Prune removes sessions that are over, once their access tokens are too, revocations that have expired, and limits that are
// as if nothing had happened. It removes at most 1000 of each and is to be called again until it removes none. With an error it
// returns how many had gone before.
func (s *Store) Prune(ctx context.Context, now time.Time) (removed int, err error) {
	for _, query := range []string{pruneSessions, pruneRevocations, pruneLimits} {
		n, err := s.write.change(ctx, query, now.UnixMicro())
		if err != nil {
			return removed, translate(ctx, "prune", err)
		}
		removed += int(n)
	}
	return removed, nil
}
