package jwk_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

func TestParseRoundTrip(t *testing.T) {
	t.Parallel()
	message := []byte("message")
	for _, alg := range jwk.Algorithms() {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			k, err := generate(t, alg).WithID("a b/c")
			if err != nil {
				t.Fatal(err)
			}
			again := parse(t, string(privateJWK(t, k)))
			if again.ID() != "a b/c" || again.Algorithm() != alg || !again.CanSign() {
				t.Errorf("read back %s, CanSign %v", again, again.CanSign())
			}
			if err := k.Verify(alg, message, sign(t, again, message)); err != nil {
				t.Error(err)
			}
			if string(privateJWK(t, again)) != string(privateJWK(t, k)) {
				t.Error("written differently the second time")
			}
			if alg.Symmetric() {
				return
			}
			public := parse(t, string(publicJWK(t, k)))
			if public.CanSign() || public.ID() != "a b/c" || public.Algorithm() != alg {
				t.Errorf("read back %s, CanSign %v", public, public.CanSign())
			}
			if err := public.Verify(alg, message, sign(t, k, message)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestParseWithoutAlgorithm(t *testing.T) {
	t.Parallel()
	message := []byte("message")
	none := map[string]any{"alg": nil, "kid": nil}
	for _, alg := range []jwk.Algorithm{jwk.ES256, jwk.ES384, jwk.ES512, jwk.EdDSA} {
		k := parse(t, changed(t, privateJWK(t, generate(t, alg)), none))
		if k.Algorithm() != alg || k.ID() != generate(t, alg).ID() {
			t.Errorf("%s without alg and kid is %s", alg, k)
		}
	}

	k := parse(t, changed(t, privateJWK(t, generate(t, jwk.RS256)), none))
	if k.Algorithm() != "" || !k.CanSign() {
		t.Errorf("RSA without alg is %s, CanSign %v", k, k.CanSign())
	}
	_, err := k.Sign(message)
	wantError(t, err, jwk.ErrAlgorithm)
	for _, alg := range []jwk.Algorithm{jwk.RS256, jwk.RS384, jwk.RS512, jwk.PS256, jwk.PS384, jwk.PS512} {
		signer, err := jwk.FromSigner(alg, standardSigner(t, jwk.RS256))
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Verify(alg, message, sign(t, signer, message)); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		wantError(t, k.Verify(alg, []byte("massage"), sign(t, signer, message)), jwk.ErrSignature)
	}
	for _, alg := range []jwk.Algorithm{"", "none", jwk.HS256, jwk.ES256, jwk.EdDSA} {
		wantError(t, k.Verify(alg, message, message), jwk.ErrAlgorithm)
	}

	_, err = jwk.Parse([]byte(changed(t, privateJWK(t, generate(t, jwk.HS256)), none)))
	wantError(t, err, jwk.ErrInvalidKey)
}

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	es256, eddsa := privateJWK(t, generate(t, jwk.ES256)), privateJWK(t, generate(t, jwk.EdDSA))
	for name, data := range map[string]string{
		"white space":          " \t\r\n" + string(es256) + "\n",
		"no use":               changed(t, es256, map[string]any{"use": nil}),
		"unknown members":      changed(t, es256, map[string]any{"x5t": 1, "custom": map[string]any{"a": []int{1}}, "KTY": "RSA"}),
		"sign":                 changed(t, es256, map[string]any{"key_ops": []string{"sign"}}),
		"sign and verify":      changed(t, es256, map[string]any{"key_ops": []string{"sign", "verify", "deriveKey"}}),
		"Ed25519 (RFC 9864)":   changed(t, eddsa, map[string]any{"alg": "Ed25519"}),
		"escaped member names": strings.Replace(string(es256), `"kty"`, `"k\u0074y"`, 1),
		"long id":              changed(t, es256, map[string]any{"kid": strings.Repeat("k", 256)}),

		"number beyond a float64":         with(es256, `"a":1e999`),
		"number beyond a float64, nested": with(es256, `"a":[{"b":-1e999}]`),
		"deep":                            with(es256, `"a":`+nested(31)),
		"surrogate pair":                  with(es256, `"\ud83d\ude00":"\ud83d\ude00"`),
		// What is not read may be anything, null included.
		"certificates null":        with(es256, `"x5u":null,"x5t":null,"x5t#S256":null,"x5c":null`),
		"certificates with a null": with(es256, `"x5c":[null]`),
		"members of other types":   with(es256, `"n":null,"e":1,"k":null,"p":null,"oth":null,"ext":null`),
	} {
		if k := parse(t, data); !k.CanSign() {
			t.Errorf("%s: %s cannot sign", name, k)
		}
	}
}

func TestParseKeyOps(t *testing.T) {
	t.Parallel()
	message := []byte("message")
	for _, alg := range []jwk.Algorithm{jwk.ES256, jwk.HS256} {
		verify := map[string]any{"use": nil, "key_ops": []string{"verify"}}
		k := parse(t, changed(t, privateJWK(t, generate(t, alg)), verify))
		if k.CanSign() {
			t.Errorf("%s may only verify", k)
		}
		_, err := k.Sign(message)
		wantError(t, err, jwk.ErrNoPrivateKey)
		if err := k.Verify(alg, message, sign(t, generate(t, alg), message)); err != nil {
			t.Error(err)
		}
		if !alg.Symmetric() {
			continue
		}
		if again := parse(t, string(privateJWK(t, k))); again.CanSign() {
			t.Error("a secret that may only verify can sign once it is written and read")
		}
	}
	public := publicJWK(t, generate(t, jwk.ES256))
	_, err := jwk.Parse([]byte(changed(t, public, map[string]any{"key_ops": []string{"sign"}})))
	wantError(t, err, jwk.ErrUnsupported)
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	ec, ed := privateJWK(t, generate(t, jwk.ES256)), privateJWK(t, generate(t, jwk.EdDSA))
	rsaKey, oct := privateJWK(t, generate(t, jwk.RS256)), privateJWK(t, generate(t, jwk.HS256))
	x := member(t, ec, "x")
	type members = map[string]any
	tests := []struct {
		name string
		data string
		want error
	}{
		{"empty", "", jwk.ErrInvalidKey},
		{"null", "null", jwk.ErrInvalidKey},
		{"array", "[]", jwk.ErrInvalidKey},
		{"string", `"kty"`, jwk.ErrInvalidKey},
		{"empty object", "{}", jwk.ErrInvalidKey},
		{"cut", string(ec[:len(ec)-1]), jwk.ErrInvalidKey},
		{"trailing bytes", string(ec) + "{}", jwk.ErrInvalidKey},
		{"trailing NUL", string(ec) + "\x00", jwk.ErrInvalidKey},
		{"byte order mark", "\xef\xbb\xbf" + string(ec), jwk.ErrInvalidKey},
		{"not UTF-8", strings.Replace(string(ec), `"kid":"`, `"kid":"`+"\xff", 1), jwk.ErrInvalidKey},
		{"too long", changed(t, ec, members{"pad": strings.Repeat("x", 64<<10)}), jwk.ErrInvalidKey},
		{"twice kty", `{"kty":"EC",` + string(ec[1:]), jwk.ErrInvalidKey},
		{"twice kty, escaped", `{"k\u0074y":"EC",` + string(ec[1:]), jwk.ErrInvalidKey},
		{"twice unknown", `{"a":1,"a":1,` + string(ec[1:]), jwk.ErrInvalidKey},
		{"twice, behind an escape", with(ec, `"a":1,"\u0061":1`), jwk.ErrInvalidKey},
		{"high surrogate alone", with(ec, `"a":"\ud800"`), jwk.ErrInvalidKey},
		{"low surrogate alone", with(ec, `"a":"\uDC00"`), jwk.ErrInvalidKey},
		{"surrogates in the wrong order", with(ec, `"a":"\ude00\ud83d"`), jwk.ErrInvalidKey},
		{"surrogate alone, nested", with(ec, `"a":[{"b":["\ud800x"]}]`), jwk.ErrInvalidKey},
		{"surrogate alone in a name", with(ec, `"\ud800":1`), jwk.ErrInvalidKey},
		{"too deep", with(ec, `"a":`+nested(32)), jwk.ErrInvalidKey},
		{"number that is none", with(ec, `"a":1e`), jwk.ErrInvalidKey},
		{"twice, nested", `{"a":[{"b":[{"c":1,"c":2}]}],` + string(ec[1:]), jwk.ErrInvalidKey},

		{"kty missing", changed(t, ec, members{"kty": nil}), jwk.ErrInvalidKey},
		{"kty in capitals", `{"KTY":"EC",` + strings.TrimPrefix(changed(t, ec, members{"kty": nil}), "{"), jwk.ErrInvalidKey},
		{"kty null", strings.Replace(string(ec), `"kty":"EC"`, `"kty":null`, 1), jwk.ErrInvalidKey},
		{"kty number", changed(t, ec, members{"kty": 1}), jwk.ErrInvalidKey},
		{"kty unknown", changed(t, ec, members{"kty": "ec"}), jwk.ErrUnsupported},
		{"kty of another type", changed(t, ec, members{"kty": "RSA"}), jwk.ErrInvalidKey},
		{"use enc", changed(t, ec, members{"use": "enc"}), jwk.ErrUnsupported},
		{"use empty", changed(t, ec, members{"use": ""}), jwk.ErrUnsupported},
		{"use null", strings.Replace(string(ec), `"use":"sig"`, `"use":null`, 1), jwk.ErrInvalidKey},
		{"key_ops string", changed(t, ec, members{"key_ops": "sign"}), jwk.ErrInvalidKey},
		{"key_ops empty", changed(t, ec, members{"key_ops": []string{}}), jwk.ErrUnsupported},
		{"key_ops encrypt", changed(t, ec, members{"key_ops": []string{"encrypt"}}), jwk.ErrUnsupported},
		{"key_ops twice", changed(t, ec, members{"key_ops": []string{"sign", "sign"}}), jwk.ErrInvalidKey},
		{"key_ops number", changed(t, ec, members{"key_ops": []any{"sign", 1}}), jwk.ErrInvalidKey},
		{"key_ops null", with(ec, `"key_ops":null`), jwk.ErrInvalidKey},
		{"key_ops with a null", with(ec, `"key_ops":["verify",null]`), jwk.ErrInvalidKey},
		{"key_ops with a null first", with(ec, `"key_ops":[null,"sign","verify"]`), jwk.ErrInvalidKey},
		{"key_ops with an array", with(ec, `"key_ops":["sign",["verify"]]`), jwk.ErrInvalidKey},
		{"alg none", changed(t, ec, members{"alg": "none"}), jwk.ErrUnsupported},
		{"alg unknown", changed(t, ec, members{"alg": "ES256K"}), jwk.ErrUnsupported},
		{"alg empty", changed(t, ec, members{"alg": ""}), jwk.ErrUnsupported},
		{"alg number", changed(t, ec, members{"alg": 256}), jwk.ErrInvalidKey},
		{"alg null", null(t, ec, "alg"), jwk.ErrInvalidKey},
		{"alg of another curve", changed(t, ec, members{"alg": "ES384"}), jwk.ErrInvalidKey},
		{"alg of another type", changed(t, rsaKey, members{"alg": "HS256"}), jwk.ErrInvalidKey},
		{"alg EdDSA for EC", changed(t, ec, members{"alg": "EdDSA"}), jwk.ErrInvalidKey},
		{"kid empty", changed(t, ec, members{"kid": ""}), jwk.ErrInvalidKey},
		{"kid long", changed(t, ec, members{"kid": strings.Repeat("k", 257)}), jwk.ErrInvalidKey},
		{"kid number", changed(t, ec, members{"kid": 1}), jwk.ErrInvalidKey},
		{"kid null", null(t, ec, "kid"), jwk.ErrInvalidKey},
		{"kid not ASCII", changed(t, ec, members{"kid": "clé"}), jwk.ErrInvalidKey},
		{"kid line break", changed(t, ec, members{"kid": "a\nb"}), jwk.ErrInvalidKey},

		{"crv missing", changed(t, ec, members{"crv": nil}), jwk.ErrUnsupported},
		{"crv null", null(t, ec, "crv"), jwk.ErrInvalidKey},
		{"crv unknown", changed(t, ec, members{"crv": "secp256k1"}), jwk.ErrUnsupported},
		{"crv of another length", changed(t, ec, members{"crv": "P-384", "alg": nil}), jwk.ErrInvalidKey},
		{"x missing", changed(t, ec, members{"x": nil}), jwk.ErrInvalidKey},
		{"x number", changed(t, ec, members{"x": 1}), jwk.ErrInvalidKey},
		{"x null", null(t, ec, "x"), jwk.ErrInvalidKey},
		{"y null", null(t, ec, "y"), jwk.ErrInvalidKey},
		{"x padded", changed(t, ec, members{"x": x + "="}), jwk.ErrInvalidKey},
		{"x with line break", changed(t, ec, members{"x": x[:10] + "\n" + x[10:]}), jwk.ErrInvalidKey},
		{"x with carriage return", changed(t, ec, members{"x": x + "\r"}), jwk.ErrInvalidKey},
		{"x in base64", changed(t, ec, members{"x": "+/+/" + x[4:]}), jwk.ErrInvalidKey},
		{"x with trailing bits", changed(t, ec, members{"x": trailingBits(x)}), jwk.ErrInvalidKey},
		{"x with a leading zero", changed(t, ec, members{"x": encode(append([]byte{0}, decode(t, x)...))}), jwk.ErrInvalidKey},
		{"x short", changed(t, ec, members{"x": encode(decode(t, x)[1:])}), jwk.ErrInvalidKey},
		{"off the curve", changed(t, ec, members{"x": encode(flip(decode(t, x), 31))}), jwk.ErrInvalidKey},
		{"at infinity", changed(t, ec, members{"x": zeros, "y": zeros}), jwk.ErrInvalidKey},
		{"d of another key", changed(t, ec, members{"d": member(t, privateJWK(t, generateOther(t, jwk.ES256)), "d")}), jwk.ErrInvalidKey},
		{"d zero", changed(t, ec, members{"d": zeros}), jwk.ErrInvalidKey},
		{"d short", changed(t, ec, members{"d": "AQ"}), jwk.ErrInvalidKey},
		{"d null", strings.Replace(string(ec), `"d":"`, `"d":null,"was":"`, 1), jwk.ErrInvalidKey},

		{"Ed448", changed(t, ed, members{"crv": "Ed448"}), jwk.ErrUnsupported},
		{"X25519", changed(t, ed, members{"crv": "X25519"}), jwk.ErrUnsupported},
		{"Ed25519 x short", changed(t, ed, members{"x": "AQ"}), jwk.ErrInvalidKey},
		{"Ed25519 x of small order", changed(t, ed, members{"x": zeros, "d": nil}), jwk.ErrWeakKey},
		{"Ed25519 x of another key", changed(t, ed, members{"x": member(t, publicJWK(t, generateOther(t, jwk.EdDSA)), "x")}), jwk.ErrInvalidKey},
		{"Ed25519 d null", null(t, ed, "d"), jwk.ErrInvalidKey},
		{"Ed25519 d long", changed(t, ed, members{"d": encode(make([]byte, 64))}), jwk.ErrInvalidKey},

		{"secret missing", changed(t, oct, members{"k": nil}), jwk.ErrInvalidKey},
		{"secret null", null(t, oct, "k"), jwk.ErrInvalidKey},
		{"secret empty", changed(t, oct, members{"k": ""}), jwk.ErrWeakKey},
		{"secret for AES", changed(t, oct, members{"alg": "A256KW"}), jwk.ErrUnsupported},
		{"secret short for its alg", changed(t, oct, members{"alg": "HS512"}), jwk.ErrWeakKey},
		{"secret for ES256", changed(t, oct, members{"alg": "ES256"}), jwk.ErrInvalidKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k, err := jwk.Parse([]byte(tt.data))
			wantError(t, err, tt.want)
			if k != nil {
				t.Errorf("a key beside the error: %s", k)
			}
		})
	}
}

// with returns the JWK with more members, as they are written.
func with(jwkJSON []byte, members string) string { return "{" + members + "," + string(jwkJSON[1:]) }

// null returns the JWK with null for a member.
func null(tb testing.TB, jwkJSON []byte, name string) string {
	tb.Helper()
	return with([]byte(changed(tb, jwkJSON, map[string]any{name: nil})), `"`+name+`":null`)
}

// nested returns levels of arrays and objects.
func nested(levels int) string {
	if levels == 0 {
		return "1"
	}
	if levels%2 == 0 {
		return "[" + nested(levels-1) + "]"
	}
	return `{"a":` + nested(levels-1) + "}"
}

var zeros = encode(make([]byte, 32))

// trailingBits sets a bit of the last character that a decoder drops.
func trailingBits(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, s[len(s)-1])
	return s[:len(s)-1] + string(alphabet[last|1])
}

func TestMarshalShowsNoPrivatePart(t *testing.T) {
	t.Parallel()
	for _, alg := range jwk.Algorithms() {
		data, err := json.Marshal(generate(t, alg))
		if alg.Symmetric() {
			wantError(t, err, jwk.ErrUnsupported)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"k", "d", "p", "q", "dp", "dq", "qi"} {
			if _, ok := m[name]; ok {
				t.Errorf("%s shows %q", alg, name)
			}
		}
		if m["use"] != "sig" || m["kid"] != generate(t, alg).ID() || m["alg"] != string(alg) {
			t.Errorf("%s is published as %s", alg, data)
		}
	}
}
