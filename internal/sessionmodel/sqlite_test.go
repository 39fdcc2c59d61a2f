package sessionmodel_test

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // the driver
	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/sessionmodel"
	"github.com/jetonauth/jeton/store/sqlite"
)

// empty are the statements that forget a run. The number of the last revocation stays.
var empty = []string{"DELETE FROM jeton_users", "DELETE FROM jeton_sessions", "DELETE FROM jeton_revocations"}

// Two stores over one file, each with handles of its own, as two processes have them. What is written need not survive a power cut.
func TestSQLite(t *testing.T) {
	sessionmodel.Check(t, 300, func(t *testing.T) func(*rapid.T) sessionmodel.Subject {
		t.Helper()
		path := filepath.Join(t.TempDir(), "jeton.db")
		first, second := openSQLite(t, path), openSQLite(t, path)
		if err := first.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return func(r *rapid.T) sessionmodel.Subject {
			write, _ := first.Handles()
			clearSQLite(r, write)
			return sessionmodel.Subject{Stores: []jeton.Store{first, second}}
		}
	})
}

func openSQLite(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	parameters := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(OFF)"}}
	uri := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: parameters.Encode()}
	var handles [2]*sql.DB
	for i := range handles {
		db, err := sql.Open("sqlite", uri.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		handles[i] = db
	}
	return sqlite.New(handles[0], handles[1])
}

func clearSQLite(t *rapid.T, db *sql.DB) {
	for _, statement := range empty {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
