package sqlite_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	modernc "modernc.org/sqlite"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/sqlite"
)

// execute runs a statement and ends the test if it fails.
func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// A database that cannot do its work is unavailable, and the error has the driver's in it.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(t *testing.T, path string, s *sqlite.Store) *sqlite.Store
		code  int // the primary result code
	}{
		"locked by another process": {func(t *testing.T, path string, s *sqlite.Store) *sqlite.Store {
			t.Helper()
			other, _ := open(t, path).Handles()
			tx, err := other.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = tx.Rollback() })
			write, _ := s.Handles()
			execute(t, write, "PRAGMA busy_timeout = 20")
			return s
		}, 5},
		"read-only": {func(t *testing.T, _ string, s *sqlite.Store) *sqlite.Store {
			t.Helper()
			_, read := s.Handles()
			return sqlite.New(read, read)
		}, 8},
		"damaged": {func(t *testing.T, path string, s *sqlite.Store) *sqlite.Store {
			t.Helper()
			write, _ := s.Handles()
			page := ask[int64](t, write, "SELECT rootpage FROM sqlite_schema WHERE name = 'jeton_users'")
			size := ask[int64](t, write, "PRAGMA page_size")
			closeNow(t, s)
			file, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if _, err := file.WriteAt([]byte(strings.Repeat("x", int(size))), (page-1)*size); err != nil {
				t.Fatal(err)
			}
			s, err = sqlite.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		}, 11},
		"full": {func(t *testing.T, _ string, s *sqlite.Store) *sqlite.Store {
			t.Helper()
			write, _ := s.Handles()
			execute(t, write, "PRAGMA max_page_count = 1") // no less than there are
			return s
		}, 13},
		"gone": {func(t *testing.T, path string, _ *sqlite.Store) *sqlite.Store {
			t.Helper()
			db, err := sql.Open("sqlite", sqlite.URI(path+"x")+"?mode=rw")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return sqlite.New(db, db)
		}, 14},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			s := test.spoil(t, path, open(t, path))
			err := s.CreateUser(t.Context(), &jeton.User{ID: "1", Name: strings.Repeat("x", 1<<16)})
			if !errors.Is(err, jeton.ErrUnavailable) || !strings.HasPrefix(err.Error(), "sqlite: create user: ") {
				t.Errorf("error is %v", err)
			}
			native, ok := errors.AsType[*modernc.Error](err)
			if !ok || native.Code()&0xff != test.code {
				t.Errorf("error is %v, want the driver's with code %d", err, test.code)
			}
		})
	}
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	odd := errors.New("odd")
	for name, test := range map[string]struct {
		over      error // of the context
		err       error
		want, not error
	}{
		"none":               {nil, nil, nil, jeton.ErrUnavailable},
		"no rows":            {nil, sql.ErrNoRows, jeton.ErrNotFound, jeton.ErrUnavailable},
		"bad connection":     {nil, driver.ErrBadConn, jeton.ErrUnavailable, jeton.ErrNotFound},
		"closed connection":  {nil, sql.ErrConnDone, jeton.ErrUnavailable, jeton.ErrNotFound},
		"its cause":          {nil, sql.ErrConnDone, sql.ErrConnDone, jeton.ErrNotFound},
		"unknown":            {nil, odd, odd, jeton.ErrUnavailable},
		"jeton's own":        {nil, jeton.ErrConflict, jeton.ErrConflict, jeton.ErrUnavailable},
		"cancelled":          {context.Canceled, odd, context.Canceled, odd},
		"expired":            {context.DeadlineExceeded, odd, context.DeadlineExceeded, odd},
		"success, cancelled": {context.Canceled, nil, nil, context.Canceled},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		switch {
		case errors.Is(test.over, context.DeadlineExceeded):
			ctx, cancel = context.WithDeadline(t.Context(), time.Unix(0, 0))
		case test.over != nil:
			cancel()
		}
		got := sqlite.Translate(ctx, test.err)
		cancel()
		if !errors.Is(got, test.want) || errors.Is(got, test.not) {
			t.Errorf("%s: error is %v, want %v and not %v", name, got, test.want, test.not)
		}
	}
}

// Who gives up while somebody else writes gets the context's error: at once while waiting for the own writer's connection,
// and instead of that of the database after waiting in vain for another store's lock.
func TestCancelledWhileLocked(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	another := open(t, path)
	db, err := sql.Open("sqlite", sqlite.URI(path)+"?_pragma=busy_timeout(100)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	s := sqlite.New(db, nil)
	for name, holder := range map[string]*sqlite.Store{"this store": s, "another store": another} {
		other, _ := holder.Handles()
		tx, err := other.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for operation, call := range map[string]func(ctx context.Context) error{
			"create": func(ctx context.Context) error { return s.CreateUser(ctx, &jeton.User{ID: "1"}) },
			"end": func(ctx context.Context) error {
				_, err := s.EndSessions(ctx, jeton.Ending{UserID: "1"})
				return err
			},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, jeton.ErrUnavailable) {
				t.Errorf("%s while %s is locked: error is %v", operation, name, err)
			}
			cancel()
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
		if err := s.CreateUser(t.Context(), &jeton.User{ID: "after " + name}); err != nil {
			t.Errorf("after %s was locked: %v", name, err)
		}
	}
}

func TestNotMigrated(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(newPath(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.UserByID(t.Context(), "1")
	if err == nil || errors.Is(err, jeton.ErrUnavailable) || errors.Is(err, jeton.ErrNotFound) {
		t.Errorf("error without tables is %v", err)
	}
}
