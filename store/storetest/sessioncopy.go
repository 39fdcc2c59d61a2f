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
	"github.com/jetonauth/jeton/revoke"
)

// RunSessionCopy tests a store of sessions whose content can be read out and written into another one: it must be a
// [jeton.SessionCopier]. Each subtest calls open for empty stores of its own, of which it may use several at once.
func RunSessionCopy(t *testing.T, open func(t *testing.T) jeton.SessionStore) {
	t.Helper()
	runCases(t, slices.Concat(sessionCopyCases(), revocationCopyCases()), func(t *testing.T) sessionCopy {
		t.Helper()
		return newSessionCopy(t, open)
	})
}

// sessionCopy is one subtest over a store whose sessions and revocations can be copied.
type sessionCopy struct {
	sessions
	copier jeton.SessionCopier
	open   func(t *testing.T) jeton.SessionStore
}

func newSessionCopy(t *testing.T, open func(t *testing.T) jeton.SessionStore) sessionCopy {
	t.Helper()
	store := open(t)
	copier, ok := store.(jeton.SessionCopier)
	if !ok {
		t.Fatalf("%T is no jeton.SessionCopier", store)
	}
	return sessionCopy{sessions{t, store}, copier, open}
}

func sessionCopyCases() []named[sessionCopy] {
	return []named[sessionCopy]{
		{"nothing at first", sessionCopy.nothing},
		{"every session, whole", sessionCopy.whole},
		{"in the order of the ids' bytes", sessionCopy.ordered},
		{"pages", sessionCopy.listPages},
		{"a thousand sessions", sessionCopy.thousand},
		{"an id that is taken", sessionCopy.takenID},
		{"an id twice", sessionCopy.twice},
		{"adding revokes nothing", sessionCopy.revokesNothing},
		{"what is copied lives on", sessionCopy.livesOn},
		{"what is copied can be ended", sessionCopy.canBeEnded},
		{"what has ended stays ended", sessionCopy.staysEnded},
		{"from one store into another", sessionCopy.into},
		{"contention: sessions with one id", sessionCopy.raceSessions},
		{"cancellation: nothing changes", sessionCopy.cancelledCopy},
		{"cancellation: whole operations only", sessionCopy.cancelledInsideCopy},
		{"aliasing", sessionCopy.alias},
	}
}

// another is the same subtest over a second store.
func (c sessionCopy) another() sessionCopy { return newSessionCopy(c.T, c.open) }

// add adds sessions as they are.
func (c sessionCopy) add(ctx context.Context, list ...*jeton.Session) {
	c.Helper()
	must(c.T, fmt.Sprintf("add %d sessions", len(list)), c.copier.AddSessions(ctx, list))
}

// are fails the test unless a page has exactly want, in this order.
func (c sessionCopy) are(ctx context.Context, after string, limit int, want ...*jeton.Session) {
	c.Helper()
	got, err := c.copier.ListSessions(ctx, after, limit)
	must(c.T, "list sessions", err)
	if len(got) != len(want) {
		c.Errorf("%d sessions after %q, at most %d, want %d", len(got), after, limit, len(want))
		return
	}
	for i := range want {
		same(c.T, got[i], want[i])
	}
}

// lastIs fails the test unless this is the highest number that was ever given to a revocation.
func (c sessionCopy) lastIs(ctx context.Context, want uint64) {
	c.Helper()
	got, err := c.copier.LastRevocation(ctx)
	must(c.T, "last revocation", err)
	if got != want {
		c.Errorf("the last number is %d, want %d", got, want)
	}
}

// newSessions returns sessions in the order of their ids.
func newSessions(n int) []*jeton.Session {
	list := make([]*jeton.Session, n)
	for i := range list {
		list[i] = newSession(fmt.Sprint("user", i%7))
		list[i].ID = fmt.Sprintf("session%04d", i)
	}
	return list
}

// sessionAs returns an ordinary session with this id.
func sessionAs(id string) *jeton.Session {
	s := newSession("user")
	s.ID = id
	return s
}

// sortByID puts sessions into the order in which they are listed.
func sortByID(list []*jeton.Session) {
	slices.SortFunc(list, func(a, b *jeton.Session) int { return strings.Compare(a.ID, b.ID) })
}

// endedSession returns a session that was ended a minute after its start.
func endedSession() *jeton.Session {
	s := newSession("user")
	s.EndedAt, s.EndReason = start().Add(time.Minute), "signed-out"
	return s
}

