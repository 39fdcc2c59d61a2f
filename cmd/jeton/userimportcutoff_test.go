package main

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/userfile"
)

// importing starts an import in a process of its own.
func importing(t *testing.T, data, file string, args ...string) (cmd *exec.Cmd, stderr *output) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	t.Cleanup(cancel)
	cmd = exec.CommandContext(ctx, os.Args[0], append([]string{"user", "import", file, "--data", data}, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "JETON_") })
	cmd.Env = append(cmd.Env, asCommand+"=1")
	stderr = &output{}
	cmd.Dir, cmd.Stderr = t.TempDir(), stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stderr
}

// openRaw opens a database for asking whether somebody else holds its lock.
func openRaw(t *testing.T, data string) *sql.DB {
	t.Helper()
	where := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(data, "jeton.db")), RawQuery: "_txlock=immediate&_pragma=busy_timeout(0)"}
	db, err := sql.Open("sqlite", where.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// waitUntilLocked waits until others have held the lock all the time that so many questions take, or cmd has ended.
func waitUntilLocked(t *testing.T, db *sql.DB, questions int) {
	t.Helper()
	deadline, pause := time.After(time.Minute), time.NewTicker(2*time.Millisecond)
	defer pause.Stop()
	for held := 0; held < questions; held++ {
		tx, err := db.BeginTx(t.Context(), nil)
		if err == nil {
			held = -1
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
		} else if !strings.Contains(err.Error(), "locked") {
			t.Fatal(err)
		}
		select {
		case <-pause.C:
		case <-deadline:
			t.Fatal("the import never writes")
		}
	}
}

// TestAKilledImportLeavesNothing kills imports while they write.
func TestAKilledImportLeavesNothing(t *testing.T) {
	t.Parallel()
	data, file := newData(t), manyUsersForLong(t)
	for _, questions := range []int{10, 40, 80} {
		cmd, _ := importing(t, data, file)
		waitUntilLocked(t, openRaw(t, data), questions)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the import was over before it was killed")
		}
		if n := countAccounts(t, data); n != 1 {
			t.Fatalf("%d accounts after an import was killed, want the one from before", n)
		}
	}
	succeeds(t, data, "", "user", "import", manyUsers(t, 1000))
	if n := countAccounts(t, data); n != 1001 {
		t.Errorf("%d accounts, want 1001", n)
	}
	var sound string
	if err := openRaw(t, data).QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("the database is %s, %v", sound, err)
	}
}

// TestAnInterruptedImportLeavesNothing sends the signal of Ctrl-C.
func TestAnInterruptedImportLeavesNothing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals")
	}
	data, file := newData(t), manyUsersForLong(t)
	cmd, stderr := importing(t, data, file)
	waitUntilLocked(t, openRaw(t, data), 20)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != statusFailed {
		t.Errorf("the import has ended with %v", err)
	}
	if text := stderr.String(); text != "jeton: interrupted; nothing was imported\n" {
		t.Errorf("it says %q", text)
	}
	if n := countAccounts(t, data); n != 1 {
		t.Errorf("%d accounts, want the one from before", n)
	}
}

// TestSignInsWhileAnImportRuns has a server write while an import beside it writes, too.
func TestSignInsWhileAnImportRuns(t *testing.T) {
	t.Parallel()
	data := newData(t)
	p := launch(t, "--data", data, "--limits", "off")
	defer p.kill()
	cmd, stderr := importing(t, data, manyUsers(t, 10_000))
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	longest, times := time.Duration(0), 0
	for {
		began := time.Now()
		if _, status := p.logIn(); status != http.StatusOK {
			t.Fatalf("sign-in number %d beside an import: %d", times, status)
		}
		longest, times = max(longest, time.Since(began)), times+1
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v: %s", err, stderr)
			}
			t.Logf("%d sign-ins meanwhile, of which the longest took %v", times, longest.Round(time.Millisecond))
			if status, _ := p.post("/auth/login", `{"email":"user0@example.com","password":"`+importedPassword+`"}`); status != http.StatusOK {
				t.Errorf("who was imported signs in: %d", status)
			}
			return
		default:
		}
	}
}

// TestAFileThatChangesIsNotImported: what was checked is what is imported.
func TestAFileThatChangesIsNotImported(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]string{
		"another row":   "email\nada@example.com\neve@example.com\n",
		"a row less":    "email\n",
		"other roles":   "email,roles\nada@example.com,admin\n",
		"a broken row":  "email\n\"ada@example.com\n",
		"another value": "email\neve@example.com\n",
	} {
		data := filepath.Join(t.TempDir(), "data")
		succeeds(t, data, "", "user", "import", importFile(t, "email"))
		file := importFile(t, "email", "ada@example.com")
		a := testApp(io.Discard, io.Discard)
		options := importOptions{file: file, format: userfile.CSV}
		source, err := a.openImport(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		i := &userImport{importOptions: options, app: a, source: source, auth: openData(t, data).Auth(), seen: newSeenUsers()}
		i.summary.Hashes = map[string]int{}
		if err := i.check(t.Context()); err != nil || i.summary.Good != 1 {
			t.Fatalf("%s: %+v, %v", name, i.summary, err)
		}
		if err := os.WriteFile(file, []byte(second), 0o600); err != nil {
			t.Fatal(err)
		}
		n, err := i.auth.ImportUsers(t.Context(), i.good(t.Context()), jeton.ImportOptions{})
		if n != 0 || err == nil || errors.Is(err, errChanged) == (name == "a broken row") {
			t.Errorf("%s: %d imported, %v", name, n, err)
		}
		if n := countAccounts(t, data); n != 0 {
			t.Errorf("%s: %d accounts", name, n)
		}
		if err := source.close(); err != nil {
			t.Error(err)
		}
	}
}
