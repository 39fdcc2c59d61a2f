package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/postgres"
)

// wantVersion fails the test unless the tables are as this program wants them, or absent.
func wantVersion(t *testing.T, s *postgres.Store, absent bool) {
	t.Helper()
	have, want, err := s.SchemaVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want < 1 || absent && have != 0 || !absent && have != want {
		t.Errorf("version is %d of %d", have, want)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	s := open(t, server.Schema(t))
	wantVersion(t, s, true)
	for range 3 {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantVersion(t, s, false)
		err := s.CreateUser(t.Context(), &jeton.User{ID: "1"})
		if err != nil && !errors.Is(err, jeton.ErrConflict) {
			t.Error(err)
		}
	}
	for table, want := range map[string]int64{"jeton_users": 1, "jeton_counter": 1} {
		if n := ask[int64](t, s.Pool(), "SELECT count(*) FROM "+table); n != want {
			t.Errorf("%s has %d rows after migrating again, want %d", table, n, want)
		}
	}
	if age := time.Since(ask[time.Time](t, s.Pool(), "SELECT min(applied_at) FROM jeton_migrations")); age.Abs() > time.Hour {
		t.Errorf("the first migration was applied %v ago", age)
	}
}

// Nothing that a program of any earlier version has written is lost, and what came later works on it.
func TestMigrateFromEveryVersion(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, latest, err := open(t, server.DSN(t, "postgres")).SchemaVersion(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for version := 1; version < latest; version++ {
		dsn := server.Schema(t)
		old := open(t, dsn)
		if err := old.MigrateTo(ctx, version); err != nil {
			t.Fatal(err)
		}
		if have, _, err := old.SchemaVersion(ctx); have != version || err != nil {
			t.Fatalf("version %d, want %d, error %v", have, version, err)
		}
		u := &jeton.User{ID: "u", Email: "Ada@Example.com", EmailKey: "ada@example.com", PasswordHash: "$h$", Roles: []string{"editor"}, CreatedAt: at()}
		session, _ := newSession("s")
		key := &jeton.StoredKey{Number: 1, ID: "k", Algorithm: "ES256", Public: []byte("{}"), Sealed: []byte{1}, CreatedAt: at(), ActivateAt: at()}
		client := &jeton.ServiceClient{Name: "billing", Scopes: []string{jeton.ScopeIntrospect}, SecretHash: make([]byte, 32), CreatedAt: at()}
		entry, err := old.RevokeToken(ctx, revoke.IDOf("token"), at())
		if err := errors.Join(err, old.CreateUser(ctx, u), old.CreateSession(ctx, session), old.AddKey(ctx, key)); err != nil {
			t.Fatal(err)
		}
		if version >= 2 {
			if err := old.AddServiceClient(ctx, client); err != nil {
				t.Fatal(err)
			}
		}
		s := open(t, dsn)
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		wantVersion(t, s, false)
		if version < 2 {
			if err := s.AddServiceClient(ctx, client); err != nil {
				t.Fatal(err)
			}
		}
		gotUser, userErr := s.UserByEmail(ctx, u.EmailKey)
		gotSession, sessionErr := s.SessionByID(ctx, session.ID)
		gotSessions, sessionsErr := s.ListSessions(ctx, "", 10)
		gotHashes, hashesErr := s.CountHashes(ctx, func(hash string) string { return hash })
		gotKeys, keysErr := s.Keys(ctx)
		gotEntries, entriesErr := s.Revocations(ctx, 0, 10)
		gotClient, clientErr := s.ServiceClient(ctx, client.Name)
		for _, pair := range []struct {
			got, want any
			err       error
		}{
			{gotUser, u, userErr},
			{gotSession, session, sessionErr},
			{gotSessions, []*jeton.Session{session}, sessionsErr},
			{gotHashes, map[string]int{u.PasswordHash: 1}, hashesErr},
			{gotKeys, []*jeton.StoredKey{key}, keysErr},
			{gotEntries, []revoke.Entry{entry}, entriesErr},
			{gotClient, client, clientErr},
		} {
			if pair.err != nil || !reflect.DeepEqual(pair.got, pair.want) {
				t.Errorf("from version %d: %#v, want %#v, error %v", version, pair.got, pair.want, pair.err)
			}
		}
		if _, err := s.Take(ctx, "key", jeton.Limit{Count: 1, Window: time.Hour}, at()); err != nil {
			t.Errorf("from version %d: %v", version, err)
		}
	}
}

func TestMigrateNewer(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	_, want, err := s.SchemaVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	execute(t, s.Pool(), `INSERT INTO jeton_migrations VALUES ($1, 'later', now())`, want+41)
	err = s.Migrate(t.Context())
	if !errors.Is(err, jeton.ErrNewerSchema) {
		t.Fatalf("error is %v", err)
	}
	for _, version := range []int{want, want + 41} {
		if !strings.Contains(err.Error(), fmt.Sprintf(" %d", version)) {
			t.Errorf("error %q does not name version %d", err, version)
		}
	}
	if have, _, err := s.SchemaVersion(t.Context()); err != nil || have != want+41 {
		t.Errorf("version is %d, error %v", have, err)
	}
}

// Five nodes start at once on an empty database, or on one of the first version.
func TestMigrateFromFiveNodes(t *testing.T) {
	t.Parallel()
	for from := range 2 {
		for round := range 4 {
			dsn := server.Schema(t)
			if from > 0 {
				if err := open(t, dsn).MigrateTo(t.Context(), from); err != nil {
					t.Fatal(err)
				}
			}
			stores := make([]*postgres.Store, 5)
			for i := range stores {
				stores[i] = open(t, dsn)
			}
			err := errors.Join(together(len(stores), func(i int) error {
				if err := stores[i].Migrate(t.Context()); err != nil {
					return err
				}
				if have, want, err := stores[i].SchemaVersion(t.Context()); err != nil || have != want {
					return fmt.Errorf("version %d of %d, error %w", have, want, err)
				}
				return stores[i].CreateUser(t.Context(), &jeton.User{ID: fmt.Sprint(i)})
			})...)
			if err != nil {
				t.Fatalf("from version %d, round %d: %v", from, round, err)
			}
			if n := ask[int64](t, stores[0].Pool(), "SELECT count(*) FROM jeton_users"); n != int64(len(stores)) {
				t.Errorf("%d users, want %d", n, len(stores))
			}
			if n := ask[int64](t, stores[0].Pool(), "SELECT n FROM jeton_counter"); n != 0 {
				t.Errorf("the counter is at %d", n)
			}
		}
	}
}

// A script may be run again from its beginning, since not every database takes it back when the transaction fails.
func TestMigrationsMayBeRepeated(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	if _, err := s.RevokeToken(t.Context(), revoke.IDOf("token"), at()); err != nil {
		t.Fatal(err)
	}
	scripts, err := postgres.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		execute(t, s.Pool(), script)
	}
	if n := ask[int64](t, s.Pool(), "SELECT n FROM jeton_counter"); n != 1 {
		t.Errorf("the counter is at %d after running the scripts again, want 1", n)
	}
}

func TestMigrationIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	_, version, err := s.SchemaVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err = s.Apply(t.Context(), version+1, "CREATE TABLE jeton_half (n INTEGER); INSERT INTO jeton_none VALUES (1)"); err == nil {
		t.Fatal("a wrong script has no error")
	}
	if ask[bool](t, s.Pool(), "SELECT to_regclass('jeton_half') IS NOT NULL") {
		t.Error("half of a failed migration remains")
	}
	wantVersion(t, s, false)
	for range 2 { // the second time it does nothing
		if err := s.Apply(t.Context(), version+1, "CREATE TABLE jeton_half (n INTEGER)"); err != nil {
			t.Fatal(err)
		}
	}
	if have, _, err := s.SchemaVersion(t.Context()); err != nil || have != version+1 {
		t.Errorf("version is %d, error %v", have, err)
	}
}

