package storecopy

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/jetonauth/jeton"
)

// The names of the tables, in the order in which they are copied.
const (
	Revocations    = "revocations"
	Accounts       = "accounts"
	Sessions       = "sessions"
	ServiceClients = "service clients"
	SigningKeys    = "signing keys"
)

func (c *copying) tables() []tableCopy {
	return []tableCopy{c.revocations(), c.accounts(), c.sessions(), c.serviceClients(), c.signingKeys()}
}

func (c *copying) accounts() tableCopy {
	id := func(u *jeton.User) string { return u.ID }
	return &table[*jeton.User]{
		copying: c, name: Accounts, id: id, order: by(id), encode: (*encoding).user,
		list: func(ctx context.Context, s Store, after **jeton.User) ([]*jeton.User, error) {
			return s.ListUsers(ctx, idAfter(after, id), pageSize)
		},
		add: c.addUsers,
	}
}

// addUsers adds a page of users in one step, if the target can do that.
func (c *copying) addUsers(ctx context.Context, users []*jeton.User) error {
	importer, ok := c.to.(jeton.UserImporter)
	if !ok {
		return each(ctx, users, c.to.CreateUser)
	}
	return importer.ImportUsers(ctx, func(yield func(*jeton.User, error) bool) {
		for _, u := range users {
			if !yield(u, nil) {
				return
			}
		}
	})
}

// atOnce is how many rows are added at once where each is a write of its own, which waits for other machines.
const atOnce = 16

// each adds rows one by one, and returns what has gone wrong. After an error no further ones are begun.
func each[R any](ctx context.Context, rows []R, add func(context.Context, R) error) error {
	errs := make([]error, min(atOnce, len(rows)))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var work sync.WaitGroup
	for i := range errs {
		work.Go(func() {
			for j := i; j < len(rows) && errs[i] == nil; j += len(errs) {
				errs[i] = add(ctx, rows[j])
			}
			if errs[i] != nil {
				cancel()
			}
		})
	}
	work.Wait()
	return firstCause(errs)
}

// firstCause is the first error that is not the consequence of another one.
func firstCause(errs []error) (err error) {
	for _, e := range errs {
		if e != nil && (err == nil || errors.Is(err, context.Canceled)) {
			err = e
		}
	}
	return err
}

func (c *copying) sessions() tableCopy {
	id := func(s *jeton.Session) string { return s.ID }
	return &table[*jeton.Session]{
		copying: c, name: Sessions, id: id, order: by(id), encode: (*encoding).session,
		list: func(ctx context.Context, s Store, after **jeton.Session) ([]*jeton.Session, error) {
			return s.ListSessions(ctx, idAfter(after, id), pageSize)
		},
		add: func(ctx context.Context, rows []*jeton.Session) error { return c.to.AddSessions(ctx, rows) },
	}
}

func (c *copying) serviceClients() tableCopy {
	name := func(s *jeton.ServiceClient) string { return s.Name }
	return &table[*jeton.ServiceClient]{
		copying: c, name: ServiceClients, id: name, order: by(name), encode: (*encoding).serviceClient,
		list: func(ctx context.Context, s Store, after **jeton.ServiceClient) ([]*jeton.ServiceClient, error) {
			all, err := s.ServiceClients(ctx)
			return pageOf(all, after, by(name)), err
		},
		add: oneByOne(c.to.AddServiceClient),
	}
}

// signingKeys are copied as they are, sealed.
func (c *copying) signingKeys() tableCopy {
	order := func(a, b *jeton.StoredKey) int { return cmp.Compare(a.Number, b.Number) }
	return &table[*jeton.StoredKey]{
		copying: c, name: SigningKeys, order: order, encode: (*encoding).key,
		id: func(k *jeton.StoredKey) string { return k.ID },
		list: func(ctx context.Context, s Store, after **jeton.StoredKey) ([]*jeton.StoredKey, error) {
			all, err := s.Keys(ctx)
			return pageOf(all, after, order), err
		},
		add: oneByOne(c.to.AddKey),
	}
}

// by orders rows by the bytes of their ids.
func by[R any](id func(R) string) func(a, b R) int {
	return func(a, b R) int { return strings.Compare(id(a), id(b)) }
}

// idAfter is the id of the row to go on after, which is empty at the beginning.
func idAfter[R any](after *R, id func(R) string) string {
	if after == nil {
		return ""
	}
	return id(*after)
}

// pageOf is a page of a table of which a store gives all rows at once, because there are few.
func pageOf[R any](all []R, after *R, order func(a, b R) int) []R {
	if after != nil {
		i := slices.IndexFunc(all, func(row R) bool { return order(row, *after) > 0 })
		if i < 0 {
			return nil
		}
		all = all[i:]
	}
	return all[:min(len(all), pageSize)]
}

func oneByOne[R any](add func(context.Context, R) error) func(context.Context, []R) error {
	return func(ctx context.Context, rows []R) error {
		for _, row := range rows {
			if err := add(ctx, row); err != nil {
				return err
			}
		}
		return nil
	}
}
