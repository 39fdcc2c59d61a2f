package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/sqlite"
)

// wantVersion fails the test unless the tables are as this program wants them, or absent.
func wantVersion(t *testing.T, s *sqlite.Store, absent bool) {
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
	s, err := sqlite.Open(newPath(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
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
	write, _ := s.Handles()
	if n := ask[int](t, write, "SELECT count(*) FROM jeton_users"); n != 1 {
		t.Errorf("%d users after migrating again, want 1", n)
	}
	if n := ask[int](t, write, "SELECT count(*) FROM jeton_counter"); n != 1 {
		t.Errorf("%d counters, want 1", n)
	}
	if n := ask[int](t, write, "SELECT count(*) FROM pragma_table_list WHERE name LIKE 'jeton%' AND NOT strict"); n != 0 {
		t.Errorf("%d tables are not strict", n)
	}
	applied := time.UnixMicro(ask[int64](t, write, "SELECT min(applied_at) FROM jeton_migrations"))
	if age := time.Since(applied); age < -time.Minute || age > time.Hour {
		t.Errorf("the first migration was applied %v ago", age)
	}
}

// Nothing that a program of the first version has written is lost, and what came later works on it.
func TestMigrateFromVersion1(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	at := time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)
	u := &jeton.User{ID: "u", Email: "Ada@Example.com", EmailKey: "ada@example.com", Roles: []string{"editor"}, CreatedAt: at}
	session := &jeton.Session{ID: "s", UserID: "u", AccessUntil: at.Add(time.Hour), IdleUntil: at.Add(time.Hour), ExpiresAt: at.Add(time.Hour)}
	key := &jeton.StoredKey{Number: 1, ID: "k", Algorithm: "ES256", Public: []byte("{}"), Sealed: []byte{1}, CreatedAt: at, ActivateAt: at}
	token := revoke.IDOf("token")

	old, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := old.MigrateTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if have, _, err := old.SchemaVersion(t.Context()); have != 1 || err != nil {
		t.Fatalf("version %d, error %v", have, err)
	}
	_, revoked := old.RevokeToken(t.Context(), token, at)
	err = errors.Join(old.CreateUser(t.Context(), u), old.CreateSession(t.Context(), session), old.AddKey(t.Context(), key), revoked)
	if err != nil {
		t.Fatal(err)
	}
	closeNow(t, old)

	s := open(t, path)
	wantVersion(t, s, false)
	if got, err := s.UserByEmail(t.Context(), u.EmailKey); err != nil || !reflect.DeepEqual(got, u) {
		t.Errorf("user %#v, error %v", got, err)
	}
	if got, err := s.SessionByID(t.Context(), session.ID); err != nil || got.UserID != session.UserID || !got.AccessUntil.Equal(session.AccessUntil) {
		t.Errorf("session %v, error %v", got, err)
	}
	if got, err := s.Keys(t.Context()); err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], key) {
		t.Errorf("keys %v, error %v", got, err)
	}
	if got, err := s.Revocations(t.Context(), 0, 10); err != nil || len(got) != 1 || got[0].ID != token || got[0].Number != 1 {
		t.Errorf("revocations %v, error %v", got, err)
	}
	client := &jeton.ServiceClient{Name: "billing", Scopes: []string{jeton.ScopeIntrospect}, SecretHash: make([]byte, 32), CreatedAt: at}
	if err := s.AddServiceClient(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if got, err := s.ServiceClient(t.Context(), "billing"); err != nil || !reflect.DeepEqual(got, client) {
		t.Errorf("client %#v, error %v", got, err)
	}
	if wait, err := s.Take(t.Context(), "key", jeton.Limit{Count: 1, Window: time.Minute}, at); wait != 0 || err != nil {
		t.Errorf("the first event must wait for %v, error %v", wait, err)
	}
}

func TestMigrateNewer(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	_, want, err := s.SchemaVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	write, _ := s.Handles()
	if _, err := write.ExecContext(t.Context(), `INSERT INTO jeton_migrations VALUES (?, 'later', 0)`, want+41); err != nil {
		t.Fatal(err)
	}
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

func TestMigrateConcurrently(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	const n = 8
	errs := make([]error, n)
	var stores sync.WaitGroup
	for i := range n {
		stores.Go(func() {
			s, err := sqlite.Open(path)
			if err != nil {
				errs[i] = err
				return
			}
			errs[i] = errors.Join(s.Migrate(t.Context()), s.CreateUser(t.Context(), &jeton.User{ID: fmt.Sprint(i)}), s.Close())
		})
	}
	stores.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	write, _ := open(t, path).Handles()
	if got := ask[int](t, write, "SELECT count(*) FROM jeton_users"); got != n {
		t.Errorf("%d users, want %d", got, n)
	}
}

func TestMigrateFromSeveralProcesses(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	children := make([]*exec.Cmd, 4)
	for i := range children {
		children[i] = child(t, "migrate", path)
		children[i].Stderr = os.Stderr
		if err := children[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range children {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	s, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	wantVersion(t, s, false)
}

func TestMigrationIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	_, version, err := s.SchemaVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = s.Apply(t.Context(), version+1, "CREATE TABLE jeton_half (n INTEGER) STRICT; INSERT INTO jeton_none VALUES (1)")
	if err == nil {
		t.Fatal("a wrong script has no error")
	}
	write, _ := s.Handles()
	if n := ask[int](t, write, "SELECT count(*) FROM sqlite_schema WHERE name = 'jeton_half'"); n != 0 {
		t.Error("half of a failed migration remains")
	}
	wantVersion(t, s, false)

	for range 2 { // the second time it does nothing
		if err := s.Apply(t.Context(), version+1, "CREATE TABLE jeton_half (n INTEGER) STRICT"); err != nil {
			t.Fatal(err)
		}
	}
	if have, _, err := s.SchemaVersion(t.Context()); err != nil || have != version+1 {
		t.Errorf("version is %d, error %v", have, err)
	}
}

func TestMigrateCancelled(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(newPath(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
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
		n, err := sqlite.CountMigrations(files)
		if ok && (err != nil || n != len(files)) || !ok && err == nil {
			t.Errorf("%q are %d migrations, error %v", names, n, err)
		}
	}
}

func TestLookupsUseIndexes(t *testing.T) {
	t.Parallel()
	write, _ := open(t, newPath(t)).Handles()
	for _, query := range sqlite.Lookups() {
		for _, step := range plan(t, write, query) {
			if strings.HasPrefix(step, "SCAN") {
				t.Errorf("%s\n%s", query, step)
			}
		}
	}
}

// plan returns the steps that SQLite takes for a query.
func plan(t *testing.T, db *sql.DB, query string) (details []string) {
	t.Helper()
	steps, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, make([]any, 9)...)
	if err != nil {
		t.Fatal(err)
	}
	defer steps.Close()
	for steps.Next() {
		var id, parent, unused int
		var detail string
		if err := steps.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		details = append(details, detail)
	}
	if err := steps.Err(); err != nil || len(details) == 0 {
		t.Fatalf("%s: %d steps, error %v", query, len(details), err)
	}
	return details
}
