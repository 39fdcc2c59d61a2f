package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/postgres"
)

// Each of pgx's ways to run a statement gives the same.
func TestEveryMode(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s, _ := openNew(t, "default_query_exec_mode", mode)
			everything(t, s)
		})
	}
}

// Through PgBouncer, which gives each transaction whichever connection is free: of a version that knows nothing of prepared
// statements, too.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	direct := server.Database(t)
	startPgBouncer(t)
	dsn := direct + "&port=6432&default_query_exec_mode=exec"
	s := open(t, dsn)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	everything(t, s)
	stores := []*postgres.Store{s, open(t, dsn), open(t, dsn)}
	for i := range 20 {
		session, advance := newSession(fmt.Sprint("session", i))
		if err := s.CreateSession(t.Context(), session); err != nil {
			t.Fatal(err)
		}
		won := 0
		for _, err := range together(12, func(i int) error { return stores[i%3].AdvanceSession(t.Context(), advance) }) {
			if err == nil {
				won++
			} else if !errors.Is(err, jeton.ErrConflict) {
				t.Error(err)
			}
		}
		made, err := stores[i%3].EndSessions(t.Context(), jeton.Ending{SessionID: session.ID, At: at(), RevokeUntil: time.Hour})
		if won != 1 || err != nil || len(made) != 1 {
			t.Errorf("%d of 12 advanced; %d entries, error %v", won, len(made), err)
		}
	}
	err := s.WithPatience(time.Second).Watch(t.Context(), func() { t.Error("a hint") })
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("watch: error is %v", err)
	}
	wantPrepared(t, direct+"&port=6432")
}

// wantPrepared fails the test unless a store that prepares statements meets those of another, sooner or later, and the error says what to
// do about it.
func wantPrepared(t *testing.T, dsn string) {
	t.Helper()
	until(t, "clash of prepared statements", func(ctx context.Context) bool {
		s, err := postgres.Open(ctx, dsn)
		if err == nil {
			_, err = s.UserByID(ctx, "u")
			t.Cleanup(func() { closeNow(t, s) })
		}
		native, ok := errors.AsType[*pgconn.PgError](err)
		if !ok || native.Code != "42P05" && native.Code != "26000" {
			return false
		}
		if !strings.Contains(err.Error(), "Add default_query_exec_mode=exec to the connection string, see docs/postgres.md") || errors.Is(err, jeton.ErrUnavailable) {
			t.Errorf("error is %v", err)
		}
		return true
	})
}

// startPgBouncer starts one that has its socket beside that of the server, with another port in its name.
func startPgBouncer(t *testing.T) {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/pgbouncer") // not on everybody's path
	}
	if err != nil {
		if os.Getenv("JETON_TEST_COMPLETE") == "1" {
			t.Fatal(err)
		}
		t.Skip("no pgbouncer (Debian: pgbouncer)")
	}
	config := filepath.Join(server.Dir(), "pgbouncer.ini")
	text := fmt.Sprintf(`[databases]
* = host=%[1]s port=5432 user=postgres
[pgbouncer]
listen_port = 6432
unix_socket_dir = %[1]s
auth_type = any
pool_mode = transaction
default_pool_size = 3
`, server.Dir())
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	server.Program(t, "process up", program, config)
}
