package jwk_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

func TestParseAlgorithm(t *testing.T) {
	t.Parallel()
	for _, alg := range jwk.Algorithms() {
		if got, err := jwk.ParseAlgorithm(string(alg)); err != nil || got != alg {
			t.Errorf("ParseAlgorithm(%q) = %q, %v", alg, got, err)
		}
		if got, want := alg.Symmetric(), strings.HasPrefix(string(alg), "HS"); got != want {
			t.Errorf("%s.Symmetric() = %v", alg, got)
		}
	}
	if got, err := jwk.ParseAlgorithm("Ed25519"); err != nil || got != jwk.EdDSA {
		t.Errorf("ParseAlgorithm(Ed25519) = %q, %v", got, err)
	}
	for _, name := range []string{"", "none", "None", "hs256", "HS256 ", "ES256K", "Ed448", "RSA-OAEP", "ES521"} {
		_, err := jwk.ParseAlgorithm(name)
		wantError(t, err, jwk.ErrUnsupported)
		_, err = jwk.Generate(jwk.Algorithm(name))
		wantError(t, err, jwk.ErrUnsupported)
	}
}

// signatureSizes are those of RFC 7518, section 3, for the keys that Generate makes.
var signatureSizes = map[jwk.Algorithm]int{
	jwk.HS256: 32, jwk.HS384: 48, jwk.HS512: 64,
	jwk.RS256: 256, jwk.RS384: 256, jwk.RS512: 256,
	jwk.PS256: 256, jwk.PS384: 256, jwk.PS512: 256,
	jwk.ES256: 64, jwk.ES384: 96, jwk.ES512: 132,
	jwk.EdDSA: 64,
}

func TestSignAndVerify(t *testing.T) {
	t.Parallel()
	message := []byte("message")
	for _, alg := range jwk.Algorithms() {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			k := generate(t, alg)
			if k.Algorithm() != alg || !k.CanSign() || k.ID() == "" {
				t.Fatalf("generated %s, CanSign %v", k, k.CanSign())
			}
			signature := sign(t, k, message)
			if len(signature) != signatureSizes[alg] {
				t.Errorf("the signature has %d bytes, want %d", len(signature), signatureSizes[alg])
			}
			verifiers := []*jwk.Key{k}
			if !alg.Symmetric() {
				verifiers = append(verifiers, k.Public())
			}
			for _, v := range verifiers {
				if err := v.Verify(alg, message, signature); err != nil {
					t.Errorf("%s: %v", v, err)
				}
				wantError(t, v.Verify(alg, []byte("massage"), signature), jwk.ErrSignature)
				wantError(t, v.Verify(alg, nil, signature), jwk.ErrSignature)
				for _, other := range jwk.Algorithms() {
					if other != alg {
						wantError(t, v.Verify(other, message, signature), jwk.ErrAlgorithm)
					}
				}
				wantError(t, v.Verify("", message, signature), jwk.ErrAlgorithm)
				wantError(t, v.Verify("none", message, nil), jwk.ErrAlgorithm)
			}
			wantError(t, generateOther(t, alg).Verify(alg, message, signature), jwk.ErrSignature)
		})
	}
}

// generateOther makes a key that is not generate's.
func generateOther(t *testing.T, alg jwk.Algorithm) *jwk.Key {
	t.Helper()
	k, err := jwk.Generate(alg)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestVerifyRefusesMalformedSignatures(t *testing.T) {
	t.Parallel()
	message := []byte("message")
	for _, alg := range jwk.Algorithms() {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			k := generate(t, alg)
			good := sign(t, k, message)
			malformed := map[string][]byte{
				"nil":           nil,
				"empty":         {},
				"one short":     good[:len(good)-1],
				"one long":      append(bytes.Clone(good), 0),
				"leading zero":  append([]byte{0}, good...),
				"twice":         append(bytes.Clone(good), good...),
				"all zero":      make([]byte, len(good)),
				"all ones":      bytes.Repeat([]byte{0xff}, len(good)),
				"first flipped": flip(good, 0),
				"last flipped":  flip(good, len(good)-1),
			}
			for name, signature := range malformed {
				if err := k.Verify(alg, message, signature); !errors.Is(err, jwk.ErrSignature) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if err := k.Verify(alg, message, good); err != nil {
				t.Error(err)
			}
		})
	}
}

func flip(b []byte, i int) []byte {
	c := bytes.Clone(b)
	c[i] ^= 1
	return c
}

// Each r and s out of range, beside a good other half, and ASN.1 where r and s belong.
func TestVerifyRefusesECDSAOutOfRange(t *testing.T) {
	t.Parallel()
	message := []byte("message")
	curves := map[jwk.Algorithm]elliptic.Curve{
		jwk.ES256: elliptic.P256(), jwk.ES384: elliptic.P384(), jwk.ES512: elliptic.P521(),
	}
	for alg, curve := range curves {
		k := generate(t, alg)
		good := sign(t, k, message)
		size := len(good) / 2
		order := curve.Params().N
		for name, value := range map[string]*big.Int{
			"zero": new(big.Int), "the order": order, "above": new(big.Int).Add(order, big.NewInt(1)),
		} {
			half := value.FillBytes(make([]byte, size))
			wantError(t, k.Verify(alg, message, append(bytes.Clone(half), good[size:]...)), jwk.ErrSignature)
			wantError(t, k.Verify(alg, message, append(bytes.Clone(good[:size]), half...)), jwk.ErrSignature)
			if t.Failed() {
				t.Fatalf("%s with r or s %s", alg, name)
			}
		}
		// r + n verifies mathematically where it fits into the width.
		r := new(big.Int).Add(new(big.Int).SetBytes(good[:size]), order)
		if r.BitLen() <= 8*size {
			wantError(t, k.Verify(alg, message, append(r.FillBytes(make([]byte, size)), good[size:]...)), jwk.ErrSignature)
		}
		der, err := standardSigner(t, alg).Sign(rand.Reader, digestOf(alg, message), hashOf(alg))
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, k.Verify(alg, message, der), jwk.ErrSignature)
	}
}

