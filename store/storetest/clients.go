package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// clients is one subtest over a store of service clients.
type clients struct {
	*testing.T
	store jeton.ServiceClientStore
}

func clientCases() []named[clients] {
	return []named[clients]{
		{"none at first", clients.none},
		{"every field comes back", clients.everyField},
		{"in the order of their names", clients.ordered},
		{"a name is unique", clients.unique},
		{"names are compared exactly", clients.exact},
		{"remove frees the name", clients.removeFrees},
		{"contention: add with one name", clients.raceAdd},
		{"contention: remove", clients.raceRemove},
		{"cancellation: nothing changes", clients.cancelled},
		{"cancellation: whole operations only", clients.cancelledInside},
		{"aliasing: what is given", clients.aliasGiven},
		{"aliasing: what is returned", clients.aliasReturned},
	}
}

// newClient returns an ordinary service client.
func newClient(name string) *jeton.ServiceClient {
	secret := hash(name)
	return &jeton.ServiceClient{
		Name: name, Scopes: []string{jeton.ScopeIntrospect, jeton.ScopeRevocations}, SecretHash: secret[:], CreatedAt: start(),
	}
}

// add adds a client and returns it.
func (c clients) add(ctx context.Context, client *jeton.ServiceClient) *jeton.ServiceClient {
	c.Helper()
	must(c.T, "add service client", c.store.AddServiceClient(ctx, client))
	return client
}

// are fails the test unless the store has exactly want, in this order and each under its name.
func (c clients) are(ctx context.Context, want ...*jeton.ServiceClient) {
	c.Helper()
	got, err := c.store.ServiceClients(ctx)
	must(c.T, "service clients", err)
	if len(got) != len(want) {
		c.Errorf("there are %d service clients, want %d", len(got), len(want))
		return
	}
	for i := range want {
		same(c.T, got[i], want[i])
		one, err := c.store.ServiceClient(ctx, want[i].Name)
		must(c.T, "service client", err)
		same(c.T, one, want[i])
	}
}

// gone fails the test if the store finds a client with this name.
func (c clients) gone(ctx context.Context, name string) {
	c.Helper()
	_, err := c.store.ServiceClient(ctx, name)
	wantError(c.T, "service client", err, jeton.ErrNotFound)
}

func (c clients) none(ctx context.Context) {
	c.are(ctx)
	c.gone(ctx, "nobody")
	c.gone(ctx, "")
	wantError(c.T, "remove nobody", c.store.RemoveServiceClient(ctx, "nobody"), jeton.ErrNotFound)
}

func (c clients) everyField(ctx context.Context) {
	elsewhere := newClient("b")
	elsewhere.CreatedAt = start().Add(time.Millisecond).In(time.FixedZone("far", -7*60*60))
	bare := newClient("c")
	bare.Scopes, bare.CreatedAt = nil, time.Time{}
	bytes := newClient("d")
	for i := range bytes.SecretHash {
		bytes.SecretHash[i] = byte(i * 8)
	}
	odd := newClient("e")
	odd.Scopes = []string{"null", "[x]", "it's", "%", "a:b/*", "x", "x"}
	list := []*jeton.ServiceClient{newClient("a"), elsewhere, bare, bytes, odd, newClient(strings.Repeat("f", 64))}
	for _, client := range list {
		c.add(ctx, client)
	}
	c.are(ctx, list...)
}

func (c clients) ordered(ctx context.Context) {
	names := []string{"b", "a.b", "a", "a-b", "9", "a_b", "ab", "10", "z", "0", "aa"}
	var list []*jeton.ServiceClient
	for _, name := range names {
		list = append(list, c.add(ctx, newClient(name)))
	}
	slices.SortFunc(list, func(a, b *jeton.ServiceClient) int { return strings.Compare(a.Name, b.Name) })
	c.are(ctx, list...)
}

func (c clients) unique(ctx context.Context) {
	first, second := c.add(ctx, newClient("one")), newClient("one")
	second.Scopes, second.SecretHash = nil, slices.Repeat([]byte{1}, 32)
	wantError(c.T, "add a client with a taken name", c.store.AddServiceClient(ctx, second), jeton.ErrConflict)
	wantError(c.T, "add a client again", c.store.AddServiceClient(ctx, first), jeton.ErrConflict)
	c.are(ctx, first)
}