func (c sessionCopy) nothing(ctx context.Context) {
	c.are(ctx, "", 10)
	c.are(ctx, "a", 10)
	c.lastIs(ctx, 0)
	c.add(ctx)
	c.addEntries(ctx, 0)
	c.are(ctx, "", 10)
	c.lastIs(ctx, 0)
}

// whole lists what was created and what was added, and what has ended in any way.
func (c sessionCopy) whole(ctx context.Context) {
	idle, old, access := newSession("user"), newSession("user"), endedSession()
	idle.IdleUntil, idle.AccessUntil = start().Add(-day), start().Add(-day)
	old.ExpiresAt, access.AccessUntil = start().Add(-day), time.Time{}
	list := append(oddSessions(), idle, old, access, endedSession())
	for i, s := range list {
		s.ID = fmt.Sprintf("added %02d", i)
	}
	c.add(ctx, list...)
	for i, s := range list {
		c.stays(ctx, s)
		c.are(ctx, s.ID, len(list), list[i+1:]...)
	}
	created := oddSessions()
	for i, s := range created {
		s.ID = fmt.Sprintf("created %02d", i)
		c.create(ctx, s)
	}
	c.are(ctx, "", 1000, append(list, created...)...)
}

func (c sessionCopy) ordered(ctx context.Context) {
	var list []*jeton.Session
	for _, id := range []string{"b", "B", "a", "aa", "a-", "A", "AA", "aA", "Aa", "10", "9", "é", "z", "_", "a b", "Z", "aaa"} {
		list = append(list, sessionAs(id))
	}
	c.add(ctx, list...)
	sortByID(list)
	c.are(ctx, "", len(list)+1, list...)
	for i, s := range list {
		c.are(ctx, s.ID, len(list), list[i+1:]...)
	}
	c.are(ctx, "a\x01", 1, list[slices.IndexFunc(list, func(s *jeton.Session) bool { return s.ID > "a\x01" })])
	c.are(ctx, "ab", 1, list[slices.IndexFunc(list, func(s *jeton.Session) bool { return s.ID > "ab" })])
}

func (c sessionCopy) listPages(ctx context.Context) {
	const total = 23
	list := newSessions(total)
	c.add(ctx, list[:9]...)
	c.add(ctx, list[9:]...)
	for _, limit := range []int{1, 5, total - 1, total, total + 1} {
		after := ""
		for from := 0; from < total; from += limit {
			page := list[from:min(from+limit, total)]
			c.are(ctx, after, limit, page...)
			after = page[len(page)-1].ID
		}
		c.are(ctx, after, limit)
	}
	c.are(ctx, "", 0)
}

func (c sessionCopy) thousand(ctx context.Context) {
	list := newSessions(1000)
	c.add(ctx, list...)
	c.are(ctx, "", 1000, list...)
	c.are(ctx, list[998].ID, 1000, list[999])
}

// conflict fails the test unless these sessions cannot be added, and none is there afterwards but those that are in before.
func (c sessionCopy) conflict(ctx context.Context, before, list []*jeton.Session) {
	c.Helper()
	wantError(c.T, "add sessions", c.copier.AddSessions(ctx, list), jeton.ErrConflict)
	c.are(ctx, "", 1000, before...)
	c.listed(ctx, "none", start())
}

func (c sessionCopy) takenID(ctx context.Context) {
	there, gone := newSession("user"), endedSession()
	there.ID, gone.ID = "session0011 there", "session0012 there"
	before := []*jeton.Session{there, gone}
	c.create(ctx, there)
	c.add(ctx, gone)
	for _, taken := range before {
		for _, at := range []int{0, 11, 24} {
			list := newSessions(25)
			for _, s := range list {
				s.UserID = "none"
			}
			list[at].ID = taken.ID
			c.conflict(ctx, before, list)
		}
	}
	c.conflict(ctx, before, before)
	list := newSessions(25)
	c.add(ctx, list...)
	list = append(list, before...)
	sortByID(list)
	c.are(ctx, "", 1000, list...)
}

func (c sessionCopy) twice(ctx context.Context) {
	for _, other := range []int{1, 7, 24} {
		list := newSessions(25)
		list[other].ID = list[0].ID
		c.conflict(ctx, nil, list)
	}
	one := newSession("none")
	c.conflict(ctx, nil, []*jeton.Session{one, one})
	c.add(ctx, one)
	c.are(ctx, "", 10, one)
}

