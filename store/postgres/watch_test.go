package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/postgrestest"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/postgres"
)

// watcher runs Watch until the test ends.
type watcher struct {
	*testing.T
	hints chan struct{}
	over  chan error
	stop  context.CancelFunc
}

func watch(t *testing.T, s *postgres.Store) *watcher {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &watcher{t, make(chan struct{}, 1000), make(chan error, 1), stop}
	go func() { w.over <- s.Watch(ctx, func() { w.hints <- struct{}{} }) }()
	t.Cleanup(stop)
	return w
}

// hint waits for one.
func (w *watcher) hint(what string) {
	w.Helper()
	select {
	case <-w.hints:
	case err := <-w.over:
		w.Fatalf("%s: it ended: %v", what, err)
	case <-time.After(deadline):
		w.Fatalf("%s: no hint", what)
	}
}

// forget forgets the hints that have come.
func (w *watcher) forget() {
	for len(w.hints) > 0 {
		<-w.hints
	}
}

// end waits for the end.
func (w *watcher) end() error {
	w.Helper()
	select {
	case err := <-w.over:
		return err
	case <-time.After(deadline):
		w.Fatal("it does not end")
		return nil
	}
}

func revokeToken(t *testing.T, s *postgres.Store) {
	t.Helper()
	if _, err := s.RevokeToken(t.Context(), revoke.IDOf("token"), at()); err != nil {
		t.Fatal(err)
	}
}

