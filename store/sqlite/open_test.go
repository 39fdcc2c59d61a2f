package sqlite_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/sqlite"
)

// newPath returns the path of a database that does not exist yet.
func newPath(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "jeton.db")
}

// open returns a migrated store, which is closed when the test ends.
func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func closeNow(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// ask returns the only column of the only row of a query.
func ask[T any](t testing.TB, db *sql.DB, query string, args ...any) (answer T) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

func TestOpenCreatesPrivateFiles(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes")
	}
	path := newPath(t)
	s := open(t, path)
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", filepath.Base(name), info.Mode())
		}
	}
	closeNow(t, s)
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 1 {
		t.Errorf("after Close there are %v, want one file", names)
	}
}

func TestOpenKeepsModeOfExistingFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	closeNow(t, open(t, path))
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	open(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode() != 0o640 {
		t.Errorf("mode is now %v", info.Mode())
	}
}

func TestOpenAnyName(t *testing.T) {
	t.Parallel()
	names := []string{
		"a b.db", "50%.db", "%41.db", "#1.db", "a#b.db", "a+b&c=d;e.db", "ünï🦊.db", "mode=ro.db", "'quoted'.db", "@:x.db",
	}
	if runtime.GOOS != "windows" {
		names = append(names, "a?b.db", "?mode=memory", `back\slash.db`, `"quoted".db`, "new\nline.db", "file:x.db", "\xff.db")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory := filepath.Join(t.TempDir(), "in "+name)
			if err := os.Mkdir(directory, 0o700); err != nil {
				t.Fatal(err)
			}
			s := open(t, filepath.Join(directory, name))
			if err := s.CreateUser(t.Context(), &jeton.User{ID: "1"}); err != nil {
				t.Fatal(err)
			}
			closeNow(t, s)
			files, err := os.ReadDir(directory)
			if err != nil {
				t.Fatal(err)
			}
			if len(files) != 1 || files[0].Name() != name {
				t.Fatalf("files are %q, want %q", files, name)
			}
			if _, err := open(t, filepath.Join(directory, name)).UserByID(t.Context(), "1"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	s := open(t, "jeton.db")
	if _, err := os.Stat("jeton.db"); err != nil {
		t.Error(err)
	}
	t.Chdir("/")
	// Connections that are made later find the same file.
	write, _ := s.Handles()
	write.SetMaxIdleConns(0)
	if err := s.CreateUser(t.Context(), &jeton.User{ID: "1"}); err != nil {
		t.Error(err)
	}
}

func TestURI(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/var/lib/jeton.db":                   "file:///var/lib/jeton.db",
		"/a b/50%?#.db":                       "file:///a%20b/50%25%3F%23.db",
		"C:/Program Files/jeton/a#b%20c?.db":  "file:///C:/Program%20Files/jeton/a%23b%2520c%3F.db",
		"//server/share/a directory/jeton.db": "file:////server/share/a%20directory/jeton.db",
	} {
		if got := sqlite.URI(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, path, text string) string {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, test := range map[string]struct {
		path    func(t *testing.T, directory string) string
		is      error
		message string
	}{
		"no path":      {func(*testing.T, string) string { return "" }, nil, "store/memory"},
		"memory":       {func(*testing.T, string) string { return ":memory:" }, nil, "store/memory"},
		"a directory":  {func(_ *testing.T, directory string) string { return directory }, nil, "not a regular file"},
		"no directory": {func(_ *testing.T, d string) string { return filepath.Join(d, "none", "x.db") }, fs.ErrNotExist, "none does not exist"},
		"a file as directory": {func(t *testing.T, d string) string {
			t.Helper()
			return filepath.Join(write(t, filepath.Join(d, "file"), ""), "x.db")
		}, nil, "file"},
		"a zero byte": {func(_ *testing.T, d string) string { return filepath.Join(d, "a") + "\x00b" }, nil, "invalid"},
		"another format": {func(t *testing.T, d string) string {
			t.Helper()
			return write(t, filepath.Join(d, "x.db"), strings.Repeat("This is a text and no database. ", 100))
		}, jeton.ErrUnavailable, "not a database"},
		"a dangling link": {func(t *testing.T, d string) string {
			t.Helper()
			if err := os.Symlink(filepath.Join(d, "nothing", "here"), filepath.Join(d, "link.db")); err != nil {
				t.Skip(err)
			}
			return filepath.Join(d, "link.db")
		}, nil, "unable to open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := test.path(t, t.TempDir())
			s, err := sqlite.Open(path)
			if err == nil {
				t.Fatal("it opened, and closing says", s.Close())
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("error is %v, want %v", err, test.is)
			}
			if text := err.Error(); !strings.Contains(text, test.message) || !strings.Contains(text, path) {
				t.Errorf("error is %q, want it to say %q and %q", text, test.message, path)
			}
		})
	}
}

func TestOpenWithoutPermission(t *testing.T) {
	t.Parallel()
	if asNobody(t) {
		return
	}
	for name, prepare := range map[string]func(t *testing.T, path string){
		"directory, no file": func(t *testing.T, path string) { t.Helper(); chmod(t, filepath.Dir(path), 0o500) },
		"directory": func(t *testing.T, path string) {
			t.Helper()
			closeNow(t, open(t, path))
			chmod(t, filepath.Dir(path), 0o500)
		},
		"file": func(t *testing.T, path string) {
			t.Helper()
			closeNow(t, open(t, path))
			chmod(t, path, 0o400)
		},
		"file to read": func(t *testing.T, path string) {
			t.Helper()
			closeNow(t, open(t, path))
			chmod(t, path, 0o200)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			prepare(t, path)
			s, err := sqlite.Open(path)
			if err == nil {
				t.Fatal("it opened, and closing says", s.Close())
			}
			if text := err.Error(); !strings.Contains(text, path) || strings.Contains(text, "\n") {
				t.Errorf("error is %q", text)
			}
			if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, jeton.ErrUnavailable) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(path, 0o700) })
}

func TestConnections(t *testing.T) {
	t.Parallel()
	write, read := open(t, newPath(t)).Handles()
	for _, db := range []*sql.DB{write, read} {
		if mode := ask[string](t, db, "PRAGMA journal_mode"); mode != "wal" {
			t.Errorf("journal mode is %s", mode)
		}
		if ms := ask[int](t, db, "PRAGMA busy_timeout"); ms != 5000 {
			t.Errorf("busy timeout is %d ms", ms)
		}
	}
	if level := ask[int](t, write, "PRAGMA synchronous"); level != 2 {
		t.Errorf("synchronous is %d, want 2 for FULL", level)
	}
	if on := ask[int](t, write, "PRAGMA foreign_keys"); on != 1 {
		t.Error("foreign keys are not checked")
	}
	if n := write.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d writers", n)
	}
	for _, statement := range []string{"DELETE FROM jeton_users", "CREATE TABLE x (y)", "PRAGMA user_version = 1"} {
		if _, err := read.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s works on a connection for reading", statement)
		}
	}
	if _, err := read.ExecContext(t.Context(), "PRAGMA query_only = 0; DELETE FROM jeton_users"); err == nil {
		t.Error("a connection for reading can be made one for writing")
	}
}