func hashOf(alg jwk.Algorithm) crypto.Hash {
	switch {
	case strings.HasSuffix(string(alg), "256"):
		return crypto.SHA256
	case strings.HasSuffix(string(alg), "384"):
		return crypto.SHA384
	default:
		return crypto.SHA512
	}
}

func digestOf(alg jwk.Algorithm, message []byte) []byte {
	h := hashOf(alg).New()
	h.Write(message)
	return h.Sum(nil)
}

func TestPSSSaltMustBeAsLongAsTheHash(t *testing.T) {
	t.Parallel()
	message := []byte("message")
	k := generate(t, jwk.PS256)
	for _, salt := range []int{rsa.PSSSaltLengthAuto, 20, 31, 33} {
		signature, err := standardSigner(t, jwk.PS256).Sign(rand.Reader, digestOf(jwk.PS256, message),
			&rsa.PSSOptions{SaltLength: salt, Hash: crypto.SHA256})
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, k.Verify(jwk.PS256, message, signature), jwk.ErrSignature)
	}
}

func TestVerifyConcurrently(t *testing.T) {
	t.Parallel()
	for _, alg := range []jwk.Algorithm{jwk.HS256, jwk.ES256, jwk.EdDSA, jwk.RS256} {
		k := generate(t, alg)
		errs := make(chan error)
		for i := range 8 {
			message := bytes.Repeat([]byte{byte(i)}, 100*i)
			go func() {
				signature, err := k.Sign(message)
				for range 20 {
					err = errors.Join(err, k.Verify(alg, message, signature))
				}
				errs <- err
			}()
		}
		for range 8 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	}
}

func TestKeysAreCopied(t *testing.T) {
	t.Parallel()
	message := []byte("message")

	secret := []byte("0N3 l0ng 4nd qu1t3 un1qu3 s3cr3t!")
	k, err := jwk.FromSecret(jwk.HS256, secret)
	if err != nil {
		t.Fatal(err)
	}
	signature := sign(t, k, message)
	clear(secret)
	if err := k.Verify(jwk.HS256, message, signature); err != nil {
		t.Error("a secret is shared with the caller:", err)
	}

	public := generate(t, jwk.RS256).PublicKey().(*rsa.PublicKey)
	k, err = jwk.FromPublic(jwk.RS256, public)
	if err != nil {
		t.Fatal(err)
	}
	signature = sign(t, generate(t, jwk.RS256), message)
	public.N.SetInt64(15)
	k.PublicKey().(*rsa.PublicKey).N.SetInt64(15)
	if err := k.Verify(jwk.RS256, message, signature); err != nil {
		t.Error("an RSA key is shared with the caller:", err)
	}

	point := generate(t, jwk.EdDSA).PublicKey().(ed25519.PublicKey)
	clear(point)
	if err := generate(t, jwk.EdDSA).Verify(jwk.EdDSA, message, sign(t, generate(t, jwk.EdDSA), message)); err != nil {
		t.Error("an Ed25519 key is shared with the caller:", err)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for _, alg := range jwk.Algorithms() {
		k := generate(t, alg)
		named, err := k.WithID("2026-11")
		if err != nil {
			t.Fatal(err)
		}
		if named.ID() != "2026-11" || k.ID() == "2026-11" {
			t.Errorf("%s: WithID gave %q, left %q", alg, named.ID(), k.ID())
		}
		thumbprint, err := k.Thumbprint()
		if alg.Symmetric() {
			wantError(t, err, jwk.ErrUnsupported)
			if again := parse(t, changed(t, privateJWK(t, k), map[string]any{"kid": nil})); again.ID() != k.ID() {
				t.Errorf("%s: a secret has the ids %q and %q", alg, k.ID(), again.ID())
			}
			continue
		}
		if err != nil || thumbprint != k.ID() || named.Public().ID() != "2026-11" {
			t.Errorf("%s: id %q, thumbprint %q, %v", alg, k.ID(), thumbprint, err)
		}
		if again, err := named.Thumbprint(); err != nil || again != thumbprint {
			t.Errorf("%s: the thumbprint depends on the id: %q, %v", alg, again, err)
		}
	}
	for _, id := range []string{"", strings.Repeat("x", 257), "a\nb", "é", "\x7f", "a\x00"} {
		_, err := generate(t, jwk.ES256).WithID(id)
		wantError(t, err, jwk.ErrInvalidKey)
	}
	if _, err := generate(t, jwk.ES256).WithID(strings.Repeat("x", 256)); err != nil {
		t.Error(err)
	}
}

func BenchmarkVerify(b *testing.B) {
	message := bytes.Repeat([]byte("x"), 300)
	for _, alg := range []jwk.Algorithm{jwk.HS256, jwk.RS256, jwk.PS256, jwk.ES256, jwk.EdDSA} {
		b.Run(string(alg), func(b *testing.B) {
			k := generate(b, alg)
			signature := sign(b, k, message)
			b.ReportAllocs()
			for b.Loop() {
				if err := k.Verify(alg, message, signature); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
