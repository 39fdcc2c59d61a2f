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

// clientOperations returns a call of every method of store; client is in it.
func clientOperations(store jeton.ServiceClientStore, client *jeton.ServiceClient) []operation {
	return []operation{
		{"AddServiceClient", func(ctx context.Context) error { return store.AddServiceClient(ctx, newClient(client.Name+"2")) }},
		{"ServiceClient", func(ctx context.Context) error { return second(store.ServiceClient(ctx, client.Name)) }},
		{"ServiceClients", func(ctx context.Context) error { return second(store.ServiceClients(ctx)) }},
		{"RemoveServiceClient", func(ctx context.Context) error { return store.RemoveServiceClient(ctx, client.Name) }},
	}
}

// limitOperations returns a call of every method of store.
func limitOperations(store jeton.LimitStore) []operation {
	limit := jeton.Limit{Count: 1, Window: day}
	return []operation{
		{"Take", func(ctx context.Context) error { return second(store.Take(ctx, "key", limit, start())) }},
		{"Return", func(ctx context.Context) error { return store.Return(ctx, "key", limit, start()) }},
	}
}

func userListOperations(store jeton.UserLister) []operation {
	return []operation{
		{"ListUsers", func(ctx context.Context) error { return second(store.ListUsers(ctx, "", 10)) }},
	}
}

// optionalOperations returns a call of every method that store has beyond those that it must have.
func optionalOperations(store jeton.Store) (operations []operation) {
	if lister, ok := store.(jeton.UserLister); ok {
		operations = append(operations, userListOperations(lister)...)
	}
	if importer, ok := store.(jeton.UserImporter); ok {
		operations = append(operations, userImportOperations(importer, newUser())...)
	}
	if counter, ok := store.(jeton.HashCounter); ok {
		operations = append(operations, hashCounterOperations(counter)...)
	}
	if copier, ok := store.(jeton.SessionCopier); ok {
		operations = append(operations, sessionCopyOperations(copier)...)
	}
	if clients, ok := store.(jeton.ServiceClientStore); ok {
		operations = append(operations, clientOperations(clients, newClient("one"))...)
	}
	if limits, ok := store.(jeton.LimitStore); ok {
		operations = append(operations, limitOperations(limits)...)
	}
	return operations
}

// second drops the value that comes with an error.
func second[T any](_ T, err error) error { return err }
