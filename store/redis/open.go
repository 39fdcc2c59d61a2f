package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"

	driver "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Open connects to Redis and makes sure that it answers, unless [Config.Absent] says not to. The scheme of uri says how:
//
//	redis://user:password@host:6379/0               one server
//	redis+cluster://user:password@host:6379         a Cluster; further seeds as ?addr=host2:6379&addr=host3:6379
//	redis+sentinel://host:26379/0?master_name=main  what Sentinel says is the master; further Sentinels as &addr=host2:26379, the user and
//	                                                password of Redis as &username= and &password=
//	unix://user:password@/path/to/socket?db=0       one server on this machine
//
// With rediss in place of redis connections are TLS. Parameters set further options of the client, in snake case, such as pool_size or
// read_timeout: see ParseURL, ParseClusterURL and ParseFailoverURL of github.com/redis/go-redis/v9. No error has a password in it. Open
// starts no goroutine but those of the client; [Store.Close] ends them.
func Open(ctx context.Context, uri string, cfg Config) (*Store, error) {
	client, err := connect(uri)
	if err != nil {
		return nil, fmt.Errorf("redis: open: %w", err)
	}
	s, err := New(client, cfg)
	if err == nil {
		s.owned = true
		if !cfg.Absent {
			err = s.Ping(ctx)
		}
	}
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return s, nil
}

// errURI is all that is said of a URI that cannot be read: what the driver says may repeat a password.
var errURI = errors.New("URI cannot be read; it must be like redis://host:6379/0, redis+cluster://host:6379, " +
	"redis+sentinel://host:26379/0?master_name=main or unix:///path, with parameters that the client knows")

// connect makes a client for a URI.
func connect(uri string) (driver.UniversalClient, error) {
	scheme, rest, _ := strings.Cut(uri, "://")
	transport, kind, _ := strings.Cut(scheme, "+")
	plain := transport + "://" + rest
	switch {
	case kind == "" && (transport == "redis" || transport == "rediss" || transport == "unix"):
		return connectOne(plain)
	case kind == "cluster" && (transport == "redis" || transport == "rediss"):
		return connectCluster(plain)
	case kind == "sentinel" && (transport == "redis" || transport == "rediss"):
		return connectSentinel(plain)
	}
	return nil, errURI
}

// noMaintenance keeps the client from asking servers for notices that only a hosted Redis sends.
func noMaintenance() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

func connectOne(uri string) (driver.UniversalClient, error) {
	options, err := driver.ParseURL(uri)
	if err != nil {
		return nil, errURI
	}
	options.ContextTimeoutEnabled, options.MaintNotificationsConfig = true, noMaintenance()
	return driver.NewClient(options), nil
}

func connectCluster(uri string) (driver.UniversalClient, error) {
	options, err := driver.ParseClusterURL(uri)
	if err != nil {
		return nil, errURI
	}
	options.ContextTimeoutEnabled, options.MaintNotificationsConfig = true, noMaintenance()
	return driver.NewClusterClient(options), nil
}

func connectSentinel(uri string) (driver.UniversalClient, error) {
	options, err := driver.ParseFailoverURL(uri)
	if err != nil {
		return nil, errURI
	}
	if options.MasterName == "" {
		return nil, errors.New("URI names no master: ?master_name=")
	}
	options.ContextTimeoutEnabled = true
	return driver.NewFailoverClient(options), nil
}
