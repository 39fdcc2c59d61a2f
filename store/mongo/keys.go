package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
)

// keyDocument is how a signing key is stored.
type keyDocument struct {
	Number     int64     `bson:"_id"`
	ID         string    `bson:"kid"`
	Algorithm  string    `bson:"algorithm"`
	Public     []byte    `bson:"public"`
	Sealed     []byte    `bson:"sealed"`
	CreatedAt  time.Time `bson:"created_at"`
	ActivateAt time.Time `bson:"activate_at"`
	RetireAt   time.Time `bson:"retire_at"`
	RemoveAt   time.Time `bson:"remove_at"`
	RevokedAt  time.Time `bson:"revoked_at"`
}

func (d keyDocument) key() (*jeton.StoredKey, error) {
	return &jeton.StoredKey{
		Number: uint32(d.Number), ID: d.ID, Algorithm: d.Algorithm, Public: d.Public, Sealed: d.Sealed, CreatedAt: d.CreatedAt,
		ActivateAt: d.ActivateAt, RetireAt: d.RetireAt, RemoveAt: d.RemoveAt, RevokedAt: d.RevokedAt,
	}, nil
}

// Keys returns all keys by their numbers, lowest first.
func (s *Store) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	documents, err := collect[keyDocument](ctx, s.keys, bson.M{}, options.Find().SetSort(ascending("_id")))
	if err != nil {
		return nil, translate(ctx, "keys", err)
	}
	return convert(documents, keyDocument.key)
}

// AddKey adds a key. A Number or ID that is taken is [jeton.ErrConflict].
func (s *Store) AddKey(ctx context.Context, key *jeton.StoredKey) error {
	_, err := s.keys.InsertOne(ctx, keyDocument{
		Number: int64(key.Number), ID: key.ID, Algorithm: key.Algorithm, Public: key.Public, Sealed: key.Sealed, CreatedAt: key.CreatedAt,
		ActivateAt: key.ActivateAt, RetireAt: key.RetireAt, RemoveAt: key.RemoveAt, RevokedAt: key.RevokedAt,
	})
	return translate(ctx, "add key", err)
}

// SetKeyTimes replaces the times of the key with this id, or returns [jeton.ErrNotFound].
func (s *Store) SetKeyTimes(ctx context.Context, id string, times jeton.KeyTimes) error {
	matched, err := updateOne(ctx, s.keys, bson.M{"kid": id}, bson.M{"$set": bson.M{
		"activate_at": times.ActivateAt, "retire_at": times.RetireAt, "remove_at": times.RemoveAt, "revoked_at": times.RevokedAt,
	}})
	if err == nil && !matched {
		err = jeton.ErrNotFound
	}
	return translate(ctx, "set key times", err)
}
