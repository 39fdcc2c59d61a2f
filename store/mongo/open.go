package mongo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const (
	// DefaultDatabase is the name of the database where a connection string names none.
	DefaultDatabase = "jeton"

	// serverWait is how long an operation waits for a server that it can go to, and operationWait how long it takes in all, where the
	// connection string has no serverSelectionTimeoutMS and no timeoutMS. While a new primary is elected the first has to last.
	serverWait    = 5 * time.Second
	operationWait = 10 * time.Second
)

// Open connects to the servers of a connection string (mongodb:// or mongodb+srv://,
// https://www.mongodb.com/docs/manual/reference/connection-string/) and makes sure that the primary answers. The path names the
// database, [DefaultDatabase] if there is none. It creates no collection. No error has the connection string in it, which
// may hold a password. It starts no goroutine but those of the driver; [Store.Close] ends them.
//
// Where the connection string does not say otherwise, an operation waits 5 s for a server and takes 10 s at most.
func Open(ctx context.Context, uri string) (*Store, error) {
	name, err := databaseOf(uri)
	if err != nil {
		return nil, fmt.Errorf("mongo: open: %w", err)
	}
	opts := options.Client().ApplyURI(uri)
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("mongo: open: connection string: %s", withoutSecret(err, uri))
	}
	if opts.ServerSelectionTimeout == nil {
		opts.SetServerSelectionTimeout(serverWait)
	}
	if opts.Timeout == nil {
		opts.SetTimeout(operationWait)
	}
	client, err := mongo.Connect(opts)
	if err != nil {
		return nil, fmt.Errorf("mongo: open: %s", withoutSecret(err, uri))
	}
	s := New(client.Database(name))
	s.owned = true
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, client.Disconnect(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// databaseOf returns the name of the database in a connection string. Its hosts make it no URL that package net/url reads.
func databaseOf(uri string) (string, error) {
	scheme, rest, found := strings.Cut(uri, "://")
	if !found || scheme != "mongodb" && scheme != "mongodb+srv" {
		return "", errors.New(`connection string must begin with "mongodb://" or "mongodb+srv://"`)
	}
	rest, _, _ = strings.Cut(rest, "?")
	hosts, path, _ := strings.Cut(rest, "/")
	if !havePorts(hosts) {
		return "", errors.New("connection string: a port that is no number") // which the driver would repeat, and may be a password
	}
	name, err := url.PathUnescape(path)
	switch {
	case err != nil || strings.ContainsAny(name, "/\\. \"$\x00"):
		return "", errors.New("connection string: not the name of a database behind the hosts")
	case name == "":
		return DefaultDatabase, nil
	}
	return name, nil
}

// havePorts reports whether the ports of hosts, which may follow somebody's name and password, are numbers.
func havePorts(hosts string) bool {
	hosts = hosts[strings.LastIndexByte(hosts, '@')+1:]
	for host := range strings.SplitSeq(hosts, ",") {
		_, port, found := strings.Cut(host[strings.LastIndexByte(host, ']')+1:], ":")
		if _, err := strconv.ParseUint(port, 10, 16); found && err != nil {
			return false
		}
	}
	return true
}

// withoutSecret is an error's text, or only that there is one if it repeats what may be a password.
func withoutSecret(err error, uri string) string {
	_, rest, _ := strings.Cut(uri, "://")
	credentials, _, found := strings.Cut(rest, "@")
	_, password, _ := strings.Cut(credentials, ":")
	plain, unescapeErr := url.PathUnescape(password)
	text := err.Error()
	if found && password != "" && (unescapeErr != nil || strings.Contains(text, password) || strings.Contains(text, plain)) {
		return "it cannot be read"
	}
	return text
}
