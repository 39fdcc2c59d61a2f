package sessionmodel

import (
	"slices"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
)

// model is what must be true of all accounts, sessions and tokens. Its times are the service's: those that are kept are whole
// milliseconds, "exp" is whole seconds, and now is as fine as it comes.
type model struct {
	rules

	now      time.Time
	users    []*user
	sessions []*session
	accesses []*access
	secret   int  // the current one's number
	allKnown bool // whether the service has the earlier secrets, too

	replays, thefts int // as the audit log tells of
}

// rules are the times that a service is configured with.
type rules struct {
	accessTTL, reuse, idle, lifetime, leeway time.Duration
}

type user struct {
	name, email, password, id string
	roles                     []string
	disabled, deleted         bool
}

type session struct {
	name, id string
	user     *user
	kind     jeton.SessionKind
	secret   int         // the number of the one that it began under
	tokens   []string    // its refresh tokens by generation; the last one is current
	advances []time.Time // when the token after each of them was made

	signedIn, used, idleUntil, expiresAt, accessUntil time.Time

	place, begun  place // of the last advance, and of the sign-in
	ended, pruned bool
}

type access struct {
	name, text string
	user       *user
	session    *session // nil if it was made by hand
	expires    time.Time
	roles      []string
	revoked    bool // by itself
	buried     bool // it can never be accepted again
}

// place is where a request comes from. The network is what counts as one.
type place struct {
	client  jeton.Client
	network string
}

func (s *session) generation() int { return len(s.tokens) - 1 }

// moment is now as it is kept.
func (m *model) moment() time.Time { return m.now.Truncate(time.Millisecond) }

// over reports whether a session has ended, by being ended or by time.
func (m *model) over(s *session) bool {
	return s.ended || !m.now.Before(s.idleUntil) || !m.now.Before(s.expiresAt)
}

// lastSecond reports whether a token that is given out now would have expired already, since it tells its expiry in whole seconds. An
// older refresh token does not move the idle limit.
func (m *model) lastSecond(s *session, older bool) bool {
	end := s.expiresAt
	if older && s.idleUntil.Before(end) {
		end = s.idleUntil
	}
	return !end.Truncate(time.Second).After(m.moment())
}

// accessExpiry is when an access token made now expires: not after its session.
func (m *model) accessExpiry(s *session) time.Time {
	return slices.MinFunc([]time.Time{m.now.Add(m.accessTTL), s.idleUntil, s.expiresAt}, time.Time.Compare).Truncate(time.Second)
}

// begin begins a session.
func (m *model) begin(u *user, kind jeton.SessionKind, p place) *session {
	now := m.moment()
	s := &session{
		user: u, kind: kind, secret: m.secret, signedIn: now, used: now,
		idleUntil: now.Add(m.idle), expiresAt: now.Add(m.lifetime), place: p, begun: p,
	}
	s.accessUntil = m.accessExpiry(s)
	if kind == jeton.AccessOnly {
		s.idleUntil, s.expiresAt = s.accessUntil, s.accessUntil
	}
	m.sessions = append(m.sessions, s)
	return s
}

// What a refresh token is worth.
type worth int

const (
	nothing worth = iota
	current
	replay // of an older one, within the reuse interval
	theft
)

func (m *model) worthOf(s *session, generation int) worth {
	behind := s.generation() - generation
	switch {
	case s.pruned, s.secret != m.secret && !m.allKnown, m.over(s), m.lastSecond(s, behind > 0), s.user.disabled, s.user.deleted:
		return nothing
	case behind == 0:
		return current
	case m.reuse >= 0 && behind <= jeton.MaxAdvances && m.now.Sub(s.advances[generation]) <= m.reuse:
		return replay
	}
	return theft
}

// refresh does what presenting a refresh token does, and reports whether there is a grant for it.
func (m *model) refresh(s *session, generation int, from place) (granted bool) {
	switch m.worthOf(s, generation) {
	case current:
		now := m.moment()
		s.used, s.idleUntil, s.place = now, now.Add(m.idle), from
		s.advances = append(s.advances, now)
		s.tokens = append(s.tokens, "")
	case replay:
		m.replays++
		if from.network != s.place.network && from.client.UserAgent != s.place.client.UserAgent {
			return false
		}
	case theft:
		m.thefts++
		m.end(s)
		return false
	default:
		return false
	}
	s.accessUntil = slices.MaxFunc([]time.Time{s.accessUntil, m.accessExpiry(s)}, time.Time.Compare)
	return true
}

// end ends sessions. Those that are over by time have access tokens that may not be.
func (m *model) end(sessions ...*session) {
	for _, s := range sessions {
		s.ended = s.ended || !s.pruned
	}
}

// endAll ends the sessions of a user but one, which may be nil.
func (m *model) endAll(u *user, but *session) {
	for _, s := range m.sessions {
		if s.user == u && s != but {
			m.end(s)
		}
	}
}

// signOut does what signing out by an access token does.
func (m *model) signOut(a *access) {
	switch {
	case a.session != nil && !a.session.pruned:
		m.end(a.session)
	case a.session == nil || !a.session.ended:
		a.revoked = true
	}
}

// confirm says why somebody who has signed in then and knows this password, which may be none, cannot do what needs one.
func (m *model) confirm(u *user, signedIn time.Time, password string) error {
	switch {
	case password == "" && m.now.Sub(signedIn) > 5*time.Minute:
		return jeton.ErrReauthenticate
	case password == "":
		return nil
	case u.deleted:
		return jeton.ErrNotFound
	case u.disabled, password != u.password:
		return jeton.ErrInvalidCredentials
	}
	return nil
}

// refusal is why an access token is refused, or nil.
func (m *model) refusal(a *access) error {
	switch {
	case !m.now.Before(a.expires.Add(m.leeway)):
		return jwt.ErrExpired
	case a.revoked, a.session != nil && a.session.ended:
		return jwt.ErrRevoked
	}
	return nil
}

// accepted are the access tokens that are not refused.
func (m *model) accepted() []*access {
	return slices.DeleteFunc(slices.Clone(m.accesses), func(a *access) bool { return m.refusal(a) != nil })
}

// live are a user's sessions that are not over.
func (m *model) live(u *user) []*session {
	return slices.DeleteFunc(slices.Clone(m.sessions), func(s *session) bool { return s.user != u || m.over(s) })
}

// prune forgets sessions that are over, once their access tokens are, too.
func (m *model) prune() {
	for _, s := range m.sessions {
		s.pruned = s.pruned || m.over(s) && !m.now.Before(s.accessUntil)
	}
}

// instants are the times from now on when something changes by itself, the nearest first.
func (m *model) instants() []time.Time {
	var all []time.Time
	for _, s := range m.sessions {
		if m.over(s) && !m.now.Before(s.accessUntil) {
			continue
		}
		all = append(all, s.idleUntil, s.expiresAt, s.accessUntil, s.signedIn.Add(5*time.Minute))
		for _, at := range s.advances[max(0, len(s.advances)-jeton.MaxAdvances):] {
			all = append(all, at.Add(max(m.reuse, 0)))
		}
	}
	for _, a := range m.accesses {
		all = append(all, a.expires, a.expires.Add(m.leeway), a.expires.Add(jwt.MaxLeeway))
	}
	slices.SortFunc(all, time.Time.Compare)
	all = slices.CompactFunc(all, time.Time.Equal)
	return slices.DeleteFunc(all, func(at time.Time) bool { return at.Before(m.now) })
}
