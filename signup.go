package jeton

import "context"

// SignUpRequest asks for an account and a first session.
type SignUpRequest struct {
	Email    string
	Password string
	Name     string // may be empty
	Client   Client
}

// SignUp makes an account and signs it in. What is wrong with the fields is a [*ValidationError]; an address that has an
// account is [ErrEmailTaken]; too many attempts, or a full queue for hashing, a [*LimitError].
func (a *Auth) SignUp(ctx context.Context, req SignUpRequest) (*Grant, error) { panic("declared") }

// NewUser says how an account is made by an operator.
type NewUser struct {
	Email    string // may be empty for accounts of strategies that know none
	Password string // may be empty: then there is none to sign in with
	Name     string
	Roles    []string
}

// String leaves out the password and the address.
func (NewUser) String() string { panic("declared") }

// GoString is the same as String.
func (u NewUser) GoString() string { panic("declared") }

// CreateUser makes an account without signing it in: for operators and strategies. Errors are those of [Auth.SignUp].
func (a *Auth) CreateUser(ctx context.Context, u NewUser) (*User, error) { panic("declared") }
