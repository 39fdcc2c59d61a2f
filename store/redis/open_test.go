package redis_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/redis"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "redis.sock")
	server := start(t, "--unixsocket", socket, "--requirepass", "s3cret")
	for _, uri := range []string{
		"redis://:s3cret@" + server.address, "redis://default:s3cret@" + server.address + "/3?pool_size=2", "unix://:s3cret@" + socket + "?db=1",
	} {
		s := open(t, uri, "")
		take(t, s, "key")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Ping(t.Context()); !errors.Is(err, jeton.ErrUnavailable) {
			t.Errorf("closed: error is %v", err)
		}
	}
	_, err := redis.Open(t.Context(), "redis://:another@"+server.address, redis.Config{Timeout: patience})
	if err == nil || errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("a wrong password: error is %v", err)
	}
}

// What is wrong with a URI is said without it: it may be written to a log.
func TestOpenErrorsHaveNoSecret(t *testing.T) {
	t.Parallel()
	for name, uri := range map[string]string{
		"no scheme":          "localhost:6379",
		"another scheme":     "http://ada:s3cret@localhost",
		"another kind":       "redis+ring://ada:s3cret@localhost",
		"a socket's cluster": "unix+cluster://ada:s3cret@/tmp/redis.sock",
		"a port":             "redis://ada:s3cret@localhost:x/0",
		"a database":         "redis://ada:s3cret@localhost/first",
		"a parameter":        "redis://ada:s3cret@localhost/0?s3cret=1",
		"a cluster's":        "redis+cluster://ada:s3cret@localhost?pool_size=s3cret",
		"a Sentinel's":       "redis+sentinel://ada:s3cret@localhost?master_name=main&pool_size=s3cret",
		"no master":          "rediss+sentinel://ada:s3cret@localhost",
		"a percent sign":     "redis://ada:s3cret%@localhost",
		"nobody there":       "redis://ada:s3cret@127.0.0.1:1",
	} {
		_, err := redis.Open(t.Context(), uri, redis.Config{Timeout: 50 * time.Millisecond})
		if err == nil || !strings.HasPrefix(err.Error(), "redis: ") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: error is %v", name, err)
		}
		if errors.Is(err, jeton.ErrUnavailable) != (name == "nobody there") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	client := driver.NewClient(&driver.Options{Addr: "127.0.0.1:1", ContextTimeoutEnabled: true})
	defer client.Close()
	deaf := driver.NewClient(&driver.Options{Addr: "127.0.0.1:1"})
	defer deaf.Close()
	deafCluster := driver.NewClusterClient(&driver.ClusterOptions{Addrs: []string{"127.0.0.1:1"}})
	defer deafCluster.Close()
	for names, test := range map[string]struct {
		client driver.UniversalClient
		cfg    redis.Config
	}{
		"nil":                   {nil, redis.Config{}},
		"ContextTimeoutEnabled": {deaf, redis.Config{}},
		"client's option":       {deafCluster, redis.Config{}},
		"Config.Timeout":        {client, redis.Config{Timeout: -1}},
	} {
		if _, err := redis.New(test.client, test.cfg); err == nil || !strings.Contains(err.Error(), names) {
			t.Errorf("%s: error is %v", names, err)
		}
	}
}

// The rights that docs/redis.md names are enough.
func TestLeastRights(t *testing.T) {
	t.Parallel()
	for scheme, server := range map[string]*server{"redis": start(t), "redis+cluster": startCluster(t)} {
		rights := []string{
			"on", ">s3cret", "~jeton:*", "&jeton:revocations", "+eval", "+evalsha", "+get", "+set", "+del", "+publish", "+subscribe", "+ping",
		}
		if scheme == "redis+cluster" {
			rights = append(rights, "+cluster|slots")
		}
		if err := server.client(t).ACLSetUser(t.Context(), "jeton", rights...).Err(); err != nil {
			t.Fatal(err)
		}
		uri := scheme + "://jeton:s3cret@" + server.address
		s := open(t, uri, "")
		take(t, s, "key")
		if err := s.Return(t.Context(), "key", limit, now); err != nil {
			t.Errorf("%s: %v", scheme, err)
		}
		hints := watch(t, s)
		wantHint(t, "when the subscription begins", hints)
		if err := s.Publish(t.Context()); err != nil {
			t.Errorf("%s: %v", scheme, err)
		}
		wantHint(t, "that was published", hints)

		other := open(t, uri, "other:")
		if _, err := other.Take(t.Context(), "key", limit, now); err == nil || errors.Is(err, jeton.ErrUnavailable) {
			t.Errorf("%s: without the right to a key: error is %v", scheme, err)
		}
	}
}
