package mongo

import (
	"context"
	"crypto/rand"
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton/revoke"
)

// entryDocument is how a revocation is stored.
type entryDocument struct {
	Number    int64     `bson:"_id"`
	ID        []byte    `bson:"id"`
	ExpiresAt time.Time `bson:"expires_at"`
	// Once is unique: whoever inserts the same revocation a second time finds it done.
	Once string `bson:"once"`
	// Batch names the call that has added the entry together with others.
	Batch string `bson:"batch,omitempty"`
}

func (d entryDocument) entry() revoke.Entry {
	e := revoke.Entry{Number: uint64(d.Number), ExpiresAt: stored(d.ExpiresAt)}
	copy(e.ID[:], d.ID)
	return e
}

// RevokeToken inserts a revocation that is not a session's end. The context is looked at before that only.
func (s *Store) RevokeToken(ctx context.Context, id revoke.ID, expiresAt time.Time) (revoke.Entry, error) {
	if err := ctx.Err(); err != nil {
		return revoke.Entry{}, translate(ctx, "revoke token", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	document, err := s.insert(ctx, entryDocument{Once: "token " + rand.Text(), ID: id[:], ExpiresAt: expiresAt})
	if err != nil {
		return revoke.Entry{}, translate(context.WithoutCancel(ctx), "revoke token", err)
	}
	return document.entry(), nil
}

// Revocations returns at most limit entries with a number above after, lowest first.
func (s *Store) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	if after > math.MaxInt64 || limit <= 0 {
		return nil, translate(ctx, "revocations", ctx.Err())
	}
	documents, err := collect[entryDocument](ctx, s.revocations, bson.M{"_id": bson.M{"$gt": int64(after)}},
		options.Find().SetSort(ascending("_id")).SetLimit(int64(limit)))
	if err != nil {
		return nil, translate(ctx, "revocations", err)
	}
	entries := make([]revoke.Entry, len(documents))
	for i, document := range documents {
		entries[i] = document.entry()
	}
	return entries, nil
}