// One node revokes, and every other one gets a hint at once; who changes nothing gives none.
func TestWatch(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	s, other := open(t, dsn), open(t, dsn)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	session, _ := newSession("session")
	if err := s.CreateSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	watchers := []*watcher{watch(t, s), watch(t, other)}
	for _, w := range watchers {
		w.hint("at first")
	}
	revokeToken(t, s)
	for _, w := range watchers {
		w.hint("after a revoked token")
		w.forget()
	}
	ending := jeton.Ending{UserID: session.UserID, At: at(), RevokeUntil: time.Hour}
	if _, err := other.EndSessions(t.Context(), ending); err != nil {
		t.Fatal(err)
	}
	for _, w := range watchers {
		w.hint("after the end of a session")
		w.forget()
	}
	if _, err := other.EndSessions(t.Context(), ending); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateUser(t.Context(), &jeton.User{ID: "1"}); err != nil {
		t.Fatal(err)
	}
	revokeToken(t, s)
	for _, w := range watchers {
		w.hint("after the next one")
		if len(w.hints) != 0 {
			t.Errorf("%d hints too many", len(w.hints))
		}
		w.stop()
		if err := w.end(); !errors.Is(err, context.Canceled) {
			t.Errorf("error at the end is %v", err)
		}
	}
	until(t, "nobody listens", func(context.Context) bool {
		return ask[int64](t, s.Pool(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'") == 0
	})
}

// What is notified is a number, since others who can connect may listen.
func TestNotificationSaysANumber(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	s := open(t, dsn)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := open(t, dsn).Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "LISTEN jeton_revocations"); err != nil {
		t.Fatal(err)
	}
	revokeToken(t, s)
	revokeToken(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	for _, want := range []string{"0", "1", "2"} { // the first one only to see whether that is possible
		n, err := conn.Conn().WaitForNotification(ctx)
		if err != nil || n.Payload != want {
			t.Fatalf("notification %+v, want %s, error %v", n, want, err)
		}
	}
}

// A transaction that comes to nothing notifies nobody.
func TestNoHintBeforeTheCommit(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	s := open(t, dsn)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"one", "two"} {
		session, _ := newSession(id)
		if err := s.CreateSession(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
	revokeToken(t, s)
	w := watch(t, s)
	w.hint("at first")
	commit, err := s.BeginEnding(t.Context(), jeton.Ending{SessionID: "one", At: at(), RevokeUntil: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	execute(t, s.Pool(), "NOTIFY jeton_revocations, 'x'") // what had been sent before would come before
	w.hint("of somebody else")
	if len(w.hints) != 0 {
		t.Error("a hint before the commit")
	}
	if err := commit(); err != nil {
		t.Fatal(err)
	}
	w.hint("after the commit")
}

// The connection breaks, the server is restarted: the watch goes on by itself, and says that it may have missed something.
func TestWatchReconnects(t *testing.T) {
	t.Parallel()
	own := postgrestest.New(t)
	s := open(t, own.DSN(t, "postgres"))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := watch(t, s)
	w.hint("at first")
	for _, breaks := range []func() error{
		func() error {
			killed := ask[int64](t, s.Pool(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`)
			if killed != 1 {
				return fmt.Errorf("%d connections listened", killed)
			}
			return nil
		},
		func() error { return errors.Join(own.Stop(), own.Restart()) },
		func() error { return errors.Join(own.Crash(), own.Restart()) },
	} {
		w.forget()
		if err := breaks(); err != nil {
			t.Fatal(err)
		}
		w.hint("after the connection broke")
		until(t, "the store works again", func(ctx context.Context) bool { return s.Ping(ctx) == nil })
		revokeToken(t, s)
		w.hint("after a revoked token")
	}
}

// Where the database cannot notify (this one is made to say so in CockroachDB's words), Watch says so, once and at once, and
// everything else works.
func TestNoNotifications(t *testing.T) {
	t.Parallel()
	dsn := server.Schema(t)
	if err := open(t, dsn).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := open(t, standIn(t, dsn, "LISTEN jeton", "LISTEM jeton", "pg_notify", "pg_notifx"))
	if err := s.Watch(t.Context(), func() { t.Error("a hint") }); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error is %v", err)
	}
	everything(t, s)

	// It listens, and has no function to notify with.
	s = open(t, standIn(t, dsn, "pg_notify", "pg_notifx"))
	if err := s.Watch(t.Context(), func() { t.Error("a hint") }); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error is %v", err)
	}
}

// turnedAway is a store whose pool gives a name that the server does not know at the attempt to connect with this number, from 1 on.
func turnedAway(t *testing.T, dsn string, attempt int32) *postgres.Store {
	t.Helper()
	cfg, err := postgres.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	var attempts atomic.Int32
	cfg.BeforeConnect = func(_ context.Context, cfg *pgx.ConnConfig) error {
		if attempts.Add(1) == attempt {
			cfg.User = "nobody"
		}
		return nil
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return postgres.New(pool)
}

// A database that does not let a node in, as while its password changes, has not said that it cannot notify.
func TestTurnedAwayOnce(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	if err := open(t, dsn).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := watch(t, turnedAway(t, dsn, 2)) // the first one listens
	w.hint("at first")
	w.forget()
	s := turnedAway(t, dsn, 1)
	if _, err := s.RevokeToken(t.Context(), revoke.IDOf("token"), at()); !errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("turned away: error is %v", err)
	}
	revokeToken(t, s)
	w.hint("after a revoked token")
}

// Where notifications are taken and come to nothing, as YugabyteDB does unless told otherwise, Watch finds out.
func TestNotificationsThatAreIgnored(t *testing.T) {
	t.Parallel()
	s := open(t, standIn(t, server.DSN(t, "postgres"), "LISTEN jeton_", "LISTEN other_")).WithPatience(time.Second)
	if err := s.Watch(t.Context(), func() { t.Error("a hint") }); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error is %v", err)
	}
}

// A follower that gets hints knows at once what another node has revoked, long before it would read by itself.
func TestWatchWithFollower(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	s, other := open(t, dsn), open(t, dsn)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: s, Interval: time.Hour, MaxStaleness: 2 * time.Hour, Now: at})
	if err != nil {
		t.Fatal(err)
	}
	if err := follower.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	learned := make(chan revoke.Entry, 10)
	t.Cleanup(follower.Subscribe(func(e revoke.Entry) { learned <- e }))
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	listening := make(chan struct{}, 100)
	go func() {
		_ = s.Watch(ctx, func() {
			follower.Hint()
			listening <- struct{}{}
		})
	}()
	select {
	case <-listening:
	case <-time.After(deadline):
		t.Fatal("no first hint")
	}
	if _, err := other.RevokeToken(t.Context(), revoke.IDOf("token"), at().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	select {
	case e := <-learned:
		if e.ID != revoke.IDOf("token") {
			t.Errorf("learned of %v", e)
		}
	case <-time.After(deadline):
		t.Error("the follower has learned nothing")
	}
}
