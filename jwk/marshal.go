package jwk

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
)

// jsonKey is a JWK as it is written. Reading does not use it: encoding/json matches names loosely.
type jsonKey struct {
	Kty    keyType   `json:"kty"`
	Use    string    `json:"use,omitempty"`
	KeyOps []string  `json:"key_ops,omitempty"`
	Alg    Algorithm `json:"alg,omitempty"`
	Kid    string    `json:"kid,omitempty"`

	Crv string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`

	K  string `json:"k,omitempty"`
	D  string `json:"d,omitempty"`
	P  string `json:"p,omitempty"`
	Q  string `json:"q,omitempty"`
	DP string `json:"dp,omitempty"`
	DQ string `json:"dq,omitempty"`
	QI string `json:"qi,omitempty"`
}

func encodeBytes(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// publicJSON returns the members that may be published.
func (k *Key) publicJSON() *jsonKey {
	j := &jsonKey{Kty: k.keyType(), Use: "sig", Alg: k.alg, Kid: k.id}
	k.members(j)
	return j
}

// MarshalJSON returns the public part as a JWK. For a secret it is [ErrUnsupported]: secrets are never published.
func (k *Key) MarshalJSON() ([]byte, error) {
	if k.keyType() == octKey {
		return nil, fmt.Errorf("%w: publishing a secret", ErrUnsupported)
	}
	return json.Marshal(k.publicJSON())
}

// MarshalPrivateJWK returns the whole key as a JWK, private part or secret included. A key without a private part, or
// held by a signer that does not give it away, is [ErrNoPrivateKey].
func (k *Key) MarshalPrivateJWK() ([]byte, error) {
	j := k.publicJSON()
	switch private := k.private().(type) {
	case []byte:
		j.K = encodeBytes(private)
	case *rsa.PrivateKey:
		j.D = encodeBytes(private.D.Bytes())
		j.P = encodeBytes(private.Primes[0].Bytes())
		j.Q = encodeBytes(private.Primes[1].Bytes())
		j.DP = encodeBytes(private.Precomputed.Dp.Bytes())
		j.DQ = encodeBytes(private.Precomputed.Dq.Bytes())
		j.QI = encodeBytes(private.Precomputed.Qinv.Bytes())
	case *ecdsa.PrivateKey:
		scalar, err := private.Bytes()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
		}
		j.D = encodeBytes(scalar)
	case ed25519.PrivateKey:
		j.D = encodeBytes(private.Seed())
	default:
		return nil, fmt.Errorf("%w: %s", ErrNoPrivateKey, k)
	}
	if !k.CanSign() {
		j.Use, j.KeyOps = "", []string{"verify"}
	}
	return json.Marshal(j)
}

// private returns the private key, or nil if it is not here. A secret is here even if the key may not sign.
func (k *Key) private() any {
	if s, ok := k.material.(*secretMaterial); ok {
		return s.reveal()
	}
	if k.signer == nil {
		return nil
	}
	return k.signer.private()
}

// MarshalPrivatePEM returns the private key as a PKCS#8 PEM block. A secret, or a key held by a signer that does not
// give its private part away, is [ErrNoPrivateKey].
func (k *Key) MarshalPrivatePEM() ([]byte, error) {
	private := k.private()
	if private == nil || k.keyType() == octKey {
		return nil, fmt.Errorf("%w: %s as PEM", ErrNoPrivateKey, k)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// MarshalPublicPEM returns the public key as a PKIX PEM block. A secret is [ErrUnsupported].
func (k *Key) MarshalPublicPEM() ([]byte, error) {
	if k.keyType() == octKey {
		return nil, fmt.Errorf("%w: publishing a secret", ErrUnsupported)
	}
	der, err := x509.MarshalPKIXPublicKey(k.public())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
