package storetest

import (
	"context"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// operation is one call of a store that would succeed, and that would change something unless it only reads.
type operation struct {
	name string
	call func(ctx context.Context) error
}

// userOperations returns a call of every method of store; u is in it.
func userOperations(store jeton.UserStore, u *jeton.User) []operation {
	return []operation{
		{"CreateUser", func(ctx context.Context) error { return store.CreateUser(ctx, newUser()) }},
		{"UserByID", func(ctx context.Context) error { return second(store.UserByID(ctx, u.ID)) }},
		{"UserByEmail", func(ctx context.Context) error { return second(store.UserByEmail(ctx, u.EmailKey)) }},
		{"UpdateUser", func(ctx context.Context) error {
			return second(store.UpdateUser(ctx, u.ID, jeton.UserChange{Name: new("changed"), UpdatedAt: start().Add(day)}))
		}},
		{"SetPassword", func(ctx context.Context) error {
			return store.SetPassword(ctx, u.ID, jeton.PasswordChange{Old: u.PasswordHash, New: "changed", ChangedAt: start().Add(day)})
		}},
		{"DeleteUser", func(ctx context.Context) error { return store.DeleteUser(ctx, u.ID) }},
	}
}

// sessionOperations returns a call of every method of store; session is in it.
func sessionOperations(store jeton.SessionStore, session *jeton.Session) []operation {
	return []operation{
		{"CreateSession", func(ctx context.Context) error { return store.CreateSession(ctx, newSession(session.UserID)) }},
		{"SessionByID", func(ctx context.Context) error { return second(store.SessionByID(ctx, session.ID)) }},
		{"SessionsByUser", func(ctx context.Context) error {
			return second(store.SessionsByUser(ctx, session.UserID, start()))
		}},
		{"AdvanceSession", func(ctx context.Context) error { return store.AdvanceSession(ctx, newAdvance(session, day)) }},
		{"ExtendAccess", func(ctx context.Context) error { return store.ExtendAccess(ctx, session.ID, start().Add(day)) }},
		{"EndSessions", func(ctx context.Context) error { return second(store.EndSessions(ctx, ending(session))) }},
		{"EndSessions of a user", func(ctx context.Context) error {
			return second(store.EndSessions(ctx, endingAll(session.UserID)))
		}},
		{"RevokeToken", func(ctx context.Context) error {
			return second(store.RevokeToken(ctx, revoke.IDOf("token"), start().Add(day)))
		}},
		{"Revocations", func(ctx context.Context) error { return second(store.Revocations(ctx, 0, 10)) }},
		{"Prune", func(ctx context.Context) error { return second(store.Prune(ctx, start().Add(1000*day))) }},
	}
}

// keyOperations returns a call of every method of store; key is in it.
func keyOperations(store jeton.KeyStore, key *jeton.StoredKey) []operation {
	return []operation{
		{"Keys", func(ctx context.Context) error { return second(store.Keys(ctx)) }},
		{"AddKey", func(ctx context.Context) error { return store.AddKey(ctx, newKey(key.Number+1)) }},
		{"SetKeyTimes", func(ctx context.Context) error {
			return store.SetKeyTimes(ctx, key.ID, jeton.KeyTimes{RevokedAt: start().Add(day)})
		}},
	}
}

// second drops the value that comes with an error.
func second[T any](_ T, err error) error { return err }
