package bench_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jetonauth/jeton/jwk"
)

// fuzzedKey is a JWK, taken apart.
type fuzzedKey struct {
	data []byte
	text
}

func newFuzzedKey(good []goodKey, s keySample) fuzzedKey {
	f := fuzzedKey{data: s.data(good)}
	f.text.text = string(f.data)
	if err := json.NewDecoder(strings.NewReader(f.text.text)).Decode(&f.members); err != nil {
		f.members = nil
	}
	return f
}

// keyStrictness is a rule of jeton for JWKs that another library does not have. README.md lists them.
type keyStrictness struct {
	name string
	kind error
	// holds says whether a JWK breaks the rule. It does not ask jeton.
	holds func(fuzzedKey) bool
	// samples are JWKs that jeton refuses for it and another library accepts.
	samples []keySample
}

func (s keyStrictness) explains(f fuzzedKey, err error) bool {
	return errors.Is(err, s.kind) && s.holds(f)
}

// The good keys by their number, and the bits of their members.
const (
	p256Public byte = iota + 1
	p256Private
	p384Public
	p384Private
	p521Public
	p521Private
	ed25519Public
	ed25519Private
	rsaPublic
	rsaPrivate
	secret256
	secret512

	omitType uint16 = 1 << 0
	omitUse  uint16 = 1 << 1
	omitAlg  uint16 = 1 << 2
	omitKid  uint16 = 1 << 3
)

func keyStrictnesses() []keyStrictness {
	return slices.Concat(keyFormStrictnesses(), keyUseStrictnesses(), keyNumberStrictnesses())
}

