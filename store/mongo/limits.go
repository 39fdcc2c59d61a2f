package mongo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
)

// limitDocument says when the allowance of a key is whole again, in microseconds since 1970: each event moves that by its part of the
// window, and none may move it further than a window from now (the generic cell rate algorithm).
type limitDocument struct {
	Whole int64 `bson:"whole_at"`
}

// limitKey is how a key is stored: as its SHA-256.
func limitKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// partOf is the part of a window that one event takes, in microseconds.
func partOf(limit jeton.Limit) int64 { return limit.Window.Microseconds() / int64(limit.Count) }

// Take counts one event, unless limit is reached already: then it returns how long to wait until it is not. It counts in
// microseconds. Nobody waits longer than a window, also if another node's clock was ahead by more when it counted. What one server alone has acknowledged counts; when another one takes its place, a few events may be forgotten.
func (s *Store) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	id, at, part := limitKey(key), now.UnixMicro(), partOf(limit)
	latest := at + limit.Window.Microseconds() - part
	for {
		taken, wait, err := s.take(ctx, id, at, part, latest)
		if err == nil && wait > limit.Window {
			wait, err = s.lower(ctx, id, latest, part, limit)
		}
		if err != nil || taken || wait > 0 {
			return wait, translate(ctx, "take", err)
		}
	}
}

// take counts one event, unless it has to wait. Each step is an atomic one, and says what has become of the one before: if neither taken nor wait
// is set, somebody else has changed the document in between.
func (s *Store) take(ctx context.Context, id string, at, part, latest int64) (taken bool, wait time.Duration, err error) {
	taken, err = updateOne(ctx, s.limits, bson.M{"_id": id, "whole_at": bson.M{"$gt": at, "$lte": latest}},
		bson.M{"$inc": bson.M{"whole_at": part}})
	if err != nil || taken {
		return taken, 0, err
	}
	document, err := first[limitDocument](ctx, s.limits, bson.M{"_id": id})
	switch {
	case err == nil && document.Whole > latest:
		return false, time.Duration(document.Whole-latest) * time.Microsecond, nil
	case err != nil && !errors.Is(err, mongo.ErrNoDocuments):
		return false, 0, err
	}
	// Whatever is there is as if nothing had happened. If it is no longer, this tries to insert a document that is there already.
	_, err = s.limits.UpdateOne(ctx, bson.M{"_id": id, "whole_at": bson.M{"$lte": at}}, bson.M{"$set": bson.M{"whole_at": at + part}},
		options.UpdateOne().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) {
		return false, 0, nil
	}
	return err == nil, 0, err
}

// lower takes back what no honest clock can have set, and returns how long to wait then.
func (s *Store) lower(ctx context.Context, id string, latest, part int64, limit jeton.Limit) (wait time.Duration, err error) {
	window := limit.Window.Microseconds()
	_, err = updateOne(ctx, s.limits, bson.M{"_id": id, "whole_at": bson.M{"$gt": latest + window}}, bson.M{"$set": bson.M{"whole_at": latest + part}})
	return time.Duration(part) * time.Microsecond, err
}

// Return takes back an event that Take counted.
func (s *Store) Return(ctx context.Context, key string, limit jeton.Limit, now time.Time) error {
	_, err := updateOne(ctx, s.limits, bson.M{"_id": limitKey(key), "whole_at": bson.M{"$gt": now.UnixMicro()}},
		bson.M{"$inc": bson.M{"whole_at": -partOf(limit)}})
	return translate(ctx, "return", err)
}
