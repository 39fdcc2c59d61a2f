package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/jetonauth/jeton/internal/database"
)

const databaseFile = "jeton.db"

// ErrNoDatabase means that there is no database where the settings say.
var ErrNoDatabase = errors.New("there is no database")

func makeDirectory(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return wrong("data", "%s cannot be made: %w; choose a directory that this user may write", path, cause(err))
	}
	probe, err := os.CreateTemp(path, ".probe.*")
	if err != nil {
		return wrong("data", "%s cannot be written: %w; choose a directory that this user may write", path, cause(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// wantDatabase looks for the file of the database, if it is one.
func (f *foundation) wantDatabase() error {
	path, isFile := database.File(f.cfg.url())
	if !isFile {
		return nil
	}
	place := f.cfg.Data
	if f.cfg.Database != "" {
		place = path
	}
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return wrong(f.cfg.about(), "%w in %s; jeton serve makes one", ErrNoDatabase, place)
	}
	if err != nil {
		return wrong(f.cfg.about(), "%s: %w", place, cause(err))
	}
	return nil
}

// cause leaves out the path, which the message has already.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// warnOfOthers says so if others than the owner can read the data directory, which was there before.
func (f *foundation) warnOfOthers() {
	info, err := os.Stat(f.cfg.Data)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		f.log.Warn("others can look into the data directory; chmod 700 would change that",
			"data", f.cfg.Data, "mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	}
}
