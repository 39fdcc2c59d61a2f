package sessionmodel

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// run is one sequence of operations: the services, and the model beside them. An operation calls a service, lets the model do the
// same, and compares.
type run struct {
	model

	t        *rapid.T
	subject  Subject
	keys     jwk.Source
	secrets  [][]byte
	cached   bool
	nodes    []*node
	acted    *node // the one that has done what was done last, or nil if several have
	began    time.Time
	clock    atomic.Int64 // the model's now for the services, whose goroutines read it, too; nanoseconds since 1970
	places   []place
	counted  int // what was given a name or a password of its own so far
	replayed int // audit events
	stolen   int
}

// Run compares one run with the model.
func Run(t *rapid.T, subject Subject) {
	r := &run{t: t, subject: subject, keys: newKeys(t), places: places()}
	r.allKnown = true
	r.rules = drawRules(t)
	fraction := rapid.SampledFrom([]time.Duration{0, 1, 999*time.Millisecond + 999*time.Microsecond}).Draw(t, "fraction of the first second")
	r.began = time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC).Add(fraction)
	r.turnTo(r.began)
	r.cached = rapid.Bool().Draw(t, "token cache")
	r.nodes = []*node{{name: "node 1"}, {name: "node 2"}}[:rapid.IntRange(1, 2).Draw(t, "nodes")]
	r.open()
	r.signUp(r.nodes[0], emails[0], r.places[0])
	all := operations()
	names := make([]string, len(all))
	for i, o := range all {
		names[i] = o.name
	}
	do := rapid.SampledFrom(names)
	t.Repeat(map[string]func(*rapid.T){
		"": func(*rapid.T) { r.compare() },
		"operation": func(t *rapid.T) {
			name := do.Draw(t, "operation")
			i := slices.IndexFunc(all, func(o operation) bool { return o.name == name })
			if !all[i].do(r, r.pickNode()) {
				t.Skip("there is nothing to do that with")
			}
		},
	})
}

// turnTo sets the clock.
func (r *run) turnTo(now time.Time) {
	r.now = now
	r.clock.Store(now.UnixNano())
}

// compare compares all that there is with the model. The node that has acted knows at once what it has done; the others once they have
// read what is revoked.
func (r *run) compare() {
	asked := r.nodes[0]
	if r.acted != nil {
		asked = r.acted
		r.compareTokens(r.acted)
	}
	for _, n := range r.nodes {
		if n == r.acted {
			continue
		}
		if err := n.auth.Ready(r.t.Context()); err != nil {
			r.t.Fatalf("%s: Ready: %v", n.name, err)
		}
		r.compareTokens(n)
	}
	for _, u := range r.users {
		r.compareList(asked, u)
	}
	if r.replayed != r.replays || r.stolen != r.thefts {
		r.t.Fatalf("audit events: %d replays, %d thefts, want %d, %d", r.replayed, r.stolen, r.replays, r.thefts)
	}
}

// compareTokens compares what a node says about every access token that was ever given out, but for those that can never be
// accepted again and were refused when that began.
func (r *run) compareTokens(n *node) {
	for _, a := range r.accesses {
		if !a.buried {
			r.compareToken(n, a)
		}
	}
	if n == r.nodes[len(r.nodes)-1] {
		for _, a := range r.accesses {
			a.buried = !r.now.Before(a.expires.Add(jwt.MaxLeeway))
		}
	}
}

func (r *run) compareToken(n *node, a *access) {
	p, err := n.auth.Verify(r.t.Context(), a.text)
	want := r.refusal(a)
	switch {
	case want == nil && err != nil || !errors.Is(err, want):
		r.t.Fatalf("%s: access token %s: %s, want %s", n.name, a.name, verdict(err), verdict(want))
	case err != nil:
	case p.Subject() != a.user.id || a.session != nil && p.Session() != a.session.id || a.session == nil && p.Session() != "":
		r.t.Fatalf("%s: access token %s is of another user or session", n.name, a.name)
	case !p.ExpiresAt().Equal(a.expires) || !slices.Equal(p.Roles(), a.roles):
		r.t.Fatalf("%s: access token %s expires %v with roles %q, want %v, %q", n.name, a.name, p.ExpiresAt(), p.Roles(), a.expires, a.roles)
	case a.session != nil && !p.AuthTime().Equal(a.session.signedIn.Truncate(time.Second)):
		r.t.Fatalf("%s: access token %s: auth_time %v, want %v", n.name, a.name, p.AuthTime(), a.session.signedIn)
	}
}

// verdict says how an access token was judged.
func verdict(err error) string {
	switch {
	case err == nil:
		return "accepted"
	case errors.Is(err, jwt.ErrExpired):
		return "expired"
	case errors.Is(err, jwt.ErrRevoked):
		return "revoked"
	}
	return err.Error()
}

