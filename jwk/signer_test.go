package jwk_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

func signerFromPEM(tb testing.TB, data []byte) crypto.Signer {
	tb.Helper()
	block, _ := pem.Decode(data)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		tb.Fatal(err)
	}
	return key.(crypto.Signer)
}

func asymmetric() (algs []jwk.Algorithm) {
	for _, alg := range jwk.Algorithms() {
		if !alg.Symmetric() {
			algs = append(algs, alg)
		}
	}
	return algs
}

func TestFromSignerOutside(t *testing.T) {
	t.Parallel()
	message := []byte("message")
	for _, alg := range asymmetric() {
		inner := kms{key: standardSigner(t, alg)}
		for name, signer := range map[string]crypto.Signer{"digests": inner, "messages": messageKMS{inner}} {
			t.Run(string(alg)+"/"+name, func(t *testing.T) {
				t.Parallel()
				k, err := jwk.FromSigner(alg, signer)
				if err != nil {
					t.Fatal(err)
				}
				signature := sign(t, k, message)
				if err := generate(t, alg).Public().Verify(alg, message, signature); err != nil {
					t.Error(err)
				}
				if k.ID() != generate(t, alg).ID() || !k.CanSign() {
					t.Errorf("%s, CanSign %v", k, k.CanSign())
				}
				_, err = k.MarshalPrivateJWK()
				wantError(t, err, jwk.ErrNoPrivateKey)
				_, err = k.MarshalPrivatePEM()
				wantError(t, err, jwk.ErrNoPrivateKey)
			})
		}
	}
}

var errThrottled = errors.New("throttled")

