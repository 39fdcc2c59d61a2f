package postgrestest_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton/internal/postgrestest"
)

var server *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m, &server)) }

// ask returns what a query gives in a database.
func ask(t *testing.T, dsn, query string) (value string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func TestEachTestHasItsOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 2 {
		for _, dsn := range []string{server.Database(t), server.Schema(t)} {
			seen[ask(t, dsn, "SELECT current_database() || '.' || current_schema()")] = true
			if n := ask(t, dsn, "SELECT count(*)::text FROM pg_tables WHERE schemaname = current_schema()"); n != "0" {
				t.Errorf("%s tables", n)
			}
		}
	}
	if len(seen) != 4 {
		t.Errorf("of 4 there are %v", seen)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	const name = "a+b c&d=e%20"
	for _, dsn := range []string{server.Database(t, "application_name", name), server.Schema(t, "application_name", name)} {
		if got := ask(t, dsn, "SHOW application_name"); got != name {
			t.Errorf("application_name is %q, want %q", got, name)
		}
	}
}

// What was committed survives the server's end, orderly or not, at the same address.
func TestRestart(t *testing.T) {
	t.Parallel()
	own := postgrestest.New(t, "work_mem=5MB")
	dsn := own.Database(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 'x' AS x"); err != nil {
		t.Fatal(err)
	}
	for name, stop := range map[string]func() error{"stop": own.Stop, "crash": own.Crash} {
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if _, err := pgx.Connect(t.Context(), dsn); err == nil {
			t.Errorf("there is a server after %s", name)
		}
		if err := own.Restart(); err != nil {
			t.Fatal(err)
		}
		if got := ask(t, dsn, "SELECT x || current_setting('work_mem') FROM kept"); got != "x5MB" {
			t.Errorf("after %s: %s", name, got)
		}
	}
}

// A server that does not start says why.
func TestStartFails(t *testing.T) {
	t.Parallel()
	server.Schema(t) // skips
	s, err := postgrestest.Start("shared_buffers=nonsense")
	if err == nil {
		_ = s.Close()
		t.Fatal("it started")
	}
	if !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("error is %v", err)
	}
}
