package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
)

const (
	clientColumns = `name, scopes, secret_hash, created_at`

	insertClient = `INSERT INTO jeton_service_clients (` + clientColumns + `) VALUES ($1, $2, $3, $4)`

	selectClient = `SELECT ` + clientColumns + ` FROM jeton_service_clients WHERE name = $1`

	selectClients = `SELECT ` + clientColumns + ` FROM jeton_service_clients`

	deleteClient = `DELETE FROM jeton_service_clients WHERE name = $1`
)

// AddServiceClient adds a service client. A Name that another one has is [jeton.ErrConflict].
func (s *Store) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	_, err := s.change(ctx, insertClient, c.Name, words(c.Scopes), c.SecretHash, timestamp(c.CreatedAt))
	return translate(ctx, "add service client", err)
}

// ServiceClient returns the service client with this name or [jeton.ErrNotFound].
func (s *Store) ServiceClient(ctx context.Context, name string) (*jeton.ServiceClient, error) {
	c, err := firstKeyed(ctx, s, scanClient, selectClient, name)
	return c, translate(ctx, "service client", err)
}

// ServiceClients returns all service clients by their names.
func (s *Store) ServiceClients(ctx context.Context) ([]*jeton.ServiceClient, error) {
	clients, err := collect(ctx, s, scanClient, selectClients)
	// Here and not there, where the order depends on the database's collation. They are few.
	slices.SortFunc(clients, func(a, b *jeton.ServiceClient) int { return strings.Compare(a.Name, b.Name) })
	return clients, translate(ctx, "service clients", err)
}

// RemoveServiceClient removes a service client or returns [jeton.ErrNotFound].
func (s *Store) RemoveServiceClient(ctx context.Context, name string) error {
	n, err := s.changeKeyed(ctx, deleteClient, name)
	if err == nil && n == 0 {
		err = jeton.ErrNotFound
	}
	return translate(ctx, "remove service client", err)
}

func scanClient(row pgx.CollectableRow) (*jeton.ServiceClient, error) {
	c := &jeton.ServiceClient{}
	err := row.Scan(&c.Name, &c.Scopes, &c.SecretHash, instant{&c.CreatedAt})
	c.Scopes = orNil(c.Scopes)
	return c, err
}
