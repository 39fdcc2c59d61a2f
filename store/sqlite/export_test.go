package sqlite

import (
	"context"
	"io/fs"

	"github.com/jetonauth/jeton"
)

// BeginEnding is EndSessions without the commit, which it returns.
func (s *Store) BeginEnding(ctx context.Context, e jeton.Ending) (commit func() error, err error) {
	tx, err := s.write.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err := endSessions(ctx, tx, e); err != nil {
		_ = tx.Rollback()
		return nil, err
	}
	return tx.Commit, nil
}

// Translate is translate.
func Translate(ctx context.Context, err error) error { return translate(ctx, "test", err) }

// URI is the name under which a path is opened.
func URI(path string) string { return uri(path, nil) }

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
	if _, err := s.write.change(ctx, createMigrations); err != nil {
		return err
	}
	for _, m := range migrations[:version] {
		if err := s.apply(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// CountMigrations reads migrations and says how many there are.
func CountMigrations(files fs.FS) (int, error) {
	migrations, err := readMigrations(files)
	return len(migrations), err
}

// Lookups returns the statements that look for something, which a big table must not slow down.
func Lookups() []string {
	return []string{
		selectUserByID, selectUserByEmail, updateUser, updateHash, deleteUser, selectSession, selectSessionsByUser,
		advanceSession, extendAccess, endSession, endSessionsOfUser, selectRevocations, pruneSessions, pruneRevocations,
		updateKeyTimes, selectUsers, selectSessions, selectClient, deleteClient, selectLimit, returnLimit, pruneLimits,
	}
}

// Link is link.
func Link(empty, path string) error { return link(empty, path) }
