package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The numbers of revocations.
//
// Without transactions a counter will not do: of two writers that have taken a number each, the later one may be the first to
// insert, and a follower that has read up to its number never looks for the earlier one. So a number is taken by inserting: it is one more
// than that of an entry which is there, and if somebody else was faster, the number is a duplicate. An entry is therefore visible before anybody
// can insert one with a higher number.
//
// Removing entries must not make their numbers come again. Before any are removed, the highest of their numbers is written to a counter. Who
// has inserted an entry looks at that then: if the counter has come to its number, that may be one that was removed. Followers may be beyond it, and
// so the entry is inserted again, above the counter.
//
// Entries that are copied from another store have their numbers already, and there are gaps between them. The counter is raised to the highest
// of their numbers, and of those that the other store has given, before any are inserted: so nobody fills a gap.

// removedCounter is the id of the document that has the highest number of a revocation that was removed or copied, or is about to be.
const removedCounter = "revocations removed"

// counterDocument is a number that only grows.
type counterDocument struct {
	N int64 `bson:"n"`
}

// highWater is a number that only grows.
type highWater struct{ n atomic.Int64 }

// raise makes it n unless it is more.
func (h *highWater) raise(n int64) {
	for {
		old := h.n.Load()
		if old >= n || h.n.CompareAndSwap(old, n) {
			return
		}
	}
}

// insert gives an entry its number and inserts it, or returns the one that is there already with the same Once. Those who insert through
// the same Store do so one after the other: they could only get into each other's way.
func (s *Store) insert(ctx context.Context, entry entryDocument) (entryDocument, error) {
	done, err := s.begin(ctx)
	if err != nil {
		return entryDocument{}, err
	}
	defer done()
	var late []int64 // numbers under which entry is there, and which followers may be beyond
	for {
		there, err := s.insertNext(ctx, entry)
		if err != nil {
			return entryDocument{}, err
		}
		removed, err := s.highestRemoved(ctx)
		if err != nil {
			return entryDocument{}, err
		}
		if there.Number > removed {
			return there, s.drop(ctx, late)
		}
		late = append(late, there.Number)
		entry.Once = fmt.Sprintf("%s, not %d", there.Once, there.Number)
	}
}

// begin waits until nobody else inserts revocations through the same Store, and lets the next one in when done is called.
func (s *Store) begin(ctx context.Context) (done func(), err error) {
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// insertNext inserts entry with the number after the highest one, or returns the one that is there already with the same Once.
func (s *Store) insertNext(ctx context.Context, entry entryDocument) (entryDocument, error) {
	if s.known.n.Load() == 0 {
		if err := s.learn(ctx); err != nil {
			return entryDocument{}, err
		}
	}
	for {
		entry.Number = s.known.n.Load() + 1
		_, err := s.revocations.InsertOne(ctx, entry)
		if !mongo.IsDuplicateKeyError(err) {
			if err == nil {
				s.known.raise(entry.Number)
			}
			return entry, err
		}
		there, err := first[entryDocument](ctx, s.numbers, bson.M{"once": entry.Once})
		if errors.Is(err, mongo.ErrNoDocuments) {
			err = s.learn(ctx)
		} else if err == nil {
			return there, nil
		}
		if err != nil {
			return entryDocument{}, err
		}
	}
}

// learn looks for the highest number of an entry that is, or was, there.
func (s *Store) learn(ctx context.Context) error {
	last, err := first[entryDocument](ctx, s.numbers, bson.M{}, options.FindOne().SetSort(descending("_id")))
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return err
	}
	s.known.raise(last.Number)
	_, err = s.highestRemoved(ctx)
	return err
}

// highestRemoved returns the highest number of an entry that was removed or copied.
func (s *Store) highestRemoved(ctx context.Context) (int64, error) {
	counter, err := first[counterDocument](ctx, s.counters, bson.M{"_id": removedCounter})
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return 0, err
	}
	s.known.raise(counter.N)
	return counter.N, nil
}

// retire notes that entries up to this number are about to be removed, or to be added with their numbers.
func (s *Store) retire(ctx context.Context, number int64) error {
	_, err := s.counters.UpdateOne(ctx, bson.M{"_id": removedCounter}, bson.M{"$max": bson.M{"n": number}}, options.UpdateOne().SetUpsert(true))
	return err
}

// drop removes entries that are there a second time.
func (s *Store) drop(ctx context.Context, numbers []int64) error {
	if len(numbers) == 0 {
		return nil
	}
	_, err := s.revocations.DeleteMany(ctx, in("_id", numbers))
	return err
}
