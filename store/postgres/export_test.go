package postgres

import (
	"context"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
)

// BeginEnding is EndSessions without the commit, which it returns.
func (s *Store) BeginEnding(ctx context.Context, e jeton.Ending) (commit func() error, err error) {
	insert, err := s.insertStatement(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		return nil, err
	}
	if _, err := endSessions(ctx, tx, insert, e); err != nil {
		_ = tx.Rollback(ctx)
		return nil, err
	}
	return func() error { return tx.Commit(ctx) }, nil
}

// Translate is translate.
func Translate(ctx context.Context, err error) error { return translate(ctx, "test", err) }

// IsRetryable is isRetryable.
func IsRetryable(err error) bool { return isRetryable(err) }

// WithPatience returns a store over the same pool that waits for so long.
func (s *Store) WithPatience(patience time.Duration) *Store {
	return &Store{pool: s.pool, patience: patience, writers: s.writers}
}

// Transact is transact.
func (s *Store) Transact(ctx context.Context, fn func(ctx context.Context, tx pgx.Tx) error) error {
	return s.transact(ctx, fn)
}

// Apply takes one step of a migration.
func (s *Store) Apply(ctx context.Context, version int, script string) error {
	return s.apply(ctx, migration{version: version, name: "test", script: script})
}

// MigrateTo migrates as a program did that knew the first versions only.
func (s *Store) MigrateTo(ctx context.Context, version int) error {
	migrations, err := readMigrations(migrationFiles)
	if err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	for _, m := range migrations[:version] {
		if err := s.apply(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// Scripts returns those of all migrations.
func Scripts() ([]string, error) {
	migrations, err := readMigrations(migrationFiles)
	scripts := make([]string, len(migrations))
	for i, m := range migrations {
		scripts[i] = m.script
	}
	return scripts, err
}

// CountMigrations reads migrations and says how many there are.
func CountMigrations(files fs.FS) (int, error) {
	migrations, err := readMigrations(files)
	return len(migrations), err
}

// AdvanceIn is AdvanceSession in a transaction.
func AdvanceIn(ctx context.Context, tx pgx.Tx, a jeton.Advance) error {
	_, err := tx.Exec(ctx, advanceSession, append([]any{a.SessionID}, advanceArguments(a)...)...)
	return err
}

// Statement is one with values as the store gives.
type Statement struct {
	SQL  string
	Args []any
}

// HotStatements returns those that a request waits for, or that are run again and again, which a big table must not slow
// down. The values are of rows that are there; now is before anything is over.
func HotStatements(now time.Time) map[string]Statement {
	tag := make([]byte, 32)
	return map[string]Statement{
		"user by id":          {selectUserByID, []any{"user-7"}},
		"user by e-mail":      {selectUserByEmail, []any{"7@example.com"}},
		"users":               {selectUsers, []any{[]byte("user-7"), 100}},
		"taken ids":           {selectTakenIDs, []any{[]string{"user-7", "nobody"}}},
		"taken keys":          {selectTakenKeys, []any{[]string{"7@example.com", "nobody"}}},
		"sample of users":     {selectSample, nil},
		"delete staged":       {deleteStaged, []any{"import-7", 100, 200}},
		"update user":         {updateUser, []any{"user-7", "x", nil, nil, nil, nil, now}},
		"set password":        {updateHash, []any{"user-7", "", "x", nil}},
		"delete user":         {deleteUser, []any{"user-7"}},
		"session by id":       {selectSession, []any{"session-7"}},
		"sessions by user":    {selectSessionsByUser, []any{"user-7", now}},
		"sessions":            {selectSessions, []any{[]byte("session-7"), 100}},
		"advance session":     {advanceSession, []any{"session-7", 0, tag, tag, now, now, now, "", "", now}},
		"extend access":       {extendAccess, []any{"session-7", now}},
		"end session":         {endSession, []any{"session-7", "", "", now, ""}},
		"confirm session":     {confirmSession, []any{"session-7", "", ""}},
		"confirm any":         {confirmAny, nil},
		"end sessions":        {endSessionsOfUser, []any{"user-7", "", now, ""}},
		"insert revocations":  {insertRevocations, []any{1, [][]byte{tag}, []time.Time{now}}},
		"insert and notify":   {insertAndNotify, []any{1, [][]byte{tag}, []time.Time{now}}},
		"revocations":         {selectRevocations, []any{49_990, 1000}},
		"revocations at once": {selectRevocations, []any{0, 1000}},
		"take":                {takeLimit, []any{"key-7", now.UnixNano(), int64(time.Second), int64(time.Minute)}},
		"lower limit":         {lowerLimit, []any{"key-7", now.UnixNano(), int64(time.Second), int64(time.Minute)}},
		"return":              {returnLimit, []any{"key-7", now.UnixNano(), int64(time.Second)}},
		"over sessions":       {overSessions, []any{now}},
		"over revocations":    {overRevocations, []any{now}},
		"over limits":         {overLimits, []any{now.UnixNano()}},
		"over staged":         {overStaged, nil},
		"remove staged":       {removeStaged, []any{[]string{"import-7", "import-8"}, []int64{7, 8}}},
		"remove sessions":     {removeSessions, []any{[]string{"session-7", "session-8"}}},
		"remove revocations":  {removeRevocations, []any{[]int64{7, 8}}},
		"remove limits":       {removeLimits, []any{[]string{"key-7", "key-8"}}},
	}
}
