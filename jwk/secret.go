package jwk

import (
	"crypto"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"slices"
	"sync"
)

// FromSecret returns an HMAC key. The secret is copied. It must be at least as long as the hash of alg (RFC 7518,
// section 3.2), otherwise [ErrWeakKey]; so are well-known samples, placeholders such as "change-me-please", and secrets
// that repeat a short pattern. An alg that is not HMAC is [ErrAlgorithm].
func FromSecret(alg Algorithm, secret []byte) (*Key, error) {
	m, err := newSecretMaterial(alg, secret)
	if err != nil {
		return nil, err
	}
	return newKey("", alg, m, m.signer())
}

// secretMaterial is an HMAC secret, behind a function for the reason that signer gives.
type secretMaterial struct {
	reveal func() []byte
	states *hmacStates
}

func newSecretMaterial(alg Algorithm, secret []byte) (*secretMaterial, error) {
	spec, err := alg.spec()
	if err != nil {
		return nil, err
	}
	if spec.keyType != octKey {
		return nil, fmt.Errorf("%w: %s takes no secret", ErrAlgorithm, alg)
	}
	if err := checkSecret(secret, spec.hash.Size()); err != nil {
		return nil, err
	}
	secret = slices.Clone(secret)
	states := &hmacStates{size: spec.hash.Size()}
	states.pool.New = func() any { return &hmacState{mac: hmac.New(spec.hash.New, secret)} }
	return &secretMaterial{reveal: func() []byte { return secret }, states: states}, nil
}

func (s *secretMaterial) keyType() keyType         { return octKey }
func (s *secretMaterial) algorithm() Algorithm     { return "" }
func (s *secretMaterial) public() crypto.PublicKey { return nil }
func (s *secretMaterial) members(*jsonKey)         {}

func (s *secretMaterial) checkerFor(*algorithmSpec) signatureChecker { return s.states }

func (s *secretMaterial) signer() *signer {
	return &signer{
		sign: func(_ *algorithmSpec, message []byte) ([]byte, error) {
			return s.states.sum(message), nil
		},
		private: func() any { return s.reveal() },
	}
}

// derivedID is an id that is the same wherever the secret is used. It tells no more than any token signed with the
// secret does.
func (s *secretMaterial) derivedID() string {
	mac := hmac.New(sha256.New, s.reveal())
	mac.Write([]byte("jeton key id"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
}

// hmacStates keeps keyed states ready: keying costs two of the four compressions of a short message.
type hmacStates struct {
	size int
	pool sync.Pool
}

type hmacState struct {
	mac hash.Hash
	sum [64]byte
}

func (c *hmacStates) check(message, signature []byte) bool {
	if len(signature) != c.size {
		return false
	}
	state, ok := c.pool.Get().(*hmacState)
	if !ok {
		return false // cannot be: New makes nothing else
	}
	ok = hmac.Equal(state.of(message), signature)
	c.pool.Put(state)
	return ok
}

func (c *hmacStates) sum(message []byte) []byte {
	state, ok := c.pool.Get().(*hmacState)
	if !ok {
		return nil // cannot be: New makes nothing else
	}
	sum := slices.Clone(state.of(message))
	c.pool.Put(state)
	return sum
}

// of returns the HMAC of message, which holds until the next call.
func (s *hmacState) of(message []byte) []byte {
	s.mac.Reset()
	s.mac.Write(message)
	return s.mac.Sum(s.sum[:0])
}
