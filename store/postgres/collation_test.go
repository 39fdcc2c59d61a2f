package postgres_test

import (
	"fmt"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/postgres"
	"github.com/jetonauth/jeton/store/storetest"
)

// Databases sort texts as their language does: users, sessions and service clients are listed in the order of bytes in any of them.
func TestOrderInAnyCollation(t *testing.T) {
	t.Parallel()
	admin := open(t, server.Database(t))
	database := "german_" + ask[string](t, admin.Pool(), "SELECT current_database()")
	execute(t, admin.Pool(), "CREATE DATABASE "+database+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de'")
	german := open(t, server.DSN(t, database))
	if !ask[bool](t, german.Pool(), "SELECT 'a' < 'B'") {
		t.Fatal("the order is that of bytes")
	}
	n := 0
	openGerman := func(t *testing.T) *postgres.Store {
		t.Helper()
		n++
		name := fmt.Sprint("part", n)
		execute(t, german.Pool(), "CREATE SCHEMA "+name)
		s := open(t, server.DSN(t, database, "search_path", name))
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s
	}
	storetest.RunUserList(t, func(t *testing.T) jeton.UserStore { t.Helper(); return openGerman(t) })
	storetest.RunSessionCopy(t, func(t *testing.T) jeton.SessionStore { t.Helper(); return openGerman(t) })
	storetest.RunServiceClients(t, func(t *testing.T) jeton.ServiceClientStore { t.Helper(); return openGerman(t) })
}
