package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// cancelTimeout is how long the database has to stop what nobody waits for any more, before the connection is given up.
const cancelTimeout = time.Second

// stopWhenOver makes the connections of a pool ask the database to stop when the context of a call is over, and wait until it has: it
// is at rest when the call returns. pgx by itself turns its back on the connection at once, and what it was about may still
// happen afterwards.
func stopWhenOver(cfg *pgxpool.Config) {
	cfg.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler { return &stopper{conn: conn} }
	cfg.AfterRelease = func(conn *pgx.Conn) bool {
		_, stopped := conn.PgConn().CustomData()[stoppedKey]
		return !stopped
	}
}

// stoppedKey marks a connection on which something was to be stopped. It is not used again, since the request may arrive after
// all and stop what comes next.
const stoppedKey = "jeton stopped"

// stopper does this for one connection.
type stopper struct {
	conn   *pgconn.PgConn
	cancel context.CancelFunc // of the request
	done   chan struct{}      // closed after it
}

// HandleCancel implements [ctxwatch.Handler]: the context is over.
func (s *stopper) HandleCancel(context.Context) {
	deadline := time.Now().Add(cancelTimeout)
	_ = s.conn.Conn().SetDeadline(deadline) // if it fails, so does what waits for the connection
	var ctx context.Context
	ctx, s.cancel = context.WithDeadline(context.Background(), deadline)
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		_ = s.conn.CancelRequest(ctx) // if it does not get there, the deadline does
	}()
}

// HandleUnwatchAfterCancel implements [ctxwatch.Handler]: the database has answered, or the deadline has passed.
func (s *stopper) HandleUnwatchAfterCancel() {
	s.cancel()
	<-s.done
	s.conn.CustomData()[stoppedKey] = true
	_ = s.conn.Conn().SetDeadline(time.Time{}) // if it fails, so does what is next
}
