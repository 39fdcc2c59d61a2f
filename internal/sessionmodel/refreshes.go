package sessionmodel

import (
	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
)

func (r *run) refreshCurrent(n *node) bool {
	s := r.pickRotating()
	if rapid.IntRange(0, 3).Draw(r.t, "disturbed") == 3 {
		n.store.beforeAdvance = r.competition(s)
	}
	r.refreshThis(n, s, s.generation(), r.pickPlace())
	return true
}

// refreshOlder presents any token but the current one, the most recent most likely.
func (r *run) refreshOlder(n *node) bool {
	s := r.pickRotating()
	if s.generation() == 0 {
		return false
	}
	if rapid.IntRange(0, 3).Draw(r.t, "disturbed") == 3 {
		n.store.beforeExtend = r.disturbance(s.user)
	}
	behind := rapid.IntRange(1, s.generation()).Draw(r.t, "behind")
	r.refreshThis(n, s, s.generation()-behind, r.pickPlace())
	return true
}

// refreshAtTheLimit presents one of the tokens before the current one from where the session was advanced, and moves the clock before
// that to where the token's reuse interval ends, or just before or after. The services may be others by then, with another lifetime of
// access tokens.
func (r *run) refreshAtTheLimit(n *node) bool {
	s := r.pickRotating()
	if s.generation() == 0 {
		return false
	}
	generation := s.generation() - rapid.IntRange(1, min(s.generation(), jeton.MaxAdvances+1)).Draw(r.t, "behind")
	limit := s.advances[generation].Add(max(r.reuse, 0))
	if to := r.beside(limit); to.After(r.now) && rapid.Bool().Draw(r.t, "at the limit") {
		r.turnTo(to)
	}
	if rapid.IntRange(0, 3).Draw(r.t, "reopened") == 3 {
		r.accessTTL = accessTTL.Draw(r.t, "access TTL")
		r.say(n, "reopen with an access TTL of %v", r.accessTTL)
		r.open()
	}
	r.refreshThis(n, s, generation, s.place)
	return true
}

// refreshRepeatedly advances a session by about as many generations as it keeps the times of, and then presents an older token.
func (r *run) refreshRepeatedly(n *node) bool {
	s := r.pickRotating()
	if r.worthOf(s, s.generation()) != current {
		return false
	}
	for range rapid.IntRange(jeton.MaxAdvances, jeton.MaxAdvances+2).Draw(r.t, "times") {
		r.refreshThis(n, s, s.generation(), s.place)
	}
	behind := rapid.IntRange(jeton.MaxAdvances-1, min(s.generation(), jeton.MaxAdvances+2)).Draw(r.t, "behind")
	r.refreshThis(n, s, s.generation()-behind, s.place)
	return true
}

// competition draws what happens to a session while a service is about to advance it.
func (r *run) competition(s *session) func() {
	n, from := r.pickNode(), r.pickPlace()
	return pick(r.t, "competition", []func(){
		r.disturbance(s.user),
		func() { r.signOutThis(n, s, from) },
		func() { r.refreshThis(n, s, 0, from) },
		func() { r.refreshThis(n, s, s.generation(), from) },
	})
}

// refreshThis presents a refresh token of a session. Something else may happen before the answer, which then is as if that had come
// first.
func (r *run) refreshThis(n *node, s *session, generation int, from place) {
	r.say(n, "refresh %s, generation %d of %d, from %s with a %s", s.name, generation, s.generation(), from.network, from.client.UserAgent)
	grant, err := n.auth.Refresh(r.t.Context(), jeton.RefreshRequest{Token: s.tokens[generation], Client: from.client})
	r.done(n)
	if !r.refresh(s, generation, from) {
		r.same(n, "refresh", err, jeton.ErrInvalidGrant)
		return
	}
	r.same(n, "refresh", err, nil)
	latest := s.generation()
	if s.tokens[latest] == "" {
		s.tokens[latest] = grant.RefreshToken
	}
	for g, text := range s.tokens {
		if (g == latest) != (text == grant.RefreshToken) {
			r.t.Fatalf("%s: refresh: generation %d is the refresh token in the grant: %t", n.name, g, text == grant.RefreshToken)
		}
	}
	r.granted(n, "refresh", grant, s)
}

// lookUp asks what a refresh token is worth, which changes nothing.
func (r *run) lookUp(n *node) bool {
	s := r.pickRotating()
	generation := s.generation() - rapid.IntRange(0, s.generation()).Draw(r.t, "behind")
	r.say(n, "look up %s, generation %d of %d", s.name, generation, s.generation())
	got, err := n.auth.SessionOf(r.t.Context(), s.tokens[generation])
	if w := r.worthOf(s, generation); w != current && w != replay {
		r.same(n, "look up", err, jeton.ErrInvalidGrant)
		return true
	}
	r.same(n, "look up", err, nil)
	if got.ID != s.id {
		r.t.Fatalf("%s: look up: another session than %s", n.name, s.name)
	}
	if d := difference(got, s); d != "" {
		r.t.Fatalf("%s: look up %s: %s", n.name, s.name, d)
	}
	return true
}
