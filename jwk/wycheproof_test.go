package jwk_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

// wycheproofDiffers lists the vectors to which this package answers otherwise than Project Wycheproof expects, by tcId,
// and why.
var wycheproofDiffers = map[int]string{}

type jwkVectors struct {
	NumberOfTests int
	TestGroups    []struct {
		Comment string
		// Private is what the signer has, Public what the verifier has; sets of secrets have only the first.
		Private, Public json.RawMessage
		Tests           []struct {
			TcID    int
			Comment string
			JWS     string
			Result  string
		}
	}
}

// wycheproof reads a file of the folder named by WYCHEPROOF_DIR.
func wycheproof(t *testing.T, name string, dst any) {
	t.Helper()
	dir := os.Getenv("WYCHEPROOF_DIR")
	if dir == "" {
		const missing = "WYCHEPROOF_DIR does not name the folder testvectors_v1 of Project Wycheproof"
		if os.Getenv("JETON_TEST_COMPLETE") == "1" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, dst); err != nil {
		t.Fatal(err)
	}
}

// Each vector is a set and a token: the set must not be read, or must have no key that verifies the token, where the
// vector is invalid.
func TestWycheproofJSONWebKey(t *testing.T) {
	t.Parallel()
	var vectors jwkVectors
	wycheproof(t, "json_web_key_test.json", &vectors)
	parsers := map[string]func([]byte) (*jwk.Set, error){
		"ParseSet": jwk.ParseSet,
		"ParsePublicSet": func(data []byte) (*jwk.Set, error) {
			set, _, err := jwk.ParsePublicSet(data)
			return set, err
		},
	}
	tried := 0
	for _, group := range vectors.TestGroups {
		data := group.Public
		if data == nil {
			data = group.Private
		}
		for _, tt := range group.Tests {
			tried++
			for name, parser := range parsers {
				if name == "ParsePublicSet" && group.Public == nil {
					continue // sets of secrets, none of which it reads
				}
				err := verifyWithSet(parser, data, tt.JWS)
				why, differs := wycheproofDiffers[tt.TcID]
				if (err == nil) != (tt.Result == "valid") != differs {
					t.Errorf("%s: vector %d, %s, %s, is %s; here: %v (%s)", name, tt.TcID, group.Comment, tt.Comment, tt.Result, err, why)
				}
			}
		}
	}
	t.Logf("tried %d vectors, %d of them answered otherwise than expected, on purpose", tried, len(wycheproofDiffers))
	if tried == 0 || tried != vectors.NumberOfTests {
		t.Errorf("tried %d of %d vectors", tried, vectors.NumberOfTests)
	}
}

func verifyWithSet(parse func([]byte) (*jwk.Set, error), data []byte, token string) error {
	set, err := parse(data)
	if err != nil {
		return err
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return fmt.Errorf("%d parts", len(parts))
	}
	var header struct {
		Alg jwk.Algorithm
		Kid string
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &header); err != nil {
		return err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	k, ok := set.Find(header.Kid)
	if !ok {
		return jwk.ErrNoKey
	}
	return k.Verify(header.Alg, []byte(parts[0]+"."+parts[1]), signature)
}

// The keys of the JWS vectors are read one by one. What is refused is refused for the reason given here.
func TestWycheproofKeysOfSignatures(t *testing.T) {
	t.Parallel()
	refused := map[string]string{
		"rsa_encryption":        "for encryption",
		"ec_key_for_encryption": "for encryption",
		"rfc7520, ES521":        "there is no algorithm ES521; the key is of P-521, for ES512",
		"base64, HS256":         "the secret is all zeros",
	}
	var vectors jwkVectors
	wycheproof(t, "json_web_signature_test.json", &vectors)
	tried := 0
	for _, group := range vectors.TestGroups {
		data := group.Public
		if data == nil {
			data = group.Private
		}
		var key struct{ Alg string }
		if err := json.Unmarshal(data, &key); err != nil {
			t.Fatal(err)
		}
		tried++
		_, err := jwk.Parse(data)
		why, expected := refused[group.Comment]
		if !expected {
			why, expected = refused[group.Comment+", "+key.Alg]
		}
		if strings.HasPrefix(group.Comment, "rfc7520") && key.Alg == "ES521" {
			why, expected = refused["rfc7520, ES521"], true
		}
		if (err != nil) != expected {
			t.Errorf("%s, %s: %v (%s)", group.Comment, key.Alg, err, why)
		}
	}
	t.Logf("tried the keys of %d groups", tried)
}
