package redis_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/redis"
	"github.com/jetonauth/jeton/store/storetest"
)

func TestMain(m *testing.M) {
	redis.SetLogger(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// The suite runs over one server, over a Cluster and through Sentinel. Each of its stores has a prefix of its own.
func TestLimits(t *testing.T) {
	t.Parallel()
	for kind, start := range map[string]func(t *testing.T) (uri string){
		"one server": func(t *testing.T) string { t.Helper(); return "redis://" + start(t).address },
		"cluster":    func(t *testing.T) string { t.Helper(); return "redis+cluster://" + startCluster(t).address },
		"sentinel": func(t *testing.T) string {
			t.Helper()
			return "redis+sentinel://" + startSentinel(t, start(t)).address + "?master_name=main"
		},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			uri := start(t)
			var stores atomic.Int64
			storetest.RunLimits(t, func(t *testing.T) jeton.LimitStore {
				t.Helper()
				return open(t, uri, fmt.Sprintf("test%d:", stores.Add(1)))
			})
		})
	}
}

var (
	limit = jeton.Limit{Count: 4, Window: time.Minute}
	now   = time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)
)

// take fails the test unless an event may happen.
func take(t *testing.T, s *redis.Store, key string) {
	t.Helper()
	if wait, err := s.Take(t.Context(), key, limit, now); wait != 0 || err != nil {
		t.Errorf("an event with key %s must wait for %v, error %v", key, wait, err)
	}
}

// Several nodes count together, and what they count is gone when it no longer matters.
func TestKeysExpire(t *testing.T) {
	t.Parallel()
	server := start(t)
	one, two := open(t, "redis://"+server.address, ""), open(t, "redis://"+server.address, "")
	take(t, one, "192.0.2.7")
	take(t, two, "192.0.2.7")
	take(t, one, "192.0.2.8")
	take(t, one, "returned")
	if err := two.Return(t.Context(), "returned", limit, now); err != nil {
		t.Error(err)
	}
	client := server.client(t)
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 2 {
		t.Fatalf("there are the keys %q, error %v, want two", keys, err)
	}
	var longest time.Duration
	for _, key := range keys {
		if !strings.HasPrefix(key, redis.DefaultPrefix) || strings.Contains(key, "192") {
			t.Errorf("key %q has not the prefix, or an address in it", key)
		}
		ttl, err := client.PTTL(t.Context(), key).Result()
		if err != nil || ttl <= 0 || ttl > 30*time.Second {
			t.Errorf("key %q expires in %v, error %v", key, ttl, err)
		}
		longest = max(longest, ttl)
	}
	if longest <= 15*time.Second {
		t.Errorf("two events of a quarter of a minute each expire in %v", longest)
	}
}

func TestPrefixes(t *testing.T) {
	t.Parallel()
	server := start(t)
	for _, prefix := range []string{"", "other:"} {
		s := open(t, "redis://"+server.address, prefix)
		for range limit.Count {
			take(t, s, "key")
		}
	}
}

// A server that has forgotten the scripts is sent them again.
func TestScriptsAreSentAgain(t *testing.T) {
	t.Parallel()
	server := start(t)
	s := open(t, "redis://"+server.address, "")
	take(t, s, "key")
	if err := server.client(t).ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	take(t, s, "key")
}

// silent returns the address of somebody who accepts connections and never says a word.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// Whatever way Redis is away in, the answer comes in time and says so.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	const timeout = 100 * time.Millisecond
	one := func(address string) driver.UniversalClient {
		return driver.NewClient(&driver.Options{Addr: address, ContextTimeoutEnabled: true})
	}
	for name, client := range map[string]func(t *testing.T) driver.UniversalClient{
		"nobody listens":    func(*testing.T) driver.UniversalClient { return one("127.0.0.1:1") },
		"nobody answers":    func(t *testing.T) driver.UniversalClient { t.Helper(); return one(silent(t)) },
		"no such name":      func(*testing.T) driver.UniversalClient { return one("redis.invalid:6379") },
		"it was closed":     func(*testing.T) driver.UniversalClient { c := one("127.0.0.1:1"); _ = c.Close(); return c },
		"a cluster is gone": func(*testing.T) driver.UniversalClient { return cluster("127.0.0.1:1") },
		"a cluster is silent": func(t *testing.T) driver.UniversalClient {
			t.Helper()
			return cluster(silent(t))
		},
		"no Sentinel answers": func(t *testing.T) driver.UniversalClient {
			t.Helper()
			return driver.NewFailoverClient(&driver.FailoverOptions{
				MasterName: "main", SentinelAddrs: []string{silent(t)}, ContextTimeoutEnabled: true,
				ReadTimeout: timeout, // closing the client waits for it
			})
		},
		"it has died": func(t *testing.T) driver.UniversalClient {
			t.Helper()
			server := start(t)
			c := one(server.address)
			if err := c.Ping(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			server.stop()
			return c
		},
		"it is out of memory": func(t *testing.T) driver.UniversalClient {
			t.Helper()
			return one(start(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction").address)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := client(t)
			t.Cleanup(func() { _ = c.Close() })
			s, err := redis.New(c, redis.Config{Timeout: timeout})
			if err != nil {
				t.Fatal(err)
			}
			calls := map[string]func(ctx context.Context) error{
				"take":   func(ctx context.Context) error { _, err := s.Take(ctx, "key", limit, now); return err },
				"return": func(ctx context.Context) error { return s.Return(ctx, "key", limit, now) },
			}
			if name != "it is out of memory" { // which these need none of
				calls["publish"], calls["ping"] = s.Publish, s.Ping
			} else {
				delete(calls, "return")
			}
			for what, call := range calls {
				began := time.Now()
				if err := call(t.Context()); !errors.Is(err, jeton.ErrUnavailable) {
					t.Errorf("%s: error is %v", what, err)
				}
				if took := time.Since(began); took > 10*timeout {
					t.Errorf("%s took %v", what, took)
				}
				cancelled, cancel := context.WithCancel(t.Context())
				cancel()
				if err := call(cancelled); !errors.Is(err, context.Canceled) || errors.Is(err, jeton.ErrUnavailable) {
					t.Errorf("%s, cancelled: error is %v", what, err)
				}
			}
		})
	}
}

func cluster(address string) driver.UniversalClient {
	return driver.NewClusterClient(&driver.ClusterOptions{Addrs: []string{address}, ContextTimeoutEnabled: true})
}

// A Redis that comes back is used again.
func TestComesBack(t *testing.T) {
	t.Parallel()
	server := start(t)
	s := open(t, "redis://"+server.address, "")
	take(t, s, "key")
	server.stop()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Take(ctx, "key", limit, now); err == nil {
		t.Error("no error while Redis is away")
	}
	if err := server.run(t); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Redis is used again", func() bool {
		wait, err := s.Take(t.Context(), "key", limit, now)
		return err == nil && wait == 0
	})
}
