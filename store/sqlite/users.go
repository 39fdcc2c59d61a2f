package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	lib "modernc.org/sqlite/lib"

	"github.com/jetonauth/jeton"
)

const (
	userColumns = `id, email, coalesce(email_key, ''), name, password_hash, password_changed_at, roles, disabled, ` +
		`created_at, updated_at`

	insertUser = `INSERT INTO jeton_users
		(id, email, email_key, name, password_hash, password_changed_at, roles, disabled, created_at, updated_at)
		VALUES (?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?)`

	selectUserByID    = `SELECT ` + userColumns + ` FROM jeton_users WHERE id = ?`
	selectUserByEmail = `SELECT ` + userColumns + ` FROM jeton_users WHERE email_key = ?`

	selectUsers = `SELECT ` + userColumns + ` FROM jeton_users WHERE id > ? ORDER BY id LIMIT ?`

	updateUser = `UPDATE jeton_users SET
			name = coalesce(?2, name),
			email = coalesce(?3, email),
			email_key = nullif(coalesce(?4, email_key), ''),
			roles = coalesce(?5, roles),
			disabled = coalesce(?6, disabled),
			updated_at = ?7
		WHERE id = ?1 RETURNING ` + userColumns

	updateHash = `UPDATE jeton_users
		SET password_hash = ?3, password_changed_at = coalesce(?4, password_changed_at)
		WHERE id = ?1 AND password_hash = ?2`

	deleteUser = `DELETE FROM jeton_users WHERE id = ?`
)

// CreateUser adds a user. An EmailKey that another one has is [jeton.ErrEmailTaken], an ID [jeton.ErrConflict].
func (s *Store) CreateUser(ctx context.Context, u *jeton.User) error {
	_, err := s.write.change(ctx, insertUser, u.ID, u.Email, u.EmailKey, u.Name, u.PasswordHash, micros(u.PasswordChangedAt),
		words(u.Roles), u.Disabled, micros(u.CreatedAt), micros(u.UpdatedAt))
	return translateUser(ctx, "create user", err)
}

// UserByID returns a user or [jeton.ErrNotFound].
func (s *Store) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	u, err := first(ctx, s.read, scanUser, selectUserByID, id)
	return u, translateUser(ctx, "user by id", err)
}

// UserByEmail returns the user with this EmailKey or [jeton.ErrNotFound]. The empty key is nobody's.
func (s *Store) UserByEmail(ctx context.Context, emailKey string) (*jeton.User, error) {
	u, err := first(ctx, s.read, scanUser, selectUserByEmail, emailKey)
	return u, translateUser(ctx, "user by e-mail", err)
}

// ListUsers returns at most limit users by their ids, from the first id after the given one on.
func (s *Store) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	users, err := collect(ctx, s.read, scanUser, selectUsers, after, limit)
	return users, translate(ctx, "list users", err)
}

// UpdateUser sets fields and returns the user as it is then, or [jeton.ErrNotFound] or [jeton.ErrEmailTaken].
func (s *Store) UpdateUser(ctx context.Context, id string, change jeton.UserChange) (*jeton.User, error) {
	var roles any
	if change.Roles != nil {
		roles = words(*change.Roles)
	}
	var u *jeton.User
	err := s.write.transact(ctx, func(tx *sql.Tx) (err error) {
		u, err = first(ctx, tx, scanUser, updateUser, id, change.Name, change.Email, change.EmailKey, roles,
			change.Disabled, micros(change.UpdatedAt))
		return err
	})
	if err != nil {
		return nil, translateUser(ctx, "update user", err)
	}
	return u, nil
}

// SetPassword replaces the hash by change.New if it is change.Old, otherwise it returns [jeton.ErrConflict], or
// [jeton.ErrNotFound]. PasswordChangedAt stays if change.ChangedAt is zero.
func (s *Store) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	n, err := s.write.change(ctx, updateHash, id, change.Old, change.New, micros(change.ChangedAt))
	if err == nil && n == 0 {
		if _, err = first(ctx, s.read, scanUser, selectUserByID, id); err == nil {
			err = jeton.ErrConflict
		}
	}
	return translateUser(ctx, "set password", err)
}

// DeleteUser removes a user or returns [jeton.ErrNotFound].
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	n, err := s.write.change(ctx, deleteUser, id)
	if err == nil && n == 0 {
		err = jeton.ErrNotFound
	}
	return translateUser(ctx, "delete user", err)
}

// translateUser is [translate] for a table whose only unique column beside the key is email_key.
func translateUser(ctx context.Context, operation string, err error) error {
	if isCode(err, lib.SQLITE_CONSTRAINT_UNIQUE) {
		return fmt.Errorf("sqlite: %s: %w: %w", operation, jeton.ErrEmailTaken, err)
	}
	return translate(ctx, operation, err)
}

func scanUser(row scanner) (*jeton.User, error) {
	u := &jeton.User{}
	err := row.Scan(&u.ID, &u.Email, &u.EmailKey, &u.Name, &u.PasswordHash, instant{&u.PasswordChangedAt},
		wordList{&u.Roles}, &u.Disabled, instant{&u.CreatedAt}, instant{&u.UpdatedAt})
	return u, err
}
