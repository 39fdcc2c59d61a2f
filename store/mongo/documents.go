package mongo

import (
	"context"
	"net/netip"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
)

// Times are stored as dates, which have milliseconds. A zero one is stored as what it is, 0001-01-01, so that comparing needs no
// exceptions.

// stored is t as it comes back.
func stored(t time.Time) time.Time { return bson.NewDateTimeFromTime(t).Time().UTC() }

// clientDocument is how a [jeton.Client] is stored. An address that is not known is empty.
type clientDocument struct {
	Address   string `bson:"address"`
	UserAgent string `bson:"user_agent"`
}

func newClientDocument(c jeton.Client) clientDocument {
	d := clientDocument{UserAgent: c.UserAgent}
	if c.Address.IsValid() {
		d.Address = c.Address.String()
	}
	return d
}

func (d clientDocument) client() (c jeton.Client, err error) {
	c.UserAgent = d.UserAgent
	if d.Address != "" {
		c.Address, err = netip.ParseAddr(d.Address)
	}
	return c, err
}

// ascending orders by a field.
func ascending(field string) bson.D { return bson.D{{Key: field, Value: 1}} }

// descending orders by a field, the highest first.
func descending(field string) bson.D { return bson.D{{Key: field, Value: -1}} }

// in matches the documents with one of these values of a field.
func in[T any](field string, values []T) bson.M {
	if len(values) == 1 {
		return bson.M{field: values[0]}
	}
	return bson.M{field: bson.M{"$in": values}}
}

// first reads one document, or returns [mongo.ErrNoDocuments].
func first[D any](ctx context.Context, c *mongo.Collection, filter bson.M, opts ...options.Lister[options.FindOneOptions]) (D, error) {
	var document D
	err := c.FindOne(ctx, filter, opts...).Decode(&document)
	return document, err
}

// collect reads documents.
func collect[D any](ctx context.Context, c *mongo.Collection, filter bson.M, opts ...options.Lister[options.FindOptions]) ([]D, error) {
	cursor, err := c.Find(ctx, filter, opts...)
	if err != nil {
		return nil, err
	}
	var documents []D
	err = cursor.All(ctx, &documents)
	return documents, err
}

// convert turns documents into what they say.
func convert[D, T any](documents []D, to func(D) (T, error)) ([]T, error) {
	all := make([]T, len(documents))
	for i, document := range documents {
		var err error
		if all[i], err = to(document); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// updateOne changes the document that filter matches, and reports whether there was one.
func updateOne(ctx context.Context, c *mongo.Collection, filter, change bson.M) (matched bool, err error) {
	result, err := c.UpdateOne(ctx, filter, change)
	if err != nil {
		return false, err
	}
	return result.MatchedCount > 0, nil
}

// updateAll changes the documents that filter matches. If that can be one only, the driver tries again where a primary has just gone away.
func updateAll(ctx context.Context, c *mongo.Collection, filter bson.M, one bool, change bson.M) error {
	if one {
		_, err := updateOne(ctx, c, filter, change)
		return err
	}
	_, err := c.UpdateMany(ctx, filter, change)
	return err
}

// deleteOne removes the document that filter matches, or returns [jeton.ErrNotFound].
func deleteOne(ctx context.Context, c *mongo.Collection, filter bson.M) error {
	result, err := c.DeleteOne(ctx, filter)
	if err == nil && result.DeletedCount == 0 {
		err = jeton.ErrNotFound
	}
	return err
}
