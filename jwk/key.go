package jwk

import (
	"cmp"
	"crypto"
	"fmt"
)

// maxIDLength bounds a "kid" in bytes. RFC 7517 names no limit; ids are compared and logged for every token.
const maxIDLength = 256

// Key is one key for one algorithm, with or without its private part. It is immutable and safe for concurrent use.
type Key struct {
	id   string
	alg  Algorithm
	spec *algorithmSpec // of alg; nil if that is empty
	material
	signer  *signer // nil without a private part
	checker signatureChecker
}

// material is what a key is made of, whichever its type.
type material interface {
	keyType() keyType
	// algorithm is the only one that suits the key, empty if there are several.
	algorithm() Algorithm
	// public returns a copy of the public key as the standard library's type, nil for a secret.
	public() crypto.PublicKey
	// checkerFor returns what verifies signatures of one of the algorithms that suit the key.
	checkerFor(spec *algorithmSpec) signatureChecker
	// members adds the public members to the JWK.
	members(to *jsonKey)
}

// signatureChecker verifies signatures of one algorithm with one key. It is resolved once, when the key is made.
type signatureChecker interface {
	check(message, signature []byte) bool
}

// signer makes signatures with one key. The key itself is in the functions' closures only, as is the secret of a
// secretMaterial: nothing that prints by reflection can show it, whichever way a Key is held or copied.
type signer struct {
	sign func(spec *algorithmSpec, message []byte) ([]byte, error)
	// private returns the private key as the standard library's type, a secret as []byte, or nil if it does not leave
	// the signer.
	private func() any
}

// newKey assembles a key. An empty id is derived; an empty alg is the only one that suits m, or stays empty.
func newKey(id string, alg Algorithm, m material, s *signer) (*Key, error) {
	alg = cmp.Or(alg, m.algorithm())
	k := &Key{id: id, alg: alg, material: m, signer: s}
	if alg != "" {
		spec, err := alg.spec()
		if err != nil {
			return nil, err
		}
		k.spec, k.checker = spec, m.checkerFor(spec)
	}
	if id == "" {
		k.id = derivedID(m)
	}
	return k, nil
}

// ID is the key's "kid". Unless it was parsed from a JWK that names one or set by [Key.WithID], it is the JWK
// thumbprint (RFC 7638) of the public key; for a secret, from which a thumbprint must not be published, it is derived
// with HMAC.
func (k *Key) ID() string { return k.id }

// WithID returns a copy of the key with another id, which must be 1 to 256 bytes of printable ASCII, otherwise
// [ErrInvalidKey].
func (k *Key) WithID(id string) (*Key, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	c := *k
	c.id = id
	return &c, nil
}

// Algorithm is the only algorithm that the key is for. It is empty for an RSA key of a parsed JWK without "alg":
// then the verifier says which of the RSA algorithms it allows.
func (k *Key) Algorithm() Algorithm { return k.alg }

// CanSign reports whether the key has a private part or secret that it may sign with. A JWK whose "key_ops" lack "sign"
// may not.
func (k *Key) CanSign() bool { return k.signer != nil }

// Public returns the key without its private part. For a secret, which has no public part, it returns nil.
func (k *Key) Public() *Key {
	if k.keyType() == octKey {
		return nil
	}
	c := *k
	c.signer = nil
	return &c
}

// PublicKey returns a copy of the public key as the standard library's type, or nil for a secret.
func (k *Key) PublicKey() crypto.PublicKey { return k.public() }

// Sign returns the JWS signature of message, in the form of RFC 7518, section 3 (for ECDSA r and s, not ASN.1).
// A key without a private part is [ErrNoPrivateKey], an RSA key that names no algorithm is [ErrAlgorithm]; what the
// signer behind [FromSigner] answers is wrapped. What a signer that is not the standard library's has signed is verified
// first, and is [ErrSignature] if it is wrong.
func (k *Key) Sign(message []byte) ([]byte, error) {
	if k.signer == nil {
		return nil, fmt.Errorf("%w: %s", ErrNoPrivateKey, k)
	}
	if k.alg == "" {
		return nil, fmt.Errorf("%w: %s names no algorithm to sign with", ErrAlgorithm, k)
	}
	return k.signer.sign(k.spec, message)
}

// Verify checks a JWS signature of message. alg must be the key's own, or one of its type if the key names none,
// otherwise [ErrAlgorithm]. A signature that does not verify is [ErrSignature].
func (k *Key) Verify(alg Algorithm, message, signature []byte) error {
	checker := k.checker
	if alg != k.alg || checker == nil {
		spec, err := alg.spec()
		if err != nil || k.alg != "" || spec.keyType != k.keyType() {
			return fmt.Errorf("%w: %.40q with %s", ErrAlgorithm, string(alg), k)
		}
		checker = k.checkerFor(spec)
	}
	if !checker.check(message, signature) {
		return ErrSignature
	}
	return nil
}

// checkID refuses what may not be a "kid": it goes into headers, logs and errors.
func checkID(id string) error {
	if id == "" || len(id) > maxIDLength {
		return fmt.Errorf("%w: id has %d bytes, not 1 to %d", ErrInvalidKey, len(id), maxIDLength)
	}
	for i := range len(id) {
		if id[i] < ' ' || id[i] > '~' {
			return fmt.Errorf("%w: id is not printable ASCII", ErrInvalidKey)
		}
	}
	return nil
}
