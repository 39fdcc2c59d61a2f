package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// fill makes n users, sessions, of which every tenth was ended, revocations and limits, which are all over an hour after the time at, and n users
// of ten imports that are under way.
func fill(t testing.TB, pool *pgxpool.Pool, n int) {
	t.Helper()
	over := at().Add(time.Hour)
	execute(t, pool, `INSERT INTO jeton_users (id, id_bytes, email, email_key, name, password_hash, roles, disabled)
		SELECT 'user-' || i, convert_to('user-' || i, 'UTF8'), i || '@example.com', i || '@example.com', '', '', '{}', false
		FROM generate_series(1, $1::bigint) AS i`, n)
	execute(t, pool, `INSERT INTO jeton_sessions (id, user_id, kind, profile, strategy, methods, scopes, idle_until, expires_at,
			ended_at, end_reason, access_until, client_address, client_user_agent, created_by_address, created_by_user_agent,
			secret_id, generation, tag_hash, kept_until)
		SELECT 'session-' || i, 'user-' || i % ($1::bigint / 5), 'rotating', '', '', '{}', '{}', $2, $2,
			CASE WHEN i % 10 = 0 THEN $2::timestamptz END, '', $2, '', '', '', '', 1, 0, decode(repeat('00', 32), 'hex'),
			date_trunc('hour', $2::timestamptz)
		FROM generate_series(1, $1::bigint) AS i`, n, over)
	execute(t, pool, `INSERT INTO jeton_revocations (number, id, expires_at)
		SELECT i, decode(md5(i::text) || md5(i::text), 'hex'), $2 FROM generate_series(1, $1::bigint) AS i`, n, over)
	execute(t, pool, `INSERT INTO jeton_limits (key, whole_at) SELECT 'key-' || i, $2::bigint
		FROM generate_series(1, $1::bigint) AS i`, n, over.UnixNano())
	execute(t, pool, `INSERT INTO jeton_staged_users (import_id, number, id, id_bytes, email, name, password_hash, roles, disabled)
		SELECT 'import-' || i % 10, i / 10, i, '', '', '', '', '{}', false FROM generate_series(0, $1::bigint - 1) AS i`, n)
}

