package postgres_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/postgrestest"
	"github.com/jetonauth/jeton/store/postgres"
	"github.com/jetonauth/jeton/store/storetest"
)

var server *postgrestest.Server

// The tests start this program again, as a child that imports users, with this variable.
const childDSN = "JETON_POSTGRES_TEST_DSN"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(childDSN); dsn != "" {
		fmt.Fprintln(os.Stderr, importForever(dsn))
		os.Exit(1)
	}
	os.Exit(postgrestest.Run(m, &server))
}

// open opens a store, which is closed when the test ends.
func open(t testing.TB, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeNow(t, s) })
	return s
}

// openNew opens a store over empty tables of the test's own, and returns their connection string, too.
func openNew(t testing.TB, parameters ...string) (*postgres.Store, string) {
	t.Helper()
	dsn := server.Schema(t, parameters...)
	s := open(t, dsn)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, dsn
}

func closeNow(t testing.TB, s *postgres.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		t.Helper()
		s, dsn := openNew(t)
		return storetest.Harness{
			Store:       s,
			BeginEnding: s.BeginEnding,
			Reopen: func(t *testing.T) jeton.Store {
				t.Helper()
				closeNow(t, s)
				s = open(t, dsn)
				return s
			},
			Unreachable: unreachable,
		}
	})
}

// unreachable is a store over a pool whose database is not there.
func unreachable(t *testing.T) jeton.Store {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), "postgres://jeton@/nowhere?host="+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return postgres.New(pool)
}
