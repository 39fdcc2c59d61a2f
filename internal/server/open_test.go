package server

import (
	"database/sql"
	"encoding/hex"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton/internal/settings"
	"github.com/jetonauth/jeton/password"
)

// slowHasher holds a password until it is released.
type slowHasher struct {
	password.Hasher
	slow             atomic.Bool
	entered, release chan struct{}
}

func (h *slowHasher) Hash(plain string) (string, error) {
	if h.slow.Load() {
		h.entered <- struct{}{}
		<-h.release
	}
	return h.Hasher.Hash(plain)
}

func config(data string) Config {
	return Config{
		Listen: "127.0.0.1:0", Data: data, AccessTTL: time.Minute, ReuseInterval: time.Second,
		Logger: slog.New(slog.DiscardHandler),
	}
}

// wantLine opens a server that cannot be, and wants one line that says these words.
func wantLine(t *testing.T, cfg Config, words ...string) {
	t.Helper()
	s, err := Open(t.Context(), cfg)
	if err == nil {
		t.Errorf("opened, want an error with %q", words)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q, want it to say %q", err, word)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q has several lines", err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Config)
		words  []string
	}{
		"listen elsewhere":      {func(c *Config) { c.Listen = "192.0.2.1:0" }, []string{"listen: ", "192.0.2.1:0", "address of this machine"}},
		"no issuer":             {func(c *Config) { c.Listen = "0.0.0.0:0" }, []string{"issuer: needed when listening on "}},
		"short master key":      {func(c *Config) { c.MasterKey = "c2hvcnQ=" }, []string{"master_key: ", "32 random bytes"}},
		"placeholder as master": {func(c *Config) { c.MasterKey = settings.Secret(strings.Repeat("00", 32)) }, []string{"placeholder"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t.TempDir())
			test.change(&cfg)
			wantLine(t, cfg, test.words...)
		})
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cfg := config(t.TempDir())
	cfg.Listen = listener.Addr().String()
	wantLine(t, cfg, "listen: another program listens at "+cfg.Listen, "choose another port")
}

func TestDataDirectoryThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below")} { // holds for root, too
		wantLine(t, config(path), "data: "+path, "choose a directory that this user may write")
	}
	if runtime.GOOS == "linux" {
		wantLine(t, config("/proc/jeton"), "data: /proc/jeton", "choose a directory that this user may write")
	}
}

func TestDatabaseOfANewerVersion(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := start(t, data).stop(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(data, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO jeton_migrations (version, name, applied_at) VALUES (9999, 'future', 0)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wantLine(t, config(data), "newer version", "run a newer jeton")
}

func TestAnotherMasterKey(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	key := settings.Secret(hex.EncodeToString([]byte("0123456789abcdefghijklmnopqrstuv")))
	if err := start(t, data, func(c *Config) { c.MasterKey = key }).stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(data, masterKeyFile)); err == nil {
		t.Error("a file with a master key was made although one was given")
	}
	wantLine(t, config(data), "master.key is not there", "restore it or set JETON_MASTER_KEY")
	if _, err := os.Stat(filepath.Join(data, masterKeyFile)); err == nil {
		t.Error("a master key was made that fits nothing")
	}
	other := config(data)
	other.MasterKey = settings.Secret(hex.EncodeToString([]byte("vutsrqponmlkjihgfedcba9876543210")))
	wantLine(t, other, "the master key is not the one that sealed", "restore")
}

func TestMasterKeyThatOthersCanRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	data := t.TempDir()
	if err := start(t, data).stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(data, masterKeyFile), 0o640); err != nil {
		t.Fatal(err)
	}
	wantLine(t, config(data), masterKeyFile, "0600")
}
