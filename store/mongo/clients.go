package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
)

// serviceDocument is how a service client is stored.
type serviceDocument struct {
	Name       string    `bson:"_id"`
	Scopes     []string  `bson:"scopes"`
	SecretHash []byte    `bson:"secret_hash"`
	CreatedAt  time.Time `bson:"created_at"`
}

func (d serviceDocument) client() (*jeton.ServiceClient, error) {
	return &jeton.ServiceClient{Name: d.Name, Scopes: d.Scopes, SecretHash: d.SecretHash, CreatedAt: d.CreatedAt}, nil
}

// AddServiceClient adds a service client. A Name that another one has is [jeton.ErrConflict].
func (s *Store) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	_, err := s.clients.InsertOne(ctx, serviceDocument{Name: c.Name, Scopes: c.Scopes, SecretHash: c.SecretHash, CreatedAt: c.CreatedAt})
	return translate(ctx, "add service client", err)
}

// ServiceClient returns the service client with this name or [jeton.ErrNotFound].
func (s *Store) ServiceClient(ctx context.Context, name string) (*jeton.ServiceClient, error) {
	document, err := first[serviceDocument](ctx, s.clients, bson.M{"_id": name})
	if err != nil {
		return nil, translate(ctx, "service client", err)
	}
	return document.client()
}

// ServiceClients returns all service clients by their names.
func (s *Store) ServiceClients(ctx context.Context) ([]*jeton.ServiceClient, error) {
	documents, err := collect[serviceDocument](ctx, s.clients, bson.M{}, options.Find().SetSort(ascending("_id")))
	if err != nil {
		return nil, translate(ctx, "service clients", err)
	}
	return convert(documents, serviceDocument.client)
}

// RemoveServiceClient removes a service client or returns [jeton.ErrNotFound].
func (s *Store) RemoveServiceClient(ctx context.Context, name string) error {
	return translate(ctx, "remove service client", deleteOne(ctx, s.clients, bson.M{"_id": name}))
}
