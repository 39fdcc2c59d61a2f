package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/database"
	"github.com/jetonauth/jeton/internal/postgrestest"
	"github.com/jetonauth/jeton/internal/storecopy"
	"github.com/jetonauth/jeton/revoke"
)

// sqliteOf is the URL of the database in a data directory.
func sqliteOf(data string) string { return database.SQLite(filepath.Join(data, "jeton.db")) }

// copied runs jeton copy in this process, and reads what it prints.
func copied(t *testing.T, from, to string) shownCopy {
	t.Helper()
	return read[shownCopy](t, succeeds(t, t.TempDir(), "", "copy", "--from", from, "--to", to, "--json"))
}

func (c shownCopy) table(name string) shownTable {
	return c.Tables[slices.IndexFunc(c.Tables, func(t shownTable) bool { return t.Name == name })]
}

// TestMoving goes the whole way: a service over SQLite, the copy, and the same service over PostgreSQL.
func TestMoving(t *testing.T) {
	t.Parallel()
	url := postgrestest.New(t).Database(t)
	const issuer = "https://auth.example.com"
	data := filepath.Join(t.TempDir(), "data")
	before := launch(t, "--data", data, "--limits", "off", "--issuer", issuer)
	secret := strings.TrimSpace(before.beside(data, "", "client", "add", "billing", "--scope", "introspect"))
	if status, text := before.post("/auth/signup", account); status != http.StatusCreated {
		t.Fatalf("sign up: %d %s", status, text)
	}
	stays, leaves, refreshes := before.grant("/auth/login", account), before.grant("/auth/login", account), before.grant("/auth/login", account)
	old := refreshes
	refreshes = before.grant("/auth/refresh", `{"refresh_token":"`+old.refresh+`"}`)
	before.signOut(leaves)
	before.signal(os.Interrupt)
	if err := before.cmd.Wait(); err != nil {
		t.Fatal(err)
	}

	result := copied(t, sqliteOf(data), url)
	if !result.Equal || result.table(storecopy.Accounts).To.Rows != 1 || result.table(storecopy.Sessions).To.Rows != 4 || result.LastRevocation.To != 1 {
		t.Fatalf("%+v", result)
	}
	master, err := os.ReadFile(filepath.Join(data, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	after := launchWith(t, []string{"JETON_DATABASE=" + url, "JETON_MASTER_KEY=" + strings.TrimSpace(string(master))},
		"--listen", "127.0.0.1:0", "--limits", "off", "--issuer", issuer)
	defer after.kill()

	if after.me(stays.access) != http.StatusOK || after.me(refreshes.access) != http.StatusOK {
		t.Error("access tokens from before are refused")
	}
	if status := after.me(leaves.access); status != http.StatusUnauthorized {
		t.Errorf("a token that was signed out before: %d", status)
	}
	if status, _ := after.post("/auth/refresh", `{"refresh_token":"`+leaves.refresh+`"}`); status != http.StatusBadRequest {
		t.Errorf("a refresh token that was signed out before: %d", status)
	}
	goesOn := after.grant("/auth/refresh", `{"refresh_token":"`+refreshes.refresh+`"}`)
	if header(t, goesOn.access)["kid"] != header(t, stays.access)["kid"] {
		t.Error("another key signs")
	}
	if status, text := after.post("/auth/login", account); status != http.StatusOK {
		t.Errorf("the password: %d %s", status, text)
	}
	status, text := after.send(http.MethodPost, "/oauth/introspect", http.Header{
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("billing:"+secret))},
		"Content-Type":  {"application/x-www-form-urlencoded"},
	}, "token="+goesOn.access)
	if status != http.StatusOK || decode(t, text)["active"] != true {
		t.Errorf("introspection: %d %s", status, text)
	}
	after.signOut(stays)
	if status := after.me(stays.access); status != http.StatusUnauthorized {
		t.Errorf("a token that was signed out now: %d", status)
	}
	// Now the target is a service of its own.
	_, errs, exit := typed(t, data, "", "copy", "--from", sqliteOf(data), "--to", url)
	if exit != statusFailed || !strings.Contains(errs, "neither empty nor an unfinished copy") {
		t.Errorf("once more: %d, %s", exit, errs)
	}
}

