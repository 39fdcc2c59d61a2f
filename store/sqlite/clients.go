package sqlite

import (
	"context"

	"github.com/jetonauth/jeton"
)

const (
	clientColumns = `name, scopes, secret_hash, created_at`

	insertClient = `INSERT INTO jeton_service_clients (` + clientColumns + `) VALUES (?, ?, ?, ?)`

	selectClient = `SELECT ` + clientColumns + ` FROM jeton_service_clients WHERE name = ?`

	selectClients = `SELECT ` + clientColumns + ` FROM jeton_service_clients ORDER BY name`

	deleteClient = `DELETE FROM jeton_service_clients WHERE name = ?`
)

// AddServiceClient adds a service client. A Name that another one has is [jeton.ErrConflict].
func (s *Store) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	_, err := s.write.change(ctx, insertClient, c.Name, words(c.Scopes), c.SecretHash, micros(c.CreatedAt))
	return translate(ctx, "add service client", err)
}

// ServiceClient returns the service client with this name or [jeton.ErrNotFound].
func (s *Store) ServiceClient(ctx context.Context, name string) (*jeton.ServiceClient, error) {
	c, err := first(ctx, s.read, scanClient, selectClient, name)
	return c, translate(ctx, "service client", err)
}

// ServiceClients returns all service clients by their names.
func (s *Store) ServiceClients(ctx context.Context) ([]*jeton.ServiceClient, error) {
	clients, err := collect(ctx, s.read, scanClient, selectClients)
	return clients, translate(ctx, "service clients", err)
}

// RemoveServiceClient removes a service client or returns [jeton.ErrNotFound].
func (s *Store) RemoveServiceClient(ctx context.Context, name string) error {
	n, err := s.write.change(ctx, deleteClient, name)
	if err == nil && n == 0 {
		err = jeton.ErrNotFound
	}
	return translate(ctx, "remove service client", err)
}

func scanClient(row scanner) (*jeton.ServiceClient, error) {
	c := &jeton.ServiceClient{}
	err := row.Scan(&c.Name, wordList{&c.Scopes}, &c.SecretHash, instant{&c.CreatedAt})
	return c, err
}
