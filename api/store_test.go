package api_test

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
)

// store counts what is written, and fails when told to.
type store struct {
	*memory.Store
	writes   atomic.Int64
	err      atomic.Pointer[error]
	conflict atomic.Bool // of every change of a password
}

var errDisk = errors.New("disk of host db-7 is gone")

func (s *store) fail(err error) { s.err.Store(&err) }

func (s *store) write() error {
	s.writes.Add(1)
	return s.read()
}

func (s *store) read() error {
	if err := s.err.Load(); err != nil {
		return *err
	}
	return nil
}

func (s *store) CreateUser(ctx context.Context, u *jeton.User) error {
	return errors.Join(s.write(), s.Store.CreateUser(ctx, u))
}

func (s *store) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	u, err := s.Store.UserByID(ctx, id)
	return u, errors.Join(s.read(), err)
}

func (s *store) UserByEmail(ctx context.Context, key string) (*jeton.User, error) {
	u, err := s.Store.UserByEmail(ctx, key)
	return u, errors.Join(s.read(), err)
}

func (s *store) UpdateUser(ctx context.Context, id string, change jeton.UserChange) (*jeton.User, error) {
	u, err := s.Store.UpdateUser(ctx, id, change)
	return u, errors.Join(s.write(), err)
}

func (s *store) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	if s.conflict.Load() {
		return jeton.ErrConflict
	}
	return errors.Join(s.write(), s.Store.SetPassword(ctx, id, change))
}

func (s *store) DeleteUser(ctx context.Context, id string) error {
	return errors.Join(s.write(), s.Store.DeleteUser(ctx, id))
}

func (s *store) ServiceClient(ctx context.Context, name string) (*jeton.ServiceClient, error) {
	c, err := s.Store.ServiceClient(ctx, name)
	return c, errors.Join(s.read(), err)
}

func (s *store) CreateSession(ctx context.Context, session *jeton.Session) error {
	return errors.Join(s.write(), s.Store.CreateSession(ctx, session))
}

func (s *store) SessionByID(ctx context.Context, id string) (*jeton.Session, error) {
	session, err := s.Store.SessionByID(ctx, id)
	return session, errors.Join(s.read(), err)
}

func (s *store) SessionsByUser(ctx context.Context, id string, now time.Time) ([]*jeton.Session, error) {
	sessions, err := s.Store.SessionsByUser(ctx, id, now)
	return sessions, errors.Join(s.read(), err)
}

func (s *store) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	return errors.Join(s.write(), s.Store.AdvanceSession(ctx, a))
}

func (s *store) ExtendAccess(ctx context.Context, id string, until time.Time) error {
	return errors.Join(s.write(), s.Store.ExtendAccess(ctx, id, until))
}

func (s *store) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	entries, err := s.Store.EndSessions(ctx, e)
	return entries, errors.Join(s.write(), err)
}

func (s *store) RevokeToken(ctx context.Context, id revoke.ID, at time.Time) (revoke.Entry, error) {
	entry, err := s.Store.RevokeToken(ctx, id, at)
	return entry, errors.Join(s.write(), err)
}
