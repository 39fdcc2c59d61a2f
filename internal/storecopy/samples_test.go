package storecopy_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/storecopy"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
	"github.com/jetonauth/jeton/store/sqlite"
)

// start is with microseconds, as stores keep them.
var start = time.Date(2026, 3, 4, 5, 6, 7, 891_234_000, time.UTC)

func at(d time.Duration) time.Time { return start.Add(d) }

// id is not in the order of its numbers.
func id(kind string, i int) string {
	sum := sha256.Sum256(fmt.Append(nil, kind, i))
	return fmt.Sprintf("%s-%x", kind, sum[:8])
}

func user(i int) *jeton.User {
	return &jeton.User{
		ID: id("user", i), Email: fmt.Sprintf("User%d@Example.com", i), EmailKey: fmt.Sprintf("user%d@example.com", i), Name: "Zoë 🐝",
		PasswordHash: "$argon2id$…", PasswordChangedAt: at(time.Hour), Roles: []string{"b", "a"}, CreatedAt: at(0), UpdatedAt: at(time.Minute),
	}
}

func session(i int) *jeton.Session {
	return &jeton.Session{
		ID: id("session", i), UserID: id("user", i/2), Kind: jeton.Rotating, Profile: "default", Strategy: "password", Methods: []string{"pwd"},
		Scopes: []string{"x", "y"}, AuthTime: at(0), CreatedAt: at(1), UsedAt: at(2 * time.Second), IdleUntil: at(time.Hour), ExpiresAt: at(2 * time.Hour),
		EndedAt: at(time.Minute), EndReason: "signed out", AccessUntil: at(15 * time.Minute),
		Client:    jeton.Client{Address: netip.MustParseAddr("2001:db8::1%eth0"), UserAgent: "curl"},
		CreatedBy: jeton.Client{Address: netip.MustParseAddr("::ffff:192.0.2.1"), UserAgent: "wget"},
		SecretID:  7, Generation: 4_000_000_000, TagHash: sha256.Sum256([]byte{byte(i)}), Advances: []time.Time{at(3), at(2 * time.Second)},
	}
}

func entry(number uint64) revoke.Entry {
	return revoke.Entry{Number: number, ID: revoke.IDOf(fmt.Sprint(number)), ExpiresAt: at(time.Hour)}
}

func client(i int) *jeton.ServiceClient {
	secret := sha256.Sum256([]byte{byte(i)})
	return &jeton.ServiceClient{Name: fmt.Sprintf("client%d", i), Scopes: []string{"introspect"}, SecretHash: secret[:], CreatedAt: at(0)}
}

func key(number uint32) *jeton.StoredKey {
	return &jeton.StoredKey{
		Number: number, ID: fmt.Sprintf("key%d", number), Algorithm: "ES256", Public: []byte("{}"), Sealed: []byte{0, 255}, CreatedAt: at(0),
		ActivateAt: at(1 * time.Second), RetireAt: at(2 * time.Second), RemoveAt: at(3 * time.Second), RevokedAt: at(4 * time.Second),
	}
}

// content is what a store has.
type content struct {
	users, sessions, clients, keys int
	numbers                        []uint64
	last                           uint64
}

// some is content of each kind, with what stores may take for something else: an account with next to nothing, gaps in the numbers.
func some() content {
	return content{users: 5, sessions: 7, clients: 3, keys: 2, numbers: []uint64{3, 4, 9, 1000}, last: 1017}
}

func (c content) fill(t *testing.T, s storecopy.Store) {
	t.Helper()
	ctx := t.Context()
	for i := range c.users {
		must(t, s.CreateUser(ctx, user(i)))
	}
	if c.users > 0 {
		must(t, s.CreateUser(ctx, &jeton.User{ID: "bare", Disabled: true}))
	}
	for i := range c.sessions {
		must(t, s.CreateSession(ctx, session(i)))
	}
	if c.sessions > 0 {
		must(t, s.CreateSession(ctx, &jeton.Session{ID: "bare", UserID: "nobody's", Kind: jeton.AccessOnly}))
	}
	for i := range c.clients {
		must(t, s.AddServiceClient(ctx, client(i)))
	}
	for i := range c.keys {
		must(t, s.AddKey(ctx, key(uint32(i+1))))
	}
	var entries []revoke.Entry
	for _, number := range c.numbers {
		e := entry(number)
		if number%2 == 0 {
			e.ExpiresAt = time.Time{} // never
		}
		entries = append(entries, e)
	}
	must(t, s.AddRevocations(ctx, entries, c.last))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// stores are the kinds of stores that need no server.
var stores = map[string]func(t *testing.T) storecopy.Store{
	"memory": func(*testing.T) storecopy.Store { return memory.New() },
	"sqlite": func(t *testing.T) storecopy.Store {
		t.Helper()
		s, err := sqlite.Open(filepath.Join(t.TempDir(), "jeton.db"))
		must(t, err)
		t.Cleanup(func() { s.Close() })
		must(t, s.Migrate(t.Context()))
		return s
	},
	// without the methods of a jeton.UserImporter
	"one by one":   func(*testing.T) storecopy.Store { return struct{ storecopy.Store }{memory.New()} },
	"milliseconds": func(*testing.T) storecopy.Store { return coarse{memory.New()} },
}

// coarse keeps the times of accounts to the millisecond only.
type coarse struct{ *memory.Store }

func (c coarse) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	users, err := c.Store.ListUsers(ctx, after, limit)
	for _, u := range users {
		for _, t := range []*time.Time{&u.PasswordChangedAt, &u.CreatedAt, &u.UpdatedAt} {
			*t = t.Truncate(time.Millisecond)
		}
	}
	return users, err
}

// copied is a copy that must succeed.
func copied(t *testing.T, from, to storecopy.Store) *storecopy.Result {
	t.Helper()
	r, err := storecopy.Copy(t.Context(), from, to, storecopy.Options{})
	must(t, err)
	if !r.Equal() {
		t.Fatalf("the two differ: %+v", r)
	}
	return r
}

// counts are the rows of the tables that a side has, and in all how many were copied.
func counts(r *storecopy.Result) (rows []int, added int) {
	for _, table := range r.Tables {
		rows = append(rows, table.To.Rows)
		added += table.Copied
	}
	return rows, added
}
