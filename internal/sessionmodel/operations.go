package sessionmodel

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/netip"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
)

// operation is something that can happen. do draws what it is done with, does it, and compares; it returns false if there is
// nothing that it could be done with.
type operation struct {
	name string
	do   func(r *run, n *node) bool
}

// operations are all that can happen, what is likelier several times over.
func operations() []operation {
	return []operation{
		{"refresh", (*run).refreshCurrent},
		{"wait", (*run).wait},
		{"refresh with an older token", (*run).refreshOlder},
		{"sign in", (*run).signInLocal},
		{"wait", (*run).wait},
		{"refresh", (*run).refreshCurrent},
		{"refresh at the limit", (*run).refreshAtTheLimit},
		{"sign out", (*run).signOutAny},
		{"prune", (*run).pruneAll},
		{"sign in by card", (*run).signInCard},
		{"sign up", (*run).signUpAny},
		{"sign out everywhere", (*run).signOutEverywhere},
		{"end a session", (*run).endSession},
		{"reopen", (*run).reopen},
		{"refresh at the limit", (*run).refreshAtTheLimit},
		{"change the password", (*run).changePassword},
		{"set the password", (*run).setPassword},
		{"disable or enable", (*run).setDisabled},
		{"set roles", (*run).setRoles},
		{"delete the account", (*run).deleteAccount},
		{"remove the user", (*run).removeUser},
		{"present an altered token", (*run).presentAltered},
		{"refresh repeatedly", (*run).refreshRepeatedly},
		{"look a refresh token up", (*run).lookUp},
		{"issue a token", (*run).issue},
		{"revoke a token", (*run).revoke},
	}
}

// emails are the addresses of those who sign up.
var emails = [...]string{"ada@example.com", "bob@example.com"}

// places are where requests come from; the first two are one network.
func places() []place {
	at := func(network, address, agent string) place {
		return place{jeton.Client{Address: netip.MustParseAddr(address), UserAgent: agent}, network}
	}
	return []place{
		at("home", "2001:db8::1", "browser"), at("home", "2001:db8::2", "phone"),
		at("away", "203.0.113.7", "browser"), at("away", "203.0.113.7", "phone"),
	}
}

// pick draws one of several, the last of which is the simplest.
func pick[T any](t *rapid.T, what string, from []T) T {
	return from[len(from)-1-rapid.IntRange(0, len(from)-1).Draw(t, what)]
}

func (r *run) pickNode() *node {
	if len(r.nodes) == 1 {
		return r.nodes[0]
	}
	return r.nodes[rapid.IntRange(0, len(r.nodes)-1).Draw(r.t, "node")]
}

func (r *run) pickPlace() place {
	return r.places[rapid.IntRange(0, len(r.places)-1).Draw(r.t, "from")]
}

// rotating are the sessions that have refresh tokens and are meant.
func (r *run) rotating(meant func(*session) bool) []*session {
	return slices.DeleteFunc(slices.Clone(r.sessions), func(s *session) bool { return len(s.tokens) == 0 || !meant(s) })
}

// pickRotating draws a session that has refresh tokens: there is one from the beginning.
func (r *run) pickRotating() *session {
	return pick(r.t, "session", r.rotating(func(*session) bool { return true }))
}

// newPassword returns one that nobody has had.
func (r *run) newPassword() string {
	r.counted++
	return fmt.Sprint("password ", r.counted)
}

// wait moves the clock: by a little, or to the moment at which something changes, or just before or after it.
func (r *run) wait(n *node) bool {
	to := r.now
	if rapid.Bool().Draw(r.t, "to a moment") {
		if next := r.instants(); len(next) > 0 {
			to = r.beside(next[rapid.IntRange(0, min(len(next), 8)-1).Draw(r.t, "moment")])
		}
	} else {
		to = to.Add(time.Duration(rapid.IntRange(1, 60_000).Draw(r.t, "milliseconds")) * time.Millisecond)
	}
	if !to.After(r.now) {
		return false
	}
	r.say(n, "wait %v", to.Sub(r.now))
	r.turnTo(to)
	return true
}

// beside draws a moment or what is just before or after it.
func (r *run) beside(at time.Time) time.Time {
	return at.Add(rapid.SampledFrom([]time.Duration{0, -1, 1, -time.Millisecond, time.Millisecond}).Draw(r.t, "beside it"))
}

