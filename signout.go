package jeton

import "context"

// SignOutRequest ends a session, or all of a user's.
type SignOutRequest struct {
	// Token is an access token of the session, which may have expired, or its refresh token.
	Token string
	// Everywhere ends all sessions of the user. It needs CurrentPassword, or a sign-in within the last 5 minutes,
	// otherwise [ErrReauthenticate].
	Everywhere      bool
	CurrentPassword string
	Client          Client
}

// String leaves out the token and the password.
func (SignOutRequest) String() string { panic("declared") }

// GoString is the same as String.
func (r SignOutRequest) GoString() string { panic("declared") }

// SignOut ends what req names, at once on this node. A token that proves nothing is no error, since nobody is signed in with
// it: the only errors are [ErrReauthenticate], [ErrInvalidCredentials] for a wrong CurrentPassword, a [*LimitError], and a store's.
func (a *Auth) SignOut(ctx context.Context, req SignOutRequest) error { panic("declared") }

// Sessions returns the sessions of a user that have not ended, the latest used first.
func (a *Auth) Sessions(ctx context.Context, userID string) ([]*Session, error) { panic("declared") }

// EndSession ends one session of a user, at once on this node. One that is not the user's, or has ended, is [ErrNotFound].
func (a *Auth) EndSession(ctx context.Context, userID, sessionID string, client Client) error {
	panic("declared")
}

// RevokeToken revokes the token that p was proved by, at once on this node: one made by [Auth.Issue] by itself, one of a
// session by ending the session.
func (a *Auth) RevokeToken(ctx context.Context, p *Principal, client Client) error { panic("declared") }
