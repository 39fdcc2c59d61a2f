package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/jetonauth/jeton"
)

var _ jeton.UserStore = Customers{}

// admin is the role of customers whose is_admin is set.
const admin = "admin"

const (
	userColumns = `auth_id, email, coalesce(email_key, ''), display_name, password_hash, password_changed_at, is_admin, roles,
		blocked, created_at, updated_at`

	insertUser = `INSERT INTO customers
		(auth_id, email, email_key, display_name, password_hash, password_changed_at, is_admin, roles, blocked, created_at, updated_at)
		VALUES (?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?, ?)`

	// A change that is NULL leaves a column as it is.
	updateUser = `UPDATE customers SET
			display_name = coalesce(?2, display_name),
			email = coalesce(?3, email),
			email_key = nullif(coalesce(?4, email_key), ''),
			is_admin = coalesce(?5, is_admin),
			roles = coalesce(?6, roles),
			blocked = coalesce(?7, blocked),
			updated_at = ?8
		WHERE auth_id = ?1 RETURNING ` + userColumns

	updatePassword = `UPDATE customers SET password_hash = ?3, password_changed_at = coalesce(?4, password_changed_at)
		WHERE auth_id = ?1 AND password_hash = ?2`
)

// CreateUser adds a customer, whose number is the next one.
func (c Customers) CreateUser(ctx context.Context, u *jeton.User) error {
	isAdmin, others, err := splitRoles(u.Roles)
	if err != nil {
		return err
	}
	_, err = c.db.ExecContext(ctx, insertUser, u.ID, u.Email, u.EmailKey, u.Name, u.PasswordHash, micros(u.PasswordChangedAt),
		isAdmin, others, u.Disabled, micros(u.CreatedAt), micros(u.UpdatedAt))
	return c.known(ctx, err)
}

// UserByID returns a user or [jeton.ErrNotFound].
func (c Customers) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	return c.user(ctx, "SELECT "+userColumns+" FROM customers WHERE auth_id = ?", id)
}

// UserByEmail returns the user with this address or [jeton.ErrNotFound].
func (c Customers) UserByEmail(ctx context.Context, emailKey string) (*jeton.User, error) {
	return c.user(ctx, "SELECT "+userColumns+" FROM customers WHERE email_key = ?", emailKey)
}

// UpdateUser sets what change names, in one statement, so that of two changes at once none is lost.
func (c Customers) UpdateUser(ctx context.Context, id string, change jeton.UserChange) (*jeton.User, error) {
	var isAdmin, others any
	if change.Roles != nil {
		var err error
		if isAdmin, others, err = splitRoles(*change.Roles); err != nil {
			return nil, err
		}
	}
	return c.user(ctx, updateUser, id, change.Name, change.Email, change.EmailKey, isAdmin, others, change.Disabled,
		micros(change.UpdatedAt))
}

// SetPassword replaces a hash, but only the one that change.Old says: somebody else may have changed it meanwhile.
func (c Customers) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	result, err := c.db.ExecContext(ctx, updatePassword, id, change.Old, change.New, micros(change.ChangedAt))
	if err != nil {
		return c.known(ctx, err)
	}
	changed, err := result.RowsAffected()
	if err != nil || changed > 0 {
		return c.known(ctx, err)
	}
	if _, err := c.UserByID(ctx, id); err != nil {
		return err
	}
	return jeton.ErrConflict
}

// DeleteUser removes a customer or returns [jeton.ErrNotFound]. AUTOINCREMENT sees to it that nobody else gets the number.
func (c Customers) DeleteUser(ctx context.Context, id string) error {
	result, err := c.db.ExecContext(ctx, "DELETE FROM customers WHERE auth_id = ?", id)
	if err != nil {
		return c.known(ctx, err)
	}
	if deleted, err := result.RowsAffected(); err != nil || deleted > 0 {
		return c.known(ctx, err)
	}
	return jeton.ErrNotFound
}

// user runs a query that returns at most one user.
func (c Customers) user(ctx context.Context, query string, args ...any) (*jeton.User, error) {
	var (
		u                         jeton.User
		isAdmin                   bool
		roles                     string
		changed, created, updated sql.NullInt64
	)
	err := c.db.QueryRowContext(ctx, query, args...).Scan(&u.ID, &u.Email, &u.EmailKey, &u.Name, &u.PasswordHash, &changed,
		&isAdmin, &roles, &u.Disabled, &created, &updated)
	if err != nil {
		return nil, c.known(ctx, err)
	}
	if err := json.Unmarshal([]byte(roles), &u.Roles); err != nil {
		return nil, err
	}
	if isAdmin {
		u.Roles = slices.Insert(u.Roles, 0, admin)
	}
	u.PasswordChangedAt, u.CreatedAt, u.UpdatedAt = instant(changed), instant(created), instant(updated)
	return &u, nil
}

// splitRoles returns the column is_admin and the column roles.
func splitRoles(roles []string) (isAdmin bool, others string, err error) {
	rest := slices.DeleteFunc(slices.Clone(roles), func(role string) bool { return role == admin })
	text, err := json.Marshal(rest)
	return len(rest) < len(roles), string(text), err
}

// micros is a time in a column. The zero time is NULL.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func instant(column sql.NullInt64) time.Time {
	if !column.Valid {
		return time.Time{}
	}
	return time.UnixMicro(column.Int64).UTC()
}
