package jwk

import "crypto"

// Key is one key for one algorithm, with or without its private part. It is immutable and safe for concurrent use.
type Key struct{}

// ID is the key's "kid". Unless it was parsed from a JWK that names one or set by [Key.WithID], it is the JWK
// thumbprint (RFC 7638) of the public key; for a secret, from which a thumbprint must not be published, it is derived
// with HMAC.
func (k *Key) ID() string { panic("declared") }

// WithID returns a copy of the key with another id, which must be 1 to 256 bytes of printable ASCII, otherwise
// [ErrInvalidKey].
func (k *Key) WithID(id string) (*Key, error) { panic("declared") }

// Algorithm is the only algorithm that the key is for. It is empty for an RSA key of a parsed JWK without "alg":
// then the verifier says which of the RSA algorithms it allows.
func (k *Key) Algorithm() Algorithm { panic("declared") }

// CanSign reports whether the key has a private part or secret that it may sign with. A JWK whose "key_ops" lack "sign"
// may not.
func (k *Key) CanSign() bool { panic("declared") }

// Public returns the key without its private part. For a secret, which has no public part, it returns nil.
func (k *Key) Public() *Key { panic("declared") }

// PublicKey returns a copy of the public key as the standard library's type, or nil for a secret.
func (k *Key) PublicKey() crypto.PublicKey { panic("declared") }

// Sign returns the JWS signature of message, in the form of RFC 7518, section 3 (for ECDSA r and s, not ASN.1).
// A key without a private part is [ErrNoPrivateKey], an RSA key that names no algorithm is [ErrAlgorithm]; what the
// signer behind [FromSigner] answers is wrapped. What a signer that is not the standard library's has signed is verified
// first, and is [ErrSignature] if it is wrong.
func (k *Key) Sign(message []byte) ([]byte, error) { panic("declared") }

// Verify checks a JWS signature of message. alg must be the key's own, or one of its type if the key names none,
// otherwise [ErrAlgorithm]. A signature that does not verify is [ErrSignature].
func (k *Key) Verify(alg Algorithm, message, signature []byte) error { panic("declared") }
