package jwk

import (
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
	"math/big"
	"slices"
)

func (o object) secretParts(alg Algorithm) (material, *signer, error) {
	secret, err := o.bytes("k")
	if err != nil {
		return nil, nil, err
	}
	m, err := newSecretMaterial(alg, secret)
	if err != nil {
		return nil, nil, err
	}
	s := m.signer()
	return m, s, nil
}

// ecParts reads a key of RFC 7518, section 6.2.
func (o object) ecParts(publicOnly bool) (material, *signer, error) {
	name, _, err := o.text("crv")
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(curveSpecs[:], func(c *curveSpec) bool { return c.name == name })
	if i < 0 {
		return nil, nil, fmt.Errorf("%w curve %.40q", ErrUnsupported, name)
	}
	curve := curveSpecs[i]
	x, err := o.fixedBytes("x", curve.size)
	if err != nil {
		return nil, nil, err
	}
	y, err := o.fixedBytes("y", curve.size)
	if err != nil {
		return nil, nil, err
	}
	m, err := newECMaterialPoint(curve, slices.Concat([]byte{4}, x, y))
	if err != nil || publicOnly || !o.has("d") {
		return m, nil, err
	}
	d, err := o.fixedBytes("d", curve.size)
	if err != nil {
		return nil, nil, err
	}
	s, err := newECSignerScalar(curve, m.key, d)
	return m, s, err
}

// edParts reads a key of RFC 8037, section 2.
func (o object) edParts(publicOnly bool) (material, *signer, error) {
	name, _, err := o.text("crv")
	if err != nil {
		return nil, nil, err
	}
	if name != "Ed25519" {
		return nil, nil, fmt.Errorf("%w curve %.40q", ErrUnsupported, name)
	}
	x, err := o.fixedBytes("x", ed25519.PublicKeySize)
	if err != nil {
		return nil, nil, err
	}
	m, err := newEdMaterial(x)
	if err != nil || publicOnly || !o.has("d") {
		return m, nil, err
	}
	seed, err := o.fixedBytes("d", ed25519.SeedSize)
	if err != nil {
		return nil, nil, err
	}
	// A private key of the standard library is the seed and the public key; newEdSigner sees whether they agree.
	s, err := newEdSigner(slices.Concat(seed, x))
	return m, s, err
}

// rsaParts reads a key of RFC 7518, section 6.3.
func (o object) rsaParts(publicOnly bool) (material, *signer, error) {
	n, err := o.integerBytes("n")
	if err != nil {
		return nil, nil, err
	}
	e, err := o.integerBytes("e")
	if err != nil {
		return nil, nil, err
	}
	if len(e) > 4 {
		return nil, nil, fmt.Errorf("%w: the RSA exponent is above 2^31-1", ErrInvalidKey)
	}
	pub := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	m, err := newRSAMaterial(pub)
	if err != nil {
		return nil, nil, err
	}
	if publicOnly {
		if bits := pub.N.BitLen(); bits > maxPublicModulusBits {
			return nil, nil, fmt.Errorf("%w: the RSA modulus has %d bits, more than %d", ErrUnsupported, bits, maxPublicModulusBits)
		}
		return m, nil, nil
	}
	if !o.has("d") {
		return m, nil, nil
	}
	s, err := o.rsaSigner(pub)
	return m, s, err
}

// rsaSigner reads the private members. RFC 7518, section 6.3.2 wants all of p, q, dp, dq and qi or none; p and q alone
// are accepted too, and whatever is absent is computed.
func (o object) rsaSigner(pub *rsa.PublicKey) (*signer, error) {
	if o.has("oth") {
		return nil, fmt.Errorf("%w: an RSA key of more than two primes", ErrUnsupported)
	}
	d, err := o.integer("d")
	if err != nil {
		return nil, err
	}
	if d.Cmp(pub.N) >= 0 {
		return nil, fmt.Errorf("%w: the RSA private exponent is not below the modulus", ErrInvalidKey)
	}
	primes, err := o.integers("p", "q")
	if err != nil {
		return nil, err
	}
	crt, err := o.integers("dp", "dq", "qi")
	if err != nil {
		return nil, err
	}
	key := &rsa.PrivateKey{PublicKey: *pub, D: d, Primes: primes}
	switch {
	case primes == nil && crt != nil:
		return nil, fmt.Errorf("%w: \"dp\", \"dq\" and \"qi\" without \"p\" and \"q\"", ErrInvalidKey)
	case primes == nil:
		if key.Primes, err = factor(pub, d); err != nil {
			return nil, err
		}
	case crt != nil:
		key.Precomputed = rsa.PrecomputedValues{Dp: crt[0], Dq: crt[1], Qinv: crt[2]}
		if err := key.Validate(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
		}
	}
	return newRSASigner(key)
}

func (o object) integer(name string) (*big.Int, error) {
	b, err := o.integerBytes(name)
	return new(big.Int).SetBytes(b), err
}

// integers returns all of names, or nil if all are absent.
func (o object) integers(names ...string) ([]*big.Int, error) {
	if !slices.ContainsFunc(names, o.has) {
		return nil, nil
	}
	values := make([]*big.Int, len(names))
	for i, name := range names {
		v, err := o.integer(name)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

// factor finds the primes of a key that came without them (NIST SP 800-56B, appendix C). For a d that is not the
// key's it fails at the first base: no base to the power of de-1 is 1 then.
func factor(pub *rsa.PublicKey, d *big.Int) ([]*big.Int, error) {
	if pub.N.BitLen() > maxPublicModulusBits {
		return nil, fmt.Errorf("%w: an RSA key of more than %d bits without its primes", ErrUnsupported, maxPublicModulusBits)
	}
	one := big.NewInt(1)
	minusOne := new(big.Int).Sub(pub.N, one)
	k := new(big.Int).Mul(d, big.NewInt(int64(pub.E)))
	k.Sub(k, one)
	twos := k.TrailingZeroBits()
	odd := new(big.Int).Rsh(k, twos)
	for base := int64(2); base < 100; base++ {
		y := new(big.Int).Exp(big.NewInt(base), odd, pub.N)
		if y.Cmp(one) == 0 || y.Cmp(minusOne) == 0 {
			continue
		}
		root := new(big.Int) // the last y before 1: a square root of 1 other than ±1 if it is not -1
		for i := uint(0); i < twos && y.Cmp(one) != 0; i++ {
			root.Set(y)
			y.Mul(y, y).Mod(y, pub.N)
		}
		if y.Cmp(one) != 0 {
			break
		}
		if root.Cmp(minusOne) != 0 {
			p := new(big.Int).GCD(nil, nil, root.Sub(root, one), pub.N)
			return []*big.Int{p, new(big.Int).Div(pub.N, p)}, nil
		}
	}
	return nil, fmt.Errorf("%w: the RSA private exponent is not that of the public key", ErrInvalidKey)
}
