package sessions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/postgres"
	"github.com/jetonauth/jeton/store/sqlite"
)

const (
	sqliteName   = "SQLite"
	postgresName = "PostgreSQL"
)

// database is one that was made for a measurement, with its tables.
type database struct {
	name  string
	store store
	// bare is as little as advancing a session can be: one conditional UPDATE, by the connection, and with the durability, of the store.
	bare func(ctx context.Context, a jeton.Advance) error
	// usage is what the tables take by now, once what nobody needs was cleared away.
	usage func(ctx context.Context) (map[string]usage, error)
	// execute runs a statement by itself.
	execute func(ctx context.Context, statement string) error
	// number runs a query of one number; only PostgreSQL is asked for any.
	number func(ctx context.Context, query string) (float64, error)
	// reconnect closes all connections, which makes the server count what they have done; of PostgreSQL only.
	reconnect func()
	// process is that of a server, 0 if there is none.
	process int
	close   func() error
}

// store is what both stores are.
type store interface {
	jeton.Store
	jeton.LimitStore
	jeton.UserImporter
	jeton.SessionCopier
	Migrate(ctx context.Context) error
	Close() error
}

// usage is bytes on disk of a table and of its indexes.
type usage struct{ table, indexes float64 }

func (d *database) serverTime() time.Duration {
	if d == nil || d.process == 0 {
		return 0
	}
	return childrenTime(d.process)
}

// opener makes an empty database. If it is hasty, what is acknowledged need not be on disk, for measuring only what it takes there.
type opener struct {
	name string
	open func(ctx context.Context, hasty bool) (*database, error)
}

// openers are those of the databases that there are.
func (s *servers) openers() []opener {
	all := []opener{{sqliteName, s.openSQLite}}
	if s.postgres != nil {
		all = append(all, opener{postgresName, s.openPostgres})
	}
	return all
}

var errMissed = errors.New("the bare statement has changed no session")

func (s *servers) openSQLite(ctx context.Context, hasty bool) (*database, error) {
	s.databases++
	opened, err := sqlite.Open(filepath.Join(s.dir, fmt.Sprintf("bench%d.db", s.databases)))
	if err != nil {
		return nil, err
	}
	if err := opened.Migrate(ctx); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	write, _ := opened.Handles()
	d := &database{name: sqliteName, store: opened, close: opened.Close}
	d.execute = func(ctx context.Context, statement string) error {
		_, err := write.ExecContext(ctx, statement)
		return err
	}
	if hasty {
		if err := d.execute(ctx, "PRAGMA synchronous = OFF"); err != nil {
			return nil, errors.Join(err, opened.Close())
		}
	}
	d.usage = func(ctx context.Context) (map[string]usage, error) { return sqliteUsage(ctx, write) }
	if d.bare, err = sqliteBare(ctx, write); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return d, nil
}

// sqliteBare prepares the bare statement, which goes with the handle.
func sqliteBare(ctx context.Context, write *sql.DB) (func(context.Context, jeton.Advance) error, error) {
	//nolint:sqlclosecheck // it is used until the handle is closed
	statement, err := write.PrepareContext(ctx, `UPDATE jeton_sessions SET generation = generation + 1, tag_hash = ?
		WHERE id = ? AND generation = ? AND tag_hash = ? AND ended_at IS NULL`)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, a jeton.Advance) error {
		result, err := statement.ExecContext(ctx, a.NextTagHash[:], a.SessionID, a.Generation, a.TagHash[:])
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errors.Join(errMissed, err)
		}
		return nil
	}, nil
}

// sqliteUsage adds up the pages of each table and of its indexes.
func sqliteUsage(ctx context.Context, handle *sql.DB) (map[string]usage, error) {
	rows, err := handle.QueryContext(ctx, `SELECT s.tbl_name, s.type, sum(d.pgsize) FROM dbstat AS d
		JOIN sqlite_schema AS s ON s.name = d.name GROUP BY s.tbl_name, s.type`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has what matters
	found := map[string]usage{}
	for rows.Next() {
		var table, kind string
		var bytes float64
		if err := rows.Scan(&table, &kind, &bytes); err != nil {
			return nil, err
		}
		u := found[table]
		if kind == "index" {
			u.indexes += bytes
		} else {
			u.table += bytes
		}
		found[table] = u
	}
	return found, rows.Err()
}

func (s *servers) openPostgres(ctx context.Context, hasty bool) (*database, error) {
	name, err := s.newDatabase(ctx)
	if err != nil {
		return nil, err
	}
	var parameters []string
	if hasty {
		parameters = []string{"synchronous_commit", "off"}
	}
	opened, err := postgres.Open(ctx, s.dsn(name, parameters...))
	if err != nil {
		return nil, err
	}
	if err := opened.Migrate(ctx); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	pool := opened.Pool()
	d := &database{name: postgresName, store: opened, close: opened.Close, process: s.process}
	d.execute = func(ctx context.Context, statement string) error {
		_, err := pool.Exec(ctx, statement)
		return err
	}
	d.reconnect = pool.Reset
	d.number = func(ctx context.Context, query string) (float64, error) {
		var n int64
		err := pool.QueryRow(ctx, query).Scan(&n)
		return float64(n), err
	}
	d.usage = func(ctx context.Context) (map[string]usage, error) { return postgresUsage(ctx, opened) }
	d.bare = func(ctx context.Context, a jeton.Advance) error {
		tag, err := pool.Exec(ctx, `UPDATE jeton_sessions SET generation = generation + 1, tag_hash = $4
			WHERE id = $1 AND generation = $2 AND tag_hash = $3 AND ended_at IS NULL`,
			a.SessionID, int64(a.Generation), a.TagHash[:], a.NextTagHash[:])
		if err == nil && tag.RowsAffected() != 1 {
			err = errMissed
		}
		return err
	}
	return d, nil
}

// postgresUsage clears away what is dead, and asks for the sizes.
func postgresUsage(ctx context.Context, s *postgres.Store) (map[string]usage, error) {
	if _, err := s.Pool().Exec(ctx, "VACUUM"); err != nil {
		return nil, err
	}
	rows, err := s.Pool().Query(ctx, `SELECT relname, pg_table_size(relid), pg_indexes_size(relid) FROM pg_stat_user_tables`)
	if err != nil {
		return nil, err
	}
	found := map[string]usage{}
	var table string
	var size, indexes int64
	_, err = pgx.ForEachRow(rows, []any{&table, &size, &indexes}, func() error {
		found[table] = usage{float64(size), float64(indexes)}
		return nil
	})
	return found, err
}
