package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jetonauth/jeton"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step from a version of the schema to the next.
type migration struct {
	version int
	name    string
	script  string
}

const (
	createMigrations = `CREATE TABLE IF NOT EXISTS jeton_migrations (
			version    INTEGER NOT NULL PRIMARY KEY,
			name       TEXT    NOT NULL,
			applied_at INTEGER NOT NULL
		) STRICT`

	hasMigrations = `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'jeton_migrations'`

	selectVersion = `SELECT coalesce(max(version), 0) FROM jeton_migrations`

	insertMigration = `INSERT INTO jeton_migrations (version, name, applied_at)
		VALUES (?, ?, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) ON CONFLICT DO NOTHING`
)

// Migrate brings the tables to the version that this program knows, each step in a transaction of its own. It does nothing
// if they are there already, and several processes may call it at once. A database that a newer program has migrated
// is [jeton.ErrNewerSchema], and is left as it is.
func (s *Store) Migrate(ctx context.Context) error {
	migrations, err := readMigrations(migrationFiles)
	if err != nil {
		return err
	}
	if err := s.checkVersion(ctx); err != nil {
		return err
	}
	if _, err := s.write.change(ctx, createMigrations); err != nil {
		return translate(ctx, "migrate", err)
	}
	for _, m := range migrations {
		if err := s.apply(ctx, m); err != nil {
			return translate(ctx, "migrate to "+m.name, err)
		}
	}
	return s.checkVersion(ctx) // a newer program may have done more meanwhile
}

// apply takes one step unless it was taken before. Recording it comes first, and makes everybody else wait.
func (s *Store) apply(ctx context.Context, m migration) error {
	return s.write.transact(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, insertMigration, m.version, m.name)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, m.script)
		return err
	})
}

// SchemaVersion returns the version that the tables have, 0 if there are none, and the one that this program wants. If
// have is less, [Store.Migrate] has to be called first.
func (s *Store) SchemaVersion(ctx context.Context) (have, want int, err error) {
	migrations, err := readMigrations(migrationFiles)
	if err != nil {
		return 0, 0, err
	}
	want = len(migrations)
	tables, err := first(ctx, s.read, number[int], hasMigrations)
	if err == nil && tables > 0 {
		have, err = first(ctx, s.read, number[int], selectVersion)
	}
	return have, want, translate(ctx, "schema version", err)
}

func (s *Store) checkVersion(ctx context.Context) error {
	have, want, err := s.SchemaVersion(ctx)
	if err == nil && have > want {
		err = fmt.Errorf("sqlite: the database is at version %d, this program knows %d: %w", have, want, jeton.ErrNewerSchema)
	}
	return err
}

// readMigrations returns the scripts in the order of their numbers, which begin at 1 and leave none out.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	migrations := make([]migration, len(names))
	for i, path := range names {
		script, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "migrations/"), ".sql")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("sqlite: migration %s is not number %d", name, i+1)
		}
		migrations[i] = migration{version: version, name: name, script: string(script)}
	}
	return migrations, nil
}
