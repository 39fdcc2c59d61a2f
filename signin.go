package jeton

import "context"

// SignInRequest asks for a session.
type SignInRequest struct {
	Strategy    string      // empty means "local"
	Credentials any         // what the strategy's New returned, filled in
	Client      Client      // where the request came from
	Profile     string      // of the tokens; empty means the default one
	Kind        SessionKind // empty means Rotating
}

// SignIn proves who somebody is and begins a session. What is not proved is [ErrInvalidCredentials], also for a disabled account; a
// further step is a [*Challenge]; too many attempts, or a full queue for hashing, a [*LimitError].
func (a *Auth) SignIn(ctx context.Context, req SignInRequest) (*Grant, error) { panic("declared") }
