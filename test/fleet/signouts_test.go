package fleet_test

import (
	"context"
	"net/http"
	"time"
)

// signedOut is a session that was ended, and when its client was told so.
type signedOut struct {
	grant

	email string
	at    time.Time
}

// acceptance is that a signed-out token was accepted.
type acceptance struct {
	after time.Duration // from the moment when the client was told of the sign-out to the one when the request was sent
	aside time.Duration // of that, while the machine stood still
	node  string
}

// ended keeps a sign-out for the end, and has every node asked about its access token from now on.
func (f *fleet) ended(s signedOut) {
	f.mu.Lock()
	f.endings = append(f.endings, s)
	f.mu.Unlock()
	for i := range f.nodes {
		f.checks.Go(func() { f.check(i, s) })
	}
}

// check asks one node again and again about a token that was signed out: at first quickly, then more slowly until a while after the longest
// time that it may be accepted for, or until the fleet is closing.
func (f *fleet) check(i int, s signedOut) {
	var interval time.Duration
	for pause(f.t.Context(), interval) {
		began := time.Now()
		since := began.Sub(s.at)
		switch {
		case since > maxStaleness+2*time.Second, since > within+within/2 && f.isClosing():
			return
		case since < within+within/2, f.outages[i].meet(began, began):
			interval = 50 * time.Millisecond
		default:
			interval = 500 * time.Millisecond
		}
		a := verify(s.Access).send(f.t.Context(), f.nodes[i].address())
		f.tally.count("checks of signed-out tokens")
		switch {
		case a.err != nil, a.unavailable(), a.status == http.StatusUnauthorized:
		case a.status == http.StatusOK:
			f.accepted(i, s, a)
		default:
			f.broken("%s about a signed-out token: %v", f.nodes[i].name, a)
		}
	}
}

func (f *fleet) isClosing() bool {
	select {
	case <-f.closing:
		return true
	default:
		return false
	}
}

// accepted judges that a node has accepted a token after its sign-out. What counts is when the request was sent: an answer may be slow.
//
// A node that was cut off at any moment since the sign-out has MaxStaleness, which it keeps by its own clock whatever the machine does.
// Any other has a second, for reading the database: the time when this process, the database or the node stood still is set aside.
func (f *fleet) accepted(i int, s signedOut, a answer) {
	got := acceptance{after: a.began.Sub(s.at), node: f.nodes[i].name}
	cut, bound := 0, within
	if f.outages[i].meet(s.at, a.began) {
		cut, bound = 1, maxStaleness
	} else {
		got.aside = covered(s.at, a.began, f.stalls, f.slow[i])
	}
	f.mu.Lock()
	if got.after-got.aside > f.worst[cut].after-f.worst[cut].aside {
		f.worst[cut] = got
	}
	f.mu.Unlock()
	if got.after-got.aside > bound {
		f.broken("%s accepted a token %v after its sign-out, and %v of that the machine stood still; it may for %v (session %s)",
			got.node, got.after, got.aside, bound, s.Session)
	}
}

// sweep asks every node about everything that was ever signed out, when all of it has been long enough ago.
func (f *fleet) sweep(ctx context.Context) {
	for _, s := range f.endings {
		for _, n := range f.nodes {
			a := verify(s.Access).send(ctx, n.address())
			if a.err != nil || a.status != http.StatusUnauthorized {
				f.broken("%s about a token whose session %s was signed out %v ago: %v, want 401", n.name, s.Session, time.Since(s.at), a)
			}
		}
		n := f.nodes[random(len(f.nodes))]
		if a := refresh(s.Refresh).send(ctx, n.address()); a.err != nil || a.status != http.StatusBadRequest {
			f.broken("%s refreshes the session %s, which was signed out: %v", n.name, s.Session, a)
		}
	}
}
