package postgres_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/postgres"
)

// everything runs every statement of the store once, with values in every column and with none. The store is empty before.
func everything(t *testing.T, s *postgres.Store) {
	t.Helper()
	ctx := t.Context()
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	same := func(got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%#v, want %#v", got, want)
		}
	}
	u := &jeton.User{
		ID: "u", Email: "Ada@Example.com", EmailKey: "ada@example.com", Name: `O'Neil \ "ü"`, PasswordHash: "$h$", Roles: []string{"a", `{"b,'\`},
		PasswordChangedAt: at(), CreatedAt: at(), UpdatedAt: at(),
	}
	must(s.Ping(ctx), s.CreateUser(ctx, u), s.CreateUser(ctx, &jeton.User{ID: "bare"}))
	if err := s.CreateUser(ctx, &jeton.User{ID: "v", EmailKey: "ada@example.com"}); !errors.Is(err, jeton.ErrEmailTaken) {
		t.Errorf("error is %v", err)
	}
	u.Name, u.Disabled, u.UpdatedAt = "Ada", true, at().Add(time.Hour)
	got, err := s.UpdateUser(ctx, "u", jeton.UserChange{Name: &u.Name, Disabled: &u.Disabled, UpdatedAt: u.UpdatedAt})
	must(err, s.SetPassword(ctx, "u", jeton.PasswordChange{Old: "$h$", New: "$i$"}))
	same(got, u)
	u.PasswordHash = "$i$"
	byID, err := s.UserByID(ctx, "u")
	must(err)
	same(byID, u)
	byEmail, err := s.UserByEmail(ctx, "ada@example.com")
	must(err)
	same(byEmail, u)
	list, err := s.ListUsers(ctx, "", 10)
	must(err, s.DeleteUser(ctx, "bare"))
	same(list, []*jeton.User{{ID: "bare"}, u})

	session, advance := newSession("s")
	other, _ := newSession("other")
	other.UserID = session.UserID
	must(s.CreateSession(ctx, session), s.CreateSession(ctx, other), s.CreateSession(ctx, &jeton.Session{ID: "bare"}))
	session.AccessUntil = at().Add(time.Hour)
	must(s.AdvanceSession(ctx, advance), s.ExtendAccess(ctx, "s", session.AccessUntil))
	session.Generation, session.Advances = 1, []time.Time{at()}
	stored, err := s.SessionByID(ctx, "s")
	must(err)
	same(stored, session)
	live, err := s.SessionsByUser(ctx, session.UserID, at())
	must(err)
	same(len(live), 2)
	one, err := s.EndSessions(ctx, jeton.Ending{SessionID: "s", UserID: session.UserID, At: at(), Reason: "x", RevokeUntil: time.Minute})
	must(err)
	all, err := s.EndSessions(ctx, jeton.Ending{UserID: session.UserID, At: at(), Reason: "y", RevokeUntil: time.Minute})
	must(err)
	token, err := s.RevokeToken(ctx, revoke.IDOf("token"), at())
	must(err)
	entries, err := s.Revocations(ctx, 0, 10)
	must(err)
	same(entries, []revoke.Entry{
		{Number: 1, ID: revoke.IDOf("s"), ExpiresAt: at().Add(61 * time.Minute)},
		{Number: 2, ID: revoke.IDOf("other"), ExpiresAt: at().Add(16 * time.Minute)},
		{Number: 3, ID: revoke.IDOf("token"), ExpiresAt: at()},
	})
	same(append(append(one, all...), token), entries)

	key := &jeton.StoredKey{Number: 1 << 31, ID: "k", Algorithm: "ES256", Public: []byte{0, 1}, Sealed: []byte{255}, CreatedAt: at(), RevokedAt: at()}
	must(s.AddKey(ctx, key), s.SetKeyTimes(ctx, "k", jeton.KeyTimes{RetireAt: at()}))
	key.RevokedAt, key.RetireAt = time.Time{}, at()
	keys, err := s.Keys(ctx)
	must(err)
	same(keys, []*jeton.StoredKey{key})
	client := &jeton.ServiceClient{Name: "c", Scopes: []string{"x"}, SecretHash: make([]byte, 32), CreatedAt: at()}
	must(s.AddServiceClient(ctx, client))
	clients, err := s.ServiceClients(ctx)
	must(err, s.RemoveServiceClient(ctx, "c"))
	same(clients, []*jeton.ServiceClient{client})

	limit := jeton.Limit{Count: 2, Window: time.Minute}
	for _, want := range []time.Duration{0, 0, 30 * time.Second} {
		wait, err := s.Take(ctx, "k", limit, at())
		must(err)
		same(wait, want)
	}
	must(s.Return(ctx, "k", limit, at()))
	removed, err := s.Prune(ctx, at().Add(1e5*time.Hour))
	must(err)
	same(removed, 3+3+1)
	copied(t, s)
}

// copied does the same for what moves users, sessions and revocations from elsewhere. Of these there are only the user u and three numbers.
func copied(t *testing.T, s *postgres.Store) {
	t.Helper()
	ctx := t.Context()
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	same := func(got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%#v, want %#v", got, want)
		}
	}
	u := &jeton.User{
		ID: `v\'"`, Email: "Bob@Example.com", EmailKey: "bob@example.com", Name: "\t\\N,\r\n", PasswordHash: "$h$", Roles: []string{"a", `{"b,'\`, ""},
		PasswordChangedAt: at(), CreatedAt: at(), UpdatedAt: at(), Disabled: true,
	}
	must(s.ImportUsers(ctx, sequence(nil, u, &jeton.User{ID: "bare"})))
	if err := s.ImportUsers(ctx, sequence(nil, &jeton.User{ID: "w", EmailKey: u.EmailKey})); !errors.Is(err, jeton.ErrEmailTaken) {
		t.Errorf("error is %v", err)
	}
	got, err := s.UserByEmail(ctx, u.EmailKey)
	must(err)
	same(got, u)
	ids, keys, err := s.TakenUsers(ctx, []string{"w", u.ID, "\x00"}, []string{u.EmailKey, "", "\xff"})
	must(err)
	same([][]string{ids, keys}, [][]string{{u.ID}, {u.EmailKey}})
	counts, err := s.CountHashes(ctx, func(hash string) string { return hash[:2] })
	must(err)
	same(counts, map[string]int{"$h": 1, "$i": 1})

	session, _ := newSession(`a\'"`)
	session.EndedAt, session.EndReason, session.Advances = at(), "x", []time.Time{at(), at(), at(), at()}
	must(s.AddSessions(ctx, []*jeton.Session{{ID: "bare"}, session}))
	list, err := s.ListSessions(ctx, "", 10)
	must(err)
	same(list, []*jeton.Session{session, {ID: "bare"}})
	list, err = s.ListSessions(ctx, session.ID, 10)
	must(err)
	same(len(list), 1)
	entry := revoke.Entry{Number: 7, ID: revoke.IDOf("copied"), ExpiresAt: at()}
	must(s.AddRevocations(ctx, []revoke.Entry{entry, {Number: 5}}, 6))
	entries, err := s.Revocations(ctx, 5, 10)
	must(err)
	same(entries, []revoke.Entry{entry})
	last, err := s.LastRevocation(ctx)
	must(err)
	same(last, uint64(7))
}
