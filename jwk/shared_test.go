package jwk_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

// generated holds one key for each algorithm, since making an RSA key takes long.
var generated sync.Map

func generate(tb testing.TB, alg jwk.Algorithm) *jwk.Key {
	tb.Helper()
	if k, ok := generated.Load(alg); ok {
		return k.(*jwk.Key)
	}
	k, err := jwk.Generate(alg)
	if err != nil {
		tb.Fatalf("Generate(%s): %v", alg, err)
	}
	first, _ := generated.LoadOrStore(alg, k)
	return first.(*jwk.Key)
}

// standardSigner returns the private key of generate as the standard library's type.
func standardSigner(tb testing.TB, alg jwk.Algorithm) crypto.Signer {
	tb.Helper()
	data, err := generate(tb, alg).MarshalPrivatePEM()
	if err != nil {
		tb.Fatal(err)
	}
	return signerFromPEM(tb, data)
}

func sign(tb testing.TB, k *jwk.Key, message []byte) []byte {
	tb.Helper()
	signature, err := k.Sign(message)
	if err != nil {
		tb.Fatalf("Sign with %s: %v", k, err)
	}
	return signature
}

func parse(tb testing.TB, data string) *jwk.Key {
	tb.Helper()
	k, err := jwk.Parse([]byte(data))
	if err != nil {
		tb.Fatalf("Parse(%.60q…): %v", data, err)
	}
	return k
}

func wantError(tb testing.TB, err, want error) {
	tb.Helper()
	if !errors.Is(err, want) {
		tb.Errorf("error is %v, want %v", err, want)
	}
}

func decode(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func testdata(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// changed returns the JWK with members set, or removed where the value is nil.
func changed(tb testing.TB, jwkJSON []byte, members map[string]any) string {
	tb.Helper()
	var m map[string]any
	if err := json.Unmarshal(jwkJSON, &m); err != nil {
		tb.Fatal(err)
	}
	for name, value := range members {
		if value == nil {
			delete(m, name)
			continue
		}
		m[name] = value
	}
	b, err := json.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func privateJWK(tb testing.TB, k *jwk.Key) []byte {
	tb.Helper()
	b, err := k.MarshalPrivateJWK()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func publicJWK(tb testing.TB, k *jwk.Key) []byte {
	tb.Helper()
	b, err := k.MarshalJSON()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// member returns a string member of a JWK.
func member(tb testing.TB, jwkJSON []byte, name string) string {
	tb.Helper()
	var m map[string]any
	if err := json.Unmarshal(jwkJSON, &m); err != nil {
		tb.Fatal(err)
	}
	s, ok := m[name].(string)
	if !ok {
		tb.Fatalf("no member %q in %s", name, jwkJSON)
	}
	return s
}

// kms holds a private key and offers nothing but crypto.Signer, as a key management service does.
type kms struct {
	key crypto.Signer
	// answer, if set, replaces what the key signed.
	answer func(signature []byte) ([]byte, error)
}

func (k kms) Public() crypto.PublicKey { return k.key.Public() }

func (k kms) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	signature, err := k.key.Sign(random, digest, opts)
	if err == nil && k.answer != nil {
		return k.answer(bytes.Clone(signature))
	}
	return signature, err
}

// messageKMS takes whole messages too.
type messageKMS struct{ kms }

func (k messageKMS) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("takes messages only")
}

func (k messageKMS) SignMessage(random io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	return crypto.SignMessage(k.key, random, message, opts)
}
