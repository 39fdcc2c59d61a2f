package storetest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// unreachable is a store whose database is away.
type unreachable struct{}

func away(what string) error { return fmt.Errorf("%s: %w", what, jeton.ErrUnavailable) }

func (unreachable) CreateUser(context.Context, *jeton.User) error { return away("create user") }
func (unreachable) UserByID(context.Context, string) (*jeton.User, error) {
	return nil, away("user by id")
}

func (unreachable) UserByEmail(context.Context, string) (*jeton.User, error) {
	return nil, away("user by e-mail")
}

func (unreachable) UpdateUser(context.Context, string, jeton.UserChange) (*jeton.User, error) {
	return nil, away("update user")
}

func (unreachable) SetPassword(context.Context, string, jeton.PasswordChange) error {
	return away("set password")
}
func (unreachable) DeleteUser(context.Context, string) error { return away("delete user") }

func (unreachable) CreateSession(context.Context, *jeton.Session) error {
	return away("create session")
}

func (unreachable) SessionByID(context.Context, string) (*jeton.Session, error) {
	return nil, away("session by id")
}

func (unreachable) SessionsByUser(context.Context, string, time.Time) ([]*jeton.Session, error) {
	return nil, away("sessions by user")
}
func (unreachable) AdvanceSession(context.Context, jeton.Advance) error { return away("advance") }
func (unreachable) ExtendAccess(context.Context, string, time.Time) error {
	return away("extend access")
}

func (unreachable) EndSessions(context.Context, jeton.Ending) ([]revoke.Entry, error) {
	return nil, away("end sessions")
}

func (unreachable) RevokeToken(context.Context, revoke.ID, time.Time) (revoke.Entry, error) {
	return revoke.Entry{}, away("revoke token")
}

func (unreachable) Revocations(context.Context, uint64, int) ([]revoke.Entry, error) {
	return nil, away("revocations")
}
func (unreachable) Prune(context.Context, time.Time) (int, error)    { return 0, away("prune") }
func (unreachable) Keys(context.Context) ([]*jeton.StoredKey, error) { return nil, away("keys") }
func (unreachable) AddKey(context.Context, *jeton.StoredKey) error   { return away("add key") }
func (unreachable) SetKeyTimes(context.Context, string, jeton.KeyTimes) error {
	return away("set key times")
}

func (unreachable) ListUsers(context.Context, string, int) ([]*jeton.User, error) {
	return nil, away("list users")
}

func (unreachable) ImportUsers(context.Context, users) error { return away("import users") }

func (unreachable) TakenUsers(context.Context, []string, []string) (takenIDs, takenKeys []string, err error) {
	return nil, nil, away("taken users")
}

func (unreachable) CountHashes(context.Context, func(string) string) (map[string]int, error) {
	return nil, away("count hashes")
}

func (unreachable) ListSessions(context.Context, string, int) ([]*jeton.Session, error) {
	return nil, away("list sessions")
}

func (unreachable) AddSessions(context.Context, []*jeton.Session) error { return away("add sessions") }

func (unreachable) LastRevocation(context.Context) (uint64, error) {
	return 0, away("last revocation")
}

func (unreachable) AddRevocations(context.Context, []revoke.Entry, uint64) error {
	return away("add revocations")
}

func (unreachable) AddServiceClient(context.Context, *jeton.ServiceClient) error {
	return away("add service client")
}

func (unreachable) ServiceClient(context.Context, string) (*jeton.ServiceClient, error) {
	return nil, away("service client")
}

func (unreachable) ServiceClients(context.Context) ([]*jeton.ServiceClient, error) {
	return nil, away("service clients")
}

func (unreachable) RemoveServiceClient(context.Context, string) error {
	return away("remove service client")
}

func (unreachable) Take(context.Context, string, jeton.Limit, time.Time) (time.Duration, error) {
	return 0, away("take")
}

func (unreachable) Return(context.Context, string, jeton.Limit, time.Time) error {
	return away("return")
}
