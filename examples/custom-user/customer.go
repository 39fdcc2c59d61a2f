package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/jetonauth/jeton"
)

// Customer is the application's own user. Its handlers get one, see main.go.
type Customer struct {
	Number int64
	Name   string
	Admin  bool

	authID  string // what jeton calls the customer
	pinHash string
	blocked bool
}

// The columns in the first part were there before. Those in the second part are what jeton wants to keep as well: an id that
// it chooses itself, and that is never used again; the address as it is looked up; roles beside the one that is_admin says;
// and times, in microseconds since 1970.
const createCustomers = `CREATE TABLE IF NOT EXISTS customers (
		number        INTEGER PRIMARY KEY AUTOINCREMENT,
		email         TEXT    NOT NULL DEFAULT '',
		display_name  TEXT    NOT NULL DEFAULT '',
		password_hash TEXT    NOT NULL DEFAULT '',
		pin_hash      TEXT    NOT NULL DEFAULT '',
		is_admin      INTEGER NOT NULL DEFAULT FALSE,
		blocked       INTEGER NOT NULL DEFAULT FALSE,

		auth_id             TEXT NOT NULL UNIQUE,
		email_key           TEXT UNIQUE,
		roles               TEXT NOT NULL DEFAULT '[]',
		password_changed_at INTEGER,
		created_at          INTEGER,
		updated_at          INTEGER
	) STRICT`

// openDatabase opens the file for the table of customers and jeton's tables. What store/sqlite asks of such a handle is in
// the documentation of sqlite.New. One connection is enough here; a busy application opens a second handle for reading.
func openDatabase(ctx context.Context, path string) (*sql.DB, error) {
	parameters := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	}
	db, err := sql.Open("sqlite", "file:"+path+"?"+parameters.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, createCustomers); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), db.Close())
	}
	return db, nil
}

// Customers is the table.
type Customers struct{ db *sql.DB }

const selectCustomer = `SELECT number, display_name, is_admin, auth_id, pin_hash, blocked FROM customers `

// ByNumber returns a customer or [jeton.ErrNotFound].
func (c Customers) ByNumber(ctx context.Context, number int64) (*Customer, error) {
	return c.customer(ctx, selectCustomer+"WHERE number = ?", number)
}

// Active returns the customer that a token's subject names, unless that is blocked: [jeton.ErrNotFound]. So a customer who is
// blocked can do nothing from then on, with whatever token.
func (c Customers) Active(ctx context.Context, subject string) (*Customer, error) {
	return c.customer(ctx, selectCustomer+"WHERE auth_id = ? AND NOT blocked", subject)
}

func (c Customers) customer(ctx context.Context, query string, args ...any) (*Customer, error) {
	var found Customer
	err := c.db.QueryRowContext(ctx, query, args...).Scan(
		&found.Number, &found.Name, &found.Admin, &found.authID, &found.pinHash, &found.blocked)
	if err != nil {
		return nil, c.known(ctx, err)
	}
	return &found, nil
}

// Import adds a customer of the old days, who has no id and no key of the address yet, and returns the number.
func (c Customers) Import(ctx context.Context, email, name, passwordHash, pinHash string) (number int64, err error) {
	emailKey, ok := jeton.EmailKey(email)
	if !ok {
		return 0, fmt.Errorf("customer %q: %q is no e-mail address", name, email)
	}
	const query = `INSERT INTO customers (auth_id, email, email_key, display_name, password_hash, pin_hash, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?7, ?7) RETURNING number`
	err = c.db.QueryRowContext(ctx, query, rand.Text(), email, emailKey, name, passwordHash, pinHash, micros(time.Now())).
		Scan(&number)
	return number, c.known(ctx, err)
}

// known makes an error of the database one that jeton knows. What is left is the database's own trouble.
func (Customers) known(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // whoever asked has gone: the database is not to blame
	case errors.Is(err, sql.ErrNoRows):
		return jeton.ErrNotFound
	case strings.Contains(err.Error(), "UNIQUE constraint failed: customers.email_key"):
		return jeton.ErrEmailTaken
	case strings.Contains(err.Error(), "UNIQUE constraint failed: customers.auth_id"):
		return jeton.ErrConflict
	}
	return fmt.Errorf("%w: customers: %w", jeton.ErrUnavailable, err)
}
