package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
)

// userList is one subtest over a store that can list its users.
type userList struct {
	users
	lister jeton.UserLister
}

func newUserList(t *testing.T, store jeton.UserStore) userList {
	t.Helper()
	lister, ok := store.(jeton.UserLister)
	if !ok {
		t.Fatalf("%T is no jeton.UserLister", store)
	}
	return userList{users{t, store}, lister}
}

func userListCases() []named[userList] {
	return []named[userList]{
		{"nobody at first", userList.nobody},
		{"every user, whole", userList.whole},
		{"in the order of the ids' bytes", userList.ordered},
		{"pages", userList.pages},
		{"users that come and go between pages", userList.moving},
		{"cancellation", userList.cancelledList},
		{"aliasing", userList.alias},
	}
}

// are fails the test unless a page has exactly want, in this order.
func (c userList) are(ctx context.Context, after string, limit int, want ...*jeton.User) {
	c.Helper()
	got, err := c.lister.ListUsers(ctx, after, limit)
	must(c.T, "list users", err)
	if len(got) != len(want) {
		c.Errorf("%d users after %q, want %d", len(got), after, len(want))
		return
	}
	for i := range want {
		same(c.T, got[i], want[i])
	}
}

// byID returns users in the order of their ids' bytes.
func byID(list ...*jeton.User) []*jeton.User {
	return slices.SortedFunc(slices.Values(list), func(a, b *jeton.User) int { return strings.Compare(a.ID, b.ID) })
}

func (c userList) nobody(ctx context.Context) {
	c.are(ctx, "", 10)
	c.are(ctx, "a", 10)
}

func (c userList) whole(ctx context.Context) {
	disabled, bare := newUser(), &jeton.User{ID: "bare"}
	disabled.ID, disabled.Disabled, disabled.Roles = "disabled", true, nil
	c.create(ctx, disabled)
	c.create(ctx, bare)
	first := c.createAs(ctx, "a")
	must(c.T, "delete user", c.store.DeleteUser(ctx, c.createAs(ctx, "b").ID))
	c.are(ctx, "", 1000, byID(first, bare, disabled)...)
}

func (c userList) ordered(ctx context.Context) {
	var list []*jeton.User
	for _, id := range []string{"b", "B", "a", "aa", "a-", "10", "9", "é", "z", "_", "a b", "Z"} {
		list = append(list, c.createAs(ctx, id))
	}
	list = byID(list...)
	c.are(ctx, "", len(list)+1, list...)
	for i, u := range list {
		c.are(ctx, u.ID, len(list), list[i+1:]...)
	}
	for _, nobodys := range []string{"a\x01", list[0].ID + "\x01"} {
		rest := slices.DeleteFunc(slices.Clone(list), func(u *jeton.User) bool { return u.ID <= nobodys })
		c.are(ctx, nobodys, 1, rest[:min(1, len(rest))]...)
	}
}

func (c userList) pages(ctx context.Context) {
	const total = 23
	list := make([]*jeton.User, total)
	for i := range list {
		list[i] = c.createAs(ctx, fmt.Sprintf("user%02d", i))
	}
	list = byID(list...)
	for _, limit := range []int{1, 5, total - 1, total, total + 1} {
		after := ""
		for from := 0; from < total; from += limit {
			page := list[from:min(from+limit, total)]
			c.are(ctx, after, limit, page...)
			after = page[len(page)-1].ID
		}
		c.are(ctx, after, limit)
	}
}

// moving lists while users are created and deleted: those that stay are seen once.
func (c userList) moving(ctx context.Context) {
	list := byID(c.createAs(ctx, "b"), c.createAs(ctx, "d"), c.createAs(ctx, "f"))
	second, last := list[1], list[2]
	c.are(ctx, "", 2, list[:2]...)
	must(c.T, "delete user", c.store.DeleteUser(ctx, second.ID))
	list = byID(last, c.createAs(ctx, "a"), c.createAs(ctx, "e"))
	list = slices.DeleteFunc(list, func(u *jeton.User) bool { return u.ID <= second.ID })
	c.are(ctx, second.ID, 2, list[:min(2, len(list))]...)
}

func (c userList) cancelledList(ctx context.Context) {
	refuses(ctx, c.T, userListOperations(c.lister))
}

func (c userList) alias(ctx context.Context) {
	u := c.create(ctx, newUser())
	want := u.Clone()
	list, err := c.lister.ListUsers(ctx, "", 10)
	must(c.T, "list users", err)
	for i := range list {
		scribbleUser(list[i])
		list[i] = nil
	}
	c.are(ctx, "", 10, want)
	c.stays(ctx, want)
}
