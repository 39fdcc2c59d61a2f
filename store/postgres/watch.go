package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

const (
	// channel is where a revocation is notified: its number and nothing else.
	channel = "jeton_revocations"
	// nothing is notified only to see whether that is possible.
	nothing = "0"
)

const (
	notify = `SELECT pg_notify('` + channel + `', $1)`
	listen = `LISTEN ` + channel
)

// What is known of whether the database can notify.
const (
	notifyUnknown int32 = iota
	notifyCan
	notifyCannot
)

const (
	// quietTime is after how long without a notification the connection is tried. Not every way in which
	// a connection ends can be seen from here.
	quietTime = 30 * time.Second
	pingTime  = 5 * time.Second
	// firstPause is the longest wait before connecting again; it doubles with each failure, up to longestPause.
	firstPause   = 200 * time.Millisecond
	longestPause = 10 * time.Second
)

// Watch calls hint whenever somebody, on this node or another, has revoked something: it is then worth reading
// [Store.Revocations] at once. It uses a connection of its own, beside those of the pool, and makes a new one when that breaks;
// as it may have missed something by then, it calls hint. It is only a hint: whoever follows the revocations has to
// read them from time to time anyway. hint is called by one goroutine, and holds up the next call:
// the method Hint of [github.com/jetonauth/jeton/revoke.Follower] fits.
//
// Watch returns the error of ctx when that is over. It returns earlier, with [errors.ErrUnsupported], only if the database
// refuses to notify or to listen (CockroachDB, YugabyteDB unless told to), or if nothing comes through (a pooler that keeps
// connections for a transaction only). Everything works without, some tenths of a second later.
func (s *Store) Watch(ctx context.Context, hint func()) error {
	w := &watch{store: s, hint: hint}
	pause := firstPause
	for {
		err := w.once(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errors.ErrUnsupported) {
			return fmt.Errorf("postgres: watch: %w", err)
		}
		if w.connected {
			pause = firstPause
		}
		if err := wait(ctx, jitter(pause)); err != nil {
			return err
		}
		pause = min(2*pause, longestPause)
	}
}

// watch is one call of [Store.Watch].
type watch struct {
	store     *Store
	hint      func()
	proven    bool // a notification has come once
	connected bool // in the last attempt
}

// once listens on one connection until that breaks, and returns why.
func (w *watch) once(ctx context.Context) error {
	w.connected = false
	conn, err := w.listen(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	if err := w.prove(ctx, conn); err != nil {
		return err
	}
	w.connected = true
	for {
		w.hint()
		if err := await(ctx, conn); err != nil {
			return err
		}
	}
}

// listen makes a connection as the pool does. Here a context that is over only ends the waiting, which needs no word to the
// database.
func (w *watch) listen(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, w.store.patience)
	defer cancel()
	cfg := w.store.pool.Config()
	if cfg.BeforeConnect != nil {
		if err := cfg.BeforeConnect(ctx, cfg.ConnConfig); err != nil {
			return nil, err
		}
	}
	cfg.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: conn.Conn()}
	}
	conn, err := pgx.ConnectConfig(ctx, cfg.ConnConfig)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, listen); err != nil {
		closeConn(ctx, conn)
		return nil, refused(err)
	}
	return conn, nil
}

// prove makes sure, once, that what is notified comes: there is software between that takes the command and does nothing.
func (w *watch) prove(ctx context.Context, conn *pgx.Conn) error {
	if w.proven {
		return nil
	}
	if err := w.store.probe(ctx); err != nil {
		return refused(err)
	}
	patience := w.store.patience / 2
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := conn.WaitForNotification(soon)
	if soon.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: nothing came within %v", errors.ErrUnsupported, patience)
	}
	w.proven = err == nil
	return err
}

// await returns nil when a notification has come, or why none can come any more.
func await(ctx context.Context, conn *pgx.Conn) error {
	for {
		quiet, cancel := context.WithTimeout(ctx, quietTime)
		n, err := conn.WaitForNotification(quiet)
		over := quiet.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil && n.Payload == nothing {
			continue
		}
		if err == nil || !over {
			return err
		}
		soon, cancel := context.WithTimeout(ctx, pingTime)
		err = conn.Ping(soon)
		cancel()
		if err != nil {
			return err
		}
	}
}

func closeConn(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // there is nothing left to lose
}

// refused makes an error of the database, unless it is about its state, one of what it cannot do. Whoever was not let in has not asked yet.
func refused(err error) error {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return err
	}
	if native, ok := errors.AsType[*pgconn.PgError](err); ok && !isUnavailableCode(native.Code) {
		return fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
	}
	return err
}

// probe notifies of nothing.
func (s *Store) probe(ctx context.Context) error {
	_, err := s.change(ctx, notify, nothing)
	return err
}

// insertStatement is the statement to insert revocations with. Whether the database can notify is tried outside of any
// transaction, which it would break off.
func (s *Store) insertStatement(ctx context.Context) (string, error) {
	if s.notifies.Load() == notifyUnknown {
		err := s.probe(ctx)
		_, connecting := errors.AsType[*pgconn.ConnectError](err)
		switch _, native := errors.AsType[*pgconn.PgError](err); {
		case err == nil:
			s.notifies.Store(notifyCan)
		case errors.Is(refused(err), errors.ErrUnsupported):
			s.notifies.Store(notifyCannot)
		case connecting || !native:
			return "", err
		}
	}
	if s.notifies.Load() == notifyCan {
		return insertAndNotify, nil
	}
	return insertRevocations, nil
}
