package jeton

import (
	"context"
	"errors"
	"fmt"
)

// DefaultUserPage is how many accounts [Auth.ListUsers] returns unless told otherwise; MaxUserPage is the most.
const (
	DefaultUserPage = 100
	MaxUserPage     = 1000
)

// UserLister is implemented by a [UserStore] that can list its users.
type UserLister interface {
	// ListUsers returns at most limit users by their ids, in the order of their bytes, beginning with the first id after the given
	// one, which need not be anybody's. Every id is after the empty one.
	ListUsers(ctx context.Context, after string, limit int) ([]*User, error)
}

// ListUsers returns accounts by their ids, those after the given one: it is empty for the first page, and that of the last account for
// the next. limit is 1 to 1000; 0 means 100. A page that has fewer is the last one. If the store of users is no [UserLister], the
// error is [errors.ErrUnsupported].
func (a *Auth) ListUsers(ctx context.Context, after string, limit int) ([]*User, error) {
	if limit == 0 {
		limit = DefaultUserPage
	}
	if limit < 1 || limit > MaxUserPage {
		return nil, fmt.Errorf("jeton: ListUsers: limit %d, must be 1 to %d", limit, MaxUserPage)
	}
	lister, ok := a.users.(UserLister)
	if !ok {
		return nil, fmt.Errorf("jeton: the store of users cannot list them: %w", errors.ErrUnsupported)
	}
	return lister.ListUsers(ctx, after, limit)
}

// AccountByEmail returns the account with this e-mail address, in whatever case or form it is written, or [ErrNotFound].
func (a *Auth) AccountByEmail(ctx context.Context, email string) (*User, error) {
	key, ok := EmailKey(email)
	if !ok {
		return nil, ErrNotFound
	}
	return a.users.UserByEmail(ctx, key)
}
