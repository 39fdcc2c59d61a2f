package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton/store/postgres"
)

// With 50,000 rows in each table, what is asked on the way of a request, or again and again, finds them by an index: whether
// the database plans for the values that it gets or, as it may after a while, for any.
func TestPlansUseIndexes(t *testing.T) {
	t.Parallel()
	s := open(t, server.Database(t))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	fill(t, s.Pool(), 50_000)
	execute(t, s.Pool(), "ANALYZE")
	conn, err := s.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for name, statement := range postgres.HotStatements(at()) {
		for _, mode := range []string{"force_generic_plan", "force_custom_plan"} {
			if _, err := conn.Exec(t.Context(), "SET plan_cache_mode = "+mode); err != nil {
				t.Fatal(err)
			}
			plan := explain(t, conn.Conn(), statement)
			for line := range strings.Lines(plan) {
				if strings.Contains(line, "Seq Scan") && !strings.Contains(line, "jeton_counter") {
					t.Errorf("%s (%s):\n%s", name, mode, plan)
				}
			}
			if !strings.Contains(plan, "Index") && !strings.Contains(plan, "jeton_counter") {
				t.Errorf("%s (%s) uses no index:\n%s", name, mode, plan)
			}
		}
	}
}

// explain returns the plan of a prepared statement.
func explain(t *testing.T, conn *pgx.Conn, statement postgres.Statement) string {
	t.Helper()
	ctx := t.Context()
	if _, err := conn.Exec(ctx, "PREPARE hot AS "+statement.SQL); err != nil {
		t.Fatalf("%s: %v", statement.SQL, err)
	}
	defer func() {
		if _, err := conn.Exec(ctx, "DEALLOCATE hot"); err != nil {
			t.Error(err)
		}
	}()
	call := "EXECUTE hot"
	if len(statement.Args) > 0 {
		call += fmt.Sprintf("(%s)", placeholders(len(statement.Args)))
	}
	rows, _ := conn.Query(ctx, "EXPLAIN (COSTS OFF) "+call, append([]any{pgx.QueryExecModeSimpleProtocol}, statement.Args...)...)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", statement.SQL, err)
	}
	return strings.Join(lines, "\n") + "\n"
}

// placeholders returns "$1, $2, …".
func placeholders(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint("$", i+1)
	}
	return strings.Join(list, ", ")
}
