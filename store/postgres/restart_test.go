package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/postgrestest"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/postgres"
)

// attempt is one thing that a writer did.
type attempt struct {
	user string
	err  error
}

// write makes users and ends their sessions until ctx is over.
func write(ctx context.Context, s *postgres.Store, name string, attempts chan<- attempt) {
	for i := 0; ctx.Err() == nil; i++ {
		id := fmt.Sprint(name, "-", i)
		err := s.CreateUser(ctx, &jeton.User{ID: id})
		if err == nil {
			session, _ := newSession(id)
			err = s.CreateSession(ctx, session)
		}
		if err == nil {
			_, err = s.EndSessions(ctx, jeton.Ending{SessionID: id, At: at(), RevokeUntil: time.Hour})
		}
		select {
		case attempts <- attempt{id, err}:
		case <-ctx.Done():
		}
	}
}

// A server that is restarted, or falls, in the middle of everybody's work: meanwhile the store is unavailable, afterwards it works
// without anybody's help, and what was acknowledged is there.
func TestRestart(t *testing.T) {
	t.Parallel()
	own := postgrestest.New(t)
	s := open(t, own.DSN(t, "postgres"))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	attempts := make(chan attempt)
	for i := range 4 {
		go write(ctx, s, fmt.Sprint("writer", i), attempts)
	}
	var done []string
	count := func(n int, what string, counts func(err error) bool) {
		t.Helper()
		for n > 0 {
			select {
			case a := <-attempts:
				if a.err == nil {
					done = append(done, a.user)
				} else if !errors.Is(a.err, jeton.ErrUnavailable) {
					t.Errorf("error is %v", a.err)
				}
				if counts(a.err) {
					n--
				}
			case <-ctx.Done():
				t.Fatalf("no %s within %v", what, deadline)
			}
		}
	}
	succeeded := func(err error) bool { return err == nil }
	failed := func(err error) bool { return err != nil }
	for name, stop := range map[string]func() error{"stop": own.Stop, "crash": own.Crash} {
		count(20, "success before the "+name, succeeded)
		stopped := make(chan error, 1)
		go func() { stopped <- stop() }()
		count(20, "failure after the "+name, failed)
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); !errors.Is(err, jeton.ErrUnavailable) {
			t.Errorf("ping: error is %v", err)
		}
		restarted := make(chan error, 1)
		go func() { restarted <- own.Restart() }()
		count(20, "success after the "+name, succeeded)
		if err := <-restarted; err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	wantEnded(t, s, done)
}

// wantEnded fails the test unless these users have sessions that have ended, each with its entry.
func wantEnded(t *testing.T, s *postgres.Store, users []string) {
	t.Helper()
	entries, err := s.Revocations(t.Context(), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	revoked := map[revoke.ID]bool{}
	for i, entry := range entries {
		revoked[entry.ID] = true
		if entry.Number != uint64(i+1) {
			t.Fatalf("entry %d has number %d", i+1, entry.Number)
		}
	}
	for _, id := range users {
		_, err := s.UserByID(t.Context(), id)
		if err != nil || !revoked[revoke.IDOf(id)] {
			t.Errorf("user %s, whose session was acknowledged as ended: error %v, revoked %t", id, err, revoked[revoke.IDOf(id)])
		}
	}
}

// A connection that breaks in the middle of a transaction: nothing of that has happened, and the next call takes another one.
func TestConnectionKilled(t *testing.T) {
	t.Parallel()
	s, dsn := openNew(t)
	victim := open(t, dsn+"&application_name=victim")
	ctx := t.Context()
	session, _ := newSession("session")
	if err := s.CreateSession(ctx, session); err != nil {
		t.Fatal(err)
	}
	ending := jeton.Ending{SessionID: "session", At: at(), RevokeUntil: time.Hour}
	counter := beginAnother(t, s)
	if _, err := counter.Exec(ctx, "UPDATE jeton_counter SET n = n"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := victim.EndSessions(ctx, ending)
		ended <- err
	}()
	pid := blocked(t, s.Pool(), "victim")
	if !ask[bool](t, s.Pool(), "SELECT pg_terminate_backend($1)", pid) {
		t.Fatal("it was not there")
	}
	if err := <-ended; !errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
	if err := counter.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if got, err := s.SessionByID(ctx, "session"); err != nil || !got.EndedAt.IsZero() {
		t.Errorf("session ended at %v, error %v", got.EndedAt, err)
	}
	if made, err := victim.EndSessions(ctx, ending); err != nil || len(made) != 1 || made[0].Number != 1 {
		t.Errorf("entries %v, error %v", made, err)
	}
}
