package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/sqlite"
	"github.com/jetonauth/jeton/store/storetest"
)

// Whatever handle an application brings: one with several connections, which also reads.
func TestImportOverForeignHandle(t *testing.T) {
	t.Parallel()
	storetest.RunUserImport(t, func(t *testing.T) jeton.UserStore {
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

// importing yields n users, and then err.
func importing(n int, err error) func(yield func(*jeton.User, error) bool) {
	return func(yield func(*jeton.User, error) bool) {
		for i := range n {
			id := fmt.Sprintf("user%d", i)
			if !yield(&jeton.User{ID: id, EmailKey: id}, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func TestAnImportLeavesItsConnectionAsItWas(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	write, read := s.Handles()
	cache := ask[int](t, write, "PRAGMA main.cache_size")
	cancelled, cancel := context.WithCancel(t.Context())
	own := errors.New("own")
	for _, test := range []struct {
		users func(yield func(*jeton.User, error) bool)
		want  error
	}{
		{importing(300, own), own},
		{importing(300, nil), nil},
		{importing(300, nil), jeton.ErrEmailTaken},
		{func(yield func(*jeton.User, error) bool) { cancel(); importing(300, nil)(yield) }, context.Canceled},
	} {
		ctx := t.Context()
		if errors.Is(test.want, context.Canceled) {
			ctx = cancelled
		}
		if err := s.ImportUsers(ctx, test.users); !errors.Is(err, test.want) {
			t.Errorf("error %v, want %v", err, test.want)
		}
		if n := ask[int](t, write, "SELECT count(*) FROM temp.sqlite_schema"); n != 0 {
			t.Errorf("%d temporary tables are left", n)
		}
		if now := ask[int](t, write, "PRAGMA main.cache_size"); now != cache {
			t.Errorf("the cache has the size %d, it had %d", now, cache)
		}
	}
	if n := ask[int](t, read, "SELECT count(*) FROM jeton_users"); n != 300 {
		t.Errorf("%d users, want 300", n)
	}
}

// What is imported and not yet copied is in nobody's way.
func TestOthersWriteWhileAnImportReads(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s, other := open(t, path), open(t, path)
	err := s.ImportUsers(t.Context(), func(yield func(*jeton.User, error) bool) {
		for i := range 250 {
			u := &jeton.User{ID: fmt.Sprint("other", i)}
			if i%50 == 0 {
				if err := other.CreateUser(t.Context(), u); err != nil {
					t.Errorf("%s writes meanwhile: %v", filepath.Base(path), err)
				}
			}
			if !yield(&jeton.User{ID: fmt.Sprint("user", i)}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
	_, read := s.Handles()
	if n := ask[int](t, read, "SELECT count(*) FROM jeton_users"); n != 255 {
		t.Errorf("%d users, want 255", n)
	}
}