// A node that vanishes in the middle of a step keeps its locks for some seconds only.
func TestMigrationOfANodeThatVanishes(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	_, version, err := s.SchemaVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const script = "CREATE TABLE jeton_idle AS SELECT current_setting('idle_in_transaction_session_timeout') AS timeout"
	if err := s.Apply(t.Context(), version+1, script); err != nil {
		t.Fatal(err)
	}
	if timeout := ask[string](t, s.Pool(), "SELECT timeout FROM jeton_idle"); timeout != "5s" {
		t.Errorf("the database waits for a silent node %s, want 5s", timeout)
	}
}

func TestMigrateCancelled(t *testing.T) {
	t.Parallel()
	s := open(t, server.Schema(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Migrate(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	wantVersion(t, s, true)
}

func TestMigrationNumbers(t *testing.T) {
	t.Parallel()
	for names, ok := range map[string]bool{
		"":                         true,
		"0001_a":                   true,
		"0001_a 0002_b":            true,
		"0002_b":                   false,
		"0001_a 0003_c":            false,
		"0001_a 0001_b":            false,
		"0001_a 0002_b 0002_other": false,
		"first":                    false,
	} {
		files := fstest.MapFS{}
		for name := range strings.FieldsSeq(names) {
			files["migrations/"+name+".sql"] = &fstest.MapFile{Data: []byte("SELECT 1")}
		}
		n, err := postgres.CountMigrations(files)
		if ok && (err != nil || n != len(files)) || !ok && err == nil {
			t.Errorf("%q are %d migrations, error %v", names, n, err)
		}
	}
}

// A database that would take anything for text is left as it is.
func TestMigrateEncoding(t *testing.T) {
	t.Parallel()
	admin := open(t, server.DSN(t, "postgres"))
	for _, encoding := range []string{"SQL_ASCII", "LATIN1"} {
		name := "in_" + strings.ToLower(encoding+"_"+rand.Text())
		execute(t, admin.Pool(), "CREATE DATABASE "+name+" TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING '"+encoding+"'")
		s := open(t, server.DSN(t, name))
		err := s.Migrate(t.Context())
		if err == nil || !strings.Contains(err.Error(), "the database has the encoding "+encoding+", and needs UTF8") || errors.Is(err, jeton.ErrUnavailable) {
			t.Errorf("%s: error is %v", encoding, err)
		}
		wantVersion(t, s, true)
	}
}
