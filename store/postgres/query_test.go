package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// deadline is how long anything may take that a test waits for.
const deadline = 30 * time.Second

// ask returns the one value that a query gives.
func ask[T any](t testing.TB, pool *pgxpool.Pool, query string, args ...any) T {
	t.Helper()
	rows, _ := pool.Query(t.Context(), query, args...)
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// execute runs a statement and ends the test if it fails.
func execute(t testing.TB, pool *pgxpool.Pool, statement string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// until asks again and again whether something has come about, and ends the test if that takes too long.
func until(t *testing.T, what string, done func(ctx context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	for !done(ctx) {
		if ctx.Err() != nil {
			t.Fatalf("%s: not within %v", what, deadline)
		}
	}
}

// blocked waits until a connection with this application_name waits for a lock, and returns its process.
func blocked(t *testing.T, pool *pgxpool.Pool, name string) (pid int32) {
	t.Helper()
	until(t, name+" waits for a lock", func(ctx context.Context) bool {
		const query = `SELECT coalesce(min(pid), 0) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`
		return pool.QueryRow(ctx, query, name).Scan(&pid) == nil && pid != 0
	})
	return pid
}
