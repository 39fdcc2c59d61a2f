package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// ListSessions returns at most limit sessions by their ids, from the first id after the given one on.
func (s *Store) ListSessions(ctx context.Context, after string, limit int) ([]*jeton.Session, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	ids := page(s.sessions, after, limit)
	sessions := make([]*jeton.Session, len(ids))
	for i, id := range ids {
		sessions[i] = s.sessions[id].Clone()
	}
	return sessions, nil
}

// page returns at most limit keys in their order, from the first one after the given one on.
func page[V any](all map[string]V, after string, limit int) []string {
	ids := slices.Sorted(maps.Keys(all))
	first, _ := slices.BinarySearch(ids, after+"\x00")
	ids = ids[first:]
	return ids[:min(len(ids), max(limit, 0))]
}

// AddSessions adds sessions just as they are, all or none. An ID that is there already, or twice among them, is [jeton.ErrConflict].
func (s *Store) AddSessions(ctx context.Context, sessions []*jeton.Session) error {
	added := make(map[string]*jeton.Session, len(sessions))
	for _, session := range sessions {
		added[session.ID] = storedSession(session)
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if len(added) < len(sessions) {
		return jeton.ErrConflict
	}
	for id := range added {
		if s.sessions[id] != nil {
			return jeton.ErrConflict
		}
	}
	for _, session := range added {
		s.keepSession(session)
	}
	return nil
}

// LastRevocation is the highest number that was ever given to a revocation, also if that was pruned; 0 if there was none.
func (s *Store) LastRevocation(ctx context.Context) (uint64, error) {
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	return s.lastNumber, nil
}

// AddRevocations adds revocations with the numbers that they have, all or none, and gives higher numbers only from then on, also than
// last. A number that is there already, or twice among them, is [jeton.ErrConflict].
func (s *Store) AddRevocations(ctx context.Context, entries []revoke.Entry, last uint64) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	all := slices.Concat(s.revocations, entries)
	for i := range entries {
		entry := &all[len(s.revocations)+i]
		entry.ExpiresAt = stored(entry.ExpiresAt)
		last = max(last, entry.Number)
	}
	slices.SortFunc(all, func(a, b revoke.Entry) int { return cmp.Compare(a.Number, b.Number) })
	for i := 1; i < len(all); i++ {
		if all[i-1].Number == all[i].Number {
			return jeton.ErrConflict
		}
	}
	s.revocations, s.lastNumber = all, max(s.lastNumber, last)
	return nil
}
