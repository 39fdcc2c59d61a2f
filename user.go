package jeton

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// User is an account as jeton keeps it. Applications with users of their own implement [UserStore] over their table.
type User struct {
	// ID is never used again. This package asks for a random one; a table that makes its ids itself gives another, see [UserStore].
	ID string
	// Email is the address as it was typed, for display. Accounts of strategies that know none have none.
	Email string
	// EmailKey is the address as it is looked up and unique: [EmailKey] makes it. Empty if there is no address.
	EmailKey string
	// Name is what the user wants to be called.
	Name string
	// PasswordHash is what a [password.Hasher] made; empty if the account has no password.
	PasswordHash string `json:"-"`
	// PasswordChangedAt is when the password was last set; a mere upgrade of the hash does not count.
	PasswordChangedAt time.Time
	// Roles are written into access tokens.
	Roles []string
	// Disabled accounts cannot sign in or refresh.
	Disabled bool
	// CreatedAt and UpdatedAt are in UTC.
	CreatedAt, UpdatedAt time.Time
}

// Clone returns a copy that shares no memory with u.
func (u *User) Clone() *User {
	if u == nil {
		return nil
	}
	c := *u
	c.Roles = slices.Clone(u.Roles)
	return &c
}

// String leaves out the password's hash and the address.
func (u User) String() string { return fmt.Sprintf("user %s", u.ID) }

// GoString is the same as String, so that %#v shows no hash either.
func (u User) GoString() string { return u.String() }

// LogValue leaves out the password's hash and the address.
func (u User) LogValue() slog.Value { return slog.StringValue(u.String()) }

// UserChange says which fields of a user to set; nil ones stay.
type UserChange struct {
	Name     *string
	Email    *string // with EmailKey
	EmailKey *string
	Roles    *[]string
	Disabled *bool
	// UpdatedAt is always set.
	UpdatedAt time.Time
}

// UserStore keeps accounts. Its six methods are all that an application's own table needs. Implementations are safe for
// concurrent use, copy what they are given and what they give, compare ids and keys byte by byte, keep times to the
// millisecond at least, and return the sentinels named here and [ErrUnavailable], wrapped, when the database cannot be
// reached. A call whose context is cancelled changes nothing and returns the context's error.
type UserStore interface {
	// CreateUser adds a user. An EmailKey or ID that another one has is [ErrEmailTaken] or [ErrConflict]. A table that makes its
	// ids itself sets u.ID to the one that the user has got. Nobody has had it before, not even somebody who was deleted, whose
	// tokens would otherwise be the new user's. [Auth.ImportUsers] cannot keep ids in such a table.
	CreateUser(ctx context.Context, u *User) error
	// UserByID returns a user or [ErrNotFound].
	UserByID(ctx context.Context, id string) (*User, error)
	// UserByEmail returns the user with this EmailKey or [ErrNotFound]. An empty key is nobody's.
	UserByEmail(ctx context.Context, emailKey string) (*User, error)
	// UpdateUser sets fields and returns the user as it is then; [ErrNotFound], [ErrEmailTaken].
	UpdateUser(ctx context.Context, id string, change UserChange) (*User, error)
	// SetPassword replaces the hash by change.New, but only if it still is change.Old, otherwise [ErrConflict];
	// [ErrNotFound]. A ChangedAt that is zero leaves PasswordChangedAt as it is.
	SetPassword(ctx context.Context, id string, change PasswordChange) error
	// DeleteUser removes a user or returns [ErrNotFound].
	DeleteUser(ctx context.Context, id string) error
}

// PasswordChange is an atomic replacement of a password's hash.
type PasswordChange struct {
	Old, New  string    `json:"-"`
	ChangedAt time.Time // zero for an upgrade of the hash of the same password
}