// compareList compares the list of a user's sessions.
func (r *run) compareList(n *node, u *user) {
	got, err := n.auth.Sessions(r.t.Context(), u.id)
	if err != nil {
		r.t.Fatalf("%s: sessions of %s: %v", n.name, u.name, err)
	}
	want := r.live(u)
	if len(got) != len(want) {
		r.t.Fatalf("%s: sessions of %s are %s, want %s", n.name, u.name, r.namesOf(got), names(want))
	}
	for _, s := range want {
		i := slices.IndexFunc(got, func(g *jeton.Session) bool { return g.ID == s.id })
		if i < 0 {
			r.t.Fatalf("%s: sessions of %s are %s, want %s", n.name, u.name, r.namesOf(got), names(want))
		}
		if d := difference(got[i], s); d != "" {
			r.t.Fatalf("%s: %s: %s", n.name, s.name, d)
		}
	}
	if !slices.IsSortedFunc(got, func(a, b *jeton.Session) int { return b.UsedAt.Compare(a.UsedAt) }) {
		r.t.Fatalf("%s: sessions of %s are not listed latest used first: %s", n.name, u.name, r.namesOf(got))
	}
}

// difference says what about a stored session is not as it should be.
func difference(got *jeton.Session, want *session) string {
	recent := slices.Clone(want.advances[max(0, len(want.advances)-jeton.MaxAdvances):])
	slices.Reverse(recent)
	for _, c := range []struct {
		field     string
		got, want any
	}{
		{"Kind", got.Kind, want.kind},
		{"Generation", int(got.Generation), max(0, want.generation())},
		{"AuthTime", got.AuthTime.UTC(), want.signedIn},
		{"CreatedAt", got.CreatedAt.UTC(), want.signedIn},
		{"UsedAt", got.UsedAt.UTC(), want.used},
		{"IdleUntil", got.IdleUntil.UTC(), want.idleUntil},
		{"ExpiresAt", got.ExpiresAt.UTC(), want.expiresAt},
		{"AccessUntil", got.AccessUntil.UTC(), want.accessUntil},
		{"Advances", fmt.Sprint(got.Advances), fmt.Sprint(recent)},
		{"Client", got.Client, want.place.client},
		{"CreatedBy", got.CreatedBy, want.begun.client},
	} {
		if c.got != c.want {
			return fmt.Sprintf("%s is %v, want %v", c.field, c.got, c.want)
		}
	}
	return ""
}

// namesOf names stored sessions.
func (r *run) namesOf(stored []*jeton.Session) string {
	var known []string
	for _, g := range stored {
		name := "one that nobody was given"
		if i := slices.IndexFunc(r.sessions, func(s *session) bool { return s.id == g.ID }); i >= 0 {
			name = r.sessions[i].name
		}
		known = append(known, name)
	}
	slices.Sort(known)
	return "[" + strings.Join(known, ", ") + "]"
}

func names(sessions []*session) string {
	var all []string
	for _, s := range sessions {
		all = append(all, s.name)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// say logs what is done, for the trace of a failure.
func (r *run) say(n *node, format string, args ...any) {
	r.acted = n
	r.t.Logf("%v %s: %s", r.now.Sub(r.began), n.name, fmt.Sprintf(format, args...))
}

// done says that a node has done what it was about to do, and what else it was to be disturbed by does not come to pass any more.
func (r *run) done(n *node) {
	*n.store = pausing{Store: n.store.Store}
	if r.acted != n { // but another node in between
		r.acted = nil
	}
}

// same ends the run unless an error is the wanted one, and reports whether there is none.
func (r *run) same(n *node, what string, got, want error) bool {
	if want == nil && got != nil || !errors.Is(got, want) {
		r.t.Fatalf("%s: %s: error is %v, want %v", n.name, what, got, want)
	}
	return got == nil
}

// granted compares a grant and keeps its tokens.
func (r *run) granted(n *node, what string, g *jeton.Grant, s *session) {
	exp := r.accessExpiry(s)
	a := &access{
		name: fmt.Sprint("access ", len(r.accesses)+1), text: g.AccessToken, user: s.user, session: s, expires: exp, roles: s.user.roles,
	}
	if s.name == "" {
		s.name, s.id = fmt.Sprint("session ", len(r.sessions)), g.Session.ID
	}
	lifetime := exp.Sub(r.now.Truncate(time.Second))
	switch {
	case g.Session.ID != s.id || g.User.ID != s.user.id || int(g.Session.Generation) != max(0, s.generation()):
		r.t.Fatalf("%s: %s: the grant is of another session, user or generation than %s", n.name, what, s.name)
	case !g.ExpiresAt.Equal(exp) || g.ExpiresIn != lifetime:
		r.t.Fatalf("%s: %s: the grant expires %v, in %v, want %v, %v", n.name, what, g.ExpiresAt, g.ExpiresIn, exp, lifetime)
	case (g.RefreshToken == "") != (s.kind == jeton.AccessOnly):
		r.t.Fatalf("%s: %s: a refresh token for a session that is %s: %t", n.name, what, s.kind, g.RefreshToken != "")
	}
	g.Session.AccessUntil = s.accessUntil // as it was before a replay, and without what others have added; the list of sessions is exact
	if d := difference(g.Session, s); d != "" {
		r.t.Fatalf("%s: %s: the session in the grant: %s", n.name, what, d)
	}
	r.accesses = append(r.accesses, a)
	r.t.Logf("  → %s of %s until %v", a.name, s.name, exp.Sub(r.began))
	r.compareToken(n, a)
}