// A device that answers anything but a good signature must not produce a token.
func TestFromSignerBroken(t *testing.T) {
	t.Parallel()
	derOf := func(r, s *big.Int) []byte {
		der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	order := elliptic.P256().Params().N
	tests := []struct {
		name   string
		algs   []jwk.Algorithm
		answer func([]byte) ([]byte, error)
		want   error
	}{
		{"fails", asymmetric(), func([]byte) ([]byte, error) { return nil, errThrottled }, errThrottled},
		{"nothing", asymmetric(), func([]byte) ([]byte, error) { return nil, nil }, jwk.ErrSignature},
		{"flipped", asymmetric(), func(s []byte) ([]byte, error) { return flip(s, len(s)-1), nil }, jwk.ErrSignature},
		{"longer", asymmetric(), func(s []byte) ([]byte, error) { return append(s, 0), nil }, jwk.ErrSignature},
		{
			"r and s in place of ASN.1",
			[]jwk.Algorithm{jwk.ES256},
			func([]byte) ([]byte, error) { return sign(t, generate(t, jwk.ES256), []byte("message")), nil },
			jwk.ErrSignature,
		},
		{
			"r of zero",
			[]jwk.Algorithm{jwk.ES256},
			func([]byte) ([]byte, error) { return derOf(new(big.Int), big.NewInt(1)), nil },
			jwk.ErrSignature,
		},
		{
			"s negative",
			[]jwk.Algorithm{jwk.ES256},
			func([]byte) ([]byte, error) { return derOf(big.NewInt(1), big.NewInt(-1)), nil },
			jwk.ErrSignature,
		},
		{
			"s of the order",
			[]jwk.Algorithm{jwk.ES256},
			func([]byte) ([]byte, error) { return derOf(big.NewInt(1), order), nil },
			jwk.ErrSignature,
		},
		{
			"s far too long",
			[]jwk.Algorithm{jwk.ES256},
			func([]byte) ([]byte, error) { return derOf(big.NewInt(1), new(big.Int).Lsh(order, 300)), nil },
			jwk.ErrSignature,
		},
	}
	for _, tt := range tests {
		for _, alg := range tt.algs {
			t.Run(tt.name+"/"+string(alg), func(t *testing.T) {
				t.Parallel()
				k, err := jwk.FromSigner(alg, kms{key: standardSigner(t, alg), answer: tt.answer})
				if err != nil {
					t.Fatal(err)
				}
				signature, err := k.Sign([]byte("message"))
				wantError(t, err, tt.want)
				if signature != nil {
					t.Error("a signature beside the error")
				}
			})
		}
	}
}

// nobody has no public key.
type nobody struct{ kms }

func (nobody) Public() crypto.PublicKey { return nil }

func TestFromSignerRefuses(t *testing.T) {
	t.Parallel()
	rsaKey := standardSigner(t, jwk.RS256).(*rsa.PrivateKey)
	otherRSA := standardSigner(t, jwk.PS256).(*rsa.PrivateKey)
	ecKey := standardSigner(t, jwk.ES256).(*ecdsa.PrivateKey)
	otherEC := generateOther(t, jwk.ES256).PublicKey().(*ecdsa.PublicKey)
	edKey := standardSigner(t, jwk.EdDSA).(ed25519.PrivateKey)
	swappedEd := append(ed25519.PrivateKey(nil), edKey...)
	copy(swappedEd[32:], generateOther(t, jwk.EdDSA).PublicKey().(ed25519.PublicKey))
	three, err := rsa.GenerateMultiPrimeKey(rand.Reader, 3, 2048) //nolint:staticcheck // to see it refused
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		alg    jwk.Algorithm
		signer crypto.Signer
		want   error
	}{
		{"nil", jwk.ES256, nil, jwk.ErrInvalidKey},
		{"nil RSA", jwk.RS256, (*rsa.PrivateKey)(nil), jwk.ErrInvalidKey},
		{"nil ECDSA", jwk.ES256, (*ecdsa.PrivateKey)(nil), jwk.ErrInvalidKey},
		{"empty Ed25519", jwk.EdDSA, ed25519.PrivateKey{}, jwk.ErrInvalidKey},
		{"no public key", jwk.ES256, nobody{}, jwk.ErrAlgorithm},
		{"RSA for ES256", jwk.ES256, rsaKey, jwk.ErrAlgorithm},
		{"RSA for HS256", jwk.HS256, rsaKey, jwk.ErrAlgorithm},
		{"outside, P-256 for ES512", jwk.ES512, kms{key: ecKey}, jwk.ErrAlgorithm},
		{"no algorithm", "", ecKey, jwk.ErrUnsupported},
		{"RSA without d", jwk.RS256, &rsa.PrivateKey{PublicKey: rsaKey.PublicKey, Primes: rsaKey.Primes}, jwk.ErrInvalidKey},
		{"RSA without primes", jwk.RS256, &rsa.PrivateKey{PublicKey: rsaKey.PublicKey, D: rsaKey.D}, jwk.ErrUnsupported},
		{
			"RSA with another's d", jwk.RS256,
			&rsa.PrivateKey{PublicKey: rsaKey.PublicKey, D: otherRSA.D, Primes: rsaKey.Primes}, jwk.ErrInvalidKey,
		},
		{"RSA with three primes", jwk.RS256, three, jwk.ErrUnsupported},
		{"ECDSA without d", jwk.ES256, &ecdsa.PrivateKey{PublicKey: ecKey.PublicKey}, jwk.ErrInvalidKey},
		{"ECDSA with another's d", jwk.ES256, &ecdsa.PrivateKey{PublicKey: *otherEC, D: ecKey.D}, jwk.ErrInvalidKey},    //nolint:staticcheck // a bad key
		{"ECDSA with d of zero", jwk.ES256, &ecdsa.PrivateKey{PublicKey: *otherEC, D: new(big.Int)}, jwk.ErrInvalidKey}, //nolint:staticcheck // a bad key
		{"Ed25519 with another's public key", jwk.EdDSA, swappedEd, jwk.ErrInvalidKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := jwk.FromSigner(tt.alg, tt.signer)
			wantError(t, err, tt.want)
		})
	}
}