// pruneAll also looks whether all sessions are there that should be, and no others.
func (r *run) pruneAll(n *node) bool {
	r.say(n, "prune")
	r.same(n, "prune", n.auth.Prune(r.t.Context()), nil)
	r.prune()
	for _, s := range r.sessions {
		_, err := n.store.SessionByID(r.t.Context(), s.id)
		var want error
		if s.pruned {
			want = jeton.ErrNotFound
		}
		r.same(n, s.name+" in the store", err, want)
	}
	return true
}

// reopen makes the services anew, with other rules, and perhaps with another secret, and with or without the earlier ones.
func (r *run) reopen(n *node) bool {
	if rapid.Bool().Draw(r.t, "other rules") {
		r.rules = drawRules(r.t)
	} else {
		r.accessTTL = accessTTL.Draw(r.t, "access TTL")
	}
	if rapid.Bool().Draw(r.t, "new secret") {
		r.secret++
	}
	r.allKnown = rapid.IntRange(0, 3).Draw(r.t, "forget earlier secrets") < 3
	r.say(n, "reopen with secret %d, earlier ones known: %t; %+v", r.secret, r.allKnown, r.rules)
	r.open()
	return true
}

// presentAltered presents a token that was never given out, though one like it was.
func (r *run) presentAltered(n *node) bool {
	s := r.pickRotating()
	text := r.alter(pick(r.t, "token", s.tokens))
	if slices.Contains(s.tokens, text) {
		return false
	}
	r.say(n, "present an altered token of %s", s.name)
	client := r.pickPlace().client
	_, err := n.auth.Refresh(r.t.Context(), jeton.RefreshRequest{Token: text, Client: client})
	r.same(n, "refresh", err, jeton.ErrInvalidGrant)
	_, err = n.auth.SessionOf(r.t.Context(), text)
	r.same(n, "look up", err, jeton.ErrInvalidGrant)
	r.same(n, "sign out", n.auth.SignOut(r.t.Context(), jeton.SignOutRequest{Token: text, Client: client}), nil)
	return true
}

// alter changes a character of a refresh token, or a bit of what it says, with the checksum that belongs to it then.
func (r *run) alter(token string) string {
	const prefix = "jrt_"
	if rapid.Bool().Draw(r.t, "a character") {
		b := []byte(token)
		i := rapid.IntRange(0, len(b)-1).Draw(r.t, "which")
		b[i] = rapid.SampledFrom([]byte("Aa0-=. \n")).Draw(r.t, "by")
		return string(b)
	}
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, prefix))
	if err != nil {
		r.t.Fatalf("a refresh token cannot be decoded: %v", err)
	}
	body := b[:len(b)-4]
	body[rapid.IntRange(0, len(body)-1).Draw(r.t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(r.t, "bit")
	return prefix + base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(body, crc32.ChecksumIEEE(body)))
}

// issue makes a token by hand.
func (r *run) issue(n *node) bool {
	u := pick(r.t, "user", r.users)
	r.say(n, "issue a token for %s", u.name)
	text, err := n.auth.Issue(r.t.Context(), u.id, jeton.IssueOptions{})
	r.same(n, "issue", err, nil)
	r.accesses = append(r.accesses, &access{
		name: fmt.Sprint("access ", len(r.accesses)+1), text: text, user: u, expires: r.now.Add(r.accessTTL).Truncate(time.Second),
	})
	return true
}

// principal draws an access token that is accepted, and returns who it proves.
func (r *run) principal(n *node) (*access, *jeton.Principal) {
	good := r.accepted()
	if len(good) == 0 {
		return nil, nil
	}
	a := pick(r.t, "access token", good)
	p, err := n.auth.Verify(r.t.Context(), a.text)
	if err != nil {
		r.t.Fatalf("%s: access token %s: %s, want accepted", n.name, a.name, verdict(err))
	}
	return a, p
}

// revoke revokes a token.
func (r *run) revoke(n *node) bool {
	a, p := r.principal(n)
	if a == nil {
		return false
	}
	r.say(n, "revoke %s", a.name)
	r.same(n, "revoke", n.auth.RevokeToken(r.t.Context(), p, r.places[0].client), nil)
	r.signOut(a)
	return true
}
