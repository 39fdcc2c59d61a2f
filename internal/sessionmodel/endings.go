package sessionmodel

import (
	"time"

	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
)

// known reports whether a service can tell a session by its refresh tokens.
func (r *run) known(s *session) bool { return !s.pruned && (r.allKnown || s.secret == r.secret) }

// signOutAny signs out by a refresh token of any age, or by an access token, which may have expired.
func (r *run) signOutAny(n *node) bool {
	if rapid.Bool().Draw(r.t, "by an access token") {
		a := pick(r.t, "access token", r.accesses)
		r.say(n, "sign out by %s", a.name)
		r.same(n, "sign out", n.auth.SignOut(r.t.Context(), jeton.SignOutRequest{Token: a.text, Client: r.places[0].client}), nil)
		r.signOut(a)
		return true
	}
	s := r.pickRotating()
	r.signOutThis(n, s, r.places[0])
	return true
}

// signOutThis signs a session out by a refresh token.
func (r *run) signOutThis(n *node, s *session, from place) {
	generation := s.generation() - rapid.IntRange(0, s.generation()).Draw(r.t, "behind")
	r.say(n, "sign out %s by generation %d of %d", s.name, generation, s.generation())
	r.same(n, "sign out", n.auth.SignOut(r.t.Context(), jeton.SignOutRequest{Token: s.tokens[generation], Client: from.client}), nil)
	if r.known(s) {
		r.end(s)
	}
}

// pickPassword draws what somebody gives as the current password: nothing, a wrong one, or the right one.
func (r *run) pickPassword(u *user) string {
	return pick(r.t, "password", []string{"", "wrong", u.password})
}

// fiveMinutesAfter moves the clock, perhaps, to where a sign-in ceases to be recent, or just before or after.
func (r *run) fiveMinutesAfter(signedIn time.Time) {
	if !rapid.Bool().Draw(r.t, "five minutes after") {
		return
	}
	if to := r.beside(signedIn.Add(5 * time.Minute)); to.After(r.now) {
		r.turnTo(to)
	}
}

// signOutEverywhere signs out of all sessions by a token of one.
func (r *run) signOutEverywhere(n *node) bool {
	s := pick(r.t, "session", r.sessions)
	token := ""
	for _, a := range r.accesses {
		if a.session == s {
			token = a.text
		}
	}
	identified := !s.pruned
	if len(s.tokens) > 0 && rapid.Bool().Draw(r.t, "by a refresh token") {
		token, identified = s.tokens[s.generation()], r.known(s)
	} else if s.pruned {
		return false // signing out says what happens then
	}
	password := r.pickPassword(s.user)
	r.fiveMinutesAfter(s.signedIn)
	r.say(n, "sign out everywhere by a token of %s, password %q", s.name, password)
	err := n.auth.SignOut(r.t.Context(), jeton.SignOutRequest{
		Token: token, Everywhere: true, CurrentPassword: password, Client: r.places[0].client,
	})
	if !identified || s.ended {
		r.same(n, "sign out", err, nil)
		return true
	}
	if r.same(n, "sign out", err, r.confirm(s.user, s.signedIn, password)) {
		r.endAll(s.user, nil)
	}
	return true
}

// endSession ends a session of the list, or tries to end somebody else's.
func (r *run) endSession(n *node) bool {
	u, s := pick(r.t, "user", r.users), pick(r.t, "session", r.sessions)
	r.say(n, "end %s of %s", s.name, u.name)
	err := n.auth.EndSession(r.t.Context(), u.id, s.id, r.places[0].client)
	if s.pruned || s.ended || s.user != u {
		r.same(n, "end", err, jeton.ErrNotFound)
		return true
	}
	r.same(n, "end", err, nil)
	r.end(s)
	return true
}
