package jwk

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
	"math/big"
	"slices"
)

// edMaterial is an Ed25519 public key (RFC 8037).
type edMaterial struct{ key ed25519.PublicKey }

func newEdMaterial(pub ed25519.PublicKey) (*edMaterial, error) {
	if len(pub) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: the Ed25519 public key has %d bytes, not %d", ErrInvalidKey, len(pub), ed25519.PublicKeySize)
	}
	if err := checkEdwardsPoint(pub); err != nil {
		return nil, err
	}
	return &edMaterial{key: slices.Clone(pub)}, nil
}

func (m *edMaterial) keyType() keyType         { return okpKey }
func (m *edMaterial) algorithm() Algorithm     { return EdDSA }
func (m *edMaterial) public() crypto.PublicKey { return slices.Clone(m.key) }

func (m *edMaterial) members(to *jsonKey) {
	to.Crv = "Ed25519"
	to.X = encodeBytes(m.key)
}

func (m *edMaterial) checkerFor(*algorithmSpec) signatureChecker { return edChecker(m.key) }

type edChecker ed25519.PublicKey

func (c edChecker) check(message, signature []byte) bool {
	return len(signature) == ed25519.SignatureSize && ed25519.Verify(ed25519.PublicKey(c), message, signature)
}

// newEdSigner checks that the public half of key is that of its seed, and copies it.
func newEdSigner(key ed25519.PrivateKey) (*signer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("%w: the Ed25519 private key has %d bytes, not %d", ErrInvalidKey, len(key), ed25519.PrivateKeySize)
	}
	c := ed25519.NewKeyFromSeed(key.Seed())
	if !c.Equal(key) {
		return nil, fmt.Errorf("%w: the private key is not that of the public key", ErrInvalidKey)
	}
	return &signer{
		sign:    func(_ *algorithmSpec, message []byte) ([]byte, error) { return ed25519.Sign(c, message), nil },
		private: func() any { return c },
	}, nil
}

// The field and the curve -x² + y² = 1 + dx²y² of Ed25519 (RFC 8032, section 5.1).
//
//nolint:gochecknoglobals // immutable
var (
	edPrime, _ = new(big.Int).SetString("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed", 16)
	edD, _     = new(big.Int).SetString("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3", 16)
)

// checkEdwardsPoint refuses an encoding that is not canonical, no point of the curve, or a point of small order, for
// which one signature fits many messages. It runs once for a public key, so big.Int's leisure and timing do no harm.
func checkEdwardsPoint(encoded []byte) error {
	le := slices.Clone(encoded)
	sign := le[31] >> 7
	le[31] &= 0x7f
	slices.Reverse(le)
	y := new(big.Int).SetBytes(le)
	if y.Cmp(edPrime) >= 0 {
		return fmt.Errorf("%w: the Ed25519 point is not canonical", ErrInvalidKey)
	}
	mod := func(v *big.Int) *big.Int { return v.Mod(v, edPrime) }
	y2 := mod(new(big.Int).Mul(y, y))
	u := mod(new(big.Int).Sub(y2, big.NewInt(1)))                        // y² - 1
	v := mod(new(big.Int).Add(new(big.Int).Mul(edD, y2), big.NewInt(1))) // dy² + 1
	x2 := mod(u.Mul(u, v.ModInverse(v, edPrime)))
	if big.Jacobi(x2, edPrime) < 0 {
		return fmt.Errorf("%w: not a point on Ed25519", ErrInvalidKey)
	}
	if x2.Sign() == 0 && sign == 1 {
		return fmt.Errorf("%w: the Ed25519 point is not canonical", ErrInvalidKey)
	}
	// The order divides 2 if x is zero, 4 if y is, and 8 if the y of the doubled point is, whose numerator is y² + x².
	sum := mod(new(big.Int).Add(y2, x2))
	if x2.Sign() == 0 || y.Sign() == 0 || sum.Sign() == 0 {
		return fmt.Errorf("%w: the Ed25519 point is of small order", ErrWeakKey)
	}
	return nil
}
