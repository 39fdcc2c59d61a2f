package jwk

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Thumbprint returns the SHA-256 JWK thumbprint (RFC 7638) in base64url. For a secret it is [ErrUnsupported], since
// publishing it would give an offline check for guesses (RFC 7638, section 7).
func (k *Key) Thumbprint() (string, error) {
	if k.keyType() == octKey {
		return "", fmt.Errorf("%w: a thumbprint of a secret", ErrUnsupported)
	}
	return thumbprint(k.material), nil
}

// derivedID is the id of a key that was given none.
func derivedID(m material) string {
	if s, ok := m.(*secretMaterial); ok {
		return s.derivedID()
	}
	return thumbprint(m)
}

// thumbprint hashes the required members in the order of their names, without white space (RFC 7638, section 3).
func thumbprint(m material) string {
	var all jsonKey
	m.members(&all)
	required := struct {
		Crv string  `json:"crv,omitempty"`
		E   string  `json:"e,omitempty"`
		Kty keyType `json:"kty"`
		N   string  `json:"n,omitempty"`
		X   string  `json:"x,omitempty"`
		Y   string  `json:"y,omitempty"`
	}{all.Crv, all.E, m.keyType(), all.N, all.X, all.Y}
	data, err := json.Marshal(required)
	if err != nil {
		return "" // cannot be: there are only strings
	}
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
