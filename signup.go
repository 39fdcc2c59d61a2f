package jeton

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SignUpRequest asks for an account and a first session.
type SignUpRequest struct {
	Email    string
	Password string `json:"-"`
	Name     string // may be empty
	Client   Client
	// Cookies says that the client keeps its tokens in cookies: see [SignInRequest].
	Cookies bool
}

// SignUp makes an account and signs it in. What is wrong with the fields is a [*ValidationError]; an address that has an
// account is [ErrEmailTaken]; too many attempts, or a full queue for hashing, a [*LimitError].
func (a *Auth) SignUp(ctx context.Context, req SignUpRequest) (*Grant, error) {
	if a.cfg.CloseSignUp {
		return nil, ErrSignUpClosed
	}
	if _, err := a.begin(ctx, req.Client, "", stranger); err != nil {
		return nil, err
	}
	user, err := a.newUser(NewUser{Email: req.Email, Password: req.Password, Name: req.Name}, true)
	if err != nil {
		return nil, err
	}
	if _, err := a.signingKey(ctx, &a.profiles[0]); err != nil { // before there is an account that could not sign in
		return nil, err
	}
	if err := a.create(ctx, user, req.Password, req.Client); err != nil {
		return nil, err
	}
	identity := Identity{UserID: user.ID, Methods: []string{"pwd"}, PasswordChangedAt: &user.PasswordChangedAt}
	grant, err := a.establish(ctx, identity, SignInRequest{Strategy: LocalStrategy, Client: req.Client, Cookies: req.Cookies})
	if err != nil {
		return nil, err
	}
	a.audit(ctx, Event{
		Type: EventSignIn, UserID: user.ID, Account: user.EmailKey, SessionID: grant.Session.ID, Strategy: LocalStrategy, Client: req.Client,
	})
	return grant, nil
}

// NewUser says how an account is made by an operator.
type NewUser struct {
	Email    string // may be empty for accounts of strategies that know none
	Password string `json:"-"` // may be empty: then there is none to sign in with
	Name     string
	Roles    []string
}

// CreateUser makes an account without signing it in: for operators and strategies. Errors are those of [Auth.SignUp].
func (a *Auth) CreateUser(ctx context.Context, u NewUser) (*User, error) {
	user, err := a.newUser(u, false)
	if err != nil {
		return nil, err
	}
	if err := a.create(ctx, user, u.Password, Client{}); err != nil {
		return nil, err
	}
	return user, nil
}

// newUser returns the account that u describes, or everything that is wrong with u. signUp demands an address and a password.
func (a *Auth) newUser(u NewUser, signUp bool) (*User, error) {
	now := a.moment()
	user := &User{
		ID: newID(), Email: strings.TrimSpace(u.Email), Name: strings.TrimSpace(u.Name), Roles: slices.Clone(u.Roles),
		CreatedAt: now, UpdatedAt: now,
	}
	var problems []FieldError
	if u.Email != "" || signUp {
		key, ok := EmailKey(u.Email)
		if !ok {
			problems = append(problems, invalidEmail)
		}
		user.EmailKey = key
	}
	if u.Password != "" || signUp {
		refused, err := a.refusePassword("/password", u.Password, user)
		if err != nil {
			return nil, err
		}
		problems = append(problems, refused...)
	}
	problems = append(problems, checkName(user.Name)...)
	problems = append(problems, checkRoles(user.Roles)...)
	if len(problems) > 0 {
		return nil, &ValidationError{Fields: problems}
	}
	return user, nil
}

// create hashes the password, unless there is none, and stores the account.
func (a *Auth) create(ctx context.Context, user *User, plain string, client Client) error {
	if plain != "" {
		hash, err := a.hashPassword(ctx, plain, client)
		if err != nil {
			return err
		}
		user.PasswordHash, user.PasswordChangedAt = hash, user.CreatedAt
	}
	if err := a.users.CreateUser(ctx, user); err != nil {
		return err
	}
	a.audit(ctx, Event{Type: EventSignUp, UserID: user.ID, Account: user.EmailKey, Client: client})
	return nil
}

var invalidEmail = FieldError{Pointer: "/email", Code: "invalid_email", Message: "is not an e-mail address"}

// maxName is the longest name in bytes.
const maxName = 256

func checkName(name string) []FieldError {
	switch {
	case len(name) > maxName:
		return []FieldError{{Pointer: "/name", Code: "too_long", Message: "must have at most 256 bytes"}}
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return []FieldError{{Pointer: "/name", Code: "invalid_name", Message: "must not have control characters"}}
	}
	return nil
}

// checkRoles lets through what fits into a header and a comma-separated list.
func checkRoles(roles []string) []FieldError {
	for _, role := range roles {
		bad := role == "" || len(role) > 64 || strings.ContainsFunc(role, func(r rune) bool {
			return r <= ' ' || r > '~' || r == ',' || r == '"' || r == '\\'
		})
		if bad {
			return []FieldError{{
				Pointer: "/roles", Code: "invalid_role",
				Message: "must each be 1 to 64 printable ASCII characters without space, comma, quote or backslash",
			}}
		}
	}
	return nil
}
