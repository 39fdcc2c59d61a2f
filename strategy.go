package jeton

import (
	"context"
	"fmt"
	"time"
)

// LocalStrategy is the name of the built-in strategy: e-mail address and password.
const LocalStrategy = "local"

// Strategy is a way to prove who one is.
type Strategy interface {
	// Name is what a client puts into the field "strategy".
	Name() string
	// New returns a pointer to new, empty credentials. Their type's JSON tags are the wire form, and the schema in the
	// OpenAPI document.
	New() any
	// Prove checks credentials, which are what New returned, filled in. What is not proved is [ErrInvalidCredentials]; a
	// further step is a [*Challenge]; fields of the wrong form are a [*ValidationError]; any other error is the strategy's
	// own trouble, and lets nobody in.
	Prove(ctx context.Context, credentials any, client Client) (Identity, error)
}

// Identity is what a strategy has proved.
type Identity struct {
	// UserID is the account's id. It must exist and be enabled, which the caller checks.
	UserID string
	// Methods say how it was proved (RFC 8176), such as "pwd" or "otp"; the claim "amr".
	Methods []string
	// Scopes are granted to the session; the claim "scope".
	Scopes []string
	// PasswordChangedAt is that of the account whose password was checked, if one was: a session is not begun with a
	// password that was changed meanwhile.
	PasswordChangedAt *time.Time
}

// AccountNamer may be implemented by credentials. Attempts are then also limited by the account that they are for.
type AccountNamer interface {
	// AccountName returns what identifies the account in these credentials: the [EmailKey] of its address, the account's id, or
	// any other name of it. Only for the first two is it known from where the account has sessions, so that attempts
	// from there are exempt from [Limits.PerAccount].
	AccountName() string
}

// StrategyFunc returns a strategy named name whose credentials are a C.
func StrategyFunc[C any](name string, prove func(ctx context.Context, credentials C, client Client) (Identity, error)) Strategy {
	return strategyFunc[C]{name: name, prove: prove}
}

type strategyFunc[C any] struct {
	name  string
	prove func(ctx context.Context, credentials C, client Client) (Identity, error)
}

func (s strategyFunc[C]) Name() string { return s.name }

func (s strategyFunc[C]) New() any { return new(C) }

func (s strategyFunc[C]) Prove(ctx context.Context, credentials any, client Client) (Identity, error) {
	c, ok := credentials.(*C)
	if !ok {
		return Identity{}, fmt.Errorf("jeton: strategy %q: credentials are a %T, want %T", s.name, credentials, c)
	}
	return s.prove(ctx, *c, client)
}
