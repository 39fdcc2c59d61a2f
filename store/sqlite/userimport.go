package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jetonauth/jeton"
)

const (
	// What is imported is written to a temporary table first. Only its connection sees that, and it is gone with the connection.
	createImport = `CREATE TEMP TABLE jeton_import (
			id TEXT, email TEXT, email_key TEXT, name TEXT, password_hash TEXT, password_changed_at INTEGER, roles TEXT,
			disabled INTEGER, created_at INTEGER, updated_at INTEGER
		)`

	dropImport = `DROP TABLE IF EXISTS temp.jeton_import`

	insertImport = `INSERT INTO temp.jeton_import
		(id, email, email_key, name, password_hash, password_changed_at, roles, disabled, created_at, updated_at) VALUES `

	importRow = `(?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?)`

	// In the order of the ids, so that one of the two indexes grows at its end only.
	copyImport = `INSERT INTO main.jeton_users
		(id, email, email_key, name, password_hash, password_changed_at, roles, disabled, created_at, updated_at)
		SELECT id, email, email_key, name, password_hash, password_changed_at, roles, disabled, created_at, updated_at
		FROM temp.jeton_import ORDER BY id`

	selectTakenIDs  = `SELECT id FROM jeton_users WHERE id IN (SELECT value FROM json_each(?))`
	selectTakenKeys = `SELECT email_key FROM jeton_users WHERE email_key IN (SELECT value FROM json_each(?))`

	selectHashes = `SELECT password_hash FROM jeton_users WHERE password_hash <> ''`
)

// importBatch is how many users one statement writes to the temporary table.
const importBatch = 100

// ImportUsers adds all users of a sequence or none. The sequence is read into a temporary file, and copied from there in one
// transaction: only while that runs, other processes that write wait, about 1.5 s for 200,000 users and 8 s for a million. Those that
// wait for more than 5 s get [jeton.ErrUnavailable]. Other writers of this Store wait for all of it, so the sequence
// must not use the Store.
func (s *Store) ImportUsers(ctx context.Context, users iter.Seq2[*jeton.User, error]) error {
	var given error // the sequence's own
	err := s.write.write(ctx, func() (err error) {
		conn, err := s.write.db.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() {
			_, dropped := conn.ExecContext(context.WithoutCancel(ctx), dropImport)
			err = errors.Join(err, dropped, conn.Close())
		}()
		if given, err = stage(ctx, conn, users); given != nil || err != nil {
			return err
		}
		return copyStaged(ctx, conn)
	})
	if given != nil {
		return given
	}
	return translateUser(ctx, "import users", err)
}

// stage writes the users to a new temporary table. given is the error that the sequence has ended with.
func stage(ctx context.Context, conn *sql.Conn, users iter.Seq2[*jeton.User, error]) (given, err error) {
	for _, query := range []string{dropImport, createImport} { // a connection that was lost may have left one
		if _, err := conn.ExecContext(ctx, query); err != nil {
			return nil, err
		}
	}
	batch, err := conn.PrepareContext(ctx, insertImport+importRows(importBatch))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, batch.Close()) }()
	var values []any
	rows := 0
	for u, given := range users {
		if given != nil {
			return given, nil
		}
		values = append(values, u.ID, u.Email, u.EmailKey, u.Name, u.PasswordHash, micros(u.PasswordChangedAt), words(u.Roles), u.Disabled,
			micros(u.CreatedAt), micros(u.UpdatedAt))
		if rows++; rows == importBatch {
			if _, err := batch.ExecContext(ctx, values...); err != nil {
				return nil, err
			}
			values, rows = values[:0], 0
		}
	}
	if rows > 0 {
		_, err = conn.ExecContext(ctx, insertImport+importRows(rows), values...)
	}
	return nil, err
}

// importRows are the places of n rows in a statement.
func importRows(n int) string { return importRow + strings.Repeat(", "+importRow, n-1) }

// importCache is how much of the database the connection may keep in memory while it copies, in KiB: one of the indexes is written
// here and there.
const importCache = 64 << 10

func copyStaged(ctx context.Context, conn *sql.Conn) (err error) {
	var cache int
	if err := conn.QueryRowContext(ctx, "PRAGMA main.cache_size").Scan(&cache); err != nil {
		return err
	}
	setCache := func(ctx context.Context, size int) error {
		_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA main.cache_size = %d", size))
		return err
	}
	defer func() { err = errors.Join(err, setCache(context.WithoutCancel(ctx), cache)) }()
	if err := setCache(ctx, -importCache); err != nil { // negative means KiB, not pages
		return err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // undoes nothing after the commit
	if _, err := tx.ExecContext(ctx, copyImport); err != nil {
		return err
	}
	return tx.Commit()
}

// TakenUsers returns those of the given ids and EmailKeys that users have.
func (s *Store) TakenUsers(ctx context.Context, ids, emailKeys []string) (takenIDs, takenKeys []string, err error) {
	takenIDs, err = collect(ctx, s.read, text, selectTakenIDs, words(ids))
	if err == nil {
		takenKeys, err = collect(ctx, s.read, text, selectTakenKeys, words(emailKeys))
	}
	if err != nil {
		return nil, nil, translate(ctx, "taken users", err)
	}
	return takenIDs, takenKeys, nil
}

func text(row scanner) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}

// CountHashes returns how many password hashes there are for each text that form returns. It takes about a second for a million users, and
// holds nobody up.
func (s *Store) CountHashes(ctx context.Context, form func(hash string) string) (counts map[string]int, err error) {
	counts = map[string]int{}
	err = s.eachHash(ctx, func(hash string) { counts[form(hash)]++ })
	if err != nil {
		return nil, translate(ctx, "count hashes", err)
	}
	return counts, nil
}

func (s *Store) eachHash(ctx context.Context, do func(hash string)) (err error) {
	rows, err := s.read.QueryContext(ctx, selectHashes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var hash string
		if err := rows.Scan(&hash); err != nil {
			return err
		}
		do(hash)
	}
	return rows.Err()
}
