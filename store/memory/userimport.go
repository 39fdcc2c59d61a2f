package memory

import (
	"context"
	"iter"

	"github.com/jetonauth/jeton"
)

// ImportUsers adds all users of a sequence or none. It takes them into the memory first; others wait only while they are added.
func (s *Store) ImportUsers(ctx context.Context, users iter.Seq2[*jeton.User, error]) error {
	var added []*jeton.User
	ids, keys := map[string]bool{}, map[string]bool{}
	for u, err := range users {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case ids[u.ID]:
			return jeton.ErrConflict
		case u.EmailKey != "" && keys[u.EmailKey]:
			return jeton.ErrEmailTaken
		}
		ids[u.ID], keys[u.EmailKey] = true, true
		added = append(added, storedUser(u))
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for _, u := range added {
		if s.users[u.ID] != nil {
			return jeton.ErrConflict
		}
		if _, taken := s.emails[u.EmailKey]; taken {
			return jeton.ErrEmailTaken
		}
	}
	for _, u := range added {
		s.users[u.ID] = u
		if u.EmailKey != "" {
			s.emails[u.EmailKey] = u.ID
		}
	}
	return nil
}

// TakenUsers returns those of the given ids and EmailKeys that users have.
func (s *Store) TakenUsers(ctx context.Context, ids, emailKeys []string) (takenIDs, takenKeys []string, err error) {
	if err := s.begin(ctx); err != nil {
		return nil, nil, err
	}
	defer s.mu.Unlock()
	for _, id := range ids {
		if s.users[id] != nil {
			takenIDs = append(takenIDs, id)
		}
	}
	for _, key := range emailKeys {
		if _, taken := s.emails[key]; taken {
			takenKeys = append(takenKeys, key)
		}
	}
	return takenIDs, takenKeys, nil
}

// CountHashes returns how many password hashes there are for each text that form returns.
func (s *Store) CountHashes(ctx context.Context, form func(hash string) string) (map[string]int, error) {
	hashes, err := s.hashes(ctx)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, hash := range hashes {
		counts[form(hash)]++
	}
	return counts, nil
}

// hashes returns all password hashes, so that nobody waits while they are looked at.
func (s *Store) hashes(ctx context.Context) (hashes []string, err error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	for _, u := range s.users {
		if u.PasswordHash != "" {
			hashes = append(hashes, u.PasswordHash)
		}
	}
	return hashes, nil
}
