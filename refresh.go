package jeton

import "context"

// RefreshRequest asks for the next grant of a session.
type RefreshRequest struct {
	Token  string // the refresh token
	Client Client
}

// String leaves out the token.
func (RefreshRequest) String() string { panic("declared") }

// GoString is the same as String.
func (r RefreshRequest) GoString() string { panic("declared") }

// Refresh exchanges a refresh token. A token that is no longer good is [ErrInvalidGrant], whatever the cause. An older one is
// answered with the current one within [Config.ReuseInterval]; after it, the session ends for theft, as an audit event then
// says.
func (a *Auth) Refresh(ctx context.Context, req RefreshRequest) (*Grant, error) { panic("declared") }
