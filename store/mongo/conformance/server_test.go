package conformance_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton/store/mongo"
)

// serverURI is where the server of this process listens.
var serverURI string

func TestMain(m *testing.M) {
	if victim := os.Getenv(victimVariable); victim != "" {
		doAndDie(victim)
		return
	}
	uri, stop, err := startServer()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	serverURI = uri
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// patience is how long a test waits for anything.
const patience = 30 * time.Second

var databases atomic.Int64

// newDatabase returns the name of a database that nobody has used.
func newDatabase() string { return fmt.Sprintf("test%d", databases.Add(1)) }

// connect returns a database through a client with one connection, which monitor sees the commands of. FerretDB carries out what comes through one
// connection one after the other, which makes its updates atomic.
func connect(t *testing.T, name string, monitor *event.CommandMonitor) *driver.Database {
	t.Helper()
	client, err := driver.Connect(options.Client().ApplyURI(serverURI).SetMaxPoolSize(1).SetTimeout(patience).SetMonitor(monitor))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client.Database(name)
}

// open returns a migrated store in this database.
func open(t *testing.T, name string) *mongo.Store {
	t.Helper()
	s := mongo.New(connect(t, name, nil))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}
