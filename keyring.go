package jeton

import "context"
import "log/slog"
import "time"
import "github.com/jetonauth/jeton/jwk"

// KeyRingConfig says where a [KeyRing] keeps its keys. Store and MasterKey are needed.
type KeyRingConfig struct {
	Store KeyStore
	// MasterKey seals the private keys in the store: at least 32 random bytes that no database has, the same on every
	// node.
	MasterKey []byte
	// Algorithm is that of new keys: ES256. A symmetric one is an error.
	Algorithm jwk.Algorithm
	// Audit receives the events of keys; nil writes them to Logger.
	Audit AuditFunc
	// Logger is for what operators should know: slog.Default().
	Logger *slog.Logger
	// Now is the clock that decides which key signs: time.Now.
	Now func() time.Time
}

// KeyRing is a [jwk.Source] of keys in a store, the same on every node. It reads the store again when it is asked and its
// knowledge is more than 10 s old, and refuses to sign with [ErrUnavailable] when it has been unread for 60 s.
type KeyRing struct{}

// NewKeyRing returns a key ring; it reads nothing yet. The error names the field that is wrong.
func NewKeyRing(cfg KeyRingConfig) (*KeyRing, error) { panic("declared") }

// Ensure reads the keys, and makes the first one if there is none; of several nodes that start at once all get the same. A
// master key that did not seal the keys in the store is an error.
func (r *KeyRing) Ensure(ctx context.Context) error { panic("declared") }

// SigningKey returns the key that signs now: the latest one that is active.
func (r *KeyRing) SigningKey(ctx context.Context) (*jwk.Key, error) { panic("declared") }

// VerifyingKeys returns the keys that verify now, also those that are published but do not sign yet.
func (r *KeyRing) VerifyingKeys(ctx context.Context) (*jwk.Set, error) { panic("declared") }
