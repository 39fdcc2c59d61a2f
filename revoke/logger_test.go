package revoke_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

// TestWithoutALogger is not parallel: it replaces the default one.
func TestWithoutALogger(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	var log strings.Builder
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	path := filepath.Join(t.TempDir(), "revoked")
	synctest.Test(t, func(t *testing.T) {
		if err := os.WriteFile(path, []byte("jti-1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := revoke.NewFile(revoke.FileConfig{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if !revoked(t, file) {
			t.Error("forgotten while the file is away")
		}
		follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: &feed{err: errDown}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := follower.Revoked(t.Context(), session("in")); !errors.Is(err, errDown) {
			t.Errorf("error %v", err)
		}
	})
	for _, line := range []string{"the file of revoked tokens cannot be read", "revocation feed cannot be read"} {
		if n := strings.Count(log.String(), line); n != 1 {
			t.Errorf("%q %d times, want once: %s", line, n, &log)
		}
	}
}
