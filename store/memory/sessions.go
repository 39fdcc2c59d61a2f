package memory

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
)

// CreateSession adds a session. An ID that another one has is [jeton.ErrConflict].
func (s *Store) CreateSession(ctx context.Context, session *jeton.Session) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.sessions[session.ID] != nil {
		return jeton.ErrConflict
	}
	s.keepSession(storedSession(session))
	return nil
}

// SessionByID returns a session, also one that has ended, or [jeton.ErrNotFound].
func (s *Store) SessionByID(ctx context.Context, id string) (*jeton.Session, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	session := s.sessions[id]
	if session == nil {
		return nil, jeton.ErrNotFound
	}
	return session.Clone(), nil
}

// SessionsByUser returns the sessions of a user that have not ended at now, the latest used first.
func (s *Store) SessionsByUser(ctx context.Context, userID string, now time.Time) ([]*jeton.Session, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var live []*jeton.Session
	for _, session := range s.byUser[userID] {
		if !session.Ended(now) {
			live = append(live, session.Clone())
		}
	}
	slices.SortFunc(live, func(a, b *jeton.Session) int {
		return cmp.Or(b.UsedAt.Compare(a.UsedAt), strings.Compare(a.ID, b.ID))
	})
	return live, nil
}

// AdvanceSession moves a session that is at a.Generation and a.TagHash to the next generation. One that is elsewhere is
// [jeton.ErrConflict], one that was ended [jeton.ErrSessionEnded], none [jeton.ErrNotFound].
func (s *Store) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	session, err := s.open(a.SessionID)
	if err != nil {
		return err
	}
	// Nothing comes after the last generation: counting on from 0 would make used tokens current again.
	if session.Generation != a.Generation || session.TagHash != a.TagHash || a.Generation == math.MaxUint32 {
		return jeton.ErrConflict
	}
	at := stored(a.At)
	session.Generation++
	session.TagHash = a.NextTagHash
	session.UsedAt = at
	session.IdleUntil = stored(a.IdleUntil)
	session.AccessUntil = later(session.AccessUntil, stored(a.AccessUntil))
	session.Client = a.Client
	advances := append([]time.Time{at}, session.Advances...)
	session.Advances = advances[:min(len(advances), jeton.MaxAdvances)]
	return nil
}

// ExtendAccess raises AccessUntil of a session that was not ended, otherwise it returns [jeton.ErrSessionEnded], or
// [jeton.ErrNotFound].
func (s *Store) ExtendAccess(ctx context.Context, id string, until time.Time) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	session, err := s.open(id)
	if err != nil {
		return err
	}
	session.AccessUntil = later(session.AccessUntil, stored(until))
	return nil
}

// open returns the kept session with this id, [jeton.ErrNotFound], or [jeton.ErrSessionEnded] if it was ended.
func (s *Store) open(id string) (*jeton.Session, error) {
	session := s.sessions[id]
	switch {
	case session == nil:
		return nil, jeton.ErrNotFound
	case !session.EndedAt.IsZero():
		return nil, jeton.ErrSessionEnded
	}
	return session, nil
}

// keepSession adds a session as it is kept.
func (s *Store) keepSession(kept *jeton.Session) {
	s.sessions[kept.ID] = kept
	if s.byUser[kept.UserID] == nil {
		s.byUser[kept.UserID] = map[string]*jeton.Session{}
	}
	s.byUser[kept.UserID][kept.ID] = kept
}

// removeSession forgets a session.
func (s *Store) removeSession(session *jeton.Session) {
	delete(s.sessions, session.ID)
	delete(s.byUser[session.UserID], session.ID)
	if len(s.byUser[session.UserID]) == 0 {
		delete(s.byUser, session.UserID)
	}
}

// storedSession returns session as it is kept.
func storedSession(session *jeton.Session) *jeton.Session {
	c := session.Clone()
	for _, t := range []*time.Time{
		&c.AuthTime, &c.CreatedAt, &c.UsedAt, &c.IdleUntil, &c.ExpiresAt, &c.EndedAt, &c.AccessUntil,
	} {
		*t = stored(*t)
	}
	for i, t := range c.Advances {
		c.Advances[i] = stored(t)
	}
	return c
}
