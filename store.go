package jeton

import (
	"context"
	"time"
)

// StoredKey is a signing key at rest. Its private part is sealed under a master key that is not in the store.
type StoredKey struct {
	// Number is unique and grows by one: two nodes that add a key at once cannot both succeed.
	Number uint32
	ID     string // the "kid"
	// Algorithm is the name of the key's algorithm (RFC 7518).
	Algorithm string
	// Public is the public JWK, Sealed the encrypted private one.
	Public, Sealed []byte
	CreatedAt      time.Time
	// ActivateAt is when the key begins to sign; RetireAt when it stops; RemoveAt when it leaves the published set. Where the
	// latter two are zero, which they are unless somebody has set them, they follow from the next key. RevokedAt is when
	// it was revoked as leaked, zero if it was not.
	ActivateAt, RetireAt, RemoveAt, RevokedAt time.Time
}

// KeyTimes are the times of a stored key that change.
type KeyTimes struct{ ActivateAt, RetireAt, RemoveAt, RevokedAt time.Time }

// KeyStore keeps signing keys.
type KeyStore interface {
	// Keys returns all keys by their numbers, lowest first.
	Keys(ctx context.Context) ([]*StoredKey, error)
	// AddKey adds a key. A Number or ID that is taken is [ErrConflict].
	AddKey(ctx context.Context, key *StoredKey) error
	// SetKeyTimes replaces the times of the key with this id, or returns [ErrNotFound].
	SetKeyTimes(ctx context.Context, id string, times KeyTimes) error
}

// Store is everything that an [Auth] and a [KeyRing] keep. No operation needs one transaction over two of its parts, so
// that each can be replaced alone.
type Store interface {
	UserStore
	SessionStore
	KeyStore
}

// Ephemeral is implemented by stores that forget everything when the process ends. With such a store
// [Config.Secret] may be left out.
type Ephemeral interface{ Ephemeral() }
