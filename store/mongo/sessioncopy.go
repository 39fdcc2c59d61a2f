package mongo

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// ListSessions returns at most limit sessions by their ids, from the first id after the given one on. Before, it inserts the revocations that
// crashes have left out: see [Store.EndSessions].
func (s *Store) ListSessions(ctx context.Context, after string, limit int) ([]*jeton.Session, error) {
	if limit <= 0 {
		return nil, translate(ctx, "list sessions", ctx.Err())
	}
	if err := s.sweepAll(ctx); err != nil {
		return nil, translate(ctx, "list sessions", err)
	}
	documents, err := collect[sessionDocument](ctx, s.sessions, bson.M{"_id": bson.M{"$gt": after}},
		options.Find().SetSort(ascending("_id")).SetLimit(int64(limit)))
	if err != nil {
		return nil, translate(ctx, "list sessions", err)
	}
	return convert(documents, sessionDocument.session)
}

// AddSessions adds sessions just as they are. An ID that is there already, or twice among them, is [jeton.ErrConflict].
//
// It looks for those first, and adds the sessions in the order of their ids then. If that fails, those that it has added are removed again. A crash in
// between, or a server that is not heard of any more, can leave the first ones of them behind; so can others who read meanwhile see them.
// The context is looked at before the first one is added only.
func (s *Store) AddSessions(ctx context.Context, sessions []*jeton.Session) error {
	batch := rand.Text()
	documents := make([]sessionDocument, len(sessions))
	for i, session := range sessions {
		documents[i] = newSessionDocument(session)
		documents[i].Batch = batch
	}
	slices.SortFunc(documents, func(a, b sessionDocument) int { return cmp.Compare(a.ID, b.ID) })
	err := addAll(ctx, s.sessions, documents, sessionDocument.id, batch, func(context.Context) error { return nil })
	return translate(ctx, "add sessions", err)
}

func (d sessionDocument) id() string { return d.ID }

// LastRevocation is the highest number that was ever given to a revocation, also if that was pruned; 0 if there was none. Before it looks, it
// inserts the revocations that crashes have left out: see [Store.EndSessions].
func (s *Store) LastRevocation(ctx context.Context) (uint64, error) {
	err := s.sweepAll(ctx)
	if err == nil {
		err = s.learn(ctx)
	}
	if err != nil {
		return 0, translate(ctx, "last revocation", err)
	}
	return uint64(s.known.n.Load()), nil
}

// AddRevocations adds revocations with the numbers that they have, and gives higher numbers only from then on, also than last. A number that is
// there already, or twice among them, is [jeton.ErrConflict].
//
// It looks for those first, writes down which numbers must not come again, and adds the revocations in the order of their numbers then. If that
// fails, those that it has added are removed again, and the numbers are not used. A crash in between, or a server that is not heard of any
// more, can leave the first ones of them behind. The context is looked at before anything is written only.
func (s *Store) AddRevocations(ctx context.Context, entries []revoke.Entry, last uint64) error {
	batch := rand.Text()
	documents := make([]entryDocument, len(entries))
	for i, entry := range entries {
		last = max(last, entry.Number)
		documents[i] = entryDocument{
			Number: int64(entry.Number), ID: slices.Clone(entry.ID[:]), ExpiresAt: entry.ExpiresAt,
			Once: fmt.Sprintf("batch %s %d", batch, entry.Number), Batch: batch,
		}
	}
	if last > math.MaxInt64 {
		return fmt.Errorf("mongo: add revocations: number %d is too high", last)
	}
	slices.SortFunc(documents, func(a, b entryDocument) int { return cmp.Compare(a.Number, b.Number) })
	done, err := s.begin(ctx)
	if err != nil {
		return translate(ctx, "add revocations", err)
	}
	defer done()
	err = addAll(ctx, s.revocations, documents, entryDocument.number, batch, func(ctx context.Context) error {
		if err := s.retire(ctx, int64(last)); err != nil {
			return err
		}
		s.known.raise(int64(last))
		return nil
	})
	return translate(ctx, "add revocations", err)
}

func (d entryDocument) number() int64 { return d.Number }

// addAll inserts the documents of a batch, which are in the order of their ids, after it has called before. If one of the ids is taken, it does
// nothing.
func addAll[D any, ID comparable](
	ctx context.Context, c *mongo.Collection, documents []D, idOf func(D) ID, batch string, before func(context.Context) error,
) error {
	ids := make([]ID, len(documents))
	for i, document := range documents {
		ids[i] = idOf(document)
	}
	if err := areFree(ctx, c, ids); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	inserting, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	if err := before(inserting); err != nil || len(documents) == 0 {
		return err
	}
	_, err := c.InsertMany(inserting, documents) // one after the other, up to the first that fails
	if err != nil {
		err = errors.Join(err, undo(ctx, c, ids, batch))
	}
	return err
}

// areFree returns [jeton.ErrConflict] if there is a document with one of these ids, or if one id comes after itself.
func areFree[ID comparable](ctx context.Context, c *mongo.Collection, ids []ID) error {
	if len(slices.Compact(slices.Clone(ids))) < len(ids) {
		return jeton.ErrConflict
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := first[bson.M](ctx, c, in("_id", ids), options.FindOne().SetProjection(bson.M{"_id": 1}))
	switch {
	case err == nil:
		return jeton.ErrConflict
	case errors.Is(err, mongo.ErrNoDocuments):
		return nil
	}
	return err
}

// undo removes what a batch has inserted, and nothing that somebody else has inserted with the same ids.
func undo[ID comparable](ctx context.Context, c *mongo.Collection, ids []ID, batch string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	_, err := c.DeleteMany(ctx, with(in("_id", ids), "batch", batch))
	return err
}
