package jwt

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

// Project Wycheproof's vectors are in the folder that the environment variable WYCHEPROOF_DIR names.

type wycheproofGroup struct {
	Type    string          `json:"type"`
	Comment string          `json:"comment"`
	Private json.RawMessage `json:"private"`
	Public  json.RawMessage `json:"public"`
	Tests   []struct {
		ID      int             `json:"tcId"`
		Comment string          `json:"comment"`
		JWS     json.RawMessage `json:"jws"`
		Result  string          `json:"result"`
	} `json:"tests"`
}

// wycheproofDifferences are the vectors whose answer here is another one than theirs, and why. All of them are refused
// although called valid.
var wycheproofDifferences = map[string]map[int]string{
	"json_web_signature_test.json": {
		346: "the token says PS384, its key PS256; a key is for the algorithm that it names",
		347: `the key's "alg" is ES521, which does not exist`,
		350: "the token says PS384, its key PS256; a key is for the algorithm that it names",
		351: `the key's "alg" is ES521, which does not exist`,
		357: "the secret is all zero, no key is made of it; see the forms below",
		358: "the secret is all zero",
		359: "the secret is all zero",
		372: "the header has a question mark in its base64url, and the secret is all zero",
		373: "the payload has a question mark in its base64url, and the secret is all zero",
		376: "the secret is all zero",
		377: "the secret is all zero",
	},
	"json_web_crypto_test.json": {},
}

func TestWycheproof(t *testing.T) {
	for _, file := range []string{"json_web_signature_test.json", "json_web_crypto_test.json"} {
		t.Run(file, func(t *testing.T) {
			tried := map[string]int{}
			differences := wycheproofDifferences[file]
			seen := 0
			for _, group := range readWycheproof(t, file) {
				keys, keyErr := wycheproofKeys(group)
				for _, test := range group.Tests {
					if test.JWS == nil {
						continue // encrypted, which jeton does not do
					}
					tried[test.Result]++
					err := keyErr
					if err == nil {
						err = proveSignature(compact(t, test.JWS), keys)
					}
					differs := (err == nil) != (test.Result == "valid")
					why, known := differences[test.ID]
					if differs != known {
						t.Errorf("%s %d %s is %s; got %v", group.Comment, test.ID, test.Comment, test.Result, err)
					}
					if differs {
						seen++
						t.Logf("%s %d %s is called %s; here: %v. Reason: %s", group.Comment, test.ID, test.Comment, test.Result, err, why)
					}
				}
			}
			total := tried["valid"] + tried["invalid"] + tried["acceptable"]
			if seen != len(differences) || total < 40 {
				t.Errorf("%d vectors, %d differences, %d of them listed", total, seen, len(differences))
			}
			fmt.Printf("wycheproof %s: %d signature vectors tried (%v), %d answered differently for a listed reason\n", file, total, tried, seen)
		})
	}
}

// wycheproofFormDifferences are those of TestWycheproofForms.
var wycheproofFormDifferences = map[int]string{
	367: "it is byte for byte vector 357, which is valid",
	370: "it is byte for byte vector 357, which is valid",
	372: "the header has a question mark in its base64url",
	373: "the payload has a question mark in its base64url",
}

// TestWycheproofForms tries the vectors of the group about base64 by their form, with the HMAC computed here: their
// secret is all zero, so that no key can be made of it and every one of them is refused before it is read.
func TestWycheproofForms(t *testing.T) {
	tried := 0
	for _, group := range readWycheproof(t, "json_web_signature_test.json") {
		if group.Comment != "base64" {
			continue
		}
		var key struct{ K string }
		if err := json.Unmarshal(group.Private, &key); err != nil {
			t.Fatal(err)
		}
		secret, err := base64.RawURLEncoding.DecodeString(key.K)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range group.Tests {
			tried++
			got := formAndHMAC(t, compact(t, test.JWS), secret)
			why, known := wycheproofFormDifferences[test.ID]
			if (got != (test.Result == "valid")) != known {
				t.Errorf("%d %s is %s; accepted here: %v; listed: %q", test.ID, test.Comment, test.Result, got, why)
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d vectors", tried)
	}
	fmt.Printf("wycheproof base64: %d vectors tried by their form, %d answered differently for a listed reason\n", tried, len(wycheproofFormDifferences))
}

func formAndHMAC(t *testing.T, token string, secret []byte) bool {
	t.Helper()
	p, err := split(token)
	if err != nil {
		return false
	}
	header, err := decodeHeader(p.header)
	if err != nil || header.Algorithm != jwk.HS256 {
		return false
	}
	_, err = decodeSegment(p.payload)
	return err == nil && hmacVerifies(t, secret, p)
}

// proveSignature goes as far as a token whose payload is no JSON can get.
func proveSignature(token string, keys *jwk.Set) error {
	_, payload, err := authenticate(token, keys, &algorithmRule{unnamed: []jwk.Algorithm{jwk.RS256}}, new(knownHeaders), new(scratch))
	if err != nil {
		return err
	}
	_, err = decodeSegment(payload)
	return err
}

// compact returns a vector's token; those in the JSON serialization are objects in one of the files.
func compact(t *testing.T, jws json.RawMessage) string {
	t.Helper()
	var token string
	if jws[0] != '"' {
		return string(jws)
	}
	if err := json.Unmarshal(jws, &token); err != nil {
		t.Fatal(err)
	}
	return token
}

// wycheproofKeys returns the keys of a group, the public ones where there are any.
func wycheproofKeys(group wycheproofGroup) (*jwk.Set, error) {
	data := group.Private
	if group.Public != nil {
		data = group.Public
	}
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, err
	}
	if set.Keys == nil {
		set.Keys = []json.RawMessage{data}
	}
	var keys []*jwk.Key
	for _, one := range set.Keys {
		key, err := jwk.Parse(one)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return jwk.NewSet(keys...)
}

func readWycheproof(t *testing.T, file string) []wycheproofGroup {
	t.Helper()
	dir := os.Getenv("WYCHEPROOF_DIR")
	if dir == "" {
		const missing = "the environment variable WYCHEPROOF_DIR does not name the folder with Wycheproof's vectors"
		if os.Getenv("JETON_TEST_COMPLETE") == "1" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	data, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		TestGroups []wycheproofGroup `json:"testGroups"`
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.TestGroups) == 0 {
		t.Fatal(errors.New("no vectors"))
	}
	return vectors.TestGroups
}
