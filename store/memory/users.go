package memory

import (
	"context"
	"slices"

	"github.com/jetonauth/jeton"
)

// CreateUser adds a user. An EmailKey that another one has is [jeton.ErrEmailTaken], an ID [jeton.ErrConflict].
func (s *Store) CreateUser(ctx context.Context, u *jeton.User) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.users[u.ID] != nil {
		return jeton.ErrConflict
	}
	if _, taken := s.emails[u.EmailKey]; taken {
		return jeton.ErrEmailTaken
	}
	s.users[u.ID] = storedUser(u)
	if u.EmailKey != "" {
		s.emails[u.EmailKey] = u.ID
	}
	return nil
}

// UserByID returns a user or [jeton.ErrNotFound].
func (s *Store) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	u := s.users[id]
	if u == nil {
		return nil, jeton.ErrNotFound
	}
	return u.Clone(), nil
}

// UserByEmail returns the user with this EmailKey or [jeton.ErrNotFound]. The empty key is nobody's.
func (s *Store) UserByEmail(ctx context.Context, emailKey string) (*jeton.User, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	id, ok := s.emails[emailKey]
	if !ok {
		return nil, jeton.ErrNotFound
	}
	return s.users[id].Clone(), nil
}

// ListUsers returns at most limit users by their ids, from the first id after the given one on.
func (s *Store) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	ids := page(s.users, after, limit)
	users := make([]*jeton.User, len(ids))
	for i, id := range ids {
		users[i] = s.users[id].Clone()
	}
	return users, nil
}

// UpdateUser sets fields and returns the user as it is then, or [jeton.ErrNotFound] or [jeton.ErrEmailTaken].
func (s *Store) UpdateUser(ctx context.Context, id string, change jeton.UserChange) (*jeton.User, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	u := s.users[id]
	if u == nil {
		return nil, jeton.ErrNotFound
	}
	if change.EmailKey != nil {
		if err := s.moveEmail(u, *change.EmailKey); err != nil {
			return nil, err
		}
	}
	set(&u.Name, change.Name)
	set(&u.Email, change.Email)
	set(&u.Disabled, change.Disabled)
	if change.Roles != nil {
		u.Roles = slices.Clone(*change.Roles)
	}
	u.UpdatedAt = stored(change.UpdatedAt)
	return u.Clone(), nil
}

// moveEmail gives u another EmailKey, unless somebody else has it.
func (s *Store) moveEmail(u *jeton.User, emailKey string) error {
	if owner, taken := s.emails[emailKey]; taken && owner != u.ID {
		return jeton.ErrEmailTaken
	}
	delete(s.emails, u.EmailKey)
	u.EmailKey = emailKey
	if emailKey != "" {
		s.emails[emailKey] = u.ID
	}
	return nil
}

// SetPassword replaces the hash by change.New if it is change.Old, otherwise it returns [jeton.ErrConflict], or
// [jeton.ErrNotFound]. PasswordChangedAt stays if change.ChangedAt is zero.
func (s *Store) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	u := s.users[id]
	switch {
	case u == nil:
		return jeton.ErrNotFound
	case u.PasswordHash != change.Old:
		return jeton.ErrConflict
	}
	u.PasswordHash = change.New
	if !change.ChangedAt.IsZero() {
		u.PasswordChangedAt = stored(change.ChangedAt)
	}
	return nil
}

// DeleteUser removes a user or returns [jeton.ErrNotFound].
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	u := s.users[id]
	if u == nil {
		return jeton.ErrNotFound
	}
	delete(s.users, id)
	delete(s.emails, u.EmailKey)
	return nil
}

// storedUser returns u as it is kept.
func storedUser(u *jeton.User) *jeton.User {
	c := u.Clone()
	c.PasswordChangedAt = stored(u.PasswordChangedAt)
	c.CreatedAt, c.UpdatedAt = stored(u.CreatedAt), stored(u.UpdatedAt)
	return c
}

// set gives field the value that to points to, if it points to one.
func set[T any](field, to *T) {
	if to != nil {
		*field = *to
	}
}
