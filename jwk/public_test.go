package jwk_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

func TestFromPublicRefuses(t *testing.T) {
	t.Parallel()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey := generate(t, jwk.RS256).PublicKey().(*rsa.PublicKey)
	even := &rsa.PublicKey{N: new(big.Int).Lsh(rsaKey.N, 1), E: rsaKey.E}
	huge := &rsa.PublicKey{N: new(big.Int).SetBit(rsaKey.N, 16384, 1), E: rsaKey.E}
	p256 := generate(t, jwk.ES256).PublicKey()
	offCurve := &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)} //nolint:staticcheck // a bad point
	tests := []struct {
		name string
		alg  jwk.Algorithm
		key  crypto.PublicKey
		want error
	}{
		{"no algorithm", "", p256, jwk.ErrUnsupported},
		{"none", "none", p256, jwk.ErrUnsupported},
		{"nil", jwk.ES256, nil, jwk.ErrAlgorithm},
		{"nil RSA", jwk.RS256, (*rsa.PublicKey)(nil), jwk.ErrAlgorithm},
		{"nil ECDSA", jwk.ES256, (*ecdsa.PublicKey)(nil), jwk.ErrAlgorithm},
		{"RSA for HMAC", jwk.HS256, rsaKey, jwk.ErrAlgorithm},
		{"RSA for ECDSA", jwk.ES256, rsaKey, jwk.ErrAlgorithm},
		{"P-256 for ES384", jwk.ES384, p256, jwk.ErrAlgorithm},
		{"P-256 for RS256", jwk.RS256, p256, jwk.ErrAlgorithm},
		{"P-256 for EdDSA", jwk.EdDSA, p256, jwk.ErrAlgorithm},
		{"P-224", jwk.ES256, &p224.PublicKey, jwk.ErrAlgorithm},
		{"Ed25519 for ES256", jwk.ES256, generate(t, jwk.EdDSA).PublicKey(), jwk.ErrAlgorithm},
		{"RSA of 1024 bits", jwk.RS256, &small.PublicKey, jwk.ErrWeakKey},
		{"RSA without modulus", jwk.RS256, &rsa.PublicKey{E: 3}, jwk.ErrWeakKey},
		{"RSA of 16385 bits", jwk.PS256, huge, jwk.ErrInvalidKey},
		{"even modulus", jwk.PS256, even, jwk.ErrInvalidKey},
		{"negative modulus", jwk.PS256, &rsa.PublicKey{N: new(big.Int).Neg(rsaKey.N), E: 3}, jwk.ErrInvalidKey},
		{"exponent 1", jwk.RS256, &rsa.PublicKey{N: rsaKey.N, E: 1}, jwk.ErrInvalidKey},
		{"exponent even", jwk.RS256, &rsa.PublicKey{N: rsaKey.N, E: 65536}, jwk.ErrInvalidKey},
		{"exponent negative", jwk.RS256, &rsa.PublicKey{N: rsaKey.N, E: -65537}, jwk.ErrInvalidKey},
		{"ECDSA without point", jwk.ES256, &ecdsa.PublicKey{Curve: elliptic.P256()}, jwk.ErrInvalidKey},
		{"off the curve", jwk.ES256, offCurve, jwk.ErrInvalidKey},
		{"short Ed25519", jwk.EdDSA, ed25519.PublicKey{1, 2, 3}, jwk.ErrInvalidKey},
		{"nil Ed25519", jwk.EdDSA, ed25519.PublicKey(nil), jwk.ErrInvalidKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := jwk.FromPublic(tt.alg, tt.key)
			wantError(t, err, tt.want)
		})
	}
}

// The eight points of small order in their canonical encodings, encodings that are not canonical, and no point at all.
func TestFromPublicRefusesBadEd25519Points(t *testing.T) {
	t.Parallel()
	for encoded, want := range map[string]error{
		"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA": jwk.ErrWeakKey,    // order 1
		"7P_______________________________________38": jwk.ErrWeakKey,    // order 2
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA": jwk.ErrWeakKey,    // order 4
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA": jwk.ErrWeakKey,    // order 4
		"JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU": jwk.ErrWeakKey,    // order 8
		"JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_IU": jwk.ErrWeakKey,    // order 8
		"xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o": jwk.ErrWeakKey,    // order 8
		"xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA_o": jwk.ErrWeakKey,    // order 8
		"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA": jwk.ErrInvalidKey, // order 1 with the sign of zero
		"7f_______________________________________38": jwk.ErrInvalidKey, // y is the prime
		"__________________________________________8": jwk.ErrInvalidKey, // y above the prime
		"AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA": jwk.ErrInvalidKey, // not on the curve
	} {
		_, err := jwk.FromPublic(jwk.EdDSA, ed25519.PublicKey(decode(t, encoded)))
		wantError(t, err, want)
		if t.Failed() {
			t.Fatal(encoded)
		}
	}
}

func TestPublicHasNoPrivatePart(t *testing.T) {
	t.Parallel()
	for _, alg := range jwk.Algorithms() {
		public := generate(t, alg).Public()
		if alg.Symmetric() {
			if public != nil || generate(t, alg).PublicKey() != nil {
				t.Errorf("%s has a public part: %s", alg, public)
			}
			continue
		}
		if public.CanSign() || public.PublicKey() == nil {
			t.Errorf("%s: CanSign %v, PublicKey %v", alg, public.CanSign(), public.PublicKey())
		}
		_, err := public.Sign([]byte("message"))
		wantError(t, err, jwk.ErrNoPrivateKey)
		_, err = public.MarshalPrivateJWK()
		wantError(t, err, jwk.ErrNoPrivateKey)
		_, err = public.MarshalPrivatePEM()
		wantError(t, err, jwk.ErrNoPrivateKey)
	}
}
