package conformance_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/mongo"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	name := newDatabase()
	s, err := mongo.Open(t.Context(), serverURI+name+"?maxPoolSize=4")
	if err != nil {
		t.Fatal(err)
	}
	if s.Database().Name() != name {
		t.Errorf("the database is %s, want %s", s.Database().Name(), name)
	}
	if err := errors.Join(s.Migrate(t.Context()), s.Ping(t.Context()), s.CreateUser(t.Context(), &jeton.User{ID: "1"})); err != nil {
		t.Error(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("closed: error is %v", err)
	}
	if _, err := open(t, name).UserByID(t.Context(), "1"); err != nil {
		t.Errorf("in the same database: %v", err)
	}
}

func TestOpenUsesTheDefaultDatabase(t *testing.T) {
	t.Parallel()
	s, err := mongo.Open(t.Context(), strings.TrimSuffix(serverURI, "/"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Database().Name() != mongo.DefaultDatabase {
		t.Errorf("the database is %s", s.Database().Name())
	}
	if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

// What the application opened stays open, and what it has configured for its own collections does not change what is stored.
func TestNewLeavesTheClientOpen(t *testing.T) {
	t.Parallel()
	db := connect(t, newDatabase(), nil)
	s := mongo.New(db)
	if err := errors.Join(s.Migrate(t.Context()), s.Close(t.Context()), s.Ping(t.Context()), db.Client().Ping(t.Context(), nil)); err != nil {
		t.Error(err)
	}
}
