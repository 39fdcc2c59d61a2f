package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/postgres"
)

// newRole makes a role and returns it with the connection string that has it in place of the owner. In each statement <role> and <schema>
// stand for the names.
func newRole(t *testing.T, dsn string, statements ...string) (role, roleDSN string, schema func(statement string) string) {
	t.Helper()
	owner := open(t, dsn)
	name := pgx.Identifier{ask[string](t, owner.Pool(), "SELECT current_setting('search_path')")}.Sanitize()
	role = "node_of_" + strings.Trim(name, `"`)
	fill := strings.NewReplacer("<role>", role, "<schema>", name).Replace
	execute(t, owner.Pool(), "CREATE ROLE "+role+" LOGIN")
	for _, statement := range statements {
		execute(t, owner.Pool(), fill(statement))
	}
	return role, strings.Replace(dsn, "postgres@", role+"@", 1), fill
}

// Nodes may have a role that can read and write the tables and no more, as docs/postgres.md grants it: somebody else migrates.
func TestRoleWithoutRightsToCreate(t *testing.T) {
	t.Parallel()
	_, dsn := openNew(t)
	role, dsn, _ := newRole(t, dsn, "GRANT USAGE ON SCHEMA <schema> TO <role>", "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA <schema> TO <role>")
	s := open(t, dsn)
	if user := ask[string](t, s.Pool(), "SELECT current_user"); user != role {
		t.Fatalf("connected as %s", user)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Errorf("migrate when there is nothing to do: %v", err)
	}
	everything(t, s)
}

// A node that can read and not write is not ready, and says why, until it is given what it lacks.
func TestRoleThatMayOnlyRead(t *testing.T) {
	t.Parallel()
	owner, dsn := openNew(t)
	_, dsn, fill := newRole(t, dsn, "GRANT USAGE ON SCHEMA <schema> TO <role>", "GRANT SELECT ON ALL TABLES IN SCHEMA <schema> TO <role>")
	grant := func(rights string) {
		execute(t, owner.Pool(), fill("GRANT "+rights+" ON ALL TABLES IN SCHEMA <schema> TO <role>"))
	}
	_, err := postgres.Open(t.Context(), dsn)
	const all = "this role lacks UPDATE on jeton_sessions, INSERT on jeton_sessions, DELETE on jeton_sessions, INSERT on jeton_revocations, " +
		`DELETE on jeton_revocations, UPDATE on jeton_counter; see docs/postgres.md, "Permissions", for what to grant`
	if !errors.Is(err, jeton.ErrUnavailable) || !strings.HasSuffix(err.Error(), all) {
		t.Errorf("error is %v", err)
	}
	grant("INSERT, UPDATE")
	if _, err = postgres.Open(t.Context(), dsn); !errors.Is(err, jeton.ErrUnavailable) ||
		!strings.Contains(err.Error(), "lacks DELETE on jeton_sessions, DELETE on jeton_revocations; see") {
		t.Errorf("error is %v", err)
	}
	grant("DELETE")
	s := open(t, dsn)
	execute(t, owner.Pool(), fill("REVOKE INSERT ON <schema>.jeton_sessions FROM <role>"))
	if err := s.Ping(t.Context()); !errors.Is(err, jeton.ErrUnavailable) || !strings.Contains(err.Error(), "lacks INSERT on jeton_sessions; see") {
		t.Errorf("ping: error is %v", err)
	}
	session, _ := newSession("s")
	err = s.CreateSession(t.Context(), session)
	if native, ok := errors.AsType[*pgconn.PgError](err); !ok || native.Code != "42501" || !strings.HasSuffix(err.Error(), `see docs/postgres.md, "Permissions", for what to grant`) {
		t.Errorf("create session: error is %v", err)
	}
	grant("INSERT")
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping: error is %v", err)
	}
}

// The tables of another schema, which this role does not use, are no matter of a store that has none yet.
func TestRightsElsewhere(t *testing.T) {
	t.Parallel()
	_, _ = openNew(t)
	_, dsn, _ := newRole(t, server.Schema(t), "GRANT USAGE, CREATE ON SCHEMA <schema> TO <role>")
	s := open(t, dsn)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	everything(t, s)
}

// Who may not make tables is told who may.
func TestMigrateWithoutRights(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		grants     []string
		code, want string
	}{
		"no CREATE": {[]string{"GRANT USAGE ON SCHEMA <schema> TO <role>"}, "42501", "this role may not create tables: run `jeton migrate up` with a role that may, see docs/postgres.md"},
		"no USAGE":  {nil, "3F000", "the schema in search_path is not there, or this role may not use it, see docs/postgres.md"},
	} {
		_, dsn, _ := newRole(t, server.Schema(t), test.grants...)
		err := open(t, dsn).Migrate(t.Context())
		if native, ok := errors.AsType[*pgconn.PgError](err); !ok || native.Code != test.code || !strings.HasSuffix(err.Error(), "; "+test.want) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	dsn := server.Schema(t)
	if err := open(t, dsn).MigrateTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	_, dsn, _ = newRole(t, dsn, "GRANT USAGE ON SCHEMA <schema> TO <role>", "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA <schema> TO <role>")
	err := open(t, dsn).Migrate(t.Context())
	if native, ok := errors.AsType[*pgconn.PgError](err); !ok || native.Code != "42501" || !strings.Contains(err.Error(), "; this role may not create tables") {
		t.Errorf("another's tables: error is %v", err)
	}
}
