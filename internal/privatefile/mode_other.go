//go:build !unix

package privatefile

import "io/fs"

// checkMode has nothing to look at where there are no modes.
func checkMode(fs.FileInfo) error { return nil }

// syncDir has nothing to do where directories cannot be synced.
func syncDir(string) error { return nil }
