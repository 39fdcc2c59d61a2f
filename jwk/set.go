package jwk

import "context"
import "iter"

// Set is an immutable set of keys, found by id. Symmetric and asymmetric keys are never in one set. The zero Set is
// empty.
type Set struct{}

// NewSet returns a set of keys, in this order. Two keys with one id, or secrets beside public keys, are
// [ErrInvalidKey].
func NewSet(keys ...*Key) (*Set, error) { panic("declared") }

// Find returns the key with this id.
func (s *Set) Find(id string) (*Key, bool) { panic("declared") }

// All iterates over the keys in order.
func (s *Set) All() iter.Seq[*Key] { panic("declared") }

// Len is the number of keys.
func (s *Set) Len() int { panic("declared") }

// Public returns the set without secrets and private parts, as it may be published.
func (s *Set) Public() *Set { panic("declared") }

// MarshalJSON returns the JWK Set of the public parts; secrets are left out.
func (s *Set) MarshalJSON() ([]byte, error) { panic("declared") }

// VerifyingKeys returns the set itself, which makes a Set a [VerifyingSource] that never changes.
func (s *Set) VerifyingKeys(context.Context) (*Set, error) { panic("declared") }
