// Package memory keeps accounts, sessions, revocations, signing keys and service clients in the memory of the process, for tests, for
// trying things out and for services whose users may be asked to sign in again after a restart.
//
// It behaves as the stores over databases do: times come back in UTC with microseconds, and what it is given and gives
// shares no memory with what it keeps. One process only: a second one knows nothing of the first one's sessions.
package memory

import (
	"context"
	"sync"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

var (
	_ jeton.Store              = (*Store)(nil)
	_ jeton.UserLister         = (*Store)(nil)
	_ jeton.UserImporter       = (*Store)(nil)
	_ jeton.HashCounter        = (*Store)(nil)
	_ jeton.SessionCopier      = (*Store)(nil)
	_ jeton.ServiceClientStore = (*Store)(nil)
	_ jeton.Ephemeral          = (*Store)(nil)
)

// Store is a [jeton.Store] that forgets everything when the process ends. It is safe for concurrent use. Make one with
// [New].
type Store struct {
	mu sync.Mutex

	users  map[string]*jeton.User
	emails map[string]string // from an EmailKey to the user's ID

	sessions map[string]*jeton.Session
	byUser   map[string]map[string]*jeton.Session // from a user's ID to that user's sessions by ID

	revocations []revoke.Entry // by Number, lowest first
	lastNumber  uint64

	keys []*jeton.StoredKey // by Number, lowest first

	clients map[string]*jeton.ServiceClient // by Name
}

// New returns an empty store.
func New() *Store {
	return &Store{
		users:    map[string]*jeton.User{},
		emails:   map[string]string{},
		sessions: map[string]*jeton.Session{},
		byUser:   map[string]map[string]*jeton.Session{},
		clients:  map[string]*jeton.ServiceClient{},
	}
}

// Ephemeral marks the store as one that forgets everything when the process ends.
func (*Store) Ephemeral() {}

// begin locks the store for one operation, unless ctx is over: then it returns ctx's error, with the store unlocked.
// It asks once the lock is held, so that a caller who gave up while waiting changes nothing.
func (s *Store) begin(ctx context.Context) error {
	s.mu.Lock()
	if err := ctx.Err(); err != nil {
		s.mu.Unlock()
		return err
	}
	return nil
}

// stored is t as every store gives it back: in UTC, with microseconds, without a monotonic reading.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