// 10,000 of everything go in batches of at most 1000, from several nodes at once, which do not wait for each other. What is not over
// stays.
func TestPruneBatches(t *testing.T) {
	t.Parallel()
	const many, kept = 10_000, 25
	stores := nodes(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	fill(t, stores[0].Pool(), many)
	for i := range kept {
		session, _ := newSession(fmt.Sprint("kept-", i))
		_, limited := stores[0].Take(ctx, session.ID, jeton.Limit{Count: 1, Window: 24 * time.Hour}, at())
		if err := errors.Join(stores[0].CreateSession(ctx, session), limited); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := stores[0].Prune(ctx, at()); err != nil || n != 0 {
		t.Fatalf("before anything is over %d went, error %v", n, err)
	}
	var total, batches atomic.Int64
	err := errors.Join(together(len(stores), func(i int) error {
		for {
			n, err := stores[i].Prune(ctx, at().Add(2*time.Hour))
			if err != nil || n == 0 {
				return err
			}
			total.Add(int64(n))
			batches.Add(1)
			if n > 3*1000 {
				t.Errorf("%d went at once", n)
			}
		}
	})...)
	if err != nil || total.Load() != 3*many || batches.Load() < 10 {
		t.Errorf("%d of %d went in %d batches, error %v", total.Load(), 3*many, batches.Load(), err)
	}
	for table, want := range map[string]int64{"jeton_sessions": kept, "jeton_limits": kept, "jeton_users": many} {
		if n := ask[int64](t, stores[0].Pool(), "SELECT count(*) FROM "+table); n != want {
			t.Errorf("%s has %d rows, want %d", table, n, want)
		}
	}
}

// A node that prunes passes over what another one is about to remove.
func TestPruneDoesNotWait(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	fill(t, s.Pool(), 50)
	other := beginAnother(t, s)
	for _, statement := range []string{
		"DELETE FROM jeton_sessions WHERE id < 'session-3'", "DELETE FROM jeton_revocations WHERE number <= 10", "DELETE FROM jeton_limits WHERE key < 'key-3'",
	} {
		if _, err := other.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	left, err := s.WithPatience(5*time.Second).Prune(t.Context(), at().Add(2*time.Hour))
	if err != nil || left < 50 {
		t.Errorf("%d went, error %v", left, err)
	}
	if err := other.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Prune(t.Context(), at().Add(2*time.Hour)); err != nil || n != 150-left {
		t.Errorf("then %d went, want %d, error %v", n, 150-left, err)
	}
}

// When a session can be removed follows everything that is done to it, also where it comes sooner than it would have.
func TestPruneAfterChanges(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	ctx := t.Context()
	remaining := func(now time.Time) int64 {
		t.Helper()
		if _, err := s.Prune(ctx, now); err != nil {
			t.Fatal(err)
		}
		return ask[int64](t, s.Pool(), "SELECT count(*) FROM jeton_sessions")
	}
	for name, test := range map[string]struct {
		change func(session *jeton.Session, advance jeton.Advance) error
		over   time.Time
	}{
		"nothing": {func(*jeton.Session, jeton.Advance) error { return nil }, at().Add(24 * time.Hour)},
		"advanced": {func(_ *jeton.Session, a jeton.Advance) error {
			a.IdleUntil = at().Add(48*time.Hour + time.Minute)
			return s.AdvanceSession(ctx, a)
		}, at().Add(48*time.Hour + time.Minute)},
		"advanced to an earlier end": {func(_ *jeton.Session, a jeton.Advance) error {
			a.IdleUntil = at().Add(time.Hour)
			return s.AdvanceSession(ctx, a)
		}, at().Add(time.Hour)},
		"advanced beyond its end": {func(_ *jeton.Session, a jeton.Advance) error {
			a.IdleUntil = at().Add(5000 * time.Hour)
			return s.AdvanceSession(ctx, a)
		}, at().Add(1000 * time.Hour)},
		"extended": {func(session *jeton.Session, _ jeton.Advance) error {
			return s.ExtendAccess(ctx, session.ID, at().Add(72*time.Hour))
		}, at().Add(72 * time.Hour)},
		"ended": {func(session *jeton.Session, _ jeton.Advance) error {
			_, err := s.EndSessions(ctx, jeton.Ending{SessionID: session.ID, At: at()})
			return err
		}, at().Add(15 * time.Minute)},
		"ended with all of the user's": {func(session *jeton.Session, _ jeton.Advance) error {
			_, err := s.EndSessions(ctx, jeton.Ending{UserID: session.UserID, At: at()})
			return err
		}, at().Add(15 * time.Minute)},
	} {
		session, advance := newSession("session")
		if err := errors.Join(s.CreateSession(ctx, session), test.change(session, advance)); err != nil {
			t.Fatal(err)
		}
		if n := remaining(test.over.Add(-time.Millisecond)); n != 1 {
			t.Errorf("%s: removed too early", name)
		}
		if n := remaining(test.over); n != 0 {
			t.Errorf("%s: not removed when it is over", name)
			execute(t, s.Pool(), "DELETE FROM jeton_sessions")
		}
	}
}

// An entry without an end is never over.
func TestPruneKeepsWhatNeverExpires(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	want, err := s.RevokeToken(t.Context(), revoke.IDOf("token"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Prune(t.Context(), at().Add(1e6*time.Hour)); err != nil || n != 0 {
		t.Errorf("%d went, error %v", n, err)
	}
	if got, err := s.Revocations(t.Context(), 0, 10); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("entries %v, want %v, error %v", got, want, err)
	}
}
