package storetest_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/memory"
	"github.com/jetonauth/jeton/store/storetest"
)

func clientDefects() map[string]defect {
	return map[string]defect{
		"clients are in no order": {
			over(func(s *gated) ender { return clientsBackwards{s} }), []string{"service clients/in the order of their names"},
		},
		"a client takes another one's place": {
			over(func(s *gated) ender { return clientReplaced{s} }),
			[]string{"service clients/a name is unique", "service clients/contention: add with one name"},
		},
		"clients are looked for before": {
			over(func(s *gated) ender { return clientBefore{s} }),
			[]string{"service clients/contention: add with one name"},
		},
		"names of clients in lower case": {
			over(func(s *gated) ender { return foldedClients{s} }), []string{"service clients/names are compared exactly"},
		},
		"removed clients stay": {
			over(func(s *gated) ender { return cachedClients{s, new(sync.Map)} }), []string{"service clients/remove frees the name"},
		},
		"removing no client succeeds": {
			over(func(s *gated) ender { return clientRemovedAnyway{s} }),
			[]string{"service clients/none at first", "service clients/contention: remove"},
		},
		"scopes of clients are a set": {
			over(func(s *gated) ender { return clientScopes{s} }), []string{"service clients/every field comes back"},
		},
		"the client that was given is kept": {
			over(func(s *gated) ender { return &keptClients{gated: s} }), []string{"service clients/aliasing: what is given"},
		},
		"the client that is kept is given": {
			over(func(s *gated) ender { return cachedClients{s, new(sync.Map)} }), []string{"service clients/aliasing: what is returned"},
		},
		"clients ignore their context": {
			over(func(s *gated) ender { return deafClients{s} }), []string{"service clients/cancellation: nothing changes"},
		},
		"clients are added in two parts": {
			over(func(s *gated) ender { return halfClients{s} }), []string{"service clients/cancellation: whole operations only"},
		},
		"errors of the driver about clients": {
			func() storetest.Harness {
				h := harness(&gated{full: memory.New()})
				h.Unreachable = func(*testing.T) jeton.Store { return driverErrorsOfClients{} }
				return h
			}, []string{"store/unreachable"},
		},
		"clients are forgotten at a restart": {
			func() storetest.Harness {
				s := &gated{full: memory.New()}
				h := harness(s)
				h.Reopen = func(*testing.T) jeton.Store { return noClients{s} }
				return h
			}, []string{"store/what was acknowledged survives"},
		},
	}
}

type clientsBackwards struct{ *gated }

func (s clientsBackwards) ServiceClients(ctx context.Context) ([]*jeton.ServiceClient, error) {
	list, err := s.gated.ServiceClients(ctx)
	slices.Reverse(list)
	return list, err
}

type clientReplaced struct{ *gated }

func (s clientReplaced) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	if err := s.RemoveServiceClient(ctx, c.Name); err != nil && !errors.Is(err, jeton.ErrNotFound) {
		return err
	}
	return s.gated.AddServiceClient(ctx, c)
}

// clientBefore looks whether a name is taken, and then adds the client whatever is there by now.
type clientBefore struct{ *gated }

func (s clientBefore) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	if _, err := s.ServiceClient(ctx, c.Name); !errors.Is(err, jeton.ErrNotFound) {
		return cmp.Or(err, jeton.ErrConflict)
	}
	s.gather()
	return clientReplaced(s).AddServiceClient(ctx, c)
}

type foldedClients struct{ *gated }

func (s foldedClients) ServiceClient(ctx context.Context, name string) (*jeton.ServiceClient, error) {
	return s.gated.ServiceClient(ctx, strings.ToLower(name))
}

// cachedClients remembers what it was asked for.
type cachedClients struct {
	*gated
	known *sync.Map
}

func (s cachedClients) ServiceClient(ctx context.Context, name string) (*jeton.ServiceClient, error) {
	if c, ok := s.known.Load(name); ok {
		return c.(*jeton.ServiceClient), nil
	}
	c, err := s.gated.ServiceClient(ctx, name)
	if err == nil {
		s.known.Store(name, c)
	}
	return c, err
}

func (s cachedClients) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	err := s.gated.AddServiceClient(ctx, c)
	if err == nil {
		_, err = s.ServiceClient(ctx, c.Name)
	}
	return err
}

type clientRemovedAnyway struct{ *gated }

func (s clientRemovedAnyway) RemoveServiceClient(ctx context.Context, name string) error {
	if err := s.gated.RemoveServiceClient(ctx, name); !errors.Is(err, jeton.ErrNotFound) {
		return err
	}
	return nil
}

type clientScopes struct{ *gated }

func (s clientScopes) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	c = c.Clone()
	c.Scopes = slices.Compact(slices.Sorted(slices.Values(c.Scopes)))
	return s.gated.AddServiceClient(ctx, c)
}

