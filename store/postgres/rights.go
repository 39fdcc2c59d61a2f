package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
)

// selectMissingRights has no row while there are no tables. It asks only for what each sign-in, sign-out and removal needs; a node that
// does not, say, add service clients may go without that right.
const selectMissingRights = `SELECT w.verb || ' on ' || w.name
	FROM (VALUES
		('jeton_sessions', 'INSERT'), ('jeton_sessions', 'UPDATE'), ('jeton_sessions', 'DELETE'),
		('jeton_revocations', 'INSERT'), ('jeton_revocations', 'DELETE'), ('jeton_counter', 'UPDATE')
	) AS w (name, verb)
	JOIN pg_catalog.pg_class c ON c.relname = w.name
	WHERE pg_table_is_visible(c.oid) AND NOT has_table_privilege(c.oid, w.verb)
	ORDER BY w.name DESC, w.verb DESC`

func (s *Store) checkRights(ctx context.Context) error {
	missing, err := collect(ctx, s, pgx.RowTo[string], selectMissingRights)
	if err != nil || len(missing) == 0 {
		return err
	}
	return fmt.Errorf(`%w: this role lacks %s; see docs/postgres.md, "Permissions", for what to grant`,
		jeton.ErrUnavailable, strings.Join(missing, ", "))
}