// granted is what a sign-in gives.
type granted struct{ access, refresh string }

func (p *process) grant(path, body string) (g granted) {
	p.t.Helper()
	status, text := p.post(path, body)
	if status != http.StatusOK {
		p.t.Fatalf("%s: %d %s", path, status, text)
	}
	answer := decode(p.t, text)
	g.access, _ = answer["access_token"].(string)
	g.refresh, _ = answer["refresh_token"].(string)
	return g
}

func (p *process) signOut(g granted) {
	p.t.Helper()
	status, text := p.send(http.MethodPost, "/auth/logout", http.Header{"Authorization": {"Bearer " + g.access}}, "")
	if status != http.StatusNoContent {
		p.t.Fatalf("sign out: %d %s", status, text)
	}
}

// large makes a data directory with so many accounts, sessions and revocations, and returns its URL.
func large(t *testing.T, n int) (url string) {
	t.Helper()
	data := newData(t)
	succeeds(t, data, "", "user", "import", manyUsers(t, n-1))
	url = sqliteOf(data)
	store := open(t, url)
	for first := 0; first < n; first += 1000 {
		var sessions []*jeton.Session
		var entries []revoke.Entry
		for i := first; i < min(first+1000, n); i++ {
			now := time.Now()
			sessions = append(sessions, &jeton.Session{
				ID: fmt.Sprintf("session%d", i), UserID: "user", Kind: jeton.Rotating, CreatedAt: now, IdleUntil: now.Add(time.Hour),
				ExpiresAt: now.Add(time.Hour), Methods: []string{"pwd"}, Client: jeton.Client{UserAgent: "curl/8"}, Advances: []time.Time{now},
			})
			entries = append(entries, revoke.Entry{Number: uint64(2*i + 2), ID: revoke.IDOf(fmt.Sprint(i)), ExpiresAt: now.Add(time.Hour)})
		}
		if err := errors.Join(store.AddSessions(t.Context(), sessions), store.AddRevocations(t.Context(), entries, uint64(2*n+5))); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return url
}

func open(t *testing.T, url string) database.Store {
	t.Helper()
	store, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// copyProcess is a copy in a process of its own.
type copyProcess struct {
	*exec.Cmd

	stderr output
}

func copying(t *testing.T, from, to string) *copyProcess {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	t.Cleanup(cancel)
	c := &copyProcess{Cmd: exec.CommandContext(ctx, os.Args[0], "copy")}
	c.Env = append(os.Environ(), asCommand+"=1", "JETON_COPY_FROM="+from, "JETON_COPY_TO="+to)
	c.Dir, c.Stderr = t.TempDir(), &c.stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// waitFor waits until a query about the target says more than so many.
func waitFor(t *testing.T, url, query string, more int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it was only read
	pause := time.NewTicker(2 * time.Millisecond)
	defer pause.Stop()
	for n := 0; n <= more; {
		if err := conn.QueryRow(ctx, query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			t.Fatalf("%s: %d", query, n)
		}
	}
}

// TestACopyThatIsCutOffGoesOn kills copies at several points, and interrupts one.
func TestACopyThatIsCutOffGoesOn(t *testing.T) {
	t.Parallel()
	server := postgrestest.New(t)
	const n = 8000
	from, to := large(t, n), server.Database(t)
	succeeds(t, t.TempDir(), "", "migrate", "up", "--database", to)
	for _, test := range []struct {
		query string
		more  int
	}{
		{"SELECT count(*) FROM jeton_revocations", 0},
		{"SELECT count(*) FROM jeton_users", 0},
		{"SELECT count(*) FROM jeton_users", n / 2},
		{"SELECT count(*) FROM jeton_sessions", n / 4},
	} {
		c := copying(t, from, to)
		waitFor(t, to, test.query, test.more)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err == nil {
			t.Fatalf("%s: the copy was over before it was killed", test.query)
		}
	}
	if runtime.GOOS != "windows" {
		c := copying(t, from, to)
		waitFor(t, to, "SELECT count(*) FROM jeton_sessions", n/2)
		if err := c.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		err := c.Wait()
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != statusFailed {
			t.Errorf("the copy has ended with %v", err)
		}
		if text := c.stderr.String(); !strings.HasSuffix(text, "\njeton: interrupted; run the same command again, and it goes on\n") {
			t.Errorf("it says %q", text)
		}
	}
	result := copied(t, from, to)
	fresh := copied(t, from, database.SQLite(filepath.Join(t.TempDir(), "fresh.db")))
	for i, table := range result.Tables {
		if !table.Equal || table.SourceChanged || table.To != fresh.Tables[i].To {
			t.Errorf("%+v, and at once %+v", table, fresh.Tables[i])
		}
	}
	if table := result.table(storecopy.Sessions); table.To.Rows != n || table.Copied >= n/2 {
		t.Errorf("it has begun anew: %+v", table)
	}
	if result.table(storecopy.Accounts).Copied != 0 || result.LastRevocation.To != 2*n+5 {
		t.Errorf("%+v", result)
	}
}

// TestACopyOfWhatChanges has a server's work go on in the source.
func TestACopyOfWhatChanges(t *testing.T) {
	t.Parallel()
	server := postgrestest.New(t)
	from, to := large(t, 8000), server.Database(t)
	succeeds(t, t.TempDir(), "", "migrate", "up", "--database", to)
	file, _ := database.File(from)
	c := copying(t, from, to)
	waitFor(t, to, "SELECT count(*) FROM jeton_users", 0)
	db := openRaw(t, filepath.Dir(file))
	if _, err := db.ExecContext(t.Context(), "UPDATE jeton_users SET name = 'Eve' WHERE id = (SELECT min(id) FROM jeton_users)"); err != nil {
		t.Fatal(err)
	}
	err := c.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != statusFailed {
		t.Errorf("the copy has ended with %v", err)
	}
	text := c.stderr.String()
	if want := "jeton: the two databases differ, since the source has changed while it was copied: stop all servers that use it, " +
		"and copy into an empty database\n"; !strings.HasSuffix(text, " differs\n"+want) || !strings.Contains(text, "\njeton: accounts: ") {
		t.Errorf("it says %s", text)
	}
}

// TestTargetsThatCannotBe are refused.
func TestTargetsThatCannotBe(t *testing.T) {
	t.Parallel()
	server := postgrestest.New(t)
	data := newData(t)
	from := sqliteOf(data)
	run := func(t *testing.T, url, statement string) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.Exec(t.Context(), statement)
		if err := errors.Join(err, conn.Close(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(t *testing.T, from, to, want string) {
		t.Helper()
		out, errs, status := typed(t, data, "", "copy", "--from", from, "--to", to)
		if status != statusFailed || out != "" || !strings.Contains(errs, want) {
			t.Errorf("status %d: %s%s", status, out, errs)
		}
	}

	to := server.Database(t)
	copied(t, from, to)
	run(t, to, "UPDATE jeton_users SET email = 'eve@example.com'")
	refused(t, from, to, "neither empty nor an unfinished copy of this source: accounts: ")
	// the other way round, too
	refused(t, to, from, "neither empty nor an unfinished copy of this source: accounts: ")

	newer := server.Database(t)
	status := func(want database.State, exit int) {
		t.Helper()
		out, errs, got := typed(t, data, "", "migrate", "status", "--database", newer, "--json")
		shown := decode(t, out)
		if got != exit || errs != "" || shown["state"] != string(want) {
			t.Errorf("status %d: %s%s", got, out, errs)
		}
	}
	status(database.Empty, statusFailed)
	succeeds(t, data, "", "migrate", "up", "--database", newer)
	status(database.Current, statusGood)
	run(t, newer, "INSERT INTO jeton_migrations (version, name, applied_at) VALUES (1000, 'later', now())")
	status(database.Newer, statusFailed)
	refused(t, from, newer, "jeton: --to: postgres: schema version: the database is at version 1000")
	refused(t, newer, from, "jeton: --from: the database is at version 1000, and this program knows ")
	_, errs, got := typed(t, data, "", "migrate", "up", "--database", newer)
	if got != statusFailed || !strings.Contains(errs, "run a newer jeton, or choose another database") {
		t.Errorf("status %d: %s", got, errs)
	}

	old := filepath.Join(t.TempDir(), "old.db")
	succeeds(t, data, "", "migrate", "up", "--database", "sqlite:"+old)
	db, err := sql.Open("sqlite", old)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "DELETE FROM jeton_migrations WHERE version > 1"); err != nil {
		t.Fatal(err)
	}
	refused(t, "sqlite:"+old, server.Database(t), "jeton: --from: the database is at version 1, and this program wants ")
	out, _, got := typed(t, data, "", "migrate", "status", "--database", "sqlite:"+old)
	if got != statusFailed || !strings.Contains(out, "it needs migrating: jeton migrate up does that") {
		t.Errorf("status %d: %s", got, out)
	}
}

// TestMigratingAtOnce has several processes make the same tables.
func TestMigratingAtOnce(t *testing.T) {
	t.Parallel()
	url := postgrestest.New(t).Database(t)
	var commands []*exec.Cmd
	for range 4 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "migrate", "up")
		cmd.Env = append(os.Environ(), asCommand+"=1", "JETON_DATABASE="+url)
		cmd.Dir = t.TempDir()
		cmd.Stdout, cmd.Stderr = new(bytes.Buffer), new(bytes.Buffer)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		commands = append(commands, cmd)
	}
	for _, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %s", err, cmd.Stderr)
		}
	}
	succeeds(t, t.TempDir(), "", "migrate", "status", "--database", url)
}

