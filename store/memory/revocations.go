package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// pruneLimit is how many rows one call of Prune removes at most, so that it does not hold up everybody else.
const pruneLimit = 1000

// EndSessions marks sessions ended and returns the revocations that this made.
func (s *Store) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	at := stored(e.At)
	var made []revoke.Entry
	for _, session := range s.toEnd(e) {
		session.EndedAt = at
		session.EndReason = e.Reason
		if until := stored(session.AccessUntil.Add(e.RevokeUntil)); until.After(at) {
			made = append(made, s.revoke(revoke.IDOf(session.ID), until))
		}
	}
	return made, nil
}

// toEnd returns the kept sessions that e is about and that were not ended before, by their IDs.
func (s *Store) toEnd(e jeton.Ending) []*jeton.Session {
	var sessions []*jeton.Session
	add := func(session *jeton.Session) {
		if session != nil && session.ID != e.Except && session.EndedAt.IsZero() {
			sessions = append(sessions, session)
		}
	}
	switch {
	case e.SessionID != "" && e.UserID != "":
		add(s.byUser[e.UserID][e.SessionID])
	case e.SessionID != "":
		add(s.sessions[e.SessionID])
	case e.UserID != "":
		for _, session := range s.byUser[e.UserID] {
			add(session)
		}
	}
	slices.SortFunc(sessions, func(a, b *jeton.Session) int { return cmp.Compare(a.ID, b.ID) })
	return sessions
}

// RevokeToken inserts a revocation that is not a session's end.
func (s *Store) RevokeToken(ctx context.Context, id revoke.ID, expiresAt time.Time) (revoke.Entry, error) {
	if err := s.begin(ctx); err != nil {
		return revoke.Entry{}, err
	}
	defer s.mu.Unlock()
	return s.revoke(id, stored(expiresAt)), nil
}

// revoke inserts an entry with the next number.
func (s *Store) revoke(id revoke.ID, expiresAt time.Time) revoke.Entry {
	s.lastNumber++
	entry := revoke.Entry{Number: s.lastNumber, ID: id, ExpiresAt: expiresAt}
	s.revocations = append(s.revocations, entry)
	return entry
}

// Revocations returns at most limit entries with a number above after, lowest first.
func (s *Store) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	i, found := slices.BinarySearchFunc(s.revocations, after, func(entry revoke.Entry, number uint64) int {
		return cmp.Compare(entry.Number, number)
	})
	if found {
		i++
	}
	rest := s.revocations[i:]
	return slices.Clone(rest[:min(max(limit, 0), len(rest))]), nil
}

// Prune removes sessions that are over, once their access tokens are too, and revocations that have expired. It removes
// at most 1000 and is to be called again until it removes none.
func (s *Store) Prune(ctx context.Context, now time.Time) (removed int, err error) {
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	for _, session := range s.sessions {
		if removed == pruneLimit {
			return removed, nil
		}
		if session.Ended(now) && !now.Before(session.AccessUntil) {
			s.removeSession(session)
			removed++
		}
	}
	s.revocations = slices.DeleteFunc(s.revocations, func(entry revoke.Entry) bool {
		if removed == pruneLimit || entry.ExpiresAt.IsZero() || now.Before(entry.ExpiresAt) {
			return false
		}
		removed++
		return true
	})
	return removed, nil
}
