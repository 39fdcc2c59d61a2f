package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/postgres"
)

// Sign-outs wait for somebody else who has the counter, more of them than there are connections: what was revoked before can be read
// within the second, and is, by who follows it.
func TestReadsBesideWritesThatWait(t *testing.T) {
	t.Parallel()
	const connections, signOuts = 4, 8
	s, dsn := openNew(t)
	node := open(t, dsn+"&application_name=busy&pool_max_conns=4")
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: node, Now: at})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	revokeToken(t, node) // it knows from now on that the database notifies
	counter := beginAnother(t, s)
	if _, err := counter.Exec(ctx, "UPDATE jeton_counter SET n = n"); err != nil {
		t.Fatal(err)
	}
	var waiting sync.WaitGroup
	for range signOuts {
		waiting.Go(func() { _, _ = node.RevokeToken(ctx, revoke.IDOf("waits"), at()) }) // until the test ends
	}
	defer waiting.Wait()
	defer cancel()
	until(t, "connections wait for the counter", func(ctx context.Context) bool {
		const query = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'busy' AND wait_event_type = 'Lock'`
		return ask[int64](t, s.Pool(), query) >= connections-1
	})
	id := revoke.IDOf("token of another node")
	execute(t, s.Pool(), "INSERT INTO jeton_revocations (number, id, expires_at) VALUES (2, $1, $2)", id[:], at().Add(time.Hour))
	for range 20 {
		start := time.Now()
		if err := follower.Sync(ctx); err != nil || time.Since(start) > time.Second {
			t.Fatalf("read after %v, error %v", time.Since(start), err)
		}
	}
	if revoked, err := follower.Revoked(ctx, revoke.Token{ID: "token of another node"}); err != nil || !revoked {
		t.Errorf("revoked: %t, error %v", revoked, err)
	}
}

// With one connection there is no other way than to share it.
func TestOneConnection(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t, "pool_max_conns", "1")
	everything(t, s)
}

// Who waits for a place gives up when the context is over, or else when the store has run out of patience.
func TestWaitForAPlace(t *testing.T) {
	t.Parallel()
	s, dsn := openNew(t)
	node := open(t, dsn+"&application_name=full&pool_max_conns=2")
	revokeToken(t, node)
	counter := beginAnother(t, s)
	if _, err := counter.Exec(t.Context(), "UPDATE jeton_counter SET n = n"); err != nil {
		t.Fatal(err)
	}
	first := make(chan error, 1)
	go func() {
		_, err := node.RevokeToken(t.Context(), revoke.IDOf("first"), at())
		first <- err
	}()
	blocked(t, s.Pool(), "full")
	create := func(ctx context.Context, s *postgres.Store) error { return s.CreateUser(ctx, &jeton.User{ID: "x"}) }
	wantNotConfirmed(t, node, "create user", create)
	if err := errors.Join(counter.Rollback(t.Context()), <-first, create(t.Context(), node)); err != nil {
		t.Error(err)
	}
}
