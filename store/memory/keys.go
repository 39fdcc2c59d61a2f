package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/jetonauth/jeton"
)

// Keys returns all keys by their numbers, lowest first.
func (s *Store) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	keys := make([]*jeton.StoredKey, len(s.keys))
	for i, key := range s.keys {
		keys[i] = cloneKey(key)
	}
	return keys, nil
}

// AddKey adds a key. A Number or ID that is taken is [jeton.ErrConflict].
func (s *Store) AddKey(ctx context.Context, key *jeton.StoredKey) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.keys, func(k *jeton.StoredKey) bool { return k.Number == key.Number || k.ID == key.ID }) {
		return jeton.ErrConflict
	}
	kept := cloneKey(key)
	kept.CreatedAt = stored(key.CreatedAt)
	setTimes(kept, jeton.KeyTimes{
		ActivateAt: key.ActivateAt, RetireAt: key.RetireAt, RemoveAt: key.RemoveAt, RevokedAt: key.RevokedAt,
	})
	s.keys = append(s.keys, kept)
	slices.SortFunc(s.keys, func(a, b *jeton.StoredKey) int { return cmp.Compare(a.Number, b.Number) })
	return nil
}

// SetKeyTimes replaces the times of the key with this id, or returns [jeton.ErrNotFound].
func (s *Store) SetKeyTimes(ctx context.Context, id string, times jeton.KeyTimes) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.keys, func(k *jeton.StoredKey) bool { return k.ID == id })
	if i < 0 {
		return jeton.ErrNotFound
	}
	setTimes(s.keys[i], times)
	return nil
}

func setTimes(key *jeton.StoredKey, times jeton.KeyTimes) {
	key.ActivateAt, key.RetireAt = stored(times.ActivateAt), stored(times.RetireAt)
	key.RemoveAt, key.RevokedAt = stored(times.RemoveAt), stored(times.RevokedAt)
}

// cloneKey returns a copy that shares no memory with key.
func cloneKey(key *jeton.StoredKey) *jeton.StoredKey {
	c := *key
	c.Public, c.Sealed = bytes.Clone(key.Public), bytes.Clone(key.Sealed)
	return &c
}
