// Package redis counts limits in Redis and passes hints between nodes through it. It keeps no accounts and no sessions: what Redis has
// of jeton may be lost at any time, and nobody is signed in or out by that.
//
// [Open] connects to one server, to a Cluster or through Sentinel; [New] takes a client that the application opened. Limits need a server
// that runs scripts, Redis 6 or newer, or Valkey.
package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/jetonauth/jeton"
)

const (
	// DefaultPrefix begins keys and channels unless told otherwise.
	DefaultPrefix = "jeton:"
	// DefaultTimeout bounds calls unless told otherwise.
	DefaultTimeout = 500 * time.Millisecond
)

// Config says how a [Store] uses its client. The zero value is fine.
type Config struct {
	// Prefix begins every key and the name of the channel: it tells several services on one server apart, and may name what an ACL allows. Empty
	// means [DefaultPrefix].
	Prefix string
	// Timeout bounds every call but [Store.Watch], waiting for a connection included. Somebody who wants to sign in waits three times
	// as long at most when Redis is away. Zero means [DefaultTimeout].
	Timeout time.Duration
	// Absent lets [Open] succeed although Redis does not answer, for a service that is to start meanwhile.
	Absent bool
}

func (c Config) withDefaults() (Config, error) {
	if c.Prefix == "" {
		c.Prefix = DefaultPrefix
	}
	switch {
	case c.Timeout < 0:
		return c, fmt.Errorf("redis: Config.Timeout: %v, must not be negative", c.Timeout)
	case c.Timeout == 0:
		c.Timeout = DefaultTimeout
	}
	return c, nil
}

// Store is a [jeton.LimitStore], and passes hints. It is safe for concurrent use. Make one with [Open] or [New].
//
// Its errors are [jeton.ErrUnavailable] together with the driver's own error when Redis does not answer as it should within
// [Config.Timeout], and the context's error when the context was over.
type Store struct {
	cfg    Config
	client driver.UniversalClient
	owned  bool // by the store: Close closes it

	take, giveBack *driver.Script
}

var _ jeton.LimitStore = (*Store)(nil)

// New returns a store over a client that the caller opened and will close: a *redis.Client, with or without Sentinel, or a
// *redis.ClusterClient. Its option ContextTimeoutEnabled must be true, or a call could take as long as the client's own timeouts.
func New(client driver.UniversalClient, cfg Config) (*Store, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if client == nil {
		return nil, errors.New("redis: the client is nil")
	}
	if !heedsContext(client) {
		return nil, errors.New("redis: the client's option ContextTimeoutEnabled must be true")
	}
	return &Store{cfg: cfg, client: client, take: driver.NewScript(takeScript), giveBack: driver.NewScript(returnScript)}, nil
}

// heedsContext reports whether a client stops when its context is over. One of an unknown kind is believed to.
func heedsContext(client driver.UniversalClient) bool {
	switch c := client.(type) {
	case *driver.Client:
		return c.Options().ContextTimeoutEnabled
	case *driver.ClusterClient:
		return c.Options().ContextTimeoutEnabled
	case *driver.Ring:
		return c.Options().ContextTimeoutEnabled
	}
	return true
}

// Client returns the client. Closing the store closes one that [Open] made.
func (s *Store) Client() driver.UniversalClient { return s.client }

// Ping asks Redis whether it is there. The error is [jeton.ErrUnavailable].
func (s *Store) Ping(ctx context.Context) error {
	return s.bounded(ctx, "ping", func(ctx context.Context) error { return s.client.Ping(ctx).Err() })
}

// Close closes the client that [Open] made. One that was given to [New] stays open.
func (s *Store) Close() error {
	if !s.owned {
		return nil
	}
	if err := s.client.Close(); err != nil {
		return fmt.Errorf("redis: close: %w", err)
	}
	return nil
}

// bounded makes a call that takes no longer than [Config.Timeout], and makes its error one that callers know.
func (s *Store) bounded(ctx context.Context, operation string, call func(ctx context.Context) error) error {
	short, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	return translate(ctx, operation, call(short))
}
