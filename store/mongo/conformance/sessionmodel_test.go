package conformance_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/sessionmodel"
	"github.com/jetonauth/jeton/store/mongo"
)

// Sessions over MongoDB are compared with their model: package sessionmodel says how.
func TestSessionModel(t *testing.T) {
	sessionmodel.Check(t, 30, func(t *testing.T) func(*rapid.T) sessionmodel.Subject {
		t.Helper()
		s := open(t, newDatabase())
		return func(r *rapid.T) sessionmodel.Subject {
			forget(r, s)
			return sessionmodel.Subject{Stores: []jeton.Store{s}}
		}
	})
}

// forget removes what a run leaves: what has expired after a thousand years, and the accounts.
func forget(t *rapid.T, s *mongo.Store) {
	for {
		n, err := s.Prune(t.Context(), began.AddDate(1000, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if _, err := s.Database().Collection("jeton_users").DeleteMany(t.Context(), bson.M{}); err != nil {
		t.Fatal(err)
	}
}
