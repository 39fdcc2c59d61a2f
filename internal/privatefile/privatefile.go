// Package privatefile keeps a secret in a file that is its owner's alone.
package privatefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNotPrivate is for a file that others than its owner can read or write, or that is no regular file.
var ErrNotPrivate = errors.New("not private")

// LoadOrCreate returns the content of the file at path, at most limit bytes of it. If there is no such file, it is made with
// what fresh returns and mode 0600, whole or not at all; of several processes that start at once all get the same. The
// folder must exist, and its file system know hard links.
func LoadOrCreate(path string, limit int64, fresh func() ([]byte, error)) ([]byte, error) {
	data, err := load(path, limit)
	if !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	if err := create(path, fresh); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create: %w", err)
	}
	return load(path, limit) // what won, ours or another's
}

func load(path string, limit int64) (data []byte, err error) {
	f, err := os.Open(path) //nolint:gosec // the path is the caller's configuration
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is no regular file", ErrNotPrivate, path)
	}
	if err := checkMode(info); err != nil {
		return nil, fmt.Errorf("%w: %s", err, path)
	}
	return io.ReadAll(io.LimitReader(f, limit))
}

// create writes beside path and then links there, which does nothing if path exists by then: nobody can read half a
// secret, and the first of several wins.
func create(path string, fresh func() ([]byte, error)) (err error) {
	data, err := fresh()
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, writeErr := f.Write(data)
	if err := errors.Join(writeErr, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}
