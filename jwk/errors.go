package jwk

import "errors"

// The errors of this package, to be matched with errors.Is. Each is wrapped with what was wrong.
var (
	// ErrUnsupported is for an algorithm, key type or curve that jeton does not know.
	ErrUnsupported = errors.New("jwk: unsupported")
	// ErrInvalidKey is for key material that cannot be read or contradicts itself.
	ErrInvalidKey = errors.New("jwk: invalid key")
	// ErrWeakKey is for a key that is readable but too weak: a short modulus or secret, or a published sample.
	ErrWeakKey = errors.New("jwk: weak key")
	// ErrNoKey is for a set or source that has no key where one is needed.
	ErrNoKey = errors.New("jwk: no key")
	// ErrNoPrivateKey is for signing, or exporting the private part, with a key that has none.
	ErrNoPrivateKey = errors.New("jwk: no private key")
	// ErrAlgorithm is for using a key with an algorithm that is not the key's.
	ErrAlgorithm = errors.New("jwk: algorithm does not fit the key")
	// ErrSignature is for a signature that does not verify.
	ErrSignature = errors.New("jwk: signature does not verify")
)
