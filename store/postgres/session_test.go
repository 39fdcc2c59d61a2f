package postgres_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/postgres"
)

// at is when everything happens.
func at() time.Time { return time.Date(2031, time.March, 4, 5, 6, 7, 123000000, time.UTC) }

// newSession returns a session and an advance that leads to where it began, but for the generation.
func newSession(id string) (*jeton.Session, jeton.Advance) {
	tag := sha256.Sum256([]byte(id))
	from := jeton.Client{Address: netip.MustParseAddr("192.0.2.7"), UserAgent: "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"}
	session := &jeton.Session{
		ID: id, UserID: "user of " + id, Kind: jeton.Rotating, Profile: "jeton", Strategy: "local", Methods: []string{"pwd"},
		Scopes: []string{"a", `"b,{}`}, AuthTime: at(), CreatedAt: at(), UsedAt: at(), IdleUntil: at().Add(24 * time.Hour),
		ExpiresAt: at().Add(1000 * time.Hour), AccessUntil: at().Add(15 * time.Minute), Client: from, CreatedBy: from, TagHash: tag,
	}
	return session, jeton.Advance{
		SessionID: id, TagHash: tag, NextTagHash: tag, At: at(), IdleUntil: session.IdleUntil, AccessUntil: session.AccessUntil,
		Client: from,
	}
}

// nodes opens the same tables so many times.
func nodes(t testing.TB, n int, parameters ...string) []*postgres.Store {
	t.Helper()
	first, dsn := openNew(t, parameters...)
	stores := []*postgres.Store{first}
	for len(stores) < n {
		stores = append(stores, open(t, dsn))
	}
	return stores
}

// together calls fn n times at once and returns the errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() { errs[i] = fn(i) })
	}
	calls.Wait()
	return errs
}

// 20 clients refresh one token at once through two nodes: one of them advances the session.
func TestAdvanceFromTwoNodes(t *testing.T) {
	t.Parallel()
	stores := nodes(t, 2)
	session, advance := newSession("session")
	if err := stores[0].CreateSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	for generation := range uint32(5) {
		advance.Generation = generation
		won := 0
		for _, err := range together(20, func(i int) error { return stores[i%2].AdvanceSession(t.Context(), advance) }) {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, jeton.ErrConflict):
				t.Error(err)
			}
		}
		got, err := stores[1].SessionByID(t.Context(), "session")
		if err != nil || won != 1 || got.Generation != generation+1 {
			t.Fatalf("%d of 20 advanced the session, which is at %v, error %v", won, got, err)
		}
	}
}

// Who has taken a number first is seen first, in whichever order two nodes would commit.
func TestNumbersInTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	stores := nodes(t, 3, "application_name", "numbers in order")
	ctx := t.Context()
	for _, id := range []string{"one", "two"} {
		session, _ := newSession(id)
		if err := stores[0].CreateSession(ctx, session); err != nil {
			t.Fatal(err)
		}
	}
	ending := func(id string) jeton.Ending { return jeton.Ending{SessionID: id, At: at(), RevokeUntil: time.Hour} }
	commit, err := stores[0].BeginEnding(ctx, ending("one"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = commit() }() // if it comes to nothing
	second := make(chan error, 1)
	go func() {
		commit, err := stores[1].BeginEnding(ctx, ending("two"))
		if err == nil {
			err = commit()
		}
		second <- err
	}()
	blocked(t, stores[2].Pool(), "numbers in order")
	if seen, err := stores[2].Revocations(ctx, 0, 10); err != nil || len(seen) != 0 {
		t.Errorf("before either is committed: %v, error %v", seen, err)
	}
	if err := errors.Join(commit(), <-second); err != nil {
		t.Fatal(err)
	}
	seen, err := stores[2].Revocations(ctx, 0, 10)
	if err != nil || len(seen) != 2 || seen[0].ID != revoke.IDOf("one") || seen[0].Number != 1 || seen[1].Number != 2 {
		t.Errorf("entries %v, error %v", seen, err)
	}
}

// Who ends all sessions of a user takes them in the order of their ids, wherever they are in the table: of two who do the same,
// one waits for the other, and neither for a deadlock to be resolved.
func TestEndingsLockInOrder(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t, "application_name", "endings")
	ctx := t.Context()
	for _, id := range []string{"b", "a"} {
		session, _ := newSession(id)
		session.UserID = "user"
		if err := s.CreateSession(ctx, session); err != nil {
			t.Fatal(err)
		}
	}
	other, err := s.Pool().Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback(context.Background()) }()
	lock := func(id string) {
		if _, err := other.Exec(ctx, "SELECT id FROM jeton_sessions WHERE id = $1 FOR UPDATE", id); err != nil {
			t.Fatalf("lock session %s: %v", id, err)
		}
	}
	lock("a")
	ended := make(chan error, 1)
	go func() {
		made, err := s.EndSessions(ctx, jeton.Ending{UserID: "user", At: at(), RevokeUntil: time.Hour})
		if err == nil && len(made) != 2 {
			err = fmt.Errorf("%d entries", len(made))
		}
		ended <- err
	}()
	blocked(t, s.Pool(), "endings")
	if _, err := other.Exec(ctx, "SET LOCAL lock_timeout = '1ms'"); err != nil {
		t.Fatal(err)
	}
	lock("b")
	if err := errors.Join(other.Commit(ctx), <-ended); err != nil {
		t.Error(err)
	}
}

// A refresh changes no column of an index unless an hour has passed, so that PostgreSQL has no index to update (a "heap-only
// tuple").
func TestRefreshLeavesIndexesAlone(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	session, advance := newSession("session")
	if err := s.CreateSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	err := s.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		for minutes := range 80 {
			next := advance
			next.Generation = uint32(minutes)
			next.IdleUntil = advance.IdleUntil.Add(time.Duration(minutes) * time.Minute)
			if err := postgres.AdvanceIn(ctx, tx, next); err != nil {
				return err
			}
		}
		var updates, hot int
		err := tx.QueryRow(ctx, `SELECT pg_stat_get_xact_tuples_updated(oid), pg_stat_get_xact_tuples_hot_updated(oid)
			FROM pg_class WHERE oid = 'jeton_sessions'::regclass`).Scan(&updates, &hot)
		// Some do not find room beside the row that they replace: nobody tidies up within a transaction.
		if updates != 80 || hot < 50 {
			t.Errorf("%d of %d updates left the indexes alone", hot, updates)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
