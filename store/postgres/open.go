package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connectTimeout is how long one attempt to connect may take, unless the connection string says otherwise.
const connectTimeout = 5 * time.Second

// Open opens a pool of connections to the database that a connection string names, in either form of
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING, and connects. It understands what pgx does beyond
// that, such as pool_max_conns and default_query_exec_mode. What the string leaves out comes from the variables of
// the environment that libpq knows; application_name is "jeton" unless set.
//
// It creates no table. It starts no goroutine but those of pgxpool. Errors never hold the string, which may hold a password, but name
// the host, the user and the database; a database that is not there now, or that [Store.Ping] finds fault with, is
// [jeton.ErrUnavailable].
func Open(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, translate(ctx, "open", err)
	}
	s := New(pool)
	s.owned = true
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// ParseConfig returns what [Open] opens, for an application that wants a pool with more to it, such as a tracer or passwords that
// change, and gives it to [New]. Errors never hold the string.
//
// In a URL, each @ but the one before the host has to be written as %40, and each / ? and % of a password in the same way: the rest of the
// password would be taken for something else, which errors may name. Such a URL is refused.
//
// Its connections ask the database to stop when the context of a call is over, and give it up to a second to answer, so that nothing
// happens after the call has returned. They need the config's AfterRelease for that.
//
// A connection to a server that can only be read is given up, whatever target_session_attrs says: a standby does not know yet what
// was revoked. The config's ValidateConnect sees to that.
func ParseConfig(dsn string) (*pgxpool.Config, error) {
	cfg, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = connectTimeout
	}
	if _, ok := cfg.ConnConfig.RuntimeParams["application_name"]; !ok {
		cfg.ConnConfig.RuntimeParams["application_name"] = "jeton"
	}
	cfg.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	stopWhenOver(cfg)
	return cfg, nil
}