func (c sessionCopy) revokesNothing(ctx context.Context) {
	over := newSession("user")
	over.IdleUntil = start().Add(-day)
	c.add(ctx, endedSession(), over, newSession("user"))
	if entries := c.feed(ctx); len(entries) != 0 {
		c.Errorf("%d revocations", len(entries))
	}
	c.lastIs(ctx, 0)
	c.prune(ctx, start(), 0) // which makes good what is missing
	if entries := c.feed(ctx); len(entries) != 0 {
		c.Errorf("%d revocations after pruning", len(entries))
	}
	c.lastIs(ctx, 0)
}

// raceSessions adds batches that have one id in common: one of them is added, and of the others nothing.
func (c sessionCopy) raceSessions(ctx context.Context) {
	var want []*jeton.Session
	for range 4 {
		batches := make([][]*jeton.Session, 6)
		shared := newSession("user").ID
		for i := range batches {
			batches[i] = []*jeton.Session{newSession("user"), sessionAs(shared), newSession("user")}
		}
		won := winner(c.T, race(len(batches), func(i int) error { return c.copier.AddSessions(ctx, batches[i]) }), jeton.ErrConflict)
		want = append(want, batches[won]...)
		sortByID(want)
		c.are(ctx, "", 1000, want...)
	}
}

func (c sessionCopy) cancelledCopy(ctx context.Context) {
	s := c.create(ctx, newSession("user"))
	refuses(ctx, c.T, sessionCopyOperations(c.copier))
	c.are(ctx, "", 10, s)
	c.listed(ctx, "user", start(), s)
	if entries := c.feed(ctx); len(entries) != 0 {
		c.Errorf("%d revocations", len(entries))
	}
	c.lastIs(ctx, 0)
}

func (c sessionCopy) cancelledInsideCopy(ctx context.Context) {
	interrupted(ctx, c.T, func(worker int) script {
		list := []*jeton.Session{newSession("user"), endedSession(), newSession("user")}
		first := uint64(worker) * 10
		entries := []revoke.Entry{entry(first, day), entry(first+1, day), entry(first+2, day)}
		return script{
			steps: []func(ctx context.Context) error{
				func(ctx context.Context) error { return c.copier.AddSessions(ctx, list) },
				func(ctx context.Context) error { return c.copier.AddRevocations(ctx, entries, first+3) },
			},
			differs: func(ctx context.Context, done int) ([]string, error) {
				found, err := c.differAsBatch(ctx, list, done > 0)
				if err != nil {
					return nil, err
				}
				feed, there := c.feed(ctx), 0
				for _, want := range entries {
					there += count(feed, func(got revoke.Entry) bool { return sameNumbered(got, want) })
				}
				if want := len(entries) * max(done-1, 0); there != want {
					found = append(found, fmt.Sprintf("%d entries are there, want %d", there, want))
				}
				return found, nil
			},
		}
	})
}

// differAsBatch says how sessions are not all there, or, if they must not be, are.
func (c sessionCopy) differAsBatch(ctx context.Context, list []*jeton.Session, there bool) (found []string, err error) {
	for _, s := range list {
		want := s
		if !there {
			want = nil
		}
		got, err := c.store.SessionByID(ctx, s.ID)
		if err != nil && !errors.Is(err, jeton.ErrNotFound) {
			return nil, err
		}
		found = append(found, differences(got, want)...)
	}
	return found, nil
}

func (c sessionCopy) alias(ctx context.Context) {
	s := newSession("user")
	s.Advances = []time.Time{start(), start()}
	want := s.Clone()
	given := []*jeton.Session{s}
	c.add(ctx, given...)
	given[0] = nil
	scribbleSession(s)
	c.stays(ctx, want)
	list, err := c.copier.ListSessions(ctx, "", 10)
	must(c.T, "list sessions", err)
	for i := range list {
		scribbleSession(list[i])
		list[i] = nil
	}
	c.are(ctx, "", 10, want)
	entries := []revoke.Entry{entry(2, day), entry(3, day)}
	must(c.T, "add revocations", c.copier.AddRevocations(ctx, entries, 3))
	clear(entries)
	c.feedIs(ctx, entry(2, day), entry(3, day))
}

func sessionCopyOperations(store jeton.SessionCopier) []operation {
	return []operation{
		{"ListSessions", func(ctx context.Context) error { return second(store.ListSessions(ctx, "", 10)) }},
		{"AddSessions", func(ctx context.Context) error {
			return store.AddSessions(ctx, []*jeton.Session{newSession("user"), endedSession()})
		}},
		{"LastRevocation", func(ctx context.Context) error { return second(store.LastRevocation(ctx)) }},
		{"AddRevocations", func(ctx context.Context) error {
			return store.AddRevocations(ctx, []revoke.Entry{entry(2, day), entry(3, day)}, 4)
		}},
	}
}
