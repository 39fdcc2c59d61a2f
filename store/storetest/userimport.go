package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
)

// RunUserImport tests a store of users that can add many in one step: it must be a [jeton.UserImporter]. Each subtest calls open for an
// empty store of its own.
func RunUserImport(t *testing.T, open func(t *testing.T) jeton.UserStore) {
	t.Helper()
	runCases(t, userImportCases(), func(t *testing.T) userImport {
		t.Helper()
		store := open(t)
		importer, ok := store.(jeton.UserImporter)
		if !ok {
			t.Fatalf("%T is no jeton.UserImporter", store)
		}
		return userImport{users{t, store}, importer}
	})
}

// RunHashCounter tests a store of users that can count its password hashes: it must be a [jeton.HashCounter]. Each subtest calls open
// for an empty store of its own.
func RunHashCounter(t *testing.T, open func(t *testing.T) jeton.UserStore) {
	t.Helper()
	runCases(t, hashCounterCases(), func(t *testing.T) hashCounter {
		t.Helper()
		store := open(t)
		counter, ok := store.(jeton.HashCounter)
		if !ok {
			t.Fatalf("%T is no jeton.HashCounter", store)
		}
		return hashCounter{users{t, store}, counter}
	})
}

// userImport is one subtest over a store that can add many users in one step.
type userImport struct {
	users
	importer jeton.UserImporter
}

func userImportCases() []named[userImport] {
	return []named[userImport]{
		{"nobody", userImport.nobody},
		{"every user, whole", userImport.whole},
		{"many", userImport.many},
		{"an address that is taken", userImport.takenEmail},
		{"an id that is taken", userImport.takenID},
		{"twice in the sequence", userImport.twice},
		{"the sequence's own error", userImport.fails},
		{"the sequence is read once", userImport.once},
		{"which are taken", userImport.taken},
		{"which are taken, exactly", userImport.takenExactly},
		{"contention: import and create", userImport.race},
		{"contention: imports", userImport.raceImports},
		{"cancellation", userImport.cancelledImport},
		{"cancellation: in the middle", userImport.cancelledInTheMiddle},
		{"aliasing", userImport.alias},
	}
}

