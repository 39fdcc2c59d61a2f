package sqlite_test

import (
	"database/sql"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/sqlite"
	"github.com/jetonauth/jeton/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		t.Helper()
		path := newPath(t)
		s := open(t, path)
		return storetest.Harness{
			Store:       s,
			BeginEnding: s.BeginEnding,
			Reopen: func(t *testing.T) jeton.Store {
				t.Helper()
				closeNow(t, s)
				s = open(t, path)
				return s
			},
			Unreachable: func(t *testing.T) jeton.Store {
				t.Helper()
				closeNow(t, s)
				return s
			},
		}
	})
}

// Whatever handle an application brings: one with several connections that write, whose transactions take their lock late.
func TestStoreOverForeignHandle(t *testing.T) {
	t.Parallel()
	storetest.RunSessions(t, func(t *testing.T) jeton.SessionStore {
		t.Helper()
		db, err := sql.Open("sqlite", sqlite.URI(newPath(t))+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		s := sqlite.New(db, nil)
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s
	})
}
