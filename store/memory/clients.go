package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/jetonauth/jeton"
)

// AddServiceClient adds a service client. A Name that another one has is [jeton.ErrConflict].
func (s *Store) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.clients[c.Name] != nil {
		return jeton.ErrConflict
	}
	kept := c.Clone()
	kept.CreatedAt = stored(c.CreatedAt)
	s.clients[c.Name] = kept
	return nil
}

// ServiceClient returns the service client with this name or [jeton.ErrNotFound].
func (s *Store) ServiceClient(ctx context.Context, name string) (*jeton.ServiceClient, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	c := s.clients[name]
	if c == nil {
		return nil, jeton.ErrNotFound
	}
	return c.Clone(), nil
}

// ServiceClients returns all service clients by their names.
func (s *Store) ServiceClients(ctx context.Context) ([]*jeton.ServiceClient, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	clients := make([]*jeton.ServiceClient, 0, len(s.clients))
	for _, c := range s.clients {
		clients = append(clients, c.Clone())
	}
	slices.SortFunc(clients, func(a, b *jeton.ServiceClient) int { return cmp.Compare(a.Name, b.Name) })
	return clients, nil
}

// RemoveServiceClient removes a service client or returns [jeton.ErrNotFound].
func (s *Store) RemoveServiceClient(ctx context.Context, name string) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.clients[name] == nil {
		return jeton.ErrNotFound
	}
	delete(s.clients, name)
	return nil
}
