package jwk

import (
	"context"
	"fmt"
)

// VerifyingSource gives the keys that verify. What it gives may change while the program runs; each Set that it gives
// does not. An error means that the keys cannot be had now, never that a token is bad.
type VerifyingSource interface {
	VerifyingKeys(ctx context.Context) (*Set, error)
}

// Source gives the key that signs, and the keys that verify, the signing key's public part among them.
type Source interface {
	VerifyingSource
	SigningKey(ctx context.Context) (*Key, error)
}

// Refresher is a [VerifyingSource] that can look again when a token names a key that its set does not have. It may
// decide not to, and returns what it has; it bounds how often it looks, whatever it is asked.
type Refresher interface {
	RefreshKeys(ctx context.Context, unknownID string) (*Set, error)
}

// Static returns a source that never changes. The first key signs, all verify. What [NewSet] refuses, and having no
// key, is an error at each use, which jeton.New reports at start.
//
// The signing key must have a private part, otherwise [Source.SigningKey] is [ErrNoPrivateKey], and name its algorithm,
// otherwise [ErrAlgorithm].
func Static(keys ...*Key) Source {
	set, err := NewSet(keys...)
	if err == nil && set.Len() == 0 {
		err = fmt.Errorf("%w in a static source", ErrNoKey)
	}
	if err != nil {
		return &static{err: err}
	}
	s := &static{signing: keys[0], verifying: set}
	if keys[0].keyType() != octKey {
		s.verifying = set.Public()
	}
	return s
}

// static is a [Source] that never changes.
type static struct {
	signing   *Key
	verifying *Set
	err       error
}

// VerifyingKeys implements [VerifyingSource].
func (s *static) VerifyingKeys(context.Context) (*Set, error) { return s.verifying, s.err }

// SigningKey implements [Source].
func (s *static) SigningKey(context.Context) (*Key, error) {
	switch {
	case s.err != nil:
		return nil, s.err
	case !s.signing.CanSign():
		return nil, fmt.Errorf("%w: the first key is to sign, but is the %s", ErrNoPrivateKey, s.signing)
	case s.signing.alg == "":
		return nil, fmt.Errorf("%w: the %s names no algorithm to sign with", ErrAlgorithm, s.signing)
	}
	return s.signing, nil
}
