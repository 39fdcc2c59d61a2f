package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/postgrestest"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/postgres"
)

// newPrimary starts a server that standbys can follow.
func newPrimary(t *testing.T, settings ...string) *postgrestest.Server {
	t.Helper()
	return postgrestest.New(t, append([]string{"wal_level=replica", "max_wal_senders=4", "full_page_writes=on"}, settings...)...)
}

// A commit waits for a synchronous standby that is not there. Who gives up is not told that it has happened: not the first time, and not
// by doing it again, when the primary itself has nothing left to do. Once the standby is there, the next one is told.
func TestSynchronousStandbyIsAway(t *testing.T) {
	t.Parallel()
	primary := newPrimary(t, "synchronous_standby_names=standby")
	s, local := open(t, primary.DSN(t, "postgres")), open(t, primary.DSN(t, "postgres", "synchronous_commit", "local"))
	ctx := t.Context()
	if err := local.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"one", "two"} {
		session, _ := newSession(id)
		if err := errors.Join(local.CreateSession(ctx, session), local.CreateUser(ctx, &jeton.User{ID: id})); err != nil {
			t.Fatal(err)
		}
	}
	end := func(e jeton.Ending) call {
		return func(ctx context.Context, s *postgres.Store) error {
			e.At, e.RevokeUntil = at(), time.Hour
			_, err := s.EndSessions(ctx, e)
			return err
		}
	}
	session, all := end(jeton.Ending{SessionID: "one", UserID: "user of one"}), end(jeton.Ending{UserID: "user of two"})
	for name, write := range map[string]call{
		"end session":  session,
		"end sessions": all,
		"revoke token": func(ctx context.Context, s *postgres.Store) error {
			_, err := s.RevokeToken(ctx, revoke.IDOf("token"), at())
			return err
		},
		"update user": func(ctx context.Context, s *postgres.Store) error {
			_, err := s.UpdateUser(ctx, "one", jeton.UserChange{Name: new("name")})
			return err
		},
		"create session": func(ctx context.Context, s *postgres.Store) error {
			session, _ := newSession(rand.Text())
			return s.CreateSession(ctx, session)
		},
	} {
		wantNotConfirmed(t, s, name, write)
	}
	if got, err := s.SessionByID(ctx, "one"); err != nil || got.EndedAt.IsZero() {
		t.Fatalf("the session is %v, error %v, and so this test of nothing", got, err)
	}
	if err := end(jeton.Ending{SessionID: "three"})(ctx, s); err != nil {
		t.Errorf("no session, for which there is nothing to wait: error is %v", err)
	}

	primary.Program(t, "starting log streaming", "pg_receivewal", "--verbose", "--synchronous", "--directory=.",
		"--dbname=user=postgres application_name=standby host="+primary.Dir())
	if err := errors.Join(session(ctx, s), all(ctx, s)); err != nil {
		t.Errorf("with the standby: error is %v", err)
	}
}

// call is an operation.
type call func(ctx context.Context, s *postgres.Store) error

// wantNotConfirmed fails the test unless a call is an error that has to wait for longer than its context or the store do.
func wantNotConfirmed(t *testing.T, s *postgres.Store, name string, write call) {
	t.Helper()
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		err := write(ctx, s)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s, with a deadline: error is %v", name, err)
		}
		err = write(t.Context(), s.WithPatience(100*time.Millisecond))
		if !errors.Is(err, jeton.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s, without a deadline: error is %v", name, err)
		}
	}
}

// address is one that leads to a server, and then to another: the folder of a socket.
type address struct {
	*testing.T
	dir string
}

// lead makes the address that of a socket.
func (a address) lead(socket string) {
	a.Helper()
	name := filepath.Join(a.dir, ".s.PGSQL.5432")
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		a.Fatal(err)
	}
	if err := os.Symlink(socket, name); err != nil {
		a.Fatal(err)
	}
}

// The address that a node knows leads to a standby: nothing that this knows counts as the latest, over connections that are made anew or
// were there before, until it is the primary.
func TestAddressOfAStandby(t *testing.T) {
	t.Parallel()
	primary := newPrimary(t)
	dsn := primary.DSN(t, "postgres")
	if err := open(t, dsn).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	primary.Program(t, "base backup completed", "pg_basebackup", "--verbose", "--pgdata=standby", "--write-recovery-conf",
		"--checkpoint=fast", "--no-sync", "--username=postgres", "--host="+primary.Dir())
	primary.Program(t, "ready to accept read-only connections", "postgres", "-D", "standby", "-c", "port=5433", "-c", "listen_addresses=",
		"-c", "unix_socket_directories="+primary.Dir(), "-c", "max_connections=300", "-c", "max_wal_senders=4", "-c", "fsync=off")
	here := address{t, t.TempDir()}
	here.lead(filepath.Join(primary.Dir(), ".s.PGSQL.5432"))
	moving := strings.Replace(dsn, url.QueryEscape(primary.Dir()), url.QueryEscape(here.dir), 1)
	careless, err := pgxpool.New(t.Context(), moving) // as through a pooler, which keeps the connection
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(careless.Close)
	stores := map[string]*postgres.Store{"opened": open(t, moving), "given": postgres.New(careless)}
	wantLatest(t, stores, nil)

	here.lead(filepath.Join(primary.Dir(), ".s.PGSQL.5433"))
	for _, s := range stores {
		s.Pool().Reset()
	}
	wantLatest(t, stores, jeton.ErrUnavailable)
	if _, err := stores["opened"].SessionByID(t.Context(), "one"); !errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("session by id: error is %v", err)
	}
	if err := stores["opened"].Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "read") {
		t.Errorf("ping: error is %v", err)
	}
	if !ask[bool](t, careless, "SELECT pg_promote()") {
		t.Fatal("the standby is not promoted")
	}
	wantLatest(t, stores, nil)
}

// wantLatest fails the test unless the stores give what has to be the latest, or want.
func wantLatest(t *testing.T, stores map[string]*postgres.Store, want error) {
	t.Helper()
	for name, s := range stores {
		_, revocations := s.Revocations(t.Context(), 0, 10)
		_, keys := s.Keys(t.Context())
		for what, err := range map[string]error{"revocations": revocations, "keys": keys} {
			if !errors.Is(err, want) {
				t.Errorf("%s, %s: error is %v, want %v", name, what, err, want)
			}
		}
	}
}
