package fleet_test

import (
	"net/http"
	"testing"
	"time"
)

// longest is how long what is no longer heard of may keep others waiting.
const longest = 30 * time.Second

// A node is cut off by silence when it has locked what all nodes need to sign somebody out, and before it could commit. The database goes on waiting for
// it, since nobody has told it that the node is gone; the others must not wait as long.
func TestSilentInTheMiddleOfASignOut(t *testing.T) {
	t.Parallel()
	s := overPostgres(t, 2, "default_query_exec_mode", "exec")
	lost, other := s.nodes[0], s.nodes[1]
	_, first := mustGrant(s.fleet, lost)
	_, second := mustGrant(s.fleet, other)
	_, third := mustGrant(s.fleet, other)
	s.want(other, signOutBy(third.Refresh), http.StatusNoContent)

	s.links[0].silenceAfter("UPDATE jeton_counter")
	if a := signOutBy(first.Refresh).send(t.Context(), lost.address()); a.err == nil && !a.unavailable() {
		t.Errorf("a sign-out without an answer of the database: %v", a)
	}
	if !s.links[0].isSilent() {
		t.Fatal("the link is not silent")
	}
	took := eventually(t, "another node signs somebody out", func() bool {
		a := signOutBy(second.Refresh).send(t.Context(), other.address())
		return a.err == nil && a.status == http.StatusNoContent
	})
	say(t, "a node silent in the middle of a sign-out: another could sign somebody out %v after the one's client had given up", took.Round(time.Millisecond))
	if took > longest {
		t.Errorf("that is more than %v", longest)
	}
	s.want(other, verify(second.Access), http.StatusUnauthorized)

	s.links[0].mend()
	s.ready(lost)
	s.want(lost, verify(second.Access), http.StatusUnauthorized)
	s.want(lost, signOutBy(first.Refresh), http.StatusNoContent)
	s.want(other, refresh(first.Refresh), http.StatusBadRequest)
}

// All connections of a node are forgotten by something between it and the database, or by the database's successor at the same address: they never say
// anything again, and do not end. New ones work. The node finds out by itself.
func TestConnectionsForgotten(t *testing.T) {
	t.Parallel()
	s := overPostgres(t, 1)
	n := s.nodes[0]
	_, given := mustGrant(s.fleet, n)
	for _, a := range atOnce(s.fleet, get("/auth/me", given.Access)) { // with all connections that a node may have
		if a.status != http.StatusOK {
			t.Fatal(a)
		}
	}
	s.links[0].forget()
	took := eventually(t, "the node works again", func() bool {
		for _, a := range atOnce(s.fleet, get("/auth/me", given.Access)) {
			if a.err == nil && a.status != http.StatusOK && !a.unavailable() {
				t.Errorf("a call over a forgotten connection: %v", a)
			}
			if a.status != http.StatusOK {
				return false
			}
		}
		return isReady(t.Context(), n)
	})
	say(t, "connections forgotten: the node works again after %v", took.Round(time.Millisecond))
	if *duration > 0 && took > longest { // it takes 21 s, of which a machine that is busy with other tests may make more
		t.Errorf("that is more than %v", longest)
	}
	s.want(n, refresh(given.Refresh), http.StatusOK)
	s.want(n, verify(given.Access), http.StatusOK)
}
