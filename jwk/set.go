package jwk

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
)

// Set is an immutable set of keys, found by id. Symmetric and asymmetric keys are never in one set. The zero Set is
// empty.
type Set struct {
	keys []*Key
	byID map[string]*Key
}

// NewSet returns a set of keys, in this order. Two keys with one id, or secrets beside public keys, are
// [ErrInvalidKey].
func NewSet(keys ...*Key) (*Set, error) {
	s := &Set{keys: slices.Clone(keys), byID: make(map[string]*Key, len(keys))}
	for i, k := range s.keys {
		if k == nil || k.material == nil {
			return nil, fmt.Errorf("%w: key %d of the set is nil", ErrInvalidKey, i)
		}
		if _, ok := s.byID[k.id]; ok {
			return nil, fmt.Errorf("%w: two keys of the set have the id %q", ErrInvalidKey, k.id)
		}
		if (k.keyType() == octKey) != (keys[0].keyType() == octKey) {
			return nil, fmt.Errorf("%w: a secret and a public key in one set", ErrInvalidKey)
		}
		s.byID[k.id] = k
	}
	return s, nil
}

// Find returns the key with this id.
func (s *Set) Find(id string) (*Key, bool) {
	if s == nil {
		return nil, false
	}
	k, ok := s.byID[id]
	return k, ok
}

// All iterates over the keys in order.
func (s *Set) All() iter.Seq[*Key] {
	if s == nil {
		return slices.Values[[]*Key](nil)
	}
	return slices.Values(s.keys)
}

// Len is the number of keys.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return len(s.keys)
}

// Public returns the set without secrets and private parts, as it may be published.
func (s *Set) Public() *Set {
	public := &Set{byID: make(map[string]*Key, s.Len())}
	for k := range s.All() {
		if p := k.Public(); p != nil {
			public.keys = append(public.keys, p)
			public.byID[p.id] = p
		}
	}
	return public
}

// MarshalJSON returns the JWK Set of the public parts; secrets are left out.
func (s *Set) MarshalJSON() ([]byte, error) {
	doc := struct {
		Keys []*jsonKey `json:"keys"`
	}{Keys: make([]*jsonKey, 0, s.Len())}
	for k := range s.Public().All() {
		doc.Keys = append(doc.Keys, k.publicJSON())
	}
	return json.Marshal(doc)
}

// VerifyingKeys returns the set itself, which makes a Set a [VerifyingSource] that never changes.
func (s *Set) VerifyingKeys(context.Context) (*Set, error) { return s, nil }