type keptClients struct {
	*gated
	hash []byte
}

func (s *keptClients) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	s.hash = c.SecretHash
	return s.gated.AddServiceClient(ctx, c)
}

func (s *keptClients) ServiceClient(ctx context.Context, name string) (*jeton.ServiceClient, error) {
	c, err := s.gated.ServiceClient(ctx, name)
	if err == nil {
		c.SecretHash = s.hash
	}
	return c, err
}

type deafClients struct{ *gated }

func (s deafClients) ServiceClient(ctx context.Context, name string) (*jeton.ServiceClient, error) {
	return s.gated.ServiceClient(context.WithoutCancel(ctx), name)
}

// halfClients adds a client, and then gives it its scopes.
type halfClients struct{ *gated }

func (s halfClients) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	bare := c.Clone()
	bare.Scopes = nil
	if err := s.gated.AddServiceClient(ctx, bare); err != nil {
		return err
	}
	if err := s.RemoveServiceClient(ctx, c.Name); err != nil {
		return err
	}
	return s.gated.AddServiceClient(ctx, c)
}

// driverErrorsOfClients is a store whose database is away, and which does not say so.
type driverErrorsOfClients struct{ unreachable }

func (driverErrorsOfClients) ServiceClients(context.Context) ([]*jeton.ServiceClient, error) {
	return nil, fmt.Errorf("service clients: %w", errors.New("connection refused"))
}

type noClients struct{ *gated }

func (noClients) ServiceClients(context.Context) ([]*jeton.ServiceClient, error) { return nil, nil }

func userListDefects() map[string]defect {
	return map[string]defect{
		"users are listed without regard to case": {
			over(func(s *gated) ender { return foldedList{s} }), []string{"user list/in the order of the ids' bytes"},
		},
		"users are listed from an id on": {
			over(func(s *gated) ender { return listFrom{s} }), []string{"user list/pages", "user list/in the order of the ids' bytes"},
		},
		"users are listed by offset": {
			over(func(s *gated) ender { return listOffset{s} }), []string{"user list/users that come and go between pages"},
		},
		"more users than wanted": {over(func(s *gated) ender { return listAll{s} }), []string{"user list/pages"}},
		"disabled users are not listed": {
			over(func(s *gated) ender { return listEnabled{s} }), []string{"user list/every user, whole"},
		},
		"the list shares memory": {
			over(func(s *gated) ender { return &listShared{gated: s} }), []string{"user list/aliasing"},
		},
		"lists ignore their context": {over(func(s *gated) ender { return listDeaf{s} }), []string{"user list/cancellation"}},
	}
}

// every returns all users by id.
func every(ctx context.Context, s *gated) ([]*jeton.User, error) { return s.ListUsers(ctx, "", 1000) }

func page(list []*jeton.User, from, limit int) []*jeton.User {
	list = list[min(max(from, 0), len(list)):]
	return list[:min(limit, len(list))]
}

type foldedList struct{ *gated }

func (s foldedList) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	list, err := every(ctx, s.gated)
	folded := func(u *jeton.User) string { return strings.ToLower(u.ID) }
	slices.SortFunc(list, func(a, b *jeton.User) int { return strings.Compare(folded(a), folded(b)) })
	from := slices.IndexFunc(list, func(u *jeton.User) bool { return folded(u) > strings.ToLower(after) })
	return page(list, from, limit), err
}

type listFrom struct{ *gated }

func (s listFrom) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	list, err := every(ctx, s.gated)
	from := slices.IndexFunc(list, func(u *jeton.User) bool { return u.ID >= after })
	return page(list, from, limit), err
}

// listOffset counts on the place where an id was when it was given.
type listOffset struct{ *gated }

func (s listOffset) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	list, err := every(ctx, s.gated)
	from := slices.IndexFunc(list, func(u *jeton.User) bool { return u.ID == after }) + 1
	return page(list, from, limit), err
}

type listAll struct{ *gated }

func (s listAll) ListUsers(ctx context.Context, after string, _ int) ([]*jeton.User, error) {
	return s.gated.ListUsers(ctx, after, 1000)
}

type listEnabled struct{ *gated }

func (s listEnabled) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	list, err := s.gated.ListUsers(ctx, after, limit)
	return slices.DeleteFunc(list, func(u *jeton.User) bool { return u.Disabled }), err
}

type listShared struct {
	*gated
	last []*jeton.User
}

func (s *listShared) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	if s.last == nil {
		var err error
		if s.last, err = s.gated.ListUsers(ctx, after, limit); err != nil {
			return nil, err
		}
	}
	return slices.Clone(s.last), nil
}

type listDeaf struct{ *gated }

func (s listDeaf) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	return s.gated.ListUsers(context.WithoutCancel(ctx), after, limit)
}
