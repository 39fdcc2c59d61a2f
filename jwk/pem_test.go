package jwk_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

func block(kind string, der []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestPEMRoundTrip(t *testing.T) {
	t.Parallel()
	for _, alg := range jwk.Algorithms() {
		k := generate(t, alg)
		private, err := k.MarshalPrivatePEM()
		if alg.Symmetric() {
			wantError(t, err, jwk.ErrNoPrivateKey)
			_, err = k.MarshalPublicPEM()
			wantError(t, err, jwk.ErrUnsupported)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		again, err := jwk.ParsePEM(alg, private)
		if err != nil || !again.CanSign() || again.ID() != k.ID() || again.Algorithm() != alg {
			t.Errorf("read back %v, %v", again, err)
		}
		public, err := k.MarshalPublicPEM()
		if err != nil {
			t.Fatal(err)
		}
		again, err = jwk.ParsePEM(alg, public)
		if err != nil || again.CanSign() || again.ID() != k.ID() || again.Algorithm() != alg {
			t.Errorf("read back %v, %v", again, err)
		}
	}
}

func TestParsePEMForms(t *testing.T) {
	t.Parallel()
	rsaKey := standardSigner(t, jwk.RS256).(*rsa.PrivateKey)
	ecKey := standardSigner(t, jwk.ES384).(*ecdsa.PrivateKey)
	ecDER, ecErr := x509.MarshalECPrivateKey(ecKey)
	certificate, certErr := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)},
		&x509.Certificate{SerialNumber: big.NewInt(1)}, &ecKey.PublicKey, ecKey)
	parameters := block("EC PARAMETERS", []byte{6, 5, 0x2b, 0x81, 4, 0, 0x22}, nil)
	second := block("PUBLIC KEY", []byte("nonsense"), nil)
	tests := []struct {
		name  string
		alg   jwk.Algorithm
		data  []byte
		signs bool
	}{
		{"PKCS#1 private", jwk.PS512, block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil), true},
		{"PKCS#1 public", jwk.RS384, block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey), nil), false},
		{"SEC 1", jwk.ES384, block("EC PRIVATE KEY", ecDER, ecErr), true},
		{"SEC 1 behind its parameters", jwk.ES384, append(parameters, block("EC PRIVATE KEY", ecDER, ecErr)...), true},
		{"certificate", jwk.ES384, block("CERTIFICATE", certificate, certErr), false},
		{"two blocks", jwk.ES384, append(block("EC PRIVATE KEY", ecDER, ecErr), second...), true},
		{"text around", jwk.ES384, append([]byte("Key:\n\n"), append(block("EC PRIVATE KEY", ecDER, ecErr), "end"...)...), true},
		{"line ends of Windows", jwk.ES384, bytes.ReplaceAll(block("EC PRIVATE KEY", ecDER, ecErr), []byte("\n"), []byte("\r\n")), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k, err := jwk.ParsePEM(tt.alg, tt.data)
			if err != nil || k.CanSign() != tt.signs || k.Algorithm() != tt.alg {
				t.Errorf("%v, %v", k, err)
			}
		})
	}
}

func TestParsePEMRefuses(t *testing.T) {
	t.Parallel()
	ec, err := generate(t, jwk.ES256).MarshalPrivatePEM()
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p224DER, p224Err := x509.MarshalPKCS8PrivateKey(p224)
	ecdhKey, err := standardSigner(t, jwk.ES256).(*ecdsa.PrivateKey).ECDH()
	if err != nil {
		t.Fatal(err)
	}
	// PKCS#8 of X25519: the curve's identifier in place of Ed25519's.
	x25519, err := asn1.Marshal(struct {
		Version int
		ID      struct{ OID asn1.ObjectIdentifier }
		Key     []byte
	}{0, struct{ OID asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 3, 101, 110}}, append([]byte{4, 32}, ecdhKey.Bytes()...)})
	huge := block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1<<18), E: 3}), nil)
	signer := standardSigner(t, jwk.ES256)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: slices.Repeat([]string{"example.com"}, 2000)}
	longCertificate, certErr := x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
	tests := []struct {
		name string
		alg  jwk.Algorithm
		data []byte
		want error
	}{
		{"certificate too long", jwk.ES256, block("CERTIFICATE", longCertificate, certErr), jwk.ErrInvalidKey},
		{"empty", jwk.ES256, nil, jwk.ErrInvalidKey},
		{"no PEM", jwk.ES256, []byte("-----BEGIN nothing"), jwk.ErrInvalidKey},
		{"parameters only", jwk.ES256, block("EC PARAMETERS", nil, nil), jwk.ErrInvalidKey},
		{"broken DER", jwk.ES256, block("PRIVATE KEY", []byte{1, 2, 3}, nil), jwk.ErrInvalidKey},
		{"encrypted PKCS#8", jwk.ES256, block("ENCRYPTED PRIVATE KEY", []byte{1}, nil), jwk.ErrUnsupported},
		{
			"encrypted SEC 1", jwk.ES256,
			pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}}),
			jwk.ErrUnsupported,
		},
		{"other block", jwk.ES256, block("OPENSSH PRIVATE KEY", []byte{1}, nil), jwk.ErrUnsupported},
		{"too long", jwk.ES256, append(bytes.Repeat([]byte("\n"), 64<<10), ec...), jwk.ErrInvalidKey},
		{"key too long", jwk.RS256, huge, jwk.ErrInvalidKey},
		{"another algorithm", jwk.RS256, ec, jwk.ErrAlgorithm},
		{"another curve", jwk.ES512, ec, jwk.ErrAlgorithm},
		{"HMAC", jwk.HS256, ec, jwk.ErrAlgorithm},
		{"none", "none", ec, jwk.ErrUnsupported},
		{"RSA of 1024 bits", jwk.RS256, block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(small), nil), jwk.ErrWeakKey},
		{"P-224", jwk.ES256, block("PRIVATE KEY", p224DER, p224Err), jwk.ErrAlgorithm},
		{"X25519", jwk.EdDSA, block("PRIVATE KEY", x25519, err), jwk.ErrAlgorithm},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k, err := jwk.ParsePEM(tt.alg, tt.data)
			wantError(t, err, tt.want)
			if k != nil {
				t.Errorf("a key beside the error: %s", k)
			}
		})
	}
}
