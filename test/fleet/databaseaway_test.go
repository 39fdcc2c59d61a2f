package fleet_test

import (
	"net/http"
	"testing"
	"time"
)

// The database goes away and comes back, and nobody touches the node. Tokens go on being judged for as long as is promised, and not for
// longer. Whatever needs the database says that it is away, and when to ask again.
func TestPostgresStopped(t *testing.T) {
	t.Parallel()
	s := overPostgres(t, 1)
	n := s.nodes[0]
	pid := n.pid()
	email, given := mustGrant(s.fleet, n)
	_, other := mustGrant(s.fleet, n)
	s.want(n, verify(given.Access), http.StatusOK)
	s.want(n, signOutBy(other.Refresh), http.StatusNoContent)

	began := time.Now()
	if err := s.database.Stop(); err != nil {
		t.Fatal(err)
	}
	stopped := time.Now()
	last, first := s.judged(n, given, other, stopped)
	// What the node knew was up to 0.8 s old when the database began to stop. That the machine may have stood still is in the rest.
	if judged := first + stopped.Sub(began); judged < maxStaleness-2*time.Second {
		t.Errorf("tokens were judged for %v after the database had stopped, want about %v", judged, maxStaleness)
	}
	for _, c := range []call{
		signIn(email), signUp("new@example.com"), refresh(given.Refresh), signOutBy(given.Refresh), get("/auth/me", given.Access), get("/readyz", ""),
	} {
		if a := c.send(t.Context(), n.address()); !a.unavailable() {
			t.Errorf("%s %s: %v, want 503 with Retry-After", c.method, c.path, a)
		}
	}
	s.want(n, get("/healthz", ""), http.StatusOK)
	s.want(n, verify(other.Access), http.StatusServiceUnavailable)

	if err := s.database.Restart(); err != nil {
		t.Fatal(err)
	}
	back := s.ready(n)
	say(t, "PostgreSQL stopped: tokens were judged until %v after the database had stopped, and 503 from %v on; the node was ready %v after it was back",
		last.Round(time.Millisecond), first.Round(time.Millisecond), back.Round(time.Millisecond))
	s.want(n, verify(given.Access), http.StatusOK)
	s.want(n, verify(other.Access), http.StatusUnauthorized)
	a := s.want(n, refresh(given.Refresh), http.StatusOK)
	if err := a.decode(&given); err != nil {
		t.Fatal(err)
	}
	s.want(n, get("/auth/me", given.Access), http.StatusOK)
	s.want(n, signIn(email), http.StatusOK)
	s.want(n, signOutBy(given.Refresh), http.StatusNoContent)
	s.want(n, verify(given.Access), http.StatusUnauthorized)
	if n.pid() != pid || n.starts != 1 {
		t.Error("it is another process")
	}
}

// want sends a request that has to be answered with a status.
func (f *fleet) want(n *node, c call, status int) answer {
	f.t.Helper()
	a := c.send(f.t.Context(), n.address())
	if a.err != nil || a.status != status {
		f.t.Errorf("%s %s at %s: %v, want %d", c.method, c.path, n.name, a, status)
	}
	return a
}

// judged asks about the token of a session and one that was signed out until the node no longer knows, and returns when the last request that it could
// judge was sent, and the first that it could not, counted from when the database was stopped.
func (f *fleet) judged(n *node, live, ended grant, stopped time.Time) (last, first time.Duration) {
	f.t.Helper()
	eventually(f.t, "tokens are no longer judged", func() bool {
		a := verify(live.Access).send(f.t.Context(), n.address())
		sent := a.began.Sub(stopped)
		switch {
		case a.err == nil && a.status == http.StatusOK:
			last = sent
			if b := verify(ended.Access).send(f.t.Context(), n.address()); b.status != http.StatusUnauthorized && !b.unavailable() {
				f.t.Errorf("a signed-out token %v after the database has stopped: %v", sent, b)
			}
			return false
		case a.unavailable():
			first = sent
			return true
		default:
			f.t.Errorf("a good token %v after the database has stopped: %v", sent, a)
			return false
		}
	})
	if last > maxStaleness {
		f.t.Errorf("a token was accepted %v after the database had stopped", last)
	}
	return last, first
}
