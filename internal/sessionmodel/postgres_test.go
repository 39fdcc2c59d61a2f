package sessionmodel_test

import (
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/postgrestest"
	"github.com/jetonauth/jeton/internal/sessionmodel"
	"github.com/jetonauth/jeton/store/postgres"
)

var server *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m, &server)) }

// Two stores over one database, each with connections of its own.
func TestPostgres(t *testing.T) {
	sessionmodel.Check(t, 200, func(t *testing.T) func(*rapid.T) sessionmodel.Subject {
		t.Helper()
		dsn := server.Schema(t)
		first, second := openPostgres(t, dsn), openPostgres(t, dsn)
		if err := first.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return func(r *rapid.T) sessionmodel.Subject {
			if _, err := first.Pool().Exec(r.Context(), strings.Join(empty, "; ")); err != nil {
				r.Fatal(err)
			}
			return sessionmodel.Subject{Stores: []jeton.Store{first, second}}
		}
	})
}

func openPostgres(t *testing.T, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
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
