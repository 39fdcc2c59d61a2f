package postgres_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/postgres"
)

func TestOpenUnavailable(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]string{
		"no socket":   "postgres:///d?host=" + t.TempDir(),
		"no database": server.DSN(t, "nowhere"),
		"read-only":   server.Schema(t, "default_transaction_read_only", "on"),
	} {
		if _, err := postgres.Open(t.Context(), dsn); !errors.Is(err, jeton.ErrUnavailable) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := postgres.Open(ctx, server.DSN(t, "postgres")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error is %v", err)
	}
}

// A server that takes connections and says nothing holds nobody up for long.
func TestOpenSilentServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var listen net.ListenConfig
	silent, err := listen.Listen(t.Context(), "unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	start := time.Now()
	_, err = postgres.Open(t.Context(), "postgres:///d?connect_timeout=1&host="+dir)
	if !errors.Is(err, jeton.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || time.Since(start) > deadline {
		t.Errorf("after %v error is %v", time.Since(start), err)
	}
}

func TestOpenDefaults(t *testing.T) {
	t.Parallel()
	s := open(t, server.DSN(t, "postgres"))
	if name := ask[string](t, s.Pool(), "SHOW application_name"); name != "jeton" {
		t.Errorf("application_name is %q", name)
	}
	if timeout := s.Pool().Config().ConnConfig.ConnectTimeout; timeout != 5*time.Second {
		t.Errorf("connect timeout is %v", timeout)
	}
	named := open(t, server.DSN(t, "postgres", "application_name", "x", "connect_timeout", "7", "pool_max_conns", "3"))
	if name := ask[string](t, named.Pool(), "SHOW application_name"); name != "x" {
		t.Errorf("application_name is %q", name)
	}
	cfg := named.Pool().Config()
	if cfg.ConnConfig.ConnectTimeout != 7*time.Second || cfg.MaxConns != 3 {
		t.Errorf("connect timeout is %v, at most %d connections", cfg.ConnConfig.ConnectTimeout, cfg.MaxConns)
	}
}

// A pool that was given stays open, and one that Open opened does not.
func TestClose(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), server.DSN(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	s := postgres.New(pool)
	closeNow(t, s)
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("after closing a store over a given pool: %v", err)
	}
	s = open(t, server.DSN(t, "postgres"))
	closeNow(t, s)
	if err := s.Ping(t.Context()); !errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("after closing: error is %v", err)
	}
}

// New does nothing: no connection, no table.
func TestNewDoesNothing(t *testing.T) {
	t.Parallel()
	dsn := server.Schema(t)
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	s := postgres.New(pool)
	if n := pool.Stat().TotalConns(); n != 0 || s.Pool() != pool {
		t.Errorf("%d connections", n)
	}
	if have, want, err := s.SchemaVersion(t.Context()); err != nil || have != 0 || want < 1 {
		t.Errorf("version %d of %d, error %v", have, want, err)
	}
}
