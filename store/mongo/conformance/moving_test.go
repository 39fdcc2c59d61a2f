package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/database"
	"github.com/jetonauth/jeton/internal/storecopy"
	"github.com/jetonauth/jeton/revoke"
)

// prepared opens the database of a URL, with tables.
func prepared(t *testing.T, url string) database.Store {
	t.Helper()
	store, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if err := database.Prepare(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	return store
}

func mongoURL(name string) string { return strings.TrimSuffix(serverURI, "/") + "/" + name }

// populated is a SQLite database with more than a page of each large table, at times with microseconds.
func populated(t *testing.T, n int) database.Store {
	t.Helper()
	s, ctx := prepared(t, database.SQLite(filepath.Join(t.TempDir(), "jeton.db"))), t.Context()
	at := func(i int) time.Time { return began.Add(time.Duration(i) * 1_234_567 * time.Nanosecond) }
	var sessions []*jeton.Session
	var entries []revoke.Entry
	var errs []error
	for i := range n {
		errs = append(errs, s.CreateUser(ctx, &jeton.User{
			ID: fmt.Sprint("user", i), EmailKey: fmt.Sprintf("%d@example.com", i), Roles: []string{"b", "a"}, CreatedAt: at(i), UpdatedAt: at(i + 1),
		}))
		sessions = append(sessions, &jeton.Session{
			ID: fmt.Sprint("session", i), UserID: fmt.Sprint("user", i/3), Kind: jeton.Rotating, CreatedAt: at(i), UsedAt: at(i + 1),
			IdleUntil: at(i + 2), ExpiresAt: at(i + 3), Advances: []time.Time{at(i + 1), at(i)}, Generation: 1 << 31,
		})
		entries = append(entries, revoke.Entry{Number: uint64(3 * (i + 1)), ID: revoke.IDOf(fmt.Sprint(i)), ExpiresAt: at(i)})
	}
	for first := 0; first < n; first += 1000 {
		last := min(first+1000, n)
		errs = append(errs, s.AddSessions(ctx, sessions[first:last]), s.AddRevocations(ctx, entries[first:last], uint64(3*n+7)))
	}
	errs = append(errs,
		s.AddServiceClient(ctx, &jeton.ServiceClient{Name: "billing", Scopes: []string{"introspect"}, SecretHash: make([]byte, 32), CreatedAt: at(1)}),
		s.AddKey(ctx, &jeton.StoredKey{Number: 1, ID: "kid", Algorithm: "ES256", Public: []byte("{}"), Sealed: []byte{0}, CreatedAt: at(1), ActivateAt: at(2)}))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMoving copies from SQLite to MongoDB, which keeps no microseconds, in pieces, and on into another one and back.
func TestMoving(t *testing.T) {
	t.Parallel()
	const n = 1010 // a page, and some
	from, to := populated(t, n), prepared(t, mongoURL(newDatabase()))
	for _, table := range []string{storecopy.Revocations, storecopy.Accounts, storecopy.Sessions} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := storecopy.Copy(ctx, from, to, storecopy.Options{Progress: func(p storecopy.Progress) {
			if p.Step == storecopy.Copying && p.Table == table {
				cancel()
			}
		}})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cut off while it copied %s: %v", table, err)
		}
	}
	same(t, from, to, n)
	same(t, to, prepared(t, mongoURL(newDatabase())), n)
	same(t, to, prepared(t, database.SQLite(filepath.Join(t.TempDir(), "back.db"))), n)
	next, err := to.RevokeToken(t.Context(), revoke.IDOf("next"), began)
	if err != nil || next.Number != 3*n+8 {
		t.Errorf("the next revocation is %d, %v", next.Number, err)
	}
	_, err = storecopy.Copy(t.Context(), from, to, storecopy.Options{})
	if other, ok := errors.AsType[*storecopy.TargetError](err); !ok || other.Table != storecopy.Revocations {
		t.Errorf("a target that is in use: %v", err)
	}
}

func same(t *testing.T, from, to database.Store, n int) {
	t.Helper()
	began := time.Now()
	r, err := storecopy.Copy(t.Context(), from, to, storecopy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v", time.Since(began).Round(time.Millisecond))
	if !r.Equal() || r.LastTo != uint64(3*n+7) {
		t.Errorf("%+v", r)
	}
	for i, want := range []int{n, n, n, 1, 1} {
		if table := r.Tables[i]; table.To.Rows != want {
			t.Errorf("%+v, want %d rows", table, want)
		}
	}
}
