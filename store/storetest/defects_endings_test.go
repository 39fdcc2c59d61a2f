package storetest_test

import (
	"context"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/storetest"
)

func endingDefects() map[string]defect {
	with := func(set func(e *jeton.Ending)) func() storetest.Harness {
		return over(func(s *gated) ender { return otherEnding{s, set} })
	}
	return map[string]defect{
		"sessions of others are ended": {
			with(func(e *jeton.Ending) {
				if e.SessionID != "" {
					e.UserID = ""
				}
			}), []string{"sessions/end the sessions that are meant"},
		},
		"no session is excepted": {
			with(func(e *jeton.Ending) { e.Except = "" }),
			[]string{"sessions/end the sessions that are meant"},
		},
		"no reason is kept": {
			with(func(e *jeton.Ending) { e.Reason = "" }), []string{"sessions/end the sessions that are meant"},
		},
		"revocations have no grace": {
			with(func(e *jeton.Ending) { e.RevokeUntil = 0 }), []string{"sessions/end with a revocation only while it is needed"},
		},
		"nobody is everybody": {
			over(func(s *gated) ender { return &everybody{gated: s} }), []string{"sessions/end nothing"},
		},
		"only what is live is ended": {
			over(func(s *gated) ender { return endLive{s} }), []string{"sessions/end what is over by time"},
		},
		"revocations do not cover a race": {
			over(func(s *gated) ender { return accessBefore{s} }),
			[]string{"sessions/contention: extend access and end"},
		},
		"sessions are ended one by one": {
			over(func(s *gated) ender { return oneByOne{s} }), []string{"sessions/cancellation: endings of many"},
		},
		"sessions are ended twice": {
			over(func(s *gated) ender { return endTwice{s} }), []string{"sessions/contention: end one session"},
		},
		"too much is pruned": {
			over(func(s *gated) ender { return pruneMore{s} }),
			[]string{"sessions/prune sessions that are over", "sessions/prune revocations that have expired"},
		},
		"too little is pruned": {
			over(func(s *gated) ender { return pruneLess{s} }), []string{"sessions/prune sessions that are over", "sessions/prune much"},
		},
	}
}

// otherEnding changes what is to be ended.
type otherEnding struct {
	*gated
	set func(e *jeton.Ending)
}

func (s otherEnding) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	s.set(&e)
	return s.gated.EndSessions(ctx, e)
}

type everybody struct {
	*gated
	user string
}

func (s *everybody) CreateSession(ctx context.Context, session *jeton.Session) error {
	s.user = max(s.user, session.UserID)
	return s.gated.CreateSession(ctx, session)
}

func (s *everybody) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	if e.SessionID == "" && e.UserID == "" {
		e.UserID = s.user
	}
	return s.gated.EndSessions(ctx, e)
}

type endLive struct{ *gated }

func (s endLive) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	if e.SessionID == "" {
		if live, err := s.SessionsByUser(ctx, e.UserID, e.At); err != nil || len(live) == 0 {
			return nil, err
		}
	}
	return s.gated.EndSessions(ctx, e)
}

type accessBefore struct{ *gated }

func (s accessBefore) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	session, err := s.SessionByID(ctx, e.SessionID)
	if err != nil {
		return s.gated.EndSessions(ctx, e)
	}
	s.gather()
	made, err := s.gated.EndSessions(ctx, e)
	for i := range made {
		made[i].ExpiresAt = session.AccessUntil.Add(e.RevokeUntil)
	}
	return made, err
}

type oneByOne struct{ *gated }

func (s oneByOne) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	if e.SessionID != "" || e.Except != "" {
		return s.gated.EndSessions(ctx, e)
	}
	live, err := s.SessionsByUser(ctx, e.UserID, e.At)
	if err != nil {
		return nil, err
	}
	var made []revoke.Entry
	for _, session := range live {
		e.SessionID = session.ID
		entries, err := s.gated.EndSessions(ctx, e)
		if err != nil {
			return nil, err
		}
		made = append(made, entries...)
	}
	return made, nil
}

type endTwice struct{ *gated }

func (s endTwice) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	session, err := s.SessionByID(ctx, e.SessionID)
	if err != nil || !session.EndedAt.IsZero() {
		return s.gated.EndSessions(ctx, e)
	}
	s.gather()
	made, err := s.gated.EndSessions(ctx, e)
	if err == nil && len(made) == 0 && session.AccessUntil.Add(e.RevokeUntil).After(e.At) && e.Except == "" {
		var entry revoke.Entry
		entry, err = s.RevokeToken(ctx, revoke.IDOf(session.ID), session.AccessUntil.Add(e.RevokeUntil))
		made = append(made, entry)
	}
	return made, err
}

type pruneMore struct{ *gated }

func (s pruneMore) Prune(ctx context.Context, now time.Time) (int, error) {
	return s.gated.Prune(ctx, now.Add(30*time.Second))
}

type pruneLess struct{ *gated }

func (pruneLess) Prune(ctx context.Context, _ time.Time) (int, error) { return 0, ctx.Err() }
