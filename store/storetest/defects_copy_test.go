package storetest_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
	"github.com/jetonauth/jeton/store/storetest"
)

// copyDefects are stores that list sessions in a wrong way, or add others than they are given.
func copyDefects() map[string]defect {
	lists := func(list func(ctx context.Context, s *gated, after string, limit int) ([]*jeton.Session, error)) func() storetest.Harness {
		return over(func(s *gated) ender { return otherList{s, list} })
	}
	adds := func(add func(ctx context.Context, s *gated, sessions []*jeton.Session) error) func() storetest.Harness {
		return over(func(s *gated) ender { return otherSessions{s, add} })
	}
	changes := func(change func(s *jeton.Session)) func() storetest.Harness { return adds(changing(change)) }
	return map[string]defect{
		"sessions are listed in no case": {
			lists(foldedOrder), []string{"session copy/in the order of the ids' bytes"},
		},
		"a page begins with the last of the one before": {
			lists(inclusive), []string{"session copy/pages", "session copy/in the order of the ids' bytes"},
		},
		"only live sessions are listed": {
			lists(liveOnly), []string{"session copy/every session, whole", "session copy/from one store into another"},
		},
		"a page of sessions has 500 at most": {
			lists(func(ctx context.Context, s *gated, after string, limit int) ([]*jeton.Session, error) {
				return s.ListSessions(ctx, after, min(limit, 500))
			}), []string{"session copy/a thousand sessions"},
		},
		"no sessions are all sessions": {
			lists(func(ctx context.Context, s *gated, after string, limit int) ([]*jeton.Session, error) {
				if limit == 0 {
					limit = math.MaxInt
				}
				return s.ListSessions(ctx, after, limit)
			}), []string{"session copy/pages"},
		},
		"listing ignores its context": {
			lists(func(ctx context.Context, s *gated, after string, limit int) ([]*jeton.Session, error) {
				return s.ListSessions(context.WithoutCancel(ctx), after, limit)
			}), []string{"session copy/cancellation: nothing changes"},
		},
		"sessions that were added before a conflict stay": {
			adds(oneSessionAfterTheOther),
			[]string{
				"session copy/an id that is taken", "session copy/an id twice", "session copy/contention: sessions with one id",
				"session copy/cancellation: whole operations only",
			},
		},
		"sessions that are there are left out": {
			adds(withoutTaken), []string{"session copy/an id that is taken", "session copy/an id twice"},
		},
		"adding ignores its context": {
			adds(func(ctx context.Context, s *gated, sessions []*jeton.Session) error {
				return s.AddSessions(context.WithoutCancel(ctx), sessions)
			}), []string{"session copy/cancellation: nothing changes"},
		},
		"sessions are revoked when they are added": {
			adds(revokingEnded), []string{"session copy/adding revokes nothing", "session copy/what has ended stays ended"},
		},
		"sessions are alive when they are added": {
			changes(func(s *jeton.Session) { s.EndedAt, s.EndReason = time.Time{}, "" }),
			[]string{"session copy/every session, whole", "session copy/what has ended stays ended"},
		},
		"sessions begin anew when they are added": {
			changes(func(s *jeton.Session) { s.Generation, s.Advances = 0, nil }),
			[]string{"session copy/every session, whole", "session copy/what is copied lives on"},
		},
		"added sessions are kept for ever": {
			changes(func(s *jeton.Session) { s.AccessUntil = s.AccessUntil.Add(2000 * 24 * time.Hour) }),
			[]string{"session copy/what is copied lives on", "session copy/what has ended stays ended"},
		},
		"added sessions cannot be ended": {
			over(func(s *gated) ender { return &unended{gated: s, added: map[string]bool{}} }),
			[]string{"session copy/what is copied can be ended", "session copy/from one store into another"},
		},
		"sessions are kept that were given": {
			over(func(s *gated) ender { return &keptSessions{gated: s} }), []string{"session copy/aliasing"},
		},
		"sessions are forgotten with a restart": {
			forgetful, []string{"kept copy/what was copied survives"},
		},
	}
}

// forgetful is a harness whose restart loses everything.
func forgetful() storetest.Harness {
	h := harness(&gated{full: memory.New()})
	h.Reopen = func(*testing.T) jeton.Store { return &gated{full: memory.New()} }
	return h
}