// keyFormStrictnesses are about the JSON of a JWK.
func keyFormStrictnesses() []keyStrictness {
	return []keyStrictness{
		{
			name: "a JWK of at most 64 KiB", kind: jwk.ErrInvalidKey,
			holds:   func(f fuzzedKey) bool { return len(f.data) > 64<<10 },
			samples: []keySample{{p256Public, 0, `"x5x":"` + strings.Repeat("x", 64<<10) + `"`}},
		},
		{
			name: "a JWK in UTF-8", kind: jwk.ErrInvalidKey,
			holds:   func(f fuzzedKey) bool { return !utf8.Valid(f.data) },
			samples: []keySample{{p256Public, 0, "\"a\":\"\xff\""}},
		},
		{
			name: "a JWK without duplicate members", kind: jwk.ErrInvalidKey,
			holds:   func(f fuzzedKey) bool { return hasDuplicate(f.text.text) },
			samples: []keySample{{p256Public, 0, `"kid":"other"`}, {p256Public, 0, `"a":{"b":1,"b":2}`}},
		},
		{
			name: "a JWK without lone surrogates", kind: jwk.ErrInvalidKey,
			holds:   func(f fuzzedKey) bool { return hasLoneSurrogate(f.text.text) },
			samples: []keySample{{p256Public, 0, `"a":"\ud800"`}, {p256Public, 0, `"\udc00\ud800":1`}},
		},
		{
			name: "a JWK of at most 32 levels", kind: jwk.ErrInvalidKey,
			holds:   func(f fuzzedKey) bool { return depth(f.text.text) > 32 },
			samples: []keySample{{p256Public, 0, `"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32)}},
		},
		{
			name: "nothing behind a JWK", kind: jwk.ErrInvalidKey,
			holds:   func(f fuzzedKey) bool { return f.members != nil && !json.Valid(f.data) },
			samples: []keySample{{0, 0, `{"kty":"oct","alg":"HS256","k":"tVZOCKuWXRe2l44UrxXDYLyzvmhfULly62YOGDbnh9Q"}{}`}},
		},
		{
			name: "kty and no other case of its letters", kind: jwk.ErrInvalidKey,
			holds:   func(f fuzzedKey) bool { return !f.has("kty") && f.hasFolded("kty") },
			samples: []keySample{{p256Public, omitType, `"Kty":"EC"`}},
		},
		{
			name: "strings that are strings", kind: jwk.ErrInvalidKey,
			holds: func(f fuzzedKey) bool {
				return slices.ContainsFunc([]string{"kty", "kid", "use", "alg", "crv", "k", "x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi"},
					func(name string) bool { return f.has(name) && !isString(f.members[name]) })
			},
			samples: []keySample{{p256Public, omitKid, `"kid":null`}, {p256Public, omitUse, `"use":null`}, {p256Public, 0, `"d":null`}},
		},
	}
}

// keyUseStrictnesses are about what a key is for.
func keyUseStrictnesses() []keyStrictness {
	return []keyStrictness{
		{
			name: "a kid of 1 to 256 printable ASCII characters", kind: jwk.ErrInvalidKey,
			holds: func(f fuzzedKey) bool {
				id := f.str("kid")
				notPrintable := func(r rune) bool { return r < ' ' || r > '~' }
				return isString(f.members["kid"]) && (id == "" || len(id) > 256 || strings.ContainsFunc(id, notPrintable))
			},
			samples: []keySample{
				{p256Public, omitKid, `"kid":""`}, {p256Public, omitKid, `"kid":"é"`}, {p256Public, omitKid, `"kid":"` + strings.Repeat("k", 257) + `"`},
			},
		},
		{
			name: "use for signatures", kind: jwk.ErrUnsupported,
			holds:   func(f fuzzedKey) bool { return f.has("use") && f.str("use") != "sig" },
			samples: []keySample{{p256Public, omitUse, `"use":"enc"`}},
		},
		{
			name: "key_ops for signatures", kind: jwk.ErrUnsupported,
			holds: func(f fuzzedKey) bool {
				ops, _ := f.list("key_ops")
				return f.has("key_ops") && !slices.Contains(ops, "verify") && (!slices.Contains(ops, "sign") || !f.has("d"))
			},
			samples: []keySample{{p256Public, 0, `"key_ops":["encrypt"]`}, {p256Public, 0, `"key_ops":["sign"]`}, {p256Private, 0, `"key_ops":[]`}},
		},
		{
			name: "key_ops that are different strings", kind: jwk.ErrInvalidKey,
			holds: func(f fuzzedKey) bool {
				ops, ok := f.list("key_ops")
				unique := slices.Compact(slices.Sorted(slices.Values(ops)))
				return f.has("key_ops") && (!ok || len(unique) != len(ops))
			},
			samples: []keySample{
				{p256Public, 0, `"key_ops":["verify","verify"]`}, {p256Public, 0, `"key_ops":"verify"`}, {p256Public, 0, `"key_ops":["verify",null]`},
			},
		},
		{
			name: "an alg that signs", kind: jwk.ErrUnsupported,
			holds: func(f fuzzedKey) bool {
				_, err := jwk.ParseAlgorithm(f.str("alg"))
				return f.has("alg") && err != nil
			},
			samples: []keySample{{rsaPublic, omitAlg, `"alg":"RSA-OAEP"`}, {p256Public, omitAlg, `"alg":"ECDH-ES"`}},
		},
		{
			name: "an alg that suits the key", kind: jwk.ErrInvalidKey,
			holds: func(f fuzzedKey) bool {
				return f.has("alg") && !slices.Contains(suitable(f.str("kty"), f.str("crv")), f.str("alg"))
			},
			samples: []keySample{
				{p256Public, omitAlg, `"alg":"ES384"`}, {p256Public, omitAlg, `"alg":"RS256"`}, {secret256, omitAlg, `"alg":"ES256"`},
			},
		},
		{
			name: "a secret with an alg", kind: jwk.ErrInvalidKey,
			holds:   func(f fuzzedKey) bool { return f.str("kty") == "oct" && !f.has("alg") },
			samples: []keySample{{secret256, omitAlg, ""}},
		},
		{
			name: "a crv for signatures", kind: jwk.ErrUnsupported,
			holds: func(f fuzzedKey) bool { return f.coordinateSize() == 0 },
			samples: []keySample{
				{ed25519Public, omitAlg | 1<<4, `"crv":"X25519"`},
			},
		},
	}
}

// keyNumberStrictnesses are about the numbers that a key consists of.
func keyNumberStrictnesses() []keyStrictness {
	return []keyStrictness{
		{
			name: "numbers in canonical base64url", kind: jwk.ErrInvalidKey,
			holds: func(f fuzzedKey) bool {
				return slices.ContainsFunc(f.numbers(), func(name string) bool {
					decoded, err := base64.RawURLEncoding.DecodeString(f.str(name))
					return err != nil || base64.RawURLEncoding.EncodeToString(decoded) != f.str(name)
				})
			},
			samples: []keySample{{rsaPublic, 1 << 5, `"e":"AQA\nB"`}, {secret256, 1 << 4, `"k":"` + strings.Repeat("a9+/", 11) + `"`}, {ed25519Public, 1 << 5, `"x":"2aDshmVEOiAL7MgGMMbs4M5LROJxyqArBbLJUGGWkSJ"`}},
		},
		{
			name: "numbers of as few bytes as they need", kind: jwk.ErrInvalidKey,
			holds: func(f fuzzedKey) bool {
				return f.str("kty") == "RSA" && slices.ContainsFunc(f.numbers(), func(name string) bool {
					b := f.bytes(name)
					return f.has(name) && (len(b) == 0 || b[0] == 0)
				})
			},
			samples: []keySample{{rsaPublic, 1 << 5, `"e":"AAEAAQ"`}},
		},
		{
			name: "an RSA modulus of 2048 to 16384 bits, and not of CVE-2017-15361's kind", kind: jwk.ErrWeakKey,
			holds:   func(f fuzzedKey) bool { return f.str("kty") == "RSA" },
			samples: []keySample{{rsaPublic, 1 << 4, `"n":"` + strings.Repeat("_", 170) + `8"`}},
		},
		{
			name: "an RSA modulus that is odd, and not longer than 16384 bits", kind: jwk.ErrInvalidKey,
			holds: func(f fuzzedKey) bool {
				n := new(big.Int).SetBytes(f.bytes("n"))
				return f.str("kty") == "RSA" && (n.Bit(0) == 0 || n.BitLen() > 16384)
			},
			samples: []keySample{{rsaPublic, 1 << 4, `"n":"` + strings.Repeat("_", 400) + `8A"`}},
		},
		{
			name: "an RSA exponent that is odd, from 3 to 2³¹-1", kind: jwk.ErrInvalidKey,
			holds: func(f fuzzedKey) bool {
				e := new(big.Int).SetBytes(f.bytes("e"))
				return f.str("kty") == "RSA" && (e.Bit(0) == 0 || e.BitLen() > 31 || e.Cmp(big.NewInt(3)) < 0)
			},
			samples: []keySample{{rsaPublic, 1 << 5, `"e":"BA"`}, {rsaPublic, 1 << 5, `"e":"AQAAAAE"`}},
		},
		{
			name: "a secret as long as the hash, that nobody can guess", kind: jwk.ErrWeakKey,
			holds:   func(f fuzzedKey) bool { return f.str("kty") == "oct" },
			samples: []keySample{{secret256, 1 << 4, `"k":"AAAA"`}, {secret256, omitAlg, `"alg":"HS512"`}, {secret256, 1 << 4, `"k":"` + strings.Repeat("YWFh", 15) + `"`}},
		},
		{
			name: "an Ed25519 point that is one, canonical", kind: jwk.ErrInvalidKey,
			holds:   func(f fuzzedKey) bool { return f.str("kty") == "OKP" && len(f.bytes("x")) == 32 },
			samples: []keySample{{ed25519Public, 1 << 5, `"x":"` + base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("\xff", 32))) + `"`}},
		},
		{
			name: "an Ed25519 point that is not of small order", kind: jwk.ErrWeakKey,
			holds:   func(f fuzzedKey) bool { return f.str("kty") == "OKP" },
			samples: []keySample{{ed25519Public, 1 << 5, `"x":"` + base64.RawURLEncoding.EncodeToString([]byte("\x01"+strings.Repeat("\x00", 31))) + `"`}},
		},
		{
			name: "a private part that is the public one's", kind: jwk.ErrInvalidKey,
			holds: func(f fuzzedKey) bool { return f.has("d") },
			samples: []keySample{
				{p256Private, 1 << 7, `"d":"SsVo50GYKfeyqGQ3nd1pVrAhk6AN9h_1VfaYPNWs97M"`},
				{rsaPrivate, 1 << 6, `"d":"AQAB"`},
				{rsaPrivate, 1 << 8, `"q":"AQAB"`},
			},
		},
		{
			name: "an RSA key of two primes", kind: jwk.ErrUnsupported,
			holds:   func(f fuzzedKey) bool { return f.has("oth") },
			samples: []keySample{{rsaPrivate, 0, `"oth":[]`}},
		},
	}
}

// keyLimit is something that another library refuses, or reads in another way, and jeton accepts.
type keyLimit struct {
	name    string
	library string
	holds   func(fuzzedKey) bool
	samples []keySample
}

func keyLimits() []keyLimit {
	certificates := func(f fuzzedKey) bool {
		return slices.ContainsFunc([]string{"x5c", "x5u", "x5t", "x5t#S256"}, f.has)
	}
	return []keyLimit{
		{
			name: "go-jose reads certificates", library: "go-jose", holds: certificates,
			samples: []keySample{{p256Public, 0, `"x5c":["x"]`}},
		},
		{
			name: "jwx reads certificates", library: "jwx", holds: certificates,
			samples: []keySample{{p256Public, 0, `"x5c":["x"]`}},
		},
		{
			name: "go-jose reads the members of other types of keys", library: "go-jose",
			holds: func(f fuzzedKey) bool {
				return slices.ContainsFunc([]string{"crv", "k", "x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi", "pub", "priv"},
					func(name string) bool { return f.has(name) && !slices.Contains(f.own(), name) })
			},
			samples: []keySample{{rsaPublic, 0, `"x":1`}, {rsaPublic, 0, `"p":"?"`}},
		},
		{
			name: "a number beyond a float64 in a JWK", library: "jwx",
			holds:   func(f fuzzedKey) bool { return hasHugeNumber(f.text.text) },
			samples: []keySample{{p256Public, 0, `"a":1e400`}},
		},
		{
			name: "jwx takes a name in another case for kty or d", library: "jwx",
			holds:   func(f fuzzedKey) bool { return f.hasFolded("kty") || f.hasFolded("d") },
			samples: []keySample{{p256Public, 0, `"Kty":"AKP"`}},
		},
	}
}

// own are the members that say what the key is and that jeton reads.
func (f fuzzedKey) own() []string {
	names := f.numbers()
	switch {
	case f.str("kty") == "EC" || f.str("kty") == "OKP":
		return append(names, "crv")
	case !f.has("d"):
		return slices.DeleteFunc(names, func(name string) bool { return !slices.Contains([]string{"n", "e", "k"}, name) })
	default:
		return names
	}
}

func TestKeyStrictnesses(t *testing.T) {
	t.Parallel()
	good := goodKeys(t)
	for _, s := range keyStrictnesses() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if len(s.samples) == 0 {
				t.Error("it has no samples")
			}
			for _, x := range s.samples {
				f := newFuzzedKey(good, x)
				if own := jetonReads(t, f.data); own.err == nil || !s.explains(f, own.err) {
					t.Errorf("jeton answers %v to %.2000s", own.err, f.data)
				}
				if jose, jwx := goJOSEReads(f.data), jwxReads(f.data); jose.err != nil && jwx.err != nil {
					t.Errorf("nobody else accepts %.2000s: %v; %v", f.data, jose.err, jwx.err)
				}
			}
		})
	}
}

func TestKeyLimits(t *testing.T) {
	t.Parallel()
	good := goodKeys(t)
	for _, l := range keyLimits() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			for _, x := range l.samples {
				f := newFuzzedKey(good, x)
				own := jetonReads(t, f.data)
				if own.err != nil || !l.holds(f) {
					t.Errorf("jeton answers %v to %.2000s", own.err, f.data)
				}
				other := jwxReads(f.data)
				if l.library == "go-jose" {
					other = goJOSEReads(f.data)
				}
				if other.err == nil && own.equal(other) {
					t.Errorf("%s accepts %.2000s", l.library, f.data)
				}
			}
		})
	}
}

// suitable are the algorithms for a type of key.
func suitable(keyType, curve string) []string {
	switch keyType + " " + curve {
	case "EC P-256":
		return []string{"ES256"}
	case "EC P-384":
		return []string{"ES384"}
	case "EC P-521":
		return []string{"ES512"}
	case "OKP Ed25519":
		return []string{"EdDSA", "Ed25519"}
	}
	switch keyType {
	case "RSA":
		return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
	case "oct":
		return []string{"HS256", "HS384", "HS512"}
	}
	return nil
}

// coordinateSize is how many bytes a coordinate of the key's curve has, 0 if jeton does not know it, and -1 if the key has none.
func (f fuzzedKey) coordinateSize() int {
	switch f.str("kty") + " " + f.str("crv") {
	case "EC P-256", "OKP Ed25519":
		return 32
	case "EC P-384":
		return 48
	case "EC P-521":
		return 66
	}
	if kty := f.str("kty"); kty == "EC" || kty == "OKP" {
		return 0
	}
	return -1
}

// numbers are the members of the key's type that are numbers in base64url.
func (f fuzzedKey) numbers() []string {
	switch f.str("kty") {
	case "EC":
		return []string{"x", "y", "d"}
	case "OKP":
		return []string{"x", "d"}
	case "RSA":
		return []string{"n", "e", "d", "p", "q", "dp", "dq", "qi"}
	default:
		return []string{"k"}
	}
}