// sequence yields users and then, if it is not nil, err.
func sequence(err error, users ...*jeton.User) iter.Seq2[*jeton.User, error] {
	return func(yield func(*jeton.User, error) bool) {
		for _, u := range users {
			if !yield(u, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func newUsers(n int) []*jeton.User {
	list := make([]*jeton.User, n)
	for i := range list {
		list[i] = newUser()
	}
	return list
}

// refused fails the test unless users cannot be imported, for this reason, and none of them is there then.
func (c userImport) refused(ctx context.Context, why error, given iter.Seq2[*jeton.User, error], none ...*jeton.User) {
	c.Helper()
	wantError(c.T, "import", c.importer.ImportUsers(ctx, given), why)
	ctx = context.WithoutCancel(ctx)
	for _, u := range none {
		c.gone(ctx, u.ID, u.EmailKey)
	}
	good := newUsers(2)
	must(c.T, "import afterwards", c.importer.ImportUsers(ctx, sequence(nil, good...)))
	c.stays(ctx, good[0])
	c.stays(ctx, good[1])
}

func (c userImport) nobody(ctx context.Context) {
	must(c.T, "import nobody", c.importer.ImportUsers(ctx, sequence(nil)))
}

func (c userImport) whole(ctx context.Context) {
	disabled, bare, another := newUser(), &jeton.User{ID: "bare"}, &jeton.User{ID: "bare, too"}
	disabled.Disabled, disabled.Roles, disabled.PasswordHash = true, nil, ""
	list := []*jeton.User{newUser(), disabled, bare, another}
	before := c.create(ctx, newUser())
	must(c.T, "import", c.importer.ImportUsers(ctx, sequence(nil, list...)))
	for _, u := range append(list, before) {
		c.stays(ctx, u)
	}
}

func (c userImport) many(ctx context.Context) {
	for _, n := range []int{1, 99, 100, 101, 1000, 2345} {
		list := newUsers(n)
		must(c.T, fmt.Sprintf("import %d", n), c.importer.ImportUsers(ctx, sequence(nil, list...)))
		for _, i := range []int{0, n / 3, n / 2, n - 1} {
			c.stays(ctx, list[i])
		}
	}
}

func (c userImport) takenEmail(ctx context.Context) {
	there, list := c.create(ctx, newUser()), newUsers(205)
	for _, i := range []int{0, 100, 204} {
		with := slices.Clone(list)
		with[i] = newUser()
		with[i].EmailKey = there.EmailKey
		c.refused(ctx, jeton.ErrEmailTaken, sequence(nil, with...), list[:i]...)
		_, err := c.store.UserByID(ctx, with[i].ID)
		wantError(c.T, "user by id", err, jeton.ErrNotFound)
	}
	c.stays(ctx, there)
}

func (c userImport) takenID(ctx context.Context) {
	there, list := c.create(ctx, newUser()), newUsers(205)
	with := newUser()
	with.ID = there.ID
	c.refused(ctx, jeton.ErrConflict, sequence(nil, append(list, with)...), list...)
	c.stays(ctx, there)
	_, err := c.store.UserByEmail(ctx, with.EmailKey)
	wantError(c.T, "user by e-mail", err, jeton.ErrNotFound)
}

func (c userImport) twice(ctx context.Context) {
	list := newUsers(105)
	sameEmail, sameID := newUser(), newUser()
	sameEmail.EmailKey, sameID.ID = list[3].EmailKey, list[3].ID
	c.refused(ctx, jeton.ErrEmailTaken, sequence(nil, append(slices.Clone(list), sameEmail)...), list...)
	c.refused(ctx, jeton.ErrConflict, sequence(nil, append(slices.Clone(list), sameID)...), list...)
}

func (c userImport) fails(ctx context.Context) {
	own := errors.New("row 7 cannot be read")
	c.refused(ctx, own, sequence(own))
	list := newUsers(205)
	c.refused(ctx, own, sequence(own, list...), list...)
}

func (c userImport) once(ctx context.Context) {
	list, read := newUsers(120), 0
	must(c.T, "import", c.importer.ImportUsers(ctx, func(yield func(*jeton.User, error) bool) {
		for read < len(list) {
			if read++; !yield(list[read-1], nil) {
				return
			}
		}
	}))
	if read != len(list) {
		c.Errorf("%d users were read of %d", read, len(list))
	}
	c.stays(ctx, list[119])
}

// areTaken fails the test unless of these ids and keys exactly those are taken.
func (c userImport) areTaken(ctx context.Context, ids, keys, takenIDs, takenKeys []string) {
	c.Helper()
	gotIDs, gotKeys, err := c.importer.TakenUsers(ctx, ids, keys)
	must(c.T, "taken users", err)
	for _, list := range [][2][]string{{gotIDs, takenIDs}, {gotKeys, takenKeys}} {
		got, want := slices.Sorted(slices.Values(list[0])), slices.Sorted(slices.Values(list[1]))
		if !slices.Equal(got, want) {
			c.Errorf("taken are %d, want %d: %.200q, want %.200q", len(got), len(want), got, want)
		}
	}
}

func (c userImport) taken(ctx context.Context) {
	c.areTaken(ctx, nil, nil, nil, nil)
	c.areTaken(ctx, []string{"a"}, []string{"a@example.com"}, nil, nil)
	list, others := newUsers(1000), newUsers(1000)
	must(c.T, "import", c.importer.ImportUsers(ctx, sequence(nil, list...)))
	var ids, keys, takenIDs, takenKeys []string
	for i := range 500 {
		ids, keys = append(ids, list[i].ID, others[i].ID), append(keys, list[2*i].EmailKey, others[i].EmailKey)
		takenIDs, takenKeys = append(takenIDs, list[i].ID), append(takenKeys, list[2*i].EmailKey)
	}
	c.areTaken(ctx, ids, keys, takenIDs, takenKeys)
	c.areTaken(ctx, ids, nil, takenIDs, nil)
	c.areTaken(ctx, nil, keys, nil, takenKeys)
}

func (c userImport) takenExactly(ctx context.Context) {
	u := newUser()
	u.ID, u.EmailKey = `Ab"\'%é`, `o'neill"\%é@example.com`
	c.create(ctx, u)
	c.create(ctx, &jeton.User{ID: "bare"})
	near := []string{strings.ToLower(u.ID), strings.ToUpper(u.ID), u.ID + " ", " " + u.ID, u.ID[:4], ""}
	nearKeys := []string{strings.ToUpper(u.EmailKey), u.EmailKey + " ", "%", ""}
	c.areTaken(ctx, near, nearKeys, nil, nil)
	c.areTaken(ctx, append(near, u.ID), append(nearKeys, u.EmailKey), []string{u.ID}, []string{u.EmailKey})
}

// race lets an import and a sign-up have one address: one of them gets it, and if that is not the import, it adds nobody.
func (c userImport) race(ctx context.Context) {
	for range 8 {
		list, other := newUsers(50), newUser()
		other.EmailKey = list[25].EmailKey
		winner := winner(c.T, race(2, func(i int) error {
			if i == 0 {
				return c.importer.ImportUsers(ctx, sequence(nil, list...))
			}
			return c.store.CreateUser(ctx, other)
		}), jeton.ErrEmailTaken)
		if winner == 0 {
			c.stays(ctx, list[0])
			c.stays(ctx, list[25])
			continue
		}
		c.stays(ctx, other)
		for _, u := range list {
			_, err := c.store.UserByID(ctx, u.ID)
			wantError(c.T, "user by id", err, jeton.ErrNotFound)
		}
	}
}

func (c userImport) raceImports(ctx context.Context) {
	lists := [][]*jeton.User{newUsers(150), newUsers(150), newUsers(150)}
	all(c.T, race(len(lists), func(i int) error { return c.importer.ImportUsers(ctx, sequence(nil, lists[i]...)) }))
	for _, list := range lists {
		c.stays(ctx, list[0])
		c.stays(ctx, list[149])
	}
}

func (c userImport) cancelledImport(ctx context.Context) {
	u := newUser()
	refuses(ctx, c.T, userImportOperations(c.importer, u))
	c.gone(ctx, u.ID, u.EmailKey)
}

func (c userImport) cancelledInTheMiddle(ctx context.Context) {
	list := newUsers(320)
	for _, at := range []int{0, 110, 319} {
		cancelled, cancel := context.WithCancel(ctx)
		c.refused(cancelled, context.Canceled, func(yield func(*jeton.User, error) bool) {
			for i, u := range list {
				if i == at {
					cancel()
				}
				if !yield(u, nil) {
					return
				}
			}
		}, list...)
		cancel()
	}
}

func (c userImport) alias(ctx context.Context) {
	u := newUser()
	want := u.Clone()
	must(c.T, "import", c.importer.ImportUsers(ctx, sequence(nil, u)))
	scribbleUser(u)
	c.stays(ctx, want)
}

// hashCounter is one subtest over a store that can count its password hashes.
type hashCounter struct {
	users
	counter jeton.HashCounter
}

func hashCounterCases() []named[hashCounter] {
	return []named[hashCounter]{
		{"none", hashCounter.none},
		{"by what form says", hashCounter.byForm},
		{"cancellation", hashCounter.cancelledCount},
	}
}

// beginning is the text before a colon.
func beginning(hash string) string {
	form, _, _ := strings.Cut(hash, ":")
	return form
}

// counts fails the test unless the hashes are these, by their beginnings.
func (c hashCounter) counts(ctx context.Context, want map[string]int) {
	c.Helper()
	got, err := c.counter.CountHashes(ctx, beginning)
	must(c.T, "count hashes", err)
	if !maps.Equal(got, want) {
		c.Errorf("the hashes are %v, want %v", got, want)
	}
}

func (c hashCounter) none(ctx context.Context) {
	c.counts(ctx, map[string]int{})
	c.create(ctx, &jeton.User{ID: "no password"})
	c.counts(ctx, map[string]int{})
}

func (c hashCounter) byForm(ctx context.Context) {
	list := newUsers(21)
	for i, u := range list {
		u.PasswordHash = fmt.Sprintf("old:%d", i)
		if i%4 == 0 {
			u.PasswordHash = fmt.Sprintf("new:%d", i)
		}
		c.create(ctx, u)
	}
	c.create(ctx, &jeton.User{ID: "no password"})
	c.counts(ctx, map[string]int{"new": 6, "old": 15})
	must(c.T, "set password", c.store.SetPassword(ctx, list[1].ID, jeton.PasswordChange{Old: "old:1", New: "new:1"}))
	must(c.T, "set password", c.store.SetPassword(ctx, list[2].ID, jeton.PasswordChange{Old: "old:2"}))
	must(c.T, "delete user", c.store.DeleteUser(ctx, list[3].ID))
	c.counts(ctx, map[string]int{"new": 7, "old": 12})
}

func (c hashCounter) cancelledCount(ctx context.Context) {
	refuses(ctx, c.T, hashCounterOperations(c.counter))
}

func userImportOperations(store jeton.UserImporter, u *jeton.User) []operation {
	return []operation{
		{"ImportUsers", func(ctx context.Context) error { return store.ImportUsers(ctx, sequence(nil, u)) }},
		{"TakenUsers", func(ctx context.Context) error {
			_, _, err := store.TakenUsers(ctx, []string{u.ID}, []string{u.EmailKey})
			return err
		}},
	}
}

func hashCounterOperations(store jeton.HashCounter) []operation {
	return []operation{
		{"CountHashes", func(ctx context.Context) error { return second(store.CountHashes(ctx, beginning)) }},
	}
}
