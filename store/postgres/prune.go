package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Rows are chosen and locked, at most 1000 at a time so that others are not held up for long, and then removed. Those that
// another node has locked, to remove them or to do something else, are passed over.
const (
	overSessions = `SELECT id FROM jeton_sessions
		WHERE kept_until <= $1 AND (access_until IS NULL OR access_until <= $1) AND (
			ended_at IS NOT NULL OR idle_until IS NULL OR expires_at IS NULL OR idle_until <= $1 OR expires_at <= $1
		)
		ORDER BY kept_until LIMIT 1000 FOR UPDATE SKIP LOCKED`
	removeSessions = `DELETE FROM jeton_sessions WHERE id = ANY ($1::text[])`

	overRevocations = `SELECT number FROM jeton_revocations WHERE expires_at <= $1
		ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED`
	removeRevocations = `DELETE FROM jeton_revocations WHERE number = ANY ($1::bigint[])`

	overLimits = `SELECT key FROM jeton_limits WHERE whole_at <= $1
		ORDER BY whole_at LIMIT 1000 FOR UPDATE SKIP LOCKED`
	removeLimits = `DELETE FROM jeton_limits WHERE key = ANY ($1::text[])`

	overStaged = `SELECT import_id, number FROM jeton_staged_users WHERE staged_at <= now() - INTERVAL '1 day'
		ORDER BY staged_at LIMIT 1000 FOR UPDATE SKIP LOCKED`
	removeStaged = `DELETE FROM jeton_staged_users WHERE (import_id, number) IN (
			SELECT gone.import_id, gone.number FROM unnest($1::text[], $2::bigint[]) AS gone (import_id, number)
		)`
)

// Prune removes sessions that are over, once their access tokens are too, revocations that have expired, limits that
// say nothing any more, and what imports of users have left that were cut off more than a day ago. It removes at most 1000
// of each and is to be called again until it removes none. Several nodes may do so at once: none waits for what another one
// is removing. With an error it returns how many had gone before.
func (s *Store) Prune(ctx context.Context, now time.Time) (removed int, err error) {
	for _, step := range []func() (int, error){
		func() (int, error) { return prune[string](ctx, s, overSessions, removeSessions, stored(now)) },
		func() (int, error) { return prune[int64](ctx, s, overRevocations, removeRevocations, stored(now)) },
		func() (int, error) { return prune[string](ctx, s, overLimits, removeLimits, now.UnixNano()) },
		func() (int, error) { return s.pruneStaged(ctx) },
	} {
		n, err := step()
		if err != nil {
			return removed, translate(ctx, "prune", err)
		}
		removed += n
	}
	return removed, nil
}

// prune removes rows by their keys.
func prune[K any](ctx context.Context, s *Store, choose, remove string, now any) (removed int, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, choose, now) // rows have the error, too
		keys, err := pgx.CollectRows(rows, pgx.RowTo[K])
		if removed = 0; err != nil || len(keys) == 0 {
			return err
		}
		tag, err := tx.Exec(ctx, remove, keys)
		removed = int(tag.RowsAffected())
		return err
	})
	return removed, err
}

// pruneStaged goes by the clock of the database, since an import may still be under way whatever time it is for the caller.
func (s *Store) pruneStaged(ctx context.Context) (removed int, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var imports []string
		var numbers []int64
		rows, _ := tx.Query(ctx, overStaged) // rows have the error, too
		var id string
		var number int64
		_, err := pgx.ForEachRow(rows, []any{&id, &number}, func() error {
			imports, numbers = append(imports, id), append(numbers, number)
			return nil
		})
		if removed = 0; err != nil || len(imports) == 0 {
			return err
		}
		tag, err := tx.Exec(ctx, removeStaged, imports, numbers)
		removed = int(tag.RowsAffected())
		return err
	})
	return removed, err
}
