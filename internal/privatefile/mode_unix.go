//go:build unix

package privatefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// checkMode refuses a secret that others may read or replace.
func checkMode(info fs.FileInfo) error {
	if mode := info.Mode().Perm(); mode&0o066 != 0 {
		return fmt.Errorf("%w: mode %04o lets others read or write it, 0600 would not", ErrNotPrivate, mode)
	}
	return nil
}

// syncDir makes a new name in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the path is the caller's configuration
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
