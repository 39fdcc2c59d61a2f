package jwk

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"math/big"
)

// The bounds of an RSA key: RFC 7518, section 3.3 has the lower one; the upper ones keep one signature's check below a
// few milliseconds (RFC 8725, section 2.5 names such keys as a way to exhaust a verifier).
const (
	minModulusBits       = 2048
	maxModulusBits       = 16384
	maxPublicModulusBits = 8192 // in a set of somebody else's
)

// checkRSA refuses a public key that is too short, too long or no RSA key. The exponent must be odd and between 3 and
// 2^31-1, as crypto/rsa wants it.
func checkRSA(pub *rsa.PublicKey) error {
	switch bits := modulusBits(pub); {
	case bits < minModulusBits:
		return fmt.Errorf("%w: the RSA modulus has %d bits, not at least %d", ErrWeakKey, bits, minModulusBits)
	case bits > maxModulusBits:
		return fmt.Errorf("%w: the RSA modulus has %d bits, more than %d", ErrInvalidKey, bits, maxModulusBits)
	case pub.N.Sign() < 0 || pub.N.Bit(0) == 0:
		return fmt.Errorf("%w: the RSA modulus is negative or even", ErrInvalidKey)
	case pub.E < 3 || pub.E > 1<<31-1 || pub.E%2 == 0:
		return fmt.Errorf("%w: the RSA exponent is even, below 3 or above 2^31-1", ErrInvalidKey)
	case hasROCAFingerprint(pub.N):
		return fmt.Errorf("%w: the RSA modulus is of the kind that CVE-2017-15361 factors", ErrWeakKey)
	}
	return nil
}

func modulusBits(pub *rsa.PublicKey) int {
	if pub.N == nil {
		return 0
	}
	return pub.N.BitLen()
}

// hasROCAFingerprint reports whether n modulo each of many small primes is a power of 65537, which is so for the keys
// that one maker's chips generated (Nemec and others, "The Return of Coppersmith's Attack", 2017), and for others with a
// probability below 2^-100.
func hasROCAFingerprint(n *big.Int) bool {
	remainder := new(big.Int)
	for p := int64(3); p <= 701; p += 2 {
		prime := big.NewInt(p)
		if !prime.ProbablyPrime(0) { // exact for numbers this small
			continue
		}
		r := remainder.Mod(n, prime).Int64()
		if !isPowerOf65537(r, p) {
			return false
		}
	}
	return true
}

func isPowerOf65537(r, p int64) bool {
	for power, i := int64(1), int64(0); i < p; i++ {
		if power == r {
			return true
		}
		power = power * 65537 % p
	}
	return false
}

// rsaMaterial is an RSA public key.
type rsaMaterial struct{ key *rsa.PublicKey }

func newRSAMaterial(pub *rsa.PublicKey) (*rsaMaterial, error) {
	if err := checkRSA(pub); err != nil {
		return nil, err
	}
	return &rsaMaterial{key: cloneRSA(pub)}, nil
}

func cloneRSA(pub *rsa.PublicKey) *rsa.PublicKey {
	return &rsa.PublicKey{N: new(big.Int).Set(pub.N), E: pub.E}
}

func (m *rsaMaterial) keyType() keyType         { return rsaKey }
func (m *rsaMaterial) algorithm() Algorithm     { return "" }
func (m *rsaMaterial) public() crypto.PublicKey { return cloneRSA(m.key) }

func (m *rsaMaterial) members(to *jsonKey) {
	to.N = encodeBytes(m.key.N.Bytes())
	to.E = encodeBytes(big.NewInt(int64(m.key.E)).Bytes())
}

func (m *rsaMaterial) checkerFor(spec *algorithmSpec) signatureChecker {
	return rsaChecker{key: m.key, size: m.key.Size(), spec: spec}
}

type rsaChecker struct {
	key  *rsa.PublicKey
	size int
	spec *algorithmSpec
}

func (c rsaChecker) check(message, signature []byte) bool {
	if len(signature) != c.size {
		return false
	}
	var buf [64]byte
	digest := appendDigest(buf[:0], c.spec.hash, message)
	if c.spec.pss {
		return rsa.VerifyPSS(c.key, c.spec.hash, digest, signature, pssOptions(c.spec.hash)) == nil
	}
	return rsa.VerifyPKCS1v15(c.key, c.spec.hash, digest, signature) == nil
}

// pssOptions: the salt is as long as the hash (RFC 7518, section 3.5), and a verifier insists on it.
func pssOptions(hash crypto.Hash) *rsa.PSSOptions {
	return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
}

// newRSASigner checks that the parts of key agree, and copies it.
func newRSASigner(key *rsa.PrivateKey) (*signer, error) {
	if len(key.Primes) != 2 {
		return nil, fmt.Errorf("%w: an RSA key of %d primes", ErrUnsupported, len(key.Primes))
	}
	if key.D == nil || key.Primes[0] == nil || key.Primes[1] == nil {
		return nil, fmt.Errorf("%w: the RSA private key is incomplete", ErrInvalidKey)
	}
	c := &rsa.PrivateKey{
		PublicKey: *cloneRSA(&key.PublicKey),
		D:         new(big.Int).Set(key.D),
		Primes:    []*big.Int{new(big.Int).Set(key.Primes[0]), new(big.Int).Set(key.Primes[1])},
	}
	c.Precompute()
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	return &signer{
		sign:    func(spec *algorithmSpec, message []byte) ([]byte, error) { return signRSA(c, spec, message) },
		private: func() any { return c },
	}, nil
}

func signRSA(key *rsa.PrivateKey, spec *algorithmSpec, message []byte) (signature []byte, err error) {
	digest := appendDigest(nil, spec.hash, message)
	if spec.pss {
		signature, err = rsa.SignPSS(rand.Reader, key, spec.hash, digest, pssOptions(spec.hash))
	} else {
		signature, err = rsa.SignPKCS1v15(rand.Reader, key, spec.hash, digest)
	}
	if err != nil {
		return nil, fmt.Errorf("jwk: sign: %w", err)
	}
	return signature, nil
}
