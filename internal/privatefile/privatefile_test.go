package privatefile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/jetonauth/jeton/internal/privatefile"
)

func TestLoadOrCreate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	var mu sync.Mutex
	made := 0
	fresh := func() ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		made++
		return []byte{byte(made)}, nil
	}
	got := make([]string, 16)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			data, err := privatefile.LoadOrCreate(path, 100, fresh)
			if err != nil {
				t.Error(err)
			}
			got[i] = string(data)
		})
	}
	wg.Wait()
	for _, data := range got {
		if data != got[0] || len(data) != 1 {
			t.Fatalf("contents %q", got)
		}
	}
	before := made
	if _, err := privatefile.LoadOrCreate(path, 100, fresh); err != nil || made != before {
		t.Errorf("made again although it is there: %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestLoadOrCreateRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	never := func() ([]byte, error) { return nil, errors.New("not to be made") }
	if _, err := privatefile.LoadOrCreate(dir, 100, never); !errors.Is(err, privatefile.ErrNotPrivate) {
		t.Errorf("a directory: %v", err)
	}
	if _, err := privatefile.LoadOrCreate(filepath.Join(dir, "none", "secret"), 100, func() ([]byte, error) { return nil, nil }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	if _, err := privatefile.LoadOrCreate(filepath.Join(dir, "a"), 100, never); err == nil {
		t.Error("what could not be made is no error")
	}
	long := filepath.Join(dir, "long")
	if err := os.WriteFile(long, make([]byte, 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := privatefile.LoadOrCreate(long, 100, never); err != nil || len(data) != 100 {
		t.Errorf("%d bytes of a long file, %v", len(data), err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o602} {
		if err := os.Chmod(long, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := privatefile.LoadOrCreate(long, 100, never); !errors.Is(err, privatefile.ErrNotPrivate) {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}
