package jwk_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/jetonauth/jeton/jwk"
)

func ExampleGenerate() {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		log.Fatal(err)
	}
	signature, err := key.Sign([]byte("message"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(signature), key.Public().Verify(jwk.ES256, []byte("message"), signature))
	fmt.Println(key.Verify(jwk.ES256, []byte("another message"), signature))
	fmt.Println(key.Verify(jwk.HS256, []byte("message"), signature) != nil) // the key decides the algorithm
	// Output:
	// 64 <nil>
	// jwk: signature does not verify
	// true
}

func ExampleFromSecret() {
	_, err := jwk.FromSecret(jwk.HS256, []byte("please-change-this-secret-before-production"))
	fmt.Println(err)
	// Output: jwk: weak key: the secret is a placeholder
}

// service stands for a key management service, which signs but never gives the private key away.
type service struct{ key *ecdsa.PrivateKey }

func (s service) Public() crypto.PublicKey { return s.key.Public() }

func (s service) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.key.Sign(random, digest, opts)
}

func ExampleFromSigner() {
	inside, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	key, err := jwk.FromSigner(jwk.ES256, service{inside})
	if err != nil {
		log.Fatal(err)
	}
	signature, err := key.Sign([]byte("message"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Verify(jwk.ES256, []byte("message"), signature))
	_, err = key.MarshalPrivateJWK()
	fmt.Println(err != nil)
	// Output:
	// <nil>
	// true
}

func ExampleParse() {
	key, err := jwk.Parse([]byte(`{
		"kty": "OKP", "crv": "Ed25519", "use": "sig",
		"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Algorithm(), key.ID(), key.CanSign())
	_, err = jwk.Parse([]byte(`{"kty": "EC", "crv": "P-256", "kty": "oct"}`))
	fmt.Println(err)
	// Output:
	// EdDSA kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k false
	// jwk: invalid key: duplicate member "kty"
}

func ExampleKey_MarshalJSON() {
	key, err := jwk.Parse([]byte(`{
		"kty": "OKP", "crv": "Ed25519", "kid": "2026-11",
		"d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
		"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	}`))
	if err != nil {
		log.Fatal(err)
	}
	data, err := json.Marshal(key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(data)) // without "d"
	fmt.Println(key)
	// Output:
	// {"kty":"OKP","use":"sig","alg":"EdDSA","kid":"2026-11","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
	// private EdDSA key "2026-11"
}

func ExampleParsePublicSet() {
	set, skipped, err := jwk.ParsePublicSet([]byte(`{"keys": [
		{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
		{"kty": "OKP", "crv": "X25519", "kid": "b", "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}
	]}`))
	if err != nil {
		log.Fatal(err)
	}
	for key := range set.All() {
		fmt.Println(key)
	}
	for _, reason := range skipped {
		fmt.Println(reason)
	}
	// Output:
	// public EdDSA key "a"
	// jwk: key 1 of the set, "b": jwk: unsupported curve "X25519"
}

func ExampleNewSet() {
	current, err := jwk.Generate(jwk.ES256)
	if err != nil {
		log.Fatal(err)
	}
	previous, err := jwk.Generate(jwk.ES256)
	if err != nil {
		log.Fatal(err)
	}
	set, err := jwk.NewSet(current, previous.Public())
	if err != nil {
		log.Fatal(err)
	}
	_, found := set.Find(previous.ID())
	fmt.Println(set.Len(), found)
	// Output: 2 true
}

func ExampleStatic() {
	current, err := jwk.Generate(jwk.ES256)
	if err != nil {
		log.Fatal(err)
	}
	previous, err := jwk.Generate(jwk.ES256)
	if err != nil {
		log.Fatal(err)
	}
	source := jwk.Static(current, previous.Public()) // the first signs, all verify

	signing, err := source.SigningKey(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	verifying, err := source.VerifyingKeys(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signing == current, verifying.Len())
	// Output: true 2
}

func ExampleLoadOrCreate() {
	dir, err := os.MkdirTemp("", "jeton")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "signing.pem")

	first, err := jwk.LoadOrCreate(path) // makes it
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := jwk.LoadOrCreate(path) // reads it
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(first.Algorithm(), first.ID() == second.ID())
	// Output: ES256 true
}
