// Package database opens the store that a URL names: the one place that knows all of them.
package database

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/mongo"
	"github.com/jetonauth/jeton/store/postgres"
	"github.com/jetonauth/jeton/store/sqlite"
)

// Store is what every database is for the program.
type Store interface {
	jeton.Store
	jeton.UserLister
	jeton.SessionCopier
	jeton.ServiceClientStore
	jeton.LimitStore
	// Migrate brings the tables to the form of this program. Tables of a newer one are [jeton.ErrNewerSchema].
	Migrate(ctx context.Context) error
	// SchemaVersion is the version that the tables have, 0 if there are none, and the one that this program wants.
	SchemaVersion(ctx context.Context) (have, want int, err error)
	// Ping reports whether the database answers, and can be written.
	Ping(ctx context.Context) error
	Close() error
}

// Watcher is implemented by a [Store] that can tell when something was revoked.
type Watcher interface {
	// Watch calls hint whenever something was, by any node, until ctx is over. [errors.ErrUnsupported] if this database does
	// not notify.
	Watch(ctx context.Context, hint func()) error
}

// The databases that have a notification.
var _ Watcher = (*postgres.Store)(nil)

const sqlitePrefix = "sqlite:"

// SQLite is the URL of a file.
func SQLite(path string) string { return sqlitePrefix + path }

// File returns the file of a SQLite database.
func File(url string) (path string, ok bool) { return strings.CutPrefix(url, sqlitePrefix) }

// Shared reports whether several nodes can use the database at once: it is not a file on this machine.
func Shared(url string) bool { return !strings.HasPrefix(url, sqlitePrefix) }

// Open opens the database at a URL: sqlite:FILE, postgres://… or postgresql://…, mongodb://… or mongodb+srv://…. It makes no tables. No
// error has the URL in it, which may hold a password.
func Open(ctx context.Context, url string) (Store, error) {
	scheme, _, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		path, _ := File(url)
		return opened(sqlite.Open(path))
	case "postgres", "postgresql":
		return opened(postgres.Open(ctx, url))
	case "mongodb", "mongodb+srv":
		store, err := mongo.Open(ctx, url)
		return opened(mongoStore{store}, err)
	}
	return nil, errors.New("no such database; want postgres://…, mongodb://… or sqlite:FILE")
}

// OpenExisting is [Open] for a database that must be there: it makes no file.
func OpenExisting(ctx context.Context, url string) (Store, error) {
	if path, ok := File(url); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no file %s", path)
		}
	}
	return Open(ctx, url)
}

// opened keeps a nil store from becoming an interface that is not nil.
func opened[S Store](store S, err error) (Store, error) {
	if err != nil {
		return nil, err
	}
	return store, nil
}

// mongoStore closes without a context, as the others do.
type mongoStore struct{ *mongo.Store }

func (s mongoStore) Close() error { return s.Store.Close(context.Background()) }

// Prepare brings the tables of a database that was just opened to the form of this program.
func Prepare(ctx context.Context, store Store) error {
	err := store.Migrate(ctx)
	if errors.Is(err, jeton.ErrNewerSchema) {
		return fmt.Errorf("%w; run a newer jeton, or choose another database", err)
	}
	return err
}
