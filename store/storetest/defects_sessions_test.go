package storetest_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/storetest"
)

func sessionDefects() map[string]defect {
	read := func(set func(s *jeton.Session)) func() storetest.Harness {
		return over(func(s *gated) ender { return readSessions{s, set} })
	}
	return map[string]defect{
		"generations have a sign": {
			read(func(s *jeton.Session) { s.Generation &= math.MaxInt32 }), []string{"sessions/every field comes back"},
		},
		"times of sessions have whole seconds": {
			read(func(s *jeton.Session) { s.UsedAt = s.UsedAt.Truncate(time.Second) }), []string{"sessions/every field comes back"},
		},
		"mapped addresses are unmapped": {
			read(func(s *jeton.Session) { s.Client.Address = s.Client.Address.Unmap() }), []string{"sessions/every address comes back"},
		},
		"three advances are kept": {
			read(func(s *jeton.Session) { s.Advances = s.Advances[:min(3, len(s.Advances))] }), []string{"sessions/advance"},
		},
		"the oldest advance first": {
			read(func(s *jeton.Session) { slices.SortFunc(s.Advances, time.Time.Compare) }), []string{"sessions/advance"},
		},
		"advances are compared before": {
			over(func(s *gated) ender { return advanceBefore{s} }), []string{"sessions/contention: advance from one generation"},
		},
		"the tag is not compared": {
			over(func(s *gated) ender { return tagAnyway{s} }), []string{"sessions/advance is refused"},
		},
		"an ended session is a conflict": {
			over(func(s *gated) ender { return endedConflict{s} }),
			[]string{"sessions/advance is refused", "sessions/contention: advance and end"},
		},
		"access is extended after the end": {
			over(func(s *gated) ender { return extendAnyway{s} }), []string{"sessions/extend access is refused"},
		},
		"sessions that are over are listed": {
			over(func(s *gated) ender { return listedAnyway{s} }), []string{"sessions/of a user, without those that are over"},
		},
		"the latest used session last": {
			over(func(s *gated) ender { return listedBackwards{s} }), []string{"sessions/of a user, the latest used first"},
		},
		"advances are forgotten": {
			over(func(s *gated) ender { return noAdvance{s} }),
			[]string{"sessions/advance", "service/contention: refresh with one token", "service/contention: a stolen token"},
		},
		"an advance happens although it fails": {
			over(func(s *gated) ender { return lateRefusal{s} }), []string{"sessions/cancellation: nothing changes"},
		},
	}
}

// readSessions changes what is read.
type readSessions struct {
	*gated
	set func(s *jeton.Session)
}

func (s readSessions) SessionByID(ctx context.Context, id string) (*jeton.Session, error) {
	session, err := s.gated.SessionByID(ctx, id)
	if err == nil {
		s.set(session)
	}
	return session, err
}

type advanceBefore struct{ *gated }

func (s advanceBefore) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	session, err := s.SessionByID(ctx, a.SessionID)
	if err != nil {
		return err
	}
	if session.Generation != a.Generation || session.TagHash != a.TagHash {
		return jeton.ErrConflict
	}
	s.gather()
	if err := s.gated.AdvanceSession(ctx, a); !errors.Is(err, jeton.ErrConflict) {
		return err
	}
	return nil
}

type tagAnyway struct{ *gated }

func (s tagAnyway) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	session, err := s.SessionByID(ctx, a.SessionID)
	if err != nil {
		return err
	}
	a.TagHash = session.TagHash
	return s.gated.AdvanceSession(ctx, a)
}

type endedConflict struct{ *gated }

func (s endedConflict) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	err := s.gated.AdvanceSession(ctx, a)
	if errors.Is(err, jeton.ErrSessionEnded) {
		return jeton.ErrConflict
	}
	return err
}

type extendAnyway struct{ *gated }

func (s extendAnyway) ExtendAccess(ctx context.Context, id string, until time.Time) error {
	err := s.gated.ExtendAccess(ctx, id, until)
	if errors.Is(err, jeton.ErrSessionEnded) {
		return nil
	}
	return err
}

type listedAnyway struct{ *gated }

func (s listedAnyway) SessionsByUser(ctx context.Context, userID string, now time.Time) ([]*jeton.Session, error) {
	return s.gated.SessionsByUser(ctx, userID, now.Add(-time.Hour))
}

type listedBackwards struct{ *gated }

func (s listedBackwards) SessionsByUser(ctx context.Context, userID string, now time.Time) ([]*jeton.Session, error) {
	list, err := s.gated.SessionsByUser(ctx, userID, now)
	slices.Reverse(list)
	return list, err
}

type lateRefusal struct{ *gated }

func (s lateRefusal) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	if err := s.gated.AdvanceSession(context.WithoutCancel(ctx), a); err != nil {
		return err
	}
	return ctx.Err()
}

type noAdvance struct{ *gated }

func (noAdvance) AdvanceSession(ctx context.Context, _ jeton.Advance) error { return ctx.Err() }
