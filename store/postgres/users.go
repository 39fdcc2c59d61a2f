package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
)

const (
	userColumns = `id, email, coalesce(email_key, ''), name, password_hash, password_changed_at, roles, disabled, ` +
		`created_at, updated_at`

	insertUser = `INSERT INTO jeton_users (id, id_bytes, email, email_key, name, password_hash, password_changed_at, roles,
			disabled, created_at, updated_at)
		VALUES ($1, $2, $3, nullif($4, ''), $5, $6, $7, $8, $9, $10, $11)`

	// emailTaken is the constraint that keeps addresses unique.
	emailTaken = "jeton_users_email_taken"

	selectUserByID    = `SELECT ` + userColumns + ` FROM jeton_users WHERE id = $1`
	selectUserByEmail = `SELECT ` + userColumns + ` FROM jeton_users WHERE email_key = $1`

	selectUsers = `SELECT ` + userColumns + ` FROM jeton_users WHERE id_bytes > $1 ORDER BY id_bytes LIMIT $2`

	updateUser = `UPDATE jeton_users SET
			name = coalesce($2, name),
			email = coalesce($3, email),
			email_key = nullif(coalesce($4, email_key), ''),
			roles = coalesce($5, roles),
			disabled = coalesce($6, disabled),
			updated_at = $7
		WHERE id = $1 RETURNING ` + userColumns

	updateHash = `UPDATE jeton_users
		SET password_hash = $3, password_changed_at = coalesce($4, password_changed_at)
		WHERE id = $1 AND password_hash = $2`

	deleteUser = `DELETE FROM jeton_users WHERE id = $1`
)

// CreateUser adds a user. An EmailKey that another one has is [jeton.ErrEmailTaken], an ID [jeton.ErrConflict].
func (s *Store) CreateUser(ctx context.Context, u *jeton.User) error {
	_, err := s.change(ctx, insertUser, u.ID, []byte(u.ID), u.Email, u.EmailKey, u.Name, u.PasswordHash,
		timestamp(u.PasswordChangedAt), words(u.Roles), u.Disabled, timestamp(u.CreatedAt), timestamp(u.UpdatedAt))
	return translateUser(ctx, "create user", err)
}

// UserByID returns a user or [jeton.ErrNotFound].
func (s *Store) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	u, err := firstKeyed(ctx, s, scanUser, selectUserByID, id)
	return u, translateUser(ctx, "user by id", err)
}

// UserByEmail returns the user with this EmailKey or [jeton.ErrNotFound]. The empty key is nobody's.
func (s *Store) UserByEmail(ctx context.Context, emailKey string) (*jeton.User, error) {
	u, err := firstKeyed(ctx, s, scanUser, selectUserByEmail, emailKey)
	return u, translateUser(ctx, "user by e-mail", err)
}

// ListUsers returns at most limit users by their ids, from the first id after the given one on.
func (s *Store) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	users, err := collect(ctx, s, scanUser, selectUsers, []byte(after), limit)
	return users, translate(ctx, "list users", err)
}

// UpdateUser sets fields and returns the user as it is then, or [jeton.ErrNotFound] or [jeton.ErrEmailTaken].
func (s *Store) UpdateUser(ctx context.Context, id string, change jeton.UserChange) (*jeton.User, error) {
	if !isText(id) {
		return nil, translate(ctx, "update user", jeton.ErrNotFound)
	}
	var roles any
	if change.Roles != nil {
		roles = words(*change.Roles)
	}
	u, err := changed(ctx, s, scanUser, updateUser, id, change.Name, change.Email, change.EmailKey, roles, change.Disabled,
		timestamp(change.UpdatedAt))
	return u, translateUser(ctx, "update user", err)
}

// SetPassword replaces the hash by change.New if it is change.Old, otherwise it returns [jeton.ErrConflict], or
// [jeton.ErrNotFound]. PasswordChangedAt stays if change.ChangedAt is zero.
func (s *Store) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	n, err := s.changeKeyed(ctx, updateHash, id, change.Old, change.New, timestamp(change.ChangedAt))
	if err == nil && n == 0 {
		if _, err = firstKeyed(ctx, s, scanUser, selectUserByID, id); err == nil {
			err = jeton.ErrConflict
		}
	}
	return translateUser(ctx, "set password", err)
}

// DeleteUser removes a user or returns [jeton.ErrNotFound].
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	n, err := s.changeKeyed(ctx, deleteUser, id)
	if err == nil && n == 0 {
		err = jeton.ErrNotFound
	}
	return translateUser(ctx, "delete user", err)
}

// translateUser is [translate] for the table in which addresses are unique.
func translateUser(ctx context.Context, operation string, err error) error {
	if ctx.Err() == nil && isTaken(err, emailTaken) {
		return fmt.Errorf("postgres: %s: %w: %w", operation, jeton.ErrEmailTaken, err)
	}
	return translate(ctx, operation, err)
}

func scanUser(row pgx.CollectableRow) (*jeton.User, error) {
	u := &jeton.User{}
	err := row.Scan(&u.ID, &u.Email, &u.EmailKey, &u.Name, &u.PasswordHash, instant{&u.PasswordChangedAt}, &u.Roles, &u.Disabled,
		instant{&u.CreatedAt}, instant{&u.UpdatedAt})
	u.Roles = orNil(u.Roles)
	return u, err
}
