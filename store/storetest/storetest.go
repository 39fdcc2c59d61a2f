// Package storetest is the one suite that every store of jeton passes, contention included: [Run] for a whole
// [jeton.Store], [RunUsers], [RunSessions], [RunKeys], [RunUserList], [RunUserImport], [RunHashCounter], [RunSessionCopy],
// [RunServiceClients] and [RunLimits] for a part of it, such as an application's own table of users. Run includes the last six for a
// store that has these parts.
//
// A store's test is a few lines:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Harness {
//			return storetest.Harness{Store: open(t)}
//		})
//	}
//
// Every subtest opens a store of its own. The suite never sleeps, and no call waits longer than a minute.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// patience is how long one subtest may take.
const patience = time.Minute

// Harness is one opened store and what the suite can do to it beyond its interface. What is nil is left out.
type Harness struct {
	// Store is fresh, empty and migrated. It is closed with t.Cleanup.
	Store jeton.Store
	// Reopen closes Store and opens the same data again, as a restart of the process does. Stores that implement
	// [jeton.Ephemeral] have none, all others must.
	Reopen func(t *testing.T) jeton.Store
	// BeginEnding ends sessions in a transaction of its own, as far as that goes before its commit, and returns the
	// commit. It may block while another one is begun and not committed; ctx bounds that, and outlives the commit. For
	// stores without transactions the commit is the insertion of the entries. It is called from several goroutines.
	BeginEnding func(ctx context.Context, e jeton.Ending) (commit func() error, err error)
	// Unreachable opens a store whose database cannot be reached, or makes that of Store so. Stores that implement
	// [jeton.Ephemeral] have none.
	Unreachable func(t *testing.T) jeton.Store
}

// Run tests a whole store. Each subtest calls open, which gives it a store of its own.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	t.Helper()
	t.Run("users", func(t *testing.T) {
		RunUsers(t, func(t *testing.T) jeton.UserStore { t.Helper(); return open(t).Store })
	})
	t.Run("sessions", func(t *testing.T) {
		RunSessions(t, func(t *testing.T) jeton.SessionStore { t.Helper(); return open(t).Store })
	})
	t.Run("keys", func(t *testing.T) {
		RunKeys(t, func(t *testing.T) jeton.KeyStore { t.Helper(); return open(t).Store })
	})
	runOptional(t, open)
	t.Run("store", func(t *testing.T) {
		runCases(t, storeCases(), func(t *testing.T) stores { t.Helper(); return stores{t, open(t)} })
	})
	t.Run("service", func(t *testing.T) {
		RunService(t, func(t *testing.T) jeton.Store { t.Helper(); return open(t).Store })
	})
}

// runOptional tests the parts that a store need not have.
func runOptional(t *testing.T, open func(t *testing.T) Harness) {
	t.Helper()
	store := open(t).Store
	if _, ok := store.(jeton.UserLister); ok {
		t.Run("user list", func(t *testing.T) {
			RunUserList(t, func(t *testing.T) jeton.UserStore { t.Helper(); return open(t).Store })
		})
	}
	if _, ok := store.(jeton.UserImporter); ok {
		t.Run("user import", func(t *testing.T) {
			RunUserImport(t, func(t *testing.T) jeton.UserStore { t.Helper(); return open(t).Store })
		})
	}
	if _, ok := store.(jeton.HashCounter); ok {
		t.Run("hash counter", func(t *testing.T) {
			RunHashCounter(t, func(t *testing.T) jeton.UserStore { t.Helper(); return open(t).Store })
		})
	}
	if _, ok := store.(jeton.SessionCopier); ok {
		t.Run("session copy", func(t *testing.T) {
			RunSessionCopy(t, func(t *testing.T) jeton.SessionStore { t.Helper(); return open(t).Store })
		})
		t.Run("kept copy", func(t *testing.T) {
			runCases(t, keptCopyCases(), func(t *testing.T) stores { t.Helper(); return stores{t, open(t)} })
		})
	}
	if _, ok := store.(jeton.ServiceClientStore); ok {
		t.Run("service clients", func(t *testing.T) {
			RunServiceClients(t, func(t *testing.T) jeton.ServiceClientStore {
				t.Helper()
				return open(t).Store.(jeton.ServiceClientStore) //nolint:errcheck,forcetypeassert // the one before is one
			})
		})
	}
	if _, ok := store.(jeton.LimitStore); ok {
		t.Run("limits", func(t *testing.T) {
			RunLimits(t, func(t *testing.T) jeton.LimitStore {
				t.Helper()
				return open(t).Store.(jeton.LimitStore) //nolint:errcheck,forcetypeassert // the one before is one
			})
		})
		t.Run("kept limits", func(t *testing.T) {
			runCases(t, limitRowCases(), func(t *testing.T) stores { t.Helper(); return stores{t, open(t)} })
		})
	}
}

// RunUserList tests a store of users that can list them: it must be a [jeton.UserLister]. Each subtest calls open for an empty store of
// its own.
func RunUserList(t *testing.T, open func(t *testing.T) jeton.UserStore) {
	t.Helper()
	runCases(t, userListCases(), func(t *testing.T) userList { t.Helper(); return newUserList(t, open(t)) })
}

// RunServiceClients tests a store of service clients. Each subtest calls open for an empty store of its own.
func RunServiceClients(t *testing.T, open func(t *testing.T) jeton.ServiceClientStore) {
	t.Helper()
	runCases(t, clientCases(), func(t *testing.T) clients { t.Helper(); return clients{t, open(t)} })
}

// RunUsers tests a store of users. Each subtest calls open for an empty store of its own. Where CreateUser sets u.ID, for a table makes its
// ids itself, the suite goes on with that id, and skips the subtests in which two users ask for one.
func RunUsers(t *testing.T, open func(t *testing.T) jeton.UserStore) {
	t.Helper()
	runCases(t, userCases(), func(t *testing.T) users { t.Helper(); return users{t, open(t)} })
}

// RunSessions tests a store of sessions and revocations. Each subtest calls open for an empty store of its own. The users
// of its sessions exist in no store.
func RunSessions(t *testing.T, open func(t *testing.T) jeton.SessionStore) {
	t.Helper()
	runCases(t, sessionCases(), func(t *testing.T) sessions { t.Helper(); return sessions{t, open(t)} })
}

// RunKeys tests a store of keys. Each subtest calls open for an empty store of its own.
func RunKeys(t *testing.T, open func(t *testing.T) jeton.KeyStore) {
	t.Helper()
	runCases(t, keyCases(), func(t *testing.T) keys { t.Helper(); return keys{t, open(t)} })
}

// named is one subtest of a suite over a store that S holds.
type named[S any] struct {
	name string
	run  func(S, context.Context)
}

func runCases[S any](t *testing.T, cases []named[S], open func(t *testing.T) S) {
	t.Helper()
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			test.run(open(t), ctx)
		})
	}
}