// The writer's transactions take the lock when they begin, so that one that reads first does not fail when it writes.
func TestTransactionsAreImmediate(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	one, _ := open(t, path).Handles()
	other, _ := open(t, path).Handles()
	tx, err := one.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := other.ExecContext(t.Context(), "PRAGMA busy_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.BeginTx(t.Context(), nil); !errors.Is(sqlite.Translate(t.Context(), err), jeton.ErrUnavailable) {
		t.Errorf("a second transaction begins: %v", err)
	}
}

func TestReadAfterWrite(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	stores := []*sqlite.Store{open(t, path), open(t, path)}
	if err := stores[0].CreateUser(t.Context(), &jeton.User{ID: "1"}); err != nil {
		t.Fatal(err)
	}
	old := ""
	for i := range 200 {
		hash := strings.Repeat("x", i+1)
		err := stores[i%2].SetPassword(t.Context(), "1", jeton.PasswordChange{Old: old, New: hash})
		if err != nil {
			t.Fatal(err)
		}
		old = hash
		for _, s := range stores {
			u, err := s.UserByID(t.Context(), "1")
			if err != nil {
				t.Fatal(err)
			}
			if u.PasswordHash != hash {
				t.Fatalf("after %d changes, an earlier one is read", i+1)
			}
		}
	}
}

// A store goes on when all its connections were closed, the writer's last or first.
func TestConnectionsComeAgain(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	write, read := s.Handles()
	for _, order := range [][]*sql.DB{{write, read}, {read, write}} {
		for _, db := range order {
			db.SetMaxIdleConns(0)
		}
		if _, err := s.UserByID(t.Context(), "nobody"); !errors.Is(err, jeton.ErrNotFound) {
			t.Errorf("error is %v", err)
		}
		if err := s.CreateUser(t.Context(), &jeton.User{ID: "1"}); err != nil {
			t.Error(err)
		}
		if err := s.DeleteUser(t.Context(), "1"); err != nil {
			t.Error(err)
		}
	}
}

func TestNewLeavesHandlesOpen(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", sqlite.URI(newPath(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE articles (title TEXT)"); err != nil {
		t.Fatal(err)
	}
	s := sqlite.New(db, nil)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateUser(t.Context(), &jeton.User{ID: "1"}); err != nil {
		t.Error(err)
	}
	closeNow(t, s)
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	foreign := ask[int](t, db, "SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'jeton\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_autoindex\\_jeton\\_%' ESCAPE '\\'")
	if foreign != 1 {
		t.Errorf("%d tables and indexes have names of the application, want only its own", foreign)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	closeNow(t, s)
	if err := s.Ping(t.Context()); !errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("error of a closed store is %v", err)
	}
	closeNow(t, s)
}

// Where files cannot be linked, the database is created under its own name.
func TestCreateWithoutLinks(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	for range 2 { // the second time somebody else was first
		if err := sqlite.Link(filepath.Join(filepath.Dir(path), "none"), path); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode() != 0o600 {
			t.Errorf("mode is %v, want 0600", info.Mode())
		}
	}
}
