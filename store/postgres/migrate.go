package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

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
			version    BIGINT      NOT NULL PRIMARY KEY,
			name       TEXT        NOT NULL,
			applied_at TIMESTAMPTZ NOT NULL
		)`

	hasMigrations = `SELECT count(*) FROM pg_catalog.pg_tables
		WHERE tablename = 'jeton_migrations' AND schemaname = ANY (current_schemas(false))`

	selectVersion = `SELECT coalesce(max(version), 0) FROM jeton_migrations`

	// The row of version 0 is there to be locked. Advisory locks would need no row, but not all of these databases have
	// them.
	insertLock = `INSERT INTO jeton_migrations (version, name, applied_at) VALUES (0, 'lock', now()) ON CONFLICT DO NOTHING`
	lock       = `SELECT version FROM jeton_migrations WHERE version = 0 FOR UPDATE`

	insertMigration = `INSERT INTO jeton_migrations (version, name, applied_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING`
)

// Migrate brings the tables to the version that this program knows, each step in a transaction of its own. It does nothing
// if they are there already, and then needs no right to create tables. Several nodes may call it at once: one of them
// does the work. A database that a newer program has migrated is [jeton.ErrNewerSchema], and is left as it is. So is one whose encoding is
// not UTF8, which is an error when there is something to do.
//
// Nothing bounds the time that it takes but ctx.
func (s *Store) Migrate(ctx context.Context) error {
	migrations, err := readMigrations(migrationFiles)
	if err != nil {
		return err
	}
	if have, err := s.checkVersion(ctx, len(migrations)); err != nil || have == len(migrations) {
		return err
	}
	if err := s.checkEncoding(ctx); err != nil {
		return translate(ctx, migrating, err)
	}
	if err := s.write(ctx, s.prepare); err != nil {
		return translate(ctx, migrating, err)
	}
	for _, m := range migrations {
		if err := s.apply(ctx, m); err != nil {
			return translate(ctx, migrating+" to "+m.name, err)
		}
	}
	_, err = s.checkVersion(ctx, len(migrations)) // a newer program may have done more meanwhile
	return err
}

// checkEncoding refuses a database that takes bytes for letters, or has not all of them.
func (s *Store) checkEncoding(ctx context.Context) error {
	encoding, err := first(ctx, s, pgx.RowTo[string], `SHOW server_encoding`)
	if err == nil && !strings.EqualFold(encoding, "UTF8") {
		err = fmt.Errorf("the database has the encoding %s, and needs UTF8: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'", encoding)
	}
	return err
}

// prepare makes the table of versions. Who does so at the same moment as another gets an error in place of a table that is
// there already.
func (s *Store) prepare(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, createMigrations)
	if err != nil && !isCode(err, uniqueViolation, duplicateTable, duplicateObject) {
		return err
	}
	_, err = s.pool.Exec(ctx, insertLock)
	return err
}

// apply takes one step unless it was taken before. The step is recorded last: where definitions are not taken back with the
// transaction, a step that was cut off is taken again.
func (s *Store) apply(ctx context.Context, m migration) error {
	step := func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lock); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, selectVersion) // rows have the error, too
		have, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		if err != nil || have >= m.version {
			return err
		}
		if _, err := tx.Exec(ctx, m.script); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, insertMigration, m.version, m.name)
		return err
	}
	return s.write(ctx, func(ctx context.Context) error { return s.begin(ctx, step) })
}

// SchemaVersion returns the version that the tables have, 0 if there are none, and the one that this program wants. If
// have is less, [Store.Migrate] has to be called first.
func (s *Store) SchemaVersion(ctx context.Context) (have, want int, err error) {
	migrations, err := readMigrations(migrationFiles)
	if err != nil {
		return 0, 0, err
	}
	have, err = s.version(ctx)
	return have, len(migrations), translate(ctx, "schema version", err)
}

func (s *Store) version(ctx context.Context) (int, error) {
	tables, err := first(ctx, s, pgx.RowTo[int], hasMigrations)
	if err != nil || tables == 0 {
		return 0, err
	}
	return first(ctx, s, pgx.RowTo[int], selectVersion)
}

// checkVersion returns the version that the tables have unless it is above the one that is wanted.
func (s *Store) checkVersion(ctx context.Context, want int) (have int, err error) {
	have, err = s.version(ctx)
	if err == nil && have > want {
		err = fmt.Errorf("the database is at version %d, this program knows %d: %w", have, want, jeton.ErrNewerSchema)
	}
	return have, translate(ctx, "schema version", err)
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
			return nil, errors.New("postgres: migration " + name + " is not number " + strconv.Itoa(i+1))
		}
		migrations[i] = migration{version: version, name: name, script: string(script)}
	}
	return migrations, nil
}
