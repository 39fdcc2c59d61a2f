package jeton_test

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/store/memory"
)

// keyNode is a node of a service whose keys are in a store that several share.
type keyNode struct {
	*jeton.Auth
	t    *testing.T
	ring *jeton.KeyRing
}

// newKeyNode starts a node whose ring reads keys, which may be those of store in a wrapper.
func newKeyNode(t *testing.T, store *memory.Store, keys jeton.KeyStore) *keyNode {
	t.Helper()
	n := &keyNode{t: t, ring: newRing(t, keys, masterKey)}
	if err := n.ring.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	n.Auth, err = jeton.New(jeton.Config{
		Issuer: issuer, Keys: n.ring, Store: store, Hasher: cheap, Cache: jeton.NewTokenCache(64),
		Secret: masterKey, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// issue makes a token that lasts as long as any.
func (n *keyNode) issue() string {
	n.t.Helper()
	token, err := n.Issue(n.t.Context(), "u", jeton.IssueOptions{TTL: 24 * time.Hour})
	if err != nil {
		n.t.Fatal(err)
	}
	return token
}

// verify fails the test unless the token is accepted, or refused for want.
func (n *keyNode) verify(what, token string, want error) {
	n.t.Helper()
	p, err := n.Verify(n.t.Context(), token)
	if !errors.Is(err, want) || err == nil && p.Subject() != "u" {
		n.t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func (n *keyNode) rotate() jeton.KeyInfo {
	n.t.Helper()
	info, err := n.ring.Rotate(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	return info
}

// states fails the test unless these are the states of all keys, the oldest first.
func (n *keyNode) states(what string, want ...jeton.KeyState) []jeton.KeyInfo {
	n.t.Helper()
	infos, err := n.ring.Keys(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	var got []jeton.KeyState
	for _, info := range infos {
		got = append(got, info.State)
	}
	if !slices.Equal(got, want) {
		n.t.Errorf("%s: keys are %v, want %v", what, got, want)
	}
	return infos
}

func keyOf(t *testing.T, token string) string {
	t.Helper()
	header, err := jwt.UnverifiedHeader(token)
	if err != nil {
		t.Fatal(err)
	}
	return header.KeyID
}

func wantPublished(t *testing.T, n *keyNode, what string, want int) {
	t.Helper()
	set, err := n.PublicKeys(t.Context())
	if err != nil || set.Len() != want {
		t.Errorf("%s: %d keys are published, want %d (%v)", what, set.Len(), want, err)
	}
}
