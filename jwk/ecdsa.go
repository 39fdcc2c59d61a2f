package jwk

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// curveSpec is one of the curves of RFC 7518, section 6.2.1.1.
type curveSpec struct {
	name  string // the JWK's "crv"
	alg   Algorithm
	curve elliptic.Curve
	size  int // bytes of a coordinate, of a scalar, and of r and s
}

//nolint:gochecknoglobals // an immutable table
var (
	curveP256 = curveSpec{name: "P-256", alg: ES256, curve: elliptic.P256(), size: 32}
	curveP384 = curveSpec{name: "P-384", alg: ES384, curve: elliptic.P384(), size: 48}
	curveP521 = curveSpec{name: "P-521", alg: ES512, curve: elliptic.P521(), size: 66}
)

var curveSpecs = [...]*curveSpec{&curveP256, &curveP384, &curveP521}

// curveOf returns nil for a curve that no algorithm is for.
func curveOf(c elliptic.Curve) *curveSpec {
	for _, spec := range curveSpecs {
		if spec.curve == c {
			return spec
		}
	}
	return nil
}

// ecMaterial is an ECDSA public key.
type ecMaterial struct {
	key   *ecdsa.PublicKey
	point []byte // 4, x, y
	curve *curveSpec
}

// newECMaterial copies pub, having checked that it is a point on its curve, which must be one of curveSpecs.
func newECMaterial(pub *ecdsa.PublicKey) (*ecMaterial, error) {
	curve := curveOf(pub.Curve)
	if curve == nil {
		return nil, fmt.Errorf("%w curve", ErrUnsupported)
	}
	if pub.X == nil || pub.Y == nil { //nolint:staticcheck // Bytes would panic
		return nil, fmt.Errorf("%w: the public key has no point", ErrInvalidKey)
	}
	point, err := pub.Bytes()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	return newECMaterialPoint(curve, point)
}

// newECMaterialPoint takes over point, in uncompressed form.
func newECMaterialPoint(curve *curveSpec, point []byte) (*ecMaterial, error) {
	key, err := ecdsa.ParseUncompressedPublicKey(curve.curve, point)
	if err != nil {
		return nil, fmt.Errorf("%w: not a point on %s", ErrInvalidKey, curve.name)
	}
	return &ecMaterial{key: key, point: point, curve: curve}, nil
}

func (m *ecMaterial) keyType() keyType     { return ecKey }
func (m *ecMaterial) algorithm() Algorithm { return m.curve.alg }

func (m *ecMaterial) public() crypto.PublicKey {
	key, err := ecdsa.ParseUncompressedPublicKey(m.curve.curve, m.point)
	if err != nil {
		return nil // cannot be: the same bytes were parsed before
	}
	return key
}

func (m *ecMaterial) members(to *jsonKey) {
	to.Crv = m.curve.name
	to.X = encodeBytes(m.point[1 : 1+m.curve.size])
	to.Y = encodeBytes(m.point[1+m.curve.size:])
}

func (m *ecMaterial) checkerFor(spec *algorithmSpec) signatureChecker {
	return ecChecker{key: m.key, size: m.curve.size, hash: spec.hash}
}

type ecChecker struct {
	key  *ecdsa.PublicKey
	size int
	hash crypto.Hash
}

func (c ecChecker) check(message, signature []byte) bool {
	var buf, sum [144]byte
	der, ok := appendDER(buf[:0], c.size, signature)
	return ok && ecdsa.VerifyASN1(c.key, appendDigest(sum[:0], c.hash, message), der)
}

// appendDER turns r and s of a JWS (RFC 7518, section 3.4) into ASN.1, which for P-521 takes 141 bytes. It refuses a
// wrong length and zero; that r and s are below the order is for [ecdsa.VerifyASN1] to see.
func appendDER(dst []byte, size int, signature []byte) (der []byte, ok bool) {
	if len(signature) != 2*size {
		return nil, false
	}
	r, s := trimZeros(signature[:size]), trimZeros(signature[size:])
	if len(r) == 0 || len(s) == 0 {
		return nil, false
	}
	dst = append(dst, 0x30)
	n := derIntegerSize(r) + derIntegerSize(s)
	if n > 127 {
		dst = append(dst, 0x81)
	}
	dst = append(dst, byte(n))
	return appendDERInteger(appendDERInteger(dst, r), s), true
}

func trimZeros(b []byte) []byte {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}

// derIntegerSize is the length of an unsigned INTEGER, its tag and length byte included.
func derIntegerSize(b []byte) int { return 2 + len(b) + int(b[0]>>7) }

func appendDERInteger(dst, b []byte) []byte {
	dst = append(dst, 2, byte(derIntegerSize(b)-2))
	if b[0] >= 0x80 {
		dst = append(dst, 0)
	}
	return append(dst, b...)
}

// fromDER turns the ASN.1 signature that a signer answered into r and s.
func (c *curveSpec) fromDER(der []byte) ([]byte, error) {
	var sig struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &sig); err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("%w: the signer's answer is no ASN.1 ECDSA signature", ErrSignature)
	}
	order := c.curve.Params().N
	for _, v := range []*big.Int{sig.R, sig.S} {
		if v.Sign() <= 0 || v.Cmp(order) >= 0 {
			return nil, fmt.Errorf("%w: the signer's answer is out of range", ErrSignature)
		}
	}
	signature := make([]byte, 2*c.size)
	sig.R.FillBytes(signature[:c.size])
	sig.S.FillBytes(signature[c.size:])
	return signature, nil
}

// newECSigner checks that key's private scalar is that of the public key, and copies it.
func newECSigner(key *ecdsa.PrivateKey) (*signer, error) {
	curve := curveOf(key.Curve)
	if curve == nil {
		return nil, fmt.Errorf("%w curve", ErrUnsupported)
	}
	if key.D == nil { //nolint:staticcheck // Bytes would panic
		return nil, fmt.Errorf("%w: the private key has no scalar", ErrInvalidKey)
	}
	raw, err := key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	return newECSignerScalar(curve, &key.PublicKey, raw)
}

func newECSignerScalar(curve *curveSpec, public *ecdsa.PublicKey, scalar []byte) (*signer, error) {
	key, err := ecdsa.ParseRawPrivateKey(curve.curve, scalar)
	if err != nil {
		return nil, fmt.Errorf("%w: the private scalar is zero or not below the order of %s", ErrInvalidKey, curve.name)
	}
	if !key.PublicKey.Equal(public) {
		return nil, fmt.Errorf("%w: the private key is not that of the public key", ErrInvalidKey)
	}
	return &signer{
		sign: func(spec *algorithmSpec, message []byte) ([]byte, error) {
			der, err := ecdsa.SignASN1(rand.Reader, key, appendDigest(nil, spec.hash, message))
			if err != nil {
				return nil, fmt.Errorf("jwk: sign: %w", err)
			}
			return curve.fromDER(der)
		},
		private: func() any { return key },
	}, nil
}
