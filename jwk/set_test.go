package jwk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

func newSet(tb testing.TB, keys ...*jwk.Key) *jwk.Set {
	tb.Helper()
	s, err := jwk.NewSet(keys...)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func withID(tb testing.TB, k *jwk.Key, id string) *jwk.Key {
	tb.Helper()
	named, err := k.WithID(id)
	if err != nil {
		tb.Fatal(err)
	}
	return named
}

func TestSet(t *testing.T) {
	t.Parallel()
	a, b := generate(t, jwk.ES256), withID(t, generate(t, jwk.RS256), "b")
	keys := []*jwk.Key{a, b}
	s := newSet(t, keys...)
	keys[0] = nil // the set has a slice of its own
	if got := slices.Collect(s.All()); !slices.Equal(got, []*jwk.Key{a, b}) || s.Len() != 2 {
		t.Errorf("All gives %v", got)
	}
	if k, ok := s.Find("b"); !ok || k != b {
		t.Errorf("Find(b) = %v, %v", k, ok)
	}
	if k, ok := s.Find(a.ID()); !ok || k != a {
		t.Errorf("Find by thumbprint = %v, %v", k, ok)
	}
	for _, id := range []string{"", "B", "b "} {
		if k, ok := s.Find(id); ok || k != nil {
			t.Errorf("Find(%q) = %v, %v", id, k, ok)
		}
	}
	if got, err := s.VerifyingKeys(t.Context()); got != s || err != nil {
		t.Errorf("VerifyingKeys = %v, %v", got, err)
	}
	for range s.All() {
		break // an iterator may be left
	}
}

func TestEmptySets(t *testing.T) {
	t.Parallel()
	for _, s := range []*jwk.Set{nil, {}, newSet(t)} {
		if k, ok := s.Find("x"); s.Len() != 0 || ok || k != nil || len(slices.Collect(s.All())) != 0 {
			t.Errorf("%v is not empty", s)
		}
		if data, err := s.MarshalJSON(); err != nil || string(data) != `{"keys":[]}` {
			t.Errorf("MarshalJSON = %s, %v", data, err)
		}
		if s.Public().Len() != 0 {
			t.Error("Public has keys")
		}
	}
}

func TestNewSetRefuses(t *testing.T) {
	t.Parallel()
	ec, secret := generate(t, jwk.ES256), generate(t, jwk.HS256)
	for name, keys := range map[string][]*jwk.Key{
		"nil":                       {nil},
		"empty key":                 {{}},
		"twice":                     {ec, ec},
		"private and public":        {ec, ec.Public()},
		"two with one id":           {withID(t, ec, "x"), withID(t, generate(t, jwk.ES384), "x")},
		"a secret and a public key": {secret, ec.Public()},
		"a key and a secret":        {ec, secret},
	} {
		s, err := jwk.NewSet(keys...)
		if !errors.Is(err, jwk.ErrInvalidKey) || s != nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if s := newSet(t, secret, generate(t, jwk.HS512)); s.Len() != 2 {
		t.Error("secrets alone are a set")
	}
}

func TestSetPublic(t *testing.T) {
	t.Parallel()
	s := newSet(t, generate(t, jwk.ES256), generate(t, jwk.EdDSA).Public())
	for k := range s.Public().All() {
		if k.CanSign() {
			t.Errorf("%s is in the public set", k)
		}
		if _, ok := s.Public().Find(k.ID()); !ok {
			t.Errorf("%s is not found", k)
		}
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), `"d"`) {
		t.Errorf("published: %s", data)
	}
	again, err := jwk.ParseSet(data)
	if err != nil || again.Len() != 2 {
		t.Errorf("read back %v, %v", again, err)
	}
	secrets := newSet(t, generate(t, jwk.HS256))
	if data, err := json.Marshal(secrets); err != nil || string(data) != `{"keys":[]}` || secrets.Public().Len() != 0 {
		t.Errorf("secrets published as %s, %v", data, err)
	}
}

func setJSON(keys ...string) []byte { return []byte(`{"keys":[` + strings.Join(keys, ",") + `]}`) }

func TestParseSet(t *testing.T) {
	t.Parallel()
	ec, oct := string(privateJWK(t, generate(t, jwk.ES256))), string(privateJWK(t, generate(t, jwk.HS256)))
	ed := string(publicJWK(t, generate(t, jwk.EdDSA)))
	s, err := jwk.ParseSet(setJSON(ec, ed))
	if err != nil || s.Len() != 2 {
		t.Fatalf("%v, %v", s, err)
	}
	if k, ok := s.Find(generate(t, jwk.ES256).ID()); !ok || !k.CanSign() {
		t.Errorf("found %v", k)
	}
	for name, data := range map[string]string{
		"empty":              "",
		"no keys":            "{}",
		"keys null":          `{"keys":null}`,
		"keys object":        `{"keys":{}}`,
		"a key itself":       ec,
		"an array":           "[" + ec + "]",
		"keys twice":         `{"keys":[],"keys":[` + ec + `]}`,
		"Keys in capitals":   `{"KEYS":[` + ec + `]}`,
		"trailing":           string(setJSON(ec)) + "x",
		"not UTF-8":          "{\"keys\":[],\"\xff\":1}",
		"a bad key":          string(setJSON(ec, "{}")),
		"not an object":      string(setJSON(ec, "1")),
		"null":               string(setJSON("null")),
		"one id twice":       string(setJSON(ec, ec)),
		"a secret beside":    string(setJSON(ec, oct)),
		"a member twice":     string(setJSON(`{"kid":"x",` + ec[1:])),
		"a name twice":       `{"a":1,"keys":[` + ec + `],"\u0061":{}}`,
		"a lone surrogate":   `{"keys":[` + ec + `],"\ud800":1}`,
		"in a key":           string(setJSON(with([]byte(ec), `"a":"\ud800"`))),
		"null among key_ops": string(setJSON(with([]byte(ec), `"key_ops":["sign",null]`))),
		"too many":           string(setJSON(slices.Repeat([]string{"{}"}, 1001)...)),
		"too long":           string(setJSON(ec)) + strings.Repeat(" ", 1<<20),
		"deep, far too deep": `{"keys":[` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `]}`,
	} {
		s, err := jwk.ParseSet([]byte(data))
		if !errors.Is(err, jwk.ErrInvalidKey) || s != nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if s, err := jwk.ParseSet([]byte(`{"keys":[],"other":{}}`)); err != nil || s.Len() != 0 {
		t.Errorf("an empty set: %v, %v", s, err)
	}
}

// TestParseSetIgnores has members of a set that nobody reads.
func TestParseSetIgnores(t *testing.T) {
	t.Parallel()
	ec := publicJWK(t, generate(t, jwk.ES256))
	set := string(setJSON(with(ec, `"a":1e999`)))
	for name, data := range map[string]string{
		"nothing else":            set,
		"a number beyond float64": with([]byte(set), `"a":1e999`),
		"a nested name twice":     with([]byte(set), `"a":{"b":1,"b":2}`),
		"a lone surrogate":        with([]byte(set), `"a":"\ud800"`),
		"deep":                    with([]byte(set), `"a":`+nested(100)),
		"keys elsewhere":          with([]byte(set), `"a":{"keys":[1]},"b":"keys","KEYS":null`),
		"white space":             " {\t\"a\" :\n1 , \"b\":\"}\" ,\"keys\": [ " + string(ec) + " ]\r, \"c\" : [ ] , \"d\":true }\n",
		"an escaped name":         strings.Replace(set, `"keys"`, `"k\u0065ys"`, 1),
	} {
		if s, err := jwk.ParseSet([]byte(data)); err != nil || s.Len() != 1 {
			t.Errorf("ParseSet, %s: %v, %v", name, s, err)
		}
		if s, skipped, err := jwk.ParsePublicSet([]byte(data)); err != nil || s.Len() != 1 || skipped != nil {
			t.Errorf("ParsePublicSet, %s: %v, skipped %v, %v", name, s, skipped, err)
		}
	}
}

// Find is asked for every token.
func TestFindDoesNotAllocate(t *testing.T) {
	s := newSet(t, withID(t, generate(t, jwk.ES256), "a"), withID(t, generate(t, jwk.EdDSA), "b"))
	for id, want := range map[string]bool{"b": true, "another": false} {
		if allocations := testing.AllocsPerRun(100, func() {
			if _, ok := s.Find(id); ok != want {
				t.Errorf("Find(%s) is %v", id, ok)
			}
		}); allocations != 0 {
			t.Errorf("%v allocations to find %s", allocations, id)
		}
	}
}

// TestParsePublicSetSkipsOne has keys that are JSON, but not as strict as they must be. Each is skipped alone, with its id.
func TestParsePublicSetSkipsOne(t *testing.T) {
	t.Parallel()
	good := string(publicJWK(t, generate(t, jwk.ES256)))
	bad := []byte(changed(t, publicJWK(t, generate(t, jwk.EdDSA)), map[string]any{"kid": "bad"}))
	for name, key := range map[string]string{
		"a member twice":         with(bad, `"a":1,"a":1`),
		"an id twice":            with(bad, `"kid":"first"`),
		"a lone surrogate":       with(bad, `"a":"\ud800"`),
		"a lone surrogate named": with(bad, `"\udfff":1`),
		"null among key_ops":     with(bad, `"key_ops":["verify",null]`),
		"too deep":               with(bad, `"a":`+nested(32)),
		"too long":               with(bad, `"a":"`+strings.Repeat("x", 64<<10)+`"`),
	} {
		set, skipped, err := jwk.ParsePublicSet(setJSON(key, good))
		if err != nil || set.Len() != 1 || len(skipped) != 1 {
			t.Errorf("%s: %v, skipped %v, %v", name, set, skipped, err)
			continue
		}
		if _, ok := set.Find(generate(t, jwk.ES256).ID()); !ok || !errors.Is(skipped[0], jwk.ErrInvalidKey) ||
			!strings.Contains(skipped[0].Error(), `key 0 of the set, "bad"`) {
			t.Errorf("%s: %v, skipped %v", name, set, skipped)
		}
	}
}

func TestParsePublicSetSkips(t *testing.T) {
	t.Parallel()
	ec, oct := privateJWK(t, generate(t, jwk.ES256)), privateJWK(t, generate(t, jwk.HS256))
	rsaKey := publicJWK(t, generate(t, jwk.RS256))
	type members = map[string]any
	n := decode(t, member(t, rsaKey, "n"))
	data := setJSON(
		string(ec), // its private part is dropped
		string(oct),
		changed(t, rsaKey, members{"use": "enc"}),
		changed(t, rsaKey, members{"kid": "oaep", "alg": "RSA-OAEP-256"}),
		changed(t, rsaKey, members{"kid": "small", "n": encode(n[:200])}),
		changed(t, rsaKey, members{"kid": "long", "n": encode(slices.Concat(n, make([]byte, 800), []byte{1}))}),
		changed(t, rsaKey, members{"kid": generate(t, jwk.ES256).ID()}),
		`{"kty":"EC","kid":"dup","kid":"dup"}`,
		`{"kty":"AKP","kid":"future","alg":"ML-DSA-44","pub":""}`,
		`{"kty":"EC","crv":"secp256k1","x":"","y":""}`,
		`"not an object"`, "null",
		changed(t, ec, members{"kid": "bad d", "d": "!"}),
		changed(t, rsaKey, members{"alg": nil, "kid": nil, "x5c": []string{"MII"}}),
	)
	set, skipped, err := jwk.ParsePublicSet(data)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for k := range set.All() {
		ids = append(ids, k.ID())
		if k.CanSign() {
			t.Errorf("%s kept its private part", k)
		}
	}
	want := []string{generate(t, jwk.ES256).ID(), "bad d", generate(t, jwk.RS256).ID()}
	if !slices.Equal(ids, want) {
		t.Errorf("kept %q, want %q", ids, want)
	}
	wants := []error{
		jwk.ErrInvalidKey, jwk.ErrUnsupported, jwk.ErrUnsupported, jwk.ErrWeakKey, jwk.ErrUnsupported, jwk.ErrInvalidKey,
		jwk.ErrInvalidKey, jwk.ErrUnsupported, jwk.ErrUnsupported, jwk.ErrInvalidKey, jwk.ErrInvalidKey,
	}
	if len(skipped) != len(wants) {
		t.Fatalf("skipped %d: %v", len(skipped), errors.Join(skipped...))
	}
	for i, err := range skipped {
		if !errors.Is(err, wants[i]) {
			t.Errorf("skipped %v, want %v", err, wants[i])
		}
		if strings.Contains(fmt.Sprint(err), member(t, oct, "k")) {
			t.Errorf("the reason shows a secret: %v", err)
		}
	}
}

func TestParsePublicSetRefuses(t *testing.T) {
	t.Parallel()
	many := string(setJSON(slices.Repeat([]string{"{}"}, 1001)...))
	for _, data := range []string{many, "", "null", "[]", "{}", `{"keys":1}`, "<html>", `{"keys":[]}x`} {
		set, skipped, err := jwk.ParsePublicSet([]byte(data))
		if !errors.Is(err, jwk.ErrInvalidKey) || set != nil || skipped != nil {
			t.Errorf("%.80q: %v, %v, %v", data, set, skipped, err)
		}
	}
	if set, skipped, err := jwk.ParsePublicSet([]byte(`{"keys":[{}]}`)); err != nil || set.Len() != 0 || len(skipped) != 1 {
		t.Errorf("%v, %v, %v", set, skipped, err)
	}
}

func TestStatic(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	ec, old := generate(t, jwk.ES256), generate(t, jwk.ES384)
	source := jwk.Static(ec, old.Public())
	if k, err := source.SigningKey(ctx); err != nil || k != ec {
		t.Errorf("SigningKey = %v, %v", k, err)
	}
	set, err := source.VerifyingKeys(ctx)
	if err != nil || set.Len() != 2 {
		t.Fatalf("VerifyingKeys = %v, %v", set, err)
	}
	for k := range set.All() {
		if k.CanSign() {
			t.Errorf("%s verifies with its private part", k)
		}
	}
	if again, err := source.VerifyingKeys(ctx); again != set || err != nil {
		t.Error("another set each time")
	}

	secret := generate(t, jwk.HS256)
	set, err = jwk.Static(secret).VerifyingKeys(ctx)
	if k, ok := set.Find(secret.ID()); err != nil || !ok || k != secret {
		t.Errorf("a secret verifies with %v, %v", set, err)
	}

	for name, tt := range map[string]struct {
		source             jwk.Source
		signing, verifying error
	}{
		"none":        {jwk.Static(), jwk.ErrNoKey, jwk.ErrNoKey},
		"nil":         {jwk.Static(nil), jwk.ErrInvalidKey, jwk.ErrInvalidKey},
		"mixed":       {jwk.Static(ec, secret), jwk.ErrInvalidKey, jwk.ErrInvalidKey},
		"public only": {jwk.Static(ec.Public()), jwk.ErrNoPrivateKey, nil},
		"no algorithm": {
			jwk.Static(parse(t, changed(t, privateJWK(t, generate(t, jwk.RS256)), map[string]any{"alg": nil}))),
			jwk.ErrAlgorithm, nil,
		},
	} {
		k, err := tt.source.SigningKey(ctx)
		if !errors.Is(err, tt.signing) || k != nil {
			t.Errorf("%s: SigningKey = %v, %v", name, k, err)
		}
		if set, err := tt.source.VerifyingKeys(ctx); !errors.Is(err, tt.verifying) || (set == nil) != (err != nil) {
			t.Errorf("%s: VerifyingKeys = %v, %v", name, set, err)
		}
	}
}
