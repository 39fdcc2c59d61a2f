package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// pruneLimit is how many documents of a collection one call of Prune removes at most.
const pruneLimit = 1000

// Prune removes sessions that are over, once their access tokens are too, revocations that have expired, and limits that are as if
// nothing had happened. It removes at most 1000 of each and is to be called again until it removes none. With an error it returns how
// many had gone before.
//
// Before, it inserts the revocations that crashes have left out, of at most 1000 sessions: see [Store.EndSessions].
func (s *Store) Prune(ctx context.Context, now time.Time) (removed int, err error) {
	if _, err := s.sweep(ctx); err != nil {
		return 0, translate(ctx, "insert revocations that were left out", err)
	}
	for _, prune := range []func(context.Context, time.Time) (int, error){s.pruneSessions, s.pruneRevocations, s.pruneLimits} {
		n, err := prune(ctx, now)
		removed += n
		if err != nil {
			return removed, translate(ctx, "prune", err)
		}
	}
	return removed, nil
}

// sweep inserts the revocations that are missing, of at most 1000 sessions, and says of how many.
func (s *Store) sweep(ctx context.Context) (sessions int, err error) {
	open, err := collect[sessionDocument](ctx, s.sessions, bson.M{"unrevoked": true}, options.Find().SetLimit(pruneLimit))
	if err != nil {
		return 0, err
	}
	_, err = s.finish(ctx, open, "")
	return len(open), err
}

// sweepAll inserts all revocations that are missing.
func (s *Store) sweepAll(ctx context.Context) error {
	for {
		if n, err := s.sweep(ctx); err != nil || n < pruneLimit {
			return err
		}
	}
}

// pruneSessions does not remove a session whose revocation is missing.
func (s *Store) pruneSessions(ctx context.Context, now time.Time) (int, error) {
	past := bson.M{"$lte": now}
	return removeSome[string](ctx, s.sessions, bson.M{
		"access_until": past,
		"unrevoked":    bson.M{"$exists": false},
		"$or":          bson.A{bson.M{"idle_until": past}, bson.M{"expires_at": past}, bson.M{"ended_at": bson.M{"$gt": time.Time{}}}},
	}, nil)
}

// pruneRevocations leaves those that never expire.
func (s *Store) pruneRevocations(ctx context.Context, now time.Time) (int, error) {
	return removeSome(ctx, s.revocations, bson.M{"expires_at": bson.M{"$lte": now, "$gt": time.Time{}}}, func(numbers []int64) error {
		return s.retire(ctx, numbers[len(numbers)-1])
	})
}

func (s *Store) pruneLimits(ctx context.Context, now time.Time) (int, error) {
	return removeSome[string](ctx, s.limits, bson.M{"whole_at": bson.M{"$lte": now.UnixMicro()}}, nil)
}

// removeSome removes at most 1000 documents that filter matches and still matches when they go, the ones with the lowest ids, and returns how many. Their ids
// are given to before, if there are any.
func removeSome[ID any](ctx context.Context, c *mongo.Collection, filter bson.M, before func(ids []ID) error) (int, error) {
	type found struct {
		ID ID `bson:"_id"`
	}
	documents, err := collect[found](ctx, c, filter,
		options.Find().SetSort(ascending("_id")).SetLimit(pruneLimit).SetProjection(bson.M{"_id": 1}))
	if err != nil || len(documents) == 0 {
		return 0, err
	}
	ids := make([]ID, len(documents))
	for i, document := range documents {
		ids[i] = document.ID
	}
	if before != nil {
		if err := before(ids); err != nil {
			return 0, err
		}
	}
	result, err := c.DeleteMany(ctx, with(filter, "_id", bson.M{"$in": ids}))
	if err != nil {
		return 0, err
	}
	return int(result.DeletedCount), nil
}
