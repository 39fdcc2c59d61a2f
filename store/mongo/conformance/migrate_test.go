package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/mongo"
)

// wantVersion fails the test unless the collections are as this program wants them, or absent.
func wantVersion(t *testing.T, s *mongo.Store, absent bool) {
	t.Helper()
	have, want, err := s.SchemaVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want < 1 || absent && have != 0 || !absent && have != want {
		t.Errorf("version is %d of %d", have, want)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	s := mongo.New(connect(t, newDatabase(), nil))
	wantVersion(t, s, true)
	for range 3 {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantVersion(t, s, false)
		if err := s.CreateUser(t.Context(), &jeton.User{ID: "1"}); err != nil && !errors.Is(err, jeton.ErrConflict) {
			t.Error(err)
		}
	}
	names, err := s.Database().ListCollectionNames(t.Context(), bson.M{})
	if err != nil || len(names) != 8 {
		t.Errorf("the collections are %v, error %v", names, err)
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "jeton_") {
			t.Errorf("collection %s could be the application's", name)
		}
	}
	if users, err := s.ListUsers(t.Context(), "", 10); err != nil || len(users) != 1 {
		t.Errorf("users %v after migrating again, error %v", users, err)
	}
}

func TestMigrateOnSeveralNodes(t *testing.T) {
	t.Parallel()
	const nodes = 5
	name := newDatabase()
	errs := make([]error, nodes)
	var all sync.WaitGroup
	for i := range nodes {
		s := mongo.New(connect(t, name, nil))
		all.Go(func() {
			errs[i] = errors.Join(s.Migrate(t.Context()), s.CreateUser(t.Context(), &jeton.User{ID: fmt.Sprint(i)}))
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	s := mongo.New(connect(t, name, nil))
	wantVersion(t, s, false)
	if users, err := s.ListUsers(t.Context(), "", 10); err != nil || len(users) != nodes {
		t.Errorf("users %v, error %v", users, err)
	}
}

// A node that was interrupted after any of the commands has left nothing behind that another one cannot go on with.
func TestMigrateInterrupted(t *testing.T) {
	t.Parallel()
	name := newDatabase()
	db := connect(t, name, nil)
	if err := db.CreateCollection(t.Context(), "jeton_sessions"); err != nil {
		t.Fatal(err)
	}
	s := mongo.New(db)
	wantVersion(t, s, true)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, s, false)
}

func TestMigrateNewer(t *testing.T) {
	t.Parallel()
	s := open(t, newDatabase())
	_, want, err := s.SchemaVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Database().Collection("jeton_migrations").InsertOne(t.Context(), bson.M{"_id": want + 41, "name": "later"}); err != nil {
		t.Fatal(err)
	}
	err = s.Migrate(t.Context())
	if !errors.Is(err, jeton.ErrNewerSchema) {
		t.Fatalf("error is %v", err)
	}
	for _, version := range []int{want, want + 41} {
		if !strings.Contains(err.Error(), fmt.Sprintf(" %d", version)) {
			t.Errorf("error %q does not name version %d", err, version)
		}
	}
}

func TestMigrateCancelled(t *testing.T) {
	t.Parallel()
	s := mongo.New(connect(t, newDatabase(), nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Migrate(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	wantVersion(t, s, true)
}
