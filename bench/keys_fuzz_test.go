package bench_test

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"
	jwxjwk "github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/jetonauth/jeton/jwk"
)

// FuzzKeys makes JWKs of good ones, leaving members out and adding fuzzed ones, and has them read by jeton, go-jose and jwx. What jeton
// accepts, the others accept too, and read the same key, but for their [keyLimits]. What jeton refuses and one of them accepts, breaks
// one of jeton's [keyStrictnesses].
func FuzzKeys(f *testing.F) {
	good := goodKeys(f)
	for base := range len(good) + 1 {
		f.Add(byte(base), uint16(0), "")
		f.Add(byte(base), uint16(0b1110), `"x":1`)
	}
	f.Add(byte(0), uint16(0), string(good[0].whole()))
	for _, s := range keyStrictnesses() {
		for _, x := range s.samples {
			f.Add(x.base, x.omit, x.members)
		}
	}
	for _, l := range keyLimits() {
		for _, x := range l.samples {
			f.Add(x.base, x.omit, x.members)
		}
	}
	f.Fuzz(func(t *testing.T, base byte, omit uint16, members string) {
		checkKey(t, newFuzzedKey(good, keySample{base, omit, members}))
	})
}

func checkKey(t *testing.T, f fuzzedKey) {
	t.Helper()
	own := jetonReads(t, f.data)
	for _, other := range []reading{goJOSEReads(f.data), jwxReads(f.data)} {
		switch {
		case own.err != nil && other.err == nil:
			if !slices.ContainsFunc(keyStrictnesses(), func(s keyStrictness) bool { return s.explains(f, own.err) }) {
				t.Errorf("jeton refuses what %s accepts: %v\n%s", other.library, own.err, f.data)
			}
		case own.err != nil:
		case slices.ContainsFunc(keyLimits(), func(l keyLimit) bool { return l.library == other.library && l.holds(f) }):
		case other.err != nil:
			t.Errorf("jeton accepts what %s refuses: %v\n%s", other.library, other.err, f.data)
		case !own.equal(other):
			t.Errorf("jeton reads %v, %s reads %v in\n%s", own, other.library, other, f.data)
		}
	}
}

// reading is what a library makes of a JWK.
type reading struct {
	library string
	err     error
	public  crypto.PublicKey // nil for a secret
	secret  []byte
	id      string // empty if the JWK names none
}

func (r reading) equal(other reading) bool {
	if r.id != other.id || !bytes.Equal(r.secret, other.secret) {
		return false
	}
	if r.public == nil || other.public == nil {
		return r.public == nil && other.public == nil
	}
	key, ok := r.public.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(other.public)
}

// String shows no secret.
func (r reading) String() string { return fmt.Sprintf("%T %v with id %q", r.public, r.public, r.id) }

func jetonReads(t *testing.T, data []byte) reading {
	t.Helper()
	key, err := jwk.Parse(data)
	r := reading{library: "jeton", err: err}
	if err != nil {
		if key != nil {
			t.Fatalf("jeton reads %v and an error, %v", key, err)
		}
		return r
	}
	r.public = key.PublicKey()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		t.Fatalf("jeton reads %s, and encoding/json does not: %v", data, err)
	}
	if members["kid"] != nil {
		r.id = key.ID()
	}
	if r.public == nil {
		r.secret = secretOf(t, key, text{members: members})
	}
	verifyOwn(t, key)
	return r
}

// secretOf returns a key's secret, or what it was read from if "key_ops" do not let it sign: then it is not given away.
func secretOf(t *testing.T, key *jwk.Key, from text) []byte {
	t.Helper()
	data, err := key.MarshalPrivateJWK()
	if errors.Is(err, jwk.ErrNoPrivateKey) {
		return from.bytes("k")
	}
	var own text
	if err == nil {
		err = json.Unmarshal(data, &own.members)
	}
	if err != nil {
		t.Fatal(err)
	}
	return own.bytes("k")
}

// verifyOwn checks that a key verifies what it signs, unless it may not sign.
func verifyOwn(t *testing.T, key *jwk.Key) {
	t.Helper()
	if !key.CanSign() || key.Algorithm() == "" {
		return
	}
	message := []byte("message")
	signature, err := key.Sign(message)
	if err == nil {
		err = key.Verify(key.Algorithm(), message, signature)
	}
	if err != nil {
		t.Errorf("%v does not verify what it signs: %v", key, err)
	}
}

func goJOSEReads(data []byte) reading {
	var key jose.JSONWebKey
	r := reading{library: "go-jose"}
	if r.err = key.UnmarshalJSON(data); r.err == nil {
		r.id = key.KeyID
		r.take(key.Key)
	}
	return r
}

func jwxReads(data []byte) reading {
	r := reading{library: "jwx"}
	key, err := jwxjwk.ParseKey(data)
	if err != nil {
		r.err = err
		return r
	}
	r.id, _ = key.KeyID()
	var exported any
	if r.err = jwxjwk.Export(key, &exported); r.err == nil {
		r.take(exported)
	}
	return r
}

// take keeps the public part of a key, or a secret.
func (r *reading) take(key any) {
	switch key := key.(type) {
	case []byte:
		r.secret = key
	case crypto.Signer:
		r.public = key.Public()
	default:
		r.public = key
	}
}

// goodKey is a JWK as its members in order, each as it is written.
type goodKey []string

func (k goodKey) whole() []byte { return k.with(0, "") }

// with leaves out the members whose bits are set, and adds others.
func (k goodKey) with(omit uint16, members string) []byte {
	data := []byte("{")
	for i, member := range append(slices.Clone(k), members) {
		if member == "" || i < len(k) && omit&(1<<i) != 0 {
			continue
		}
		if len(data) > 1 {
			data = append(data, ',')
		}
		data = append(data, member...)
	}
	return append(data, '}')
}

// goodKeys are those in testdata: public and private ones of every type.
func goodKeys(t testing.TB) []goodKey {
	t.Helper()
	data, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var objects []json.RawMessage
	if err := json.Unmarshal(data, &objects); err != nil {
		t.Fatal(err)
	}
	var keys []goodKey
	for _, object := range objects {
		var key goodKey
		decoder := json.NewDecoder(bytes.NewReader(object))
		if _, err := decoder.Token(); err != nil {
			t.Fatal(err)
		}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				t.Fatal(err)
			}
			var value json.RawMessage
			if err := decoder.Decode(&value); err != nil {
				t.Fatal(err)
			}
			key = append(key, fmt.Sprintf("%q:%s", name, value))
		}
		keys = append(keys, key)
	}
	return keys
}

// keySample says how a JWK is made: of the members alone, or of the good key with this number, counted from 1.
type keySample struct {
	base    byte
	omit    uint16
	members string
}

func (s keySample) data(good []goodKey) []byte {
	if n := int(s.base) % (len(good) + 1); n > 0 {
		return good[n-1].with(s.omit, s.members)
	}
	return []byte(s.members)
}
