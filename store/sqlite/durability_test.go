package sqlite_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/sqlite"
)

// The tests start this program again as a child with these variables.
const (
	childTask = "JETON_SQLITE_TEST_TASK"
	childPath = "JETON_SQLITE_TEST_PATH"
)

func TestMain(m *testing.M) {
	path := os.Getenv(childPath)
	var err error
	switch task := os.Getenv(childTask); task {
	case "":
		os.Exit(m.Run())
	case "migrate":
		err = migrateChild(path)
	case "write":
		err = writeChild(path)
	default:
		err = fmt.Errorf("no task %q", task)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child returns a process that does a task with the database at path. It is killed when the test ends, or soon after its
// deadline.
func child(t *testing.T, task, path string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, program)
	c.Env = append(os.Environ(), childTask+"="+task, childPath+"="+path)
	return c
}

func migrateChild(path string) error {
	s, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(context.Background()), s.Close())
}

// childWriters is how many goroutines of a child write.
const childWriters = 3

// writeChild writes until it is killed, and says each thing that was acknowledged in a line.
func writeChild(path string) error {
	s, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	if err := s.Migrate(context.Background()); err != nil {
		return err
	}
	errs := make(chan error)
	for range childWriters {
		go func() { errs <- writeForever(context.Background(), s) }()
	}
	return <-errs
}

func writeForever(ctx context.Context, s *sqlite.Store) error {
	now := time.Now()
	for {
		id := rand.Text()
		if err := s.CreateUser(ctx, &jeton.User{ID: id, EmailKey: id}); err != nil {
			return err
		}
		fmt.Println("user", id)
		if err := s.SetPassword(ctx, id, jeton.PasswordChange{New: "hash of " + id, ChangedAt: now}); err != nil {
			return err
		}
		fmt.Println("password", id)
		session := &jeton.Session{ID: id, UserID: id, ExpiresAt: now.Add(time.Hour), IdleUntil: now.Add(time.Hour)}
		if err := s.CreateSession(ctx, session); err != nil {
			return err
		}
		fmt.Println("session", id)
		advance := jeton.Advance{
			SessionID: id, NextTagHash: sha256.Sum256([]byte(id)), At: now, IdleUntil: now, AccessUntil: now.Add(time.Minute),
		}
		if err := s.AdvanceSession(ctx, advance); err != nil {
			return err
		}
		fmt.Println("advance", id)
		entries, err := s.EndSessions(ctx, jeton.Ending{UserID: id, At: now, Reason: "signed-out"})
		if err != nil || len(entries) != 1 {
			return fmt.Errorf("%d entries, error %w", len(entries), err)
		}
		fmt.Println("end", id, entries[0].Number)
	}
}

func TestKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	var said []string
	for round := range 5 {
		said = append(said, killedChild(t, path, 20+37*round)...)
		s := open(t, path)
		write, read := s.Handles()
		if result := ask[string](t, write, "PRAGMA integrity_check"); result != "ok" {
			t.Errorf("integrity: %s", result)
		}
		for _, line := range said {
			if err := checkLine(t.Context(), s, line); err != nil {
				t.Errorf("%q was acknowledged, but: %v", line, err)
			}
		}
		// Whether an ending that nobody was told of took place or not, its session and its entry agree.
		if n := ask[int](t, read, `SELECT (SELECT count(*) FROM jeton_sessions WHERE ended_at IS NOT NULL)
			- (SELECT count(*) FROM jeton_revocations)`); n != 0 {
			t.Errorf("%d more sessions ended than were revoked", n)
		}
		if n := ask[int](t, read, `SELECT (SELECT n FROM jeton_counter) - (SELECT max(number) FROM jeton_revocations)`); n != 0 {
			t.Errorf("the counter is %d ahead", n)
		}
		closeNow(t, s)
	}
	t.Logf("%d acknowledged writes in 5 processes", len(said))
}

// killedChild returns the lines of a child that was killed after saying some.
func killedChild(t *testing.T, path string, after int) []string {
	t.Helper()
	c := child(t, "write", path)
	c.Stderr = os.Stderr
	output, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for scanner := bufio.NewScanner(output); scanner.Scan(); {
		lines = append(lines, scanner.Text())
		if len(lines) == after {
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); len(lines) < after || c.ProcessState.Success() {
		t.Fatalf("the child said %d lines of %d and ended: %v", len(lines), after, err)
	}
	return lines
}

// checkLine returns an error unless the database has what a child said.
func checkLine(ctx context.Context, s *sqlite.Store, line string) error {
	what, rest, _ := strings.Cut(line, " ")
	id, number, _ := strings.Cut(rest, " ")
	if what == "user" || what == "password" {
		u, err := s.UserByEmail(ctx, id)
		if err == nil && what == "password" && u.PasswordHash != "hash of "+id {
			err = fmt.Errorf("hash is %q", u.PasswordHash)
		}
		return err
	}
	session, err := s.SessionByID(ctx, id)
	switch {
	case err != nil:
		return err
	case what == "advance" && (session.Generation != 1 || session.TagHash != sha256.Sum256([]byte(id))):
		return fmt.Errorf("generation is %d", session.Generation)
	case what == "end" && session.EndReason != "signed-out":
		return fmt.Errorf("it has not ended")
	case what != "end":
		return nil
	}
	var n uint64
	if _, err := fmt.Sscan(number, &n); err != nil {
		return err
	}
	entries, err := s.Revocations(ctx, n-1, 1)
	if err == nil && (len(entries) != 1 || entries[0].Number != n || entries[0].ID != revoke.IDOf(id)) {
		err = fmt.Errorf("revocation %d is %v", n, entries)
	}
	return err
}
