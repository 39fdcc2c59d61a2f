package conformance_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/mongo"
	"github.com/jetonauth/jeton/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		t.Helper()
		name := newDatabase()
		s := open(t, name)
		return storetest.Harness{
			Store: s,
			Reopen: func(t *testing.T) jeton.Store {
				t.Helper()
				if err := s.Database().Client().Disconnect(t.Context()); err != nil {
					t.Fatal(err)
				}
				s = open(t, name)
				return s
			},
			BeginEnding: func(ctx context.Context, e jeton.Ending) (commit func() error, err error) {
				return beginEnding(ctx, t, name, e)
			},
			Unreachable: func(t *testing.T) jeton.Store { t.Helper(); return unreachable(t) },
		}
	})
}

// unreachable is a store whose server is not there.
func unreachable(t *testing.T) *mongo.Store {
	t.Helper()
	client, err := driver.Connect(options.Client().ApplyURI("mongodb://127.0.0.1:1").SetServerSelectionTimeout(20 * time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return mongo.New(client.Database("test"))
}

// hold returns what makes a client stop before each command of a kind about a collection: it sends to reached, and goes on after release
// was called.
func hold(command, collection string) (monitor *event.CommandMonitor, reached chan struct{}, release func()) {
	reached, released := make(chan struct{}, 100), make(chan struct{})
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		if about, ok := e.Command.Lookup(command).StringValueOK(); ok && about == collection {
			reached <- struct{}{}
			<-released
		}
	}}, reached, sync.OnceFunc(func() { close(released) })
}

// beginEnding ends sessions as another node does, as far as that goes before their entries are inserted.
func beginEnding(ctx context.Context, t *testing.T, name string, e jeton.Ending) (commit func() error, err error) {
	t.Helper()
	monitor, reached, release := hold("insert", "jeton_revocations")
	other := mongo.New(connect(t, name, monitor))
	t.Cleanup(release) // before the client is disconnected
	done := make(chan error, 1)
	go func() {
		_, err := other.EndSessions(ctx, e)
		done <- err
	}()
	commit = func() error { release(); return <-done }
	select {
	case <-reached:
		return commit, nil
	case err := <-done:
		done <- err
		return commit, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