func TestCopyProgress(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	now := time.Now()
	c := testApp(io.Discard, &errs).newCopyProgress()
	c.now = func() time.Time { return now }
	c.said = now
	p := storecopy.Progress{Step: storecopy.Comparing, Table: storecopy.ServiceClients, Total: 10_000_000}
	c.report(p)
	now, p.Rows = now.Add(11*time.Second), 9_900_000
	if bar, want := c.bar(p), "comparing service clients [################### ]  99%  9900000 rows, 900000/s"; bar != want || len(bar) > 79 {
		t.Errorf("%q, want %q", bar, want)
	}
	c.report(p)
	now, p.Rows = now.Add(9*time.Second), 9_999_000
	c.report(p)
	p.Rows, p.Ended = 10_000_000, true
	c.report(p)
	c.report(storecopy.Progress{Step: storecopy.Reading, Table: storecopy.SigningKeys, Ended: true})
	want := "comparing service clients: 9900000 of 10000000 rows\ncomparing service clients: 10000000 rows\n"
	if errs.String() != want {
		t.Errorf("%q, want %q", &errs, want)
	}
}

func TestShellWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"sqlite:a/b-c_d.db":               "sqlite:a/b-c_d.db",
		"postgres://u:(hidden)@h/d?a=b&c": "'postgres://u:(hidden)@h/d?a=b&c'",
		"/srv/Ada's data/master.key":      `'/srv/Ada'\''s data/master.key'`,
		"a b":                             "'a b'",
		"a$b":                             "'a$b'",
	} {
		if got := shellWord(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
