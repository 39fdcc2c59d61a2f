package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// CountHashes returns how many password hashes there are for each text that form returns. It reads all of them, a batch at a time, as many users
// as there are.
func (s *Store) CountHashes(ctx context.Context, form func(hash string) string) (map[string]int, error) {
	counts, err := s.countHashes(ctx, form)
	if err != nil {
		return nil, translate(ctx, "count hashes", err)
	}
	return counts, nil
}

func (s *Store) countHashes(ctx context.Context, form func(hash string) string) (counts map[string]int, err error) {
	cursor, err := s.users.Find(ctx, bson.M{"password_hash": bson.M{"$ne": ""}},
		options.Find().SetProjection(bson.M{"_id": 0, "password_hash": 1}))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cursor.Close(context.WithoutCancel(ctx))) }()
	counts = map[string]int{}
	for cursor.Next(ctx) {
		var document userDocument
		if err := cursor.Decode(&document); err != nil {
			return nil, err
		}
		counts[form(document.PasswordHash)]++
	}
	return counts, cursor.Err()
}
