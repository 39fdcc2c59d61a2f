package jeton

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jetonauth/jeton/password"
)

// Credentials are those of the local strategy.
type Credentials struct {
	Email    string `json:"email" doc:"E-mail address" maxLength:"254" example:"ada@example.com"`
	Password string `json:"password" doc:"Password" maxLength:"4096" example:"correct horse battery"`
}

// AccountName is the address's key.
func (c *Credentials) AccountName() string {
	key, _ := EmailKey(c.Email)
	return key
}

// localStrategy is e-mail address and password.
type localStrategy struct{ auth *Auth }

func (localStrategy) Name() string { return LocalStrategy }

func (localStrategy) New() any { return new(Credentials) }

func (s localStrategy) Prove(ctx context.Context, credentials any, client Client) (Identity, error) {
	c, ok := credentials.(*Credentials)
	if !ok {
		return Identity{}, fmt.Errorf("jeton: strategy %q: credentials are a %T, want %T", LocalStrategy, credentials, c)
	}
	user, err := s.find(ctx, c.Email)
	if err != nil {
		return Identity{}, err
	}
	if err := s.auth.checkPassword(ctx, user, cmp.Or(c.AccountName(), c.Email), c.Password, client); err != nil {
		return Identity{}, err
	}
	return Identity{UserID: user.ID, Methods: []string{"pwd"}, PasswordChangedAt: &user.PasswordChangedAt}, nil
}

// find returns the account, or nil if there is none.
func (s localStrategy) find(ctx context.Context, email string) (*User, error) {
	key, ok := EmailKey(email)
	if !ok {
		return nil, nil
	}
	user, err := s.auth.users.UserByEmail(ctx, key)
	if errors.Is(err, ErrNotFound) && !errors.Is(err, ErrUnavailable) {
		return nil, nil
	}
	return user, err
}

// CheckHash checks a password, PIN or the like against a hash of [Config.Hasher], for strategies that keep hashes of their own.
// It waits for its turn like every sign-in does. An empty hash, for an account that is not there, costs the same work and never
// matches. What does not match is [ErrInvalidCredentials]; a full queue a [*LimitError].
func (a *Auth) CheckHash(ctx context.Context, hash, plain string, client Client) error {
	return a.gate.do(ctx, client, func() error {
		_, err := a.compare(ctx, hash, a.decoy, plain)
		return err
	})
}

// checkPassword checks the password of a user, or does the same work for none, and improves a hash that is out of date. A
// disabled account is found out after the same work. account is what was named, whether it is there or not.
func (a *Auth) checkPassword(ctx context.Context, user *User, account, plain string, client Client) error {
	if user == nil {
		user = &User{}
	}
	decoy := a.decoyFor(ctx, account)
	return a.gate.do(ctx, client, func() error {
		upgrade, err := a.compare(ctx, user.PasswordHash, decoy, plain)
		switch {
		case errors.Is(err, ErrInvalidCredentials) && user.ID == "":
			return &deniedError{"", "no such account"}
		case errors.Is(err, ErrInvalidCredentials):
			return &deniedError{user.ID, "wrong password"}
		case err != nil:
			return err
		case user.Disabled:
			return &deniedError{user.ID, "account is disabled"}
		}
		if upgrade {
			a.upgradeHash(ctx, user, plain)
		}
		return nil
	})
}

// compare does the work of one check in any case: without a hash, or with one that cannot be read, against a decoy. Where the hasher
// cannot read that either, which other hashers than today's have made, against one of its own.
func (a *Auth) compare(ctx context.Context, hash, decoy, plain string) (upgrade bool, err error) {
	if hash != "" {
		result, err := a.cfg.Hasher.Check(hash, plain)
		if !unreadable(err) {
			return result.Upgrade, judge(result.Match, err)
		}
		a.log.ErrorContext(ctx, "the password hash of an account cannot be read", "error", err)
	}
	_, err = a.cfg.Hasher.Check(decoy, plain)
	if unreadable(err) {
		_, err = a.cfg.Hasher.Check(a.decoy, plain)
	}
	return false, judge(false, err)
}

// unreadable reports whether err is that of a hash for which no work was done.
func unreadable(err error) bool {
	return errors.Is(err, password.ErrUnknownHash) || errors.Is(err, password.ErrTooCostly)
}

func judge(match bool, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("jeton: check password: %w", err)
	case !match:
		return ErrInvalidCredentials
	}
	return nil
}

// upgradeHash replaces a hash by one of today's cost. That it fails is no reason to refuse a right password.
func (a *Auth) upgradeHash(ctx context.Context, user *User, plain string) {
	hash, err := a.cfg.Hasher.Hash(plain)
	if err == nil {
		err = a.users.SetPassword(ctx, user.ID, PasswordChange{Old: user.PasswordHash, New: hash})
	}
	if err == nil {
		user.PasswordHash = hash
	} else if !errors.Is(err, ErrConflict) {
		a.log.WarnContext(ctx, "could not upgrade a password hash", "user", user, "error", err)
	}
}

// refusePassword asks the policy about a password that is to be set for user. pointer names the field.
func (a *Auth) refusePassword(pointer, plain string, user *User) ([]FieldError, error) {
	err := a.cfg.PasswordPolicy.Check(plain, user.Email, user.Name)
	if refused, ok := errors.AsType[*password.PolicyError](err); ok {
		return []FieldError{{Pointer: pointer, Code: refused.Code, Message: refused.Message}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("jeton: password policy: %w", err)
	}
	return nil, nil
}

// hashPassword hashes a password that the policy agrees with.
func (a *Auth) hashPassword(ctx context.Context, plain string, client Client) (hash string, err error) {
	err = a.gate.do(ctx, client, func() error {
		hash, err = a.cfg.Hasher.Hash(plain)
		return err
	})
	return hash, err
}
