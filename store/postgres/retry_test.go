package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/postgres"
)

// raise makes the database give a transaction up with this code.
func raise(ctx context.Context, tx pgx.Tx, code string) error {
	_, err := tx.Exec(ctx, "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '"+code+"'; END $$")
	return err
}

// A transaction that was given up because of others is tried again, at most five times.
func TestRetries(t *testing.T) {
	t.Parallel()
	s := open(t, server.DSN(t, "postgres"))
	for _, test := range []struct {
		code     string
		failures int // before it would come through
		calls    int
		want     error
	}{
		{"40001", 0, 1, nil},
		{"40001", 1, 2, nil},
		{"40P01", 5, 6, nil},
		{"40001", 6, 6, jeton.ErrUnavailable},
		{"40P01", 100, 6, jeton.ErrUnavailable},
		{"23505", 1, 1, jeton.ErrConflict},
		{"57014", 1, 1, jeton.ErrUnavailable},
	} {
		calls := 0
		err := s.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
			if calls++; calls <= test.failures {
				return raise(ctx, tx, test.code)
			}
			return nil
		})
		if calls != test.calls || !errors.Is(postgres.Translate(t.Context(), err), test.want) {
			t.Errorf("%s %d times: %d calls, want %d; error is %v", test.code, test.failures, calls, test.calls, err)
		}
	}
}

// Nobody waits for the next try once the context is over.
func TestRetriesEndWithTheContext(t *testing.T) {
	t.Parallel()
	s := open(t, server.DSN(t, "postgres"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	err := s.Transact(ctx, func(context.Context, pgx.Tx) error {
		calls++
		cancel()
		return raise(t.Context(), beginAnother(t, s), "40001")
	})
	if calls != 1 || !errors.Is(postgres.Translate(ctx, err), context.Canceled) {
		t.Errorf("%d calls, error is %v", calls, err)
	}
}

// beginAnother begins a transaction that is undone when the test ends.
func beginAnother(t *testing.T, s *postgres.Store) pgx.Tx {
	t.Helper()
	tx, err := s.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

// Two who want what the other has got both come through: the database undoes one of them, which begins again.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t, "deadlock_timeout", "20ms")
	for _, id := range []string{"a", "b"} {
		if err := s.CreateUser(t.Context(), &jeton.User{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	var met sync.WaitGroup // both have their first one
	met.Add(2)
	var calls atomic.Int32
	errs := together(2, func(i int) error {
		arrive := sync.OnceFunc(func() { met.Done(); met.Wait() })
		return s.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
			calls.Add(1)
			for j := range 2 {
				id := []string{"a", "b"}[(i+j)%2]
				if _, err := tx.Exec(ctx, "UPDATE jeton_users SET name = name || $1 WHERE id = $2", fmt.Sprint(i), id); err != nil {
					return err
				}
				arrive()
			}
			return nil
		})
	})
	if err := errors.Join(errs...); err != nil || calls.Load() < 3 {
		t.Errorf("%d calls, error %v", calls.Load(), err)
	}
	names := ask[string](t, s.Pool(), "SELECT string_agg(name, ' ' ORDER BY id) FROM jeton_users")
	if names != "01 01" && names != "10 10" {
		t.Errorf("names are %q", names)
	}
}

// Where every transaction is serializable, as some administrators have it, those that get into each other's way try again.
func TestSerializable(t *testing.T) {
	t.Parallel()
	stores := nodes(t, 2, "default_transaction_isolation", "serializable")
	if level := ask[string](t, stores[0].Pool(), "SHOW transaction_isolation"); level != "serializable" {
		t.Fatalf("isolation is %s", level)
	}
	ctx := t.Context()
	for round := range 10 {
		session, _ := newSession(fmt.Sprint("session", round))
		if err := stores[0].CreateSession(ctx, session); err != nil {
			t.Fatal(err)
		}
		limit := jeton.Limit{Count: 3, Window: time.Hour}
		err := errors.Join(together(6, func(i int) error {
			switch i {
			case 0, 1:
				return stores[i].ExtendAccess(ctx, session.ID, at().Add(time.Duration(i+1)*time.Hour))
			case 2, 3:
				_, err := stores[i-2].Take(ctx, session.ID, limit, at())
				return err
			}
			_, err := stores[i-4].EndSessions(ctx, jeton.Ending{UserID: "nobody", At: at()})
			return err
		})...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := stores[1].SessionByID(ctx, session.ID)
		if err != nil || !got.AccessUntil.Equal(at().Add(2*time.Hour)) {
			t.Errorf("session %v until %v, error %v", got, got.AccessUntil, err)
		}
	}
}
