package jeton

import "context"

// Account returns the account with this id, or [ErrNotFound].
func (a *Auth) Account(ctx context.Context, userID string) (*User, error) { panic("declared") }

// AccountChange is what users change of their own account; nil fields stay. A new e-mail address needs
// CurrentPassword, or a sign-in within the last 5 minutes.
type AccountChange struct {
	Name            *string
	Email           *string
	CurrentPassword string
	Client          Client
}

// ChangeAccount changes the account of p. Errors: [*ValidationError], [ErrEmailTaken], [ErrReauthenticate],
// [ErrInvalidCredentials] for a wrong CurrentPassword, [ErrNotFound].
func (a *Auth) ChangeAccount(ctx context.Context, p *Principal, change AccountChange) (*User, error) {
	panic("declared")
}

// DeletionRequest is a user's wish to be gone. It needs CurrentPassword, or a sign-in within the last 5 minutes.
type DeletionRequest struct {
	CurrentPassword string
	Client          Client
}

// DeleteAccount removes the account of p and ends its sessions. Errors are those of [Auth.ChangeAccount].
func (a *Auth) DeleteAccount(ctx context.Context, p *Principal, req DeletionRequest) error {
	panic("declared")
}

// RemoveUser deletes an account and ends its sessions, as an operator. [ErrNotFound].
func (a *Auth) RemoveUser(ctx context.Context, userID string) error { panic("declared") }

// ChangePasswordRequest asks for another password.
type ChangePasswordRequest struct {
	Current string
	New     string
	Client  Client
}

// String leaves out the passwords.
func (ChangePasswordRequest) String() string { panic("declared") }

// GoString is the same as String.
func (r ChangePasswordRequest) GoString() string { panic("declared") }

// ChangePassword sets the password of p's account and ends all its other sessions. A wrong current one is
// [ErrInvalidCredentials]; one that the policy refuses a [*ValidationError] for "/new_password".
func (a *Auth) ChangePassword(ctx context.Context, p *Principal, req ChangePasswordRequest) error {
	panic("declared")
}

// SetPassword sets a user's password, as an operator, and ends all the user's sessions. Errors: [*ValidationError] for
// "/password", [ErrNotFound].
func (a *Auth) SetPassword(ctx context.Context, userID, password string) error { panic("declared") }

// SetRoles sets a user's roles, as an operator, and ends the user's sessions, whose tokens hold the old ones. Errors:
// [*ValidationError] for "/roles", [ErrNotFound].
func (a *Auth) SetRoles(ctx context.Context, userID string, roles []string) error { panic("declared") }

// SetDisabled disables an account and ends its sessions, or enables it, as an operator. [ErrNotFound].
func (a *Auth) SetDisabled(ctx context.Context, userID string, disabled bool) error {
	panic("declared")
}