func (c clients) exact(ctx context.Context) {
	list := []*jeton.ServiceClient{c.add(ctx, newClient("a_b")), c.add(ctx, newClient("axb")), c.add(ctx, newClient("axb.c"))}
	c.are(ctx, list...)
	for _, name := range []string{"AXB", "axb ", "a%", "axb.", "a"} {
		c.gone(ctx, name)
		wantError(c.T, "remove "+name, c.store.RemoveServiceClient(ctx, name), jeton.ErrNotFound)
	}
	must(c.T, "remove", c.store.RemoveServiceClient(ctx, "a_b"))
	c.are(ctx, list[1:]...)
}

func (c clients) removeFrees(ctx context.Context) {
	bystander := c.add(ctx, newClient("bystander"))
	c.add(ctx, newClient("one"))
	must(c.T, "remove", c.store.RemoveServiceClient(ctx, "one"))
	c.gone(ctx, "one")
	wantError(c.T, "remove again", c.store.RemoveServiceClient(ctx, "one"), jeton.ErrNotFound)
	c.are(ctx, bystander)
	next := newClient("one")
	next.SecretHash = slices.Repeat([]byte{7}, 32)
	c.are(ctx, bystander, c.add(ctx, next))
}

func (c clients) raceAdd(ctx context.Context) {
	const rivals = 16
	for round := range 4 {
		name := fmt.Sprint("client", round)
		list := make([]*jeton.ServiceClient, rivals)
		for i := range list {
			list[i] = newClient(name)
			list[i].SecretHash = slices.Repeat([]byte{byte(i)}, 32)
		}
		won := winner(c.T, race(rivals, func(i int) error { return c.store.AddServiceClient(ctx, list[i]) }), jeton.ErrConflict)
		got, err := c.store.ServiceClient(ctx, name)
		must(c.T, "service client", err)
		same(c.T, got, list[won])
	}
}

func (c clients) raceRemove(ctx context.Context) {
	const rivals = 16
	for range 4 {
		c.add(ctx, newClient("one"))
		winner(c.T, race(rivals, func(int) error { return c.store.RemoveServiceClient(ctx, "one") }), jeton.ErrNotFound)
		c.are(ctx)
	}
}

func (c clients) cancelled(ctx context.Context) {
	client := c.add(ctx, newClient("one"))
	refuses(ctx, c.T, clientOperations(c.store, client))
	c.are(ctx, client)
}

func (c clients) cancelledInside(ctx context.Context) {
	interrupted(ctx, c.T, func(worker int) script {
		client := newClient(fmt.Sprint("client", worker))
		return script{
			steps: []func(ctx context.Context) error{
				func(ctx context.Context) error { return c.store.AddServiceClient(ctx, client) },
				func(ctx context.Context) error { return c.store.RemoveServiceClient(ctx, client.Name) },
			},
			differs: func(ctx context.Context, done int) ([]string, error) {
				got, err := c.store.ServiceClient(ctx, client.Name)
				if err != nil && !errors.Is(err, jeton.ErrNotFound) {
					return nil, err
				}
				return differences(got, []*jeton.ServiceClient{nil, client, nil}[done]), nil
			},
		}
	})
}

func (c clients) aliasGiven(ctx context.Context) {
	given, want := newClient("one"), newClient("one")
	c.add(ctx, given)
	scribbleClient(given)
	c.are(ctx, want)
}

func (c clients) aliasReturned(ctx context.Context) {
	c.add(ctx, newClient("one"))
	want := newClient("one")
	one, err := c.store.ServiceClient(ctx, "one")
	must(c.T, "service client", err)
	scribbleClient(one)
	c.are(ctx, want)
	list, err := c.store.ServiceClients(ctx)
	must(c.T, "service clients", err)
	for i := range list {
		scribbleClient(list[i])
		list[i] = nil
	}
	c.are(ctx, want)
}

func scribbleClient(client *jeton.ServiceClient) {
	for i := range client.Scopes {
		client.Scopes[i] = "everything"
	}
	clear(client.SecretHash)
	*client = jeton.ServiceClient{Name: "scribbled"}
}
