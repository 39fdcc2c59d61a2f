package server

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

func openService(t *testing.T, cfg Config) *Service {
	t.Helper()
	s, err := OpenService(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestAServiceBesideARunningServer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, data)
	cfg := config(data)
	cfg.MustExist = true
	s := openService(t, cfg)
	user, err := s.Auth().CreateUser(t.Context(), jeton.NewUser{Email: "ada@example.com", Password: "correct horse battery"})
	if err != nil {
		t.Fatal(err)
	}
	in := r.want(r.do("POST", "/auth/login", "", ada), 200, "")
	if err := s.Auth().SetDisabled(t.Context(), user.ID, true); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for { // until the server has learnt it
		a := r.do("GET", "/auth/me", in.str("access_token"), nil)
		if a.status == http.StatusUnauthorized {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("a disabled account is still signed in after %v", patience)
		}
	}
	if took := time.Since(began); took > 3*time.Second { // a second, and a busy machine
		t.Errorf("it took %v until the server knew", took)
	}
	key, err := s.KeyRing().SigningKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if keys := r.want(r.do("GET", "/.well-known/jwks.json", "", nil), 200, ""); !strings.Contains(keys.text, key.ID()) {
		t.Errorf("the server's keys %s lack %s", keys.text, key.ID())
	}
}

func TestAServiceMakesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "a", "b")
	s := openService(t, config(data))
	if _, err := s.Auth().CreateUser(t.Context(), jeton.NewUser{Email: "ada@example.com", Password: "correct horse battery"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r := start(t, data)
	r.want(r.do("POST", "/auth/login", "", ada), 200, "")
}

func TestAServiceThatMustExist(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	check := func(words ...string) {
		t.Helper()
		cfg := config(data)
		cfg.MustExist = true
		s, err := OpenService(t.Context(), cfg)
		if err == nil {
			t.Fatal("it opened, and closing says", s.Close())
		}
		setting, ok := errors.AsType[*SettingError](err)
		if !ok || setting.Key != "data" {
			t.Errorf("error %v is not about data", err)
		}
		for _, word := range words {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("error %q, want it to say %q", err, word)
			}
		}
	}
	check("there is no database in "+data, "jeton serve makes one")
	if _, err := os.Stat(data); err == nil {
		t.Error("the directory was made")
	}
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	check("there is no database in " + data)
	if entries, err := os.ReadDir(data); err != nil || len(entries) > 0 {
		t.Errorf("the directory has now %v, %v", entries, err)
	}
	data = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(data, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	check(data)
}

func TestAServiceOfAnOlderVersionThanTheDatabase(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, data)
	db, err := sql.Open("sqlite", filepath.Join(data, databaseFile)+"?_pragma=busy_timeout(5000)") // the server is writing too
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO jeton_migrations (version, name, applied_at) VALUES (9999, 'future', 0)"); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenService(t.Context(), config(data)); !errors.Is(err, jeton.ErrNewerSchema) {
		t.Errorf("error %v, want that the database is newer", err)
	}
	r.want(r.do("POST", "/auth/signup", "", ada), 201, "") // the server that runs goes on
}

func TestTheIssuerOfAService(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		listen, issuer string
		want, wrong    string
	}{
		"given":         {"0.0.0.0:80", "https://auth.example.com", "https://auth.example.com", ""},
		"loopback":      {"127.0.0.1:8080", "", "http://127.0.0.1:8080", ""},
		"loopback, 6":   {"[::1]:8080", "", "http://[::1]:8080", ""},
		"any free port": {"127.0.0.1:0", "", "", "any free port"},
		"anywhere":      {":8080", "", "", "needed when listening on"},
		"others":        {"192.0.2.1:8080", "", "", "needed when listening on 192.0.2.1:8080"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t.TempDir())
			cfg.Listen, cfg.Issuer = test.listen, test.issuer
			s := openService(t, cfg)
			got, err := s.Issuer()
			if got != test.want || (err != nil) != (test.wrong != "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("issuer %q, %v; want %q, %q", got, err, test.want, test.wrong)
			}
			if err == nil && s.Auth().Issuer() != got {
				t.Errorf("its tokens have the issuer %s", s.Auth().Issuer())
			}
		})
	}
}

// TestWhoOnlyAsksMigratesNothing: bringing tables to a newer form may keep servers waiting, and is not for a command that lists accounts.
func TestWhoOnlyAsksMigratesNothing(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := start(t, data).stop(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(data, databaseFile)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	last := "SELECT max(version) FROM jeton_migrations"
	if _, err := db.ExecContext(t.Context(), "DELETE FROM jeton_migrations WHERE version = ("+last+")"); err != nil {
		t.Fatal(err)
	}
	var before, after int
	if err := db.QueryRowContext(t.Context(), last).Scan(&before); err != nil {
		t.Fatal(err)
	}
	cfg := config(data)
	cfg.MustExist = true
	if _, err := OpenService(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "jeton migrate up") {
		t.Errorf("error %v, want that migrate is needed", err)
	}
	if err := db.QueryRowContext(t.Context(), last).Scan(&after); err != nil || after != before {
		t.Errorf("version %d, %v, want %d as before", after, err, before)
	}
}
