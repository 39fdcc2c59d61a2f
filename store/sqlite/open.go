package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	modernc "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// minReaders is how many connections for reading there are at least. There are as many as processors, if those are more.
const minReaders = 4

// Open opens a database file, which it creates with mode 0600 if there is none. It creates no directory and no table. The
// error names the path. It starts no goroutine but those of [database/sql].
func Open(path string) (*Store, error) {
	ctx := context.Background()
	s, err := open(ctx, path)
	if err != nil {
		return nil, translate(ctx, "open "+path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string) (*Store, error) {
	if path == "" || path == ":memory:" {
		return nil, errors.New("not a file; package store/memory keeps everything in memory")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := create(path); err != nil {
		return nil, err
	}
	s := &Store{owned: true}
	if s.write, err = openPool(uri(path, writerParameters()), 1); err != nil {
		return nil, err
	}
	if s.read, err = openPool(uri(path, readerParameters()), max(minReaders, runtime.GOMAXPROCS(0))); err != nil {
		return nil, errors.Join(err, s.write.db.Close())
	}
	// The writer first: it turns the file into one that can be read while it is written.
	if err = checkWriter(ctx, s.write.db); err == nil {
		err = s.ping(ctx)
	}
	if isCode(err, lib.SQLITE_READONLY_DIRECTORY) {
		err = fmt.Errorf("directory %s may not be written: %w", filepath.Dir(path), err)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// writerParameters opens connections that write: transactions take the lock when they begin, wait up to 5 s for it, and
// are on disk when they are committed.
func writerParameters() url.Values {
	return url.Values{
		"mode":      {"rw"},
		"_txlock":   {"immediate"},
		"_dqs":      {"0"},
		"_error_rc": {"1"},
		"_pragma": {
			"busy_timeout(5000)", "foreign_keys(1)", "journal_mode(WAL)", "synchronous(FULL)",
		},
	}
}

// readerParameters opens connections that cannot write.
func readerParameters() url.Values {
	return url.Values{
		"mode":        {"ro"},
		"_query_only": {"1"},
		"_dqs":        {"0"},
		"_error_rc":   {"1"},
		"_pragma":     {"busy_timeout(5000)"},
	}
}

// uri names an absolute path in the form of https://www.sqlite.org/uri.html, in which no character of the path is taken
// for a parameter. A path with a drive letter becomes file:///C:/….
func uri(path string, parameters url.Values) string {
	path = filepath.ToSlash(path)
	if path[0] != '/' {
		path = "/" + path
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: parameters.Encode()}
	return u.String()
}

func openPool(dsn string, connections int) (*handle, error) {
	connector, err := modernc.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return newHandle(db), nil
}

// checkWriter makes sure that db can be written, and read meanwhile. SQLite opens a file that it may not write for
// reading, and goes on without WAL where that cannot be had, and says neither.
func checkWriter(ctx context.Context, db *sql.DB) error {
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("journal mode is %q, and cannot be made WAL on this file system", mode)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	err = conn.Raw(func(native any) error {
		c, ok := native.(interface {
			IsReadOnly(schema string) (bool, error)
		})
		if !ok {
			return fmt.Errorf("connection is a %T", native)
		}
		if readOnly, err := c.IsReadOnly("main"); err != nil || !readOnly {
			return err
		}
		return fmt.Errorf("file may not be written: %w", fs.ErrPermission)
	})
	return errors.Join(err, conn.Close())
}

// create makes an empty file that only its owner may read, if there is none at path.
//
// It is made under another name and then linked, so that no descriptor of the file itself is ever closed here: that would
// drop the locks of another Store of this process that has just opened it (https://www.sqlite.org/howtocorrupt.html).
func create(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("it is not a regular file: %v", info.Mode())
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	directory := filepath.Dir(path)
	file, err := os.CreateTemp(directory, ".jeton-*")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("directory %s does not exist: %w", directory, fs.ErrNotExist)
	case err != nil:
		return fmt.Errorf("no file can be made in directory %s: %w", directory, errors.Unwrap(err))
	}
	return errors.Join(file.Close(), link(file.Name(), path), os.Remove(file.Name()))
}

// link gives the empty file the name path, unless there is such a file by now. Where a file system knows no links, it
// makes a new file.
func link(empty, path string) error {
	err := os.Link(empty, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- it is the caller's path
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}