// otherList lists sessions in another way.
type otherList struct {
	*gated
	list func(ctx context.Context, s *gated, after string, limit int) ([]*jeton.Session, error)
}

func (s otherList) ListSessions(ctx context.Context, after string, limit int) ([]*jeton.Session, error) {
	return s.list(ctx, s.gated, after, limit)
}

func foldedOrder(ctx context.Context, s *gated, after string, limit int) ([]*jeton.Session, error) {
	all, err := s.ListSessions(ctx, "", math.MaxInt)
	fold := func(id string) string { return strings.ToLower(id) + " " + id }
	all = slices.DeleteFunc(all, func(one *jeton.Session) bool { return after != "" && fold(one.ID) <= fold(after) })
	slices.SortFunc(all, func(a, b *jeton.Session) int { return strings.Compare(fold(a.ID), fold(b.ID)) })
	return all[:min(len(all), limit)], err
}

func inclusive(ctx context.Context, s *gated, after string, limit int) ([]*jeton.Session, error) {
	page, err := s.ListSessions(ctx, after, limit)
	if one, missing := s.SessionByID(ctx, after); missing == nil && limit > 0 {
		page = slices.Insert(page, 0, one)
		page = page[:min(len(page), limit)]
	}
	return page, err
}

func liveOnly(ctx context.Context, s *gated, after string, limit int) ([]*jeton.Session, error) {
	page, err := s.ListSessions(ctx, after, limit)
	return slices.DeleteFunc(page, func(one *jeton.Session) bool { return !one.EndedAt.IsZero() }), err
}

// otherSessions adds sessions in another way.
type otherSessions struct {
	*gated
	add func(ctx context.Context, s *gated, sessions []*jeton.Session) error
}

func (s otherSessions) AddSessions(ctx context.Context, sessions []*jeton.Session) error {
	return s.add(ctx, s.gated, sessions)
}

func changing(change func(s *jeton.Session)) func(ctx context.Context, s *gated, sessions []*jeton.Session) error {
	return func(ctx context.Context, s *gated, sessions []*jeton.Session) error {
		changed := make([]*jeton.Session, len(sessions))
		for i, session := range sessions {
			changed[i] = session.Clone()
			change(changed[i])
		}
		return s.AddSessions(ctx, changed)
	}
}

func oneSessionAfterTheOther(ctx context.Context, s *gated, sessions []*jeton.Session) error {
	for _, session := range sessions {
		if err := s.CreateSession(ctx, session); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func withoutTaken(ctx context.Context, s *gated, sessions []*jeton.Session) error {
	for _, session := range sessions {
		_ = s.CreateSession(ctx, session)
	}
	return ctx.Err()
}

func revokingEnded(ctx context.Context, s *gated, sessions []*jeton.Session) error {
	for _, session := range sessions {
		if session.EndedAt.IsZero() {
			continue
		}
		if _, err := s.RevokeToken(ctx, revoke.IDOf(session.ID), session.AccessUntil); err != nil {
			return err
		}
	}
	return s.AddSessions(ctx, sessions)
}

// unended does not find what was added when sessions are to be ended.
type unended struct {
	*gated
	mu    sync.Mutex
	added map[string]bool
}

func (s *unended) AddSessions(ctx context.Context, sessions []*jeton.Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range sessions {
		s.added[session.UserID], s.added[session.ID] = true, true
	}
	return s.gated.AddSessions(ctx, sessions)
}

func (s *unended) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.added[e.UserID] || s.added[e.SessionID] {
		return nil, ctx.Err()
	}
	return s.gated.EndSessions(ctx, e)
}

type keptSessions struct {
	*gated
	last *jeton.Session
}

func (s *keptSessions) AddSessions(ctx context.Context, sessions []*jeton.Session) error {
	if len(sessions) > 0 {
		s.last = sessions[0]
	}
	return s.gated.AddSessions(ctx, sessions)
}

func (s *keptSessions) SessionByID(ctx context.Context, id string) (*jeton.Session, error) {
	session, err := s.gated.SessionByID(ctx, id)
	if err == nil && s.last != nil {
		session.Scopes = s.last.Scopes
	}
	return session, err
}
