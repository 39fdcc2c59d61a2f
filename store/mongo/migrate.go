package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
)

// migration is one step from a version of the schema to the next. Doing it again, or on several nodes at once, does no harm.
type migration struct {
	name string
	do   func(s *Store, ctx context.Context) error
}

// migrations are the steps in their order; the first one leads to version 1.
func migrations() []migration {
	return []migration{
		{"collections and indexes", (*Store).createCollections},
	}
}

// migrationDocument says that a step was taken.
type migrationDocument struct {
	Version   int       `bson:"_id"`
	Name      string    `bson:"name"`
	AppliedAt time.Time `bson:"applied_at"`
}

// namespaceExists is the code for a collection that is there already.
const namespaceExists = 48

// index is one that queries need.
type index struct {
	collection func(s *Store) *mongo.Collection
	name       string
	keys       bson.D
	unique     bool
}

func indexes() []index {
	users := func(s *Store) *mongo.Collection { return s.users }
	sessions := func(s *Store) *mongo.Collection { return s.sessions }
	revocations := func(s *Store) *mongo.Collection { return s.revocations }
	keys := func(s *Store) *mongo.Collection { return s.keys }
	limits := func(s *Store) *mongo.Collection { return s.limits }
	return []index{
		{users, "jeton_by_email", ascending("email_unique"), true},
		{sessions, "jeton_by_user", append(ascending("user_id"), ascending("ended_at")...), false},
		{sessions, "jeton_by_end", ascending("ended_at"), false},
		{sessions, "jeton_by_idle", ascending("idle_until"), false},
		{sessions, "jeton_by_expiry", ascending("expires_at"), false},
		{sessions, "jeton_by_unrevoked", ascending("unrevoked"), false},
		{revocations, "jeton_once", ascending("once"), true},
		{revocations, "jeton_by_expiry", ascending("expires_at"), false},
		{keys, "jeton_by_kid", ascending("kid"), true},
		{limits, "jeton_by_whole_at", ascending("whole_at"), false},
	}
}

// Migrate brings the collections and indexes to the version that this program knows. It does nothing if they are there already, and
// several nodes may call it at once. A database that a newer program has migrated is [jeton.ErrNewerSchema], and is left as it is.
func (s *Store) Migrate(ctx context.Context) error {
	have, err := s.checkVersion(ctx)
	if err != nil {
		return err
	}
	for i, m := range migrations() {
		version := i + 1
		if version <= have {
			continue
		}
		if err := s.apply(ctx, version, m); err != nil {
			return translate(ctx, fmt.Sprintf("migrate to version %d, %s", version, m.name), err)
		}
	}
	_, err = s.checkVersion(ctx) // a newer program may have done more meanwhile
	return err
}

// apply takes one step, and records it then.
func (s *Store) apply(ctx context.Context, version int, m migration) error {
	if err := m.do(s, ctx); err != nil {
		return err
	}
	_, err := s.migrations.InsertOne(ctx, migrationDocument{Version: version, Name: m.name, AppliedAt: time.Now()})
	if mongo.IsDuplicateKeyError(err) {
		return nil // another node was faster
	}
	return err
}

// createCollections makes all collections, also those without an index, so that a user who may not make any can work with them.
func (s *Store) createCollections(ctx context.Context) error {
	for _, c := range []*mongo.Collection{s.users, s.sessions, s.revocations, s.keys, s.clients, s.limits, s.counters, s.migrations} {
		err := s.db.CreateCollection(ctx, c.Name())
		if server, ok := errors.AsType[mongo.ServerError](err); ok && server.HasErrorCode(namespaceExists) {
			continue
		}
		if err != nil {
			return err
		}
	}
	for _, i := range indexes() {
		model := mongo.IndexModel{Keys: i.keys, Options: options.Index().SetName(i.name).SetUnique(i.unique)}
		if _, err := i.collection(s).Indexes().CreateOne(ctx, model); err != nil {
			return err
		}
	}
	return nil
}

// SchemaVersion returns the version that the collections have, 0 if there are none, and the one that this program wants. If have is less,
// [Store.Migrate] has to be called first.
func (s *Store) SchemaVersion(ctx context.Context) (have, want int, err error) {
	last, err := first[migrationDocument](ctx, s.migrations, bson.M{}, options.FindOne().SetSort(descending("_id")))
	if errors.Is(err, mongo.ErrNoDocuments) {
		err = nil
	}
	return last.Version, len(migrations()), translate(ctx, "schema version", err)
}

func (s *Store) checkVersion(ctx context.Context) (have int, err error) {
	have, want, err := s.SchemaVersion(ctx)
	if err == nil && have > want {
		err = fmt.Errorf("mongo: the database is at version %d, this program knows %d: %w", have, want, jeton.ErrNewerSchema)
	}
	return have, err
}
