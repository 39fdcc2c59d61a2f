package jwt_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// The attacks that RFC 8725 (JSON Web Token Best Current Practices) names, and their relatives.

// TestAlgorithmNone is section 2.1: no spelling of "none" is accepted, with whatever signature.
func TestAlgorithmNone(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.ES256)
	keys := newSet(t, k.Public())
	v := newVerifier(t, openConfig())
	good := forge(t, k, `{"alg":"ES256"}`, goodPayload)
	signature := good[strings.LastIndexByte(good, '.')+1:]
	spellings := []string{" none", "none ", "none\\u0000", "n\\u043ene", ""}
	for i := range 1 << 4 {
		name := []byte("none")
		for bit := range name {
			if i>>bit&1 == 1 {
				name[bit] -= 'a' - 'A'
			}
		}
		spellings = append(spellings, string(name))
	}
	for _, name := range spellings {
		for _, kid := range []string{"", `,"kid":"` + k.ID() + `"`} {
			header := encode(`{"alg":"` + name + `"` + kid + `}`)
			for _, end := range []string{"", "AA", signature} {
				refused(t, v, header+"."+encode(goodPayload)+"."+end, keys, jwt.ErrUnsupportedAlgorithm)
			}
		}
	}
}

// TestKeyConfusion is section 2.1: the public RSA key, in every form that is published, as the secret of an HMAC.
func TestKeyConfusion(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.RS256)
	public := k.Public()
	keys := newSet(t, public)
	for name, secret := range publicForms(t, public) {
		for _, kid := range []string{"", `,"kid":"` + public.ID() + `"`} {
			signed := encode(`{"alg":"HS256","typ":"JWT"`+kid+`}`) + "." + encode(goodPayload)
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(signed))
			token := signed + "." + encode(mac.Sum(nil))
			want := jwt.ErrUnknownKey
			if kid != "" {
				want = jwt.ErrUnsupportedAlgorithm
			}
			for _, algorithms := range [][]jwk.Algorithm{nil, {jwk.HS256, jwk.RS256}, {jwk.HS256}} {
				cfg := openConfig()
				cfg.Algorithms = algorithms
				refusal := refused(t, newVerifier(t, cfg), token, keys, want)
				if kid != "" && (refusal.Expected != "RS256" || refusal.Got != "HS256") {
					t.Errorf("%s: %v", name, refusal)
				}
			}
		}
	}
}

func publicForms(t *testing.T, public *jwk.Key) map[string][]byte {
	t.Helper()
	rsaKey, ok := public.PublicKey().(*rsa.PublicKey)
	if !ok {
		t.Fatalf("not an RSA key: %T", public.PublicKey())
	}
	pkix, err := x509.MarshalPKIXPublicKey(rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	asJWK, err := json.Marshal(public)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := x509.MarshalPKCS1PublicKey(rsaKey)
	pkixPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pkix})
	return map[string][]byte{
		"PKIX":                   pkix,
		"PKCS #1":                pkcs1,
		"PKIX PEM":               pkixPEM,
		"PKIX PEM, no last line": bytes.TrimSpace(pkixPEM),
		"PKCS #1 PEM":            pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1}),
		"modulus":                rsaKey.N.Bytes(),
		"modulus in base64url":   []byte(encode(rsaKey.N.Bytes())),
		"JWK":                    asJWK,
		"nothing":                nil,
	}
}

// TestKeyInjection is section 2.9: a key that the token brings along or points to is never used.
func TestKeyInjection(t *testing.T) {
	t.Parallel()
	k, evil := key(t, jwk.ES256), newKey(t, jwk.ES256)
	evilJWK, err := json.Marshal(evil.Public())
	if err != nil {
		t.Fatal(err)
	}
	pkix, err := x509.MarshalPKIXPublicKey(evil.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	keys := newSet(t, k.Public())
	v := newVerifier(t, strictConfig())
	for name, parameter := range map[string]string{
		"jwk":      `"jwk":` + string(evilJWK),
		"jku":      `"jku":"https://evil.example/jwks.json"`,
		"x5u":      `"x5u":"https://evil.example/cert.pem"`,
		"x5c":      `"x5c":["` + base64.StdEncoding.EncodeToString(pkix) + `"]`,
		"x5t":      `"x5t":"AAAA","x5t#S256":"AAAA"`,
		"file jku": `"jku":"file:///dev/null"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := forge(t, k, `{"alg":"ES256",`+parameter+`}`, goodPayload)
			if _, err := v.Verify(own, keys); err != nil {
				t.Errorf("the parameter must be ignored: %v", err)
			}
			refused(t, v, forge(t, evil, `{"alg":"ES256",`+parameter+`}`, goodPayload), keys, jwt.ErrBadSignature)
			withID := func(id string) string {
				return forge(t, evil, fmt.Sprintf(`{"alg":"ES256","kid":%q,%s}`, id, parameter), goodPayload)
			}
			refused(t, v, withID(k.ID()), keys, jwt.ErrBadSignature)
			refused(t, v, withID(evil.ID()), keys, jwt.ErrUnknownKey)
		})
	}
}

// TestKidInjection is section 3.10: a "kid" is compared with the ids of the set and goes nowhere else.
func TestKidInjection(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	v := newVerifier(t, strictConfig())
	for _, id := range []string{
		"", "../../../../dev/null", "/dev/null", "x' UNION SELECT 'key';--", "| /bin/true", "https://evil.example/key", "${jndi:ldap://evil}",
		k.ID() + "\x00", k.ID() + " ", strings.ToUpper(k.ID()) + "x", "*", "%s%n", strings.Repeat("a", 8000),
	} {
		text, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		signed := encode(`{"alg":"HS256","kid":`+string(text)+`}`) + "." + encode(goodPayload)
		for _, secret := range []string{"", "\x00", "key"} {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(signed))
			refused(t, v, signed+"."+encode(mac.Sum(nil)), newSet(t, k), jwt.ErrUnknownKey)
		}
	}
}

// TestZeroSignatures is CVE-2022-21449 and its relatives: all zero bytes, of every length, for every algorithm.
func TestZeroSignatures(t *testing.T) {
	t.Parallel()
	for _, algorithm := range jwk.Algorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			k := key(t, algorithm)
			v := newVerifier(t, openConfig())
			signed := encode(`{"alg":"`+string(algorithm)+`"}`) + "." + encode(goodPayload)
			for _, n := range []int{0, 1, 8, 31, 32, 48, 63, 64, 65, 96, 128, 132, 255, 256, 257, 512} {
				refused(t, v, signed+"."+encode(make([]byte, n)), newSet(t, k), jwt.ErrBadSignature)
			}
		})
	}
}

// TestEllipticEdgeCases has r or s of zero, one, the order of the group and its neighbours, and ASN.1 for r and s.
func TestEllipticEdgeCases(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.ES256)
	keys := newSet(t, k.Public())
	v := newVerifier(t, openConfig())
	good := forge(t, k, `{"alg":"ES256"}`, goodPayload)
	dot := strings.LastIndexByte(good, '.') + 1
	signature, err := base64.RawURLEncoding.DecodeString(good[dot:])
	if err != nil || len(signature) != 64 {
		t.Fatal(len(signature), err)
	}
	order, _ := new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
	one := big.NewInt(1)
	values := []*big.Int{
		new(big.Int), one, order, new(big.Int).Sub(order, one), new(big.Int).Add(order, one),
		new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]),
	}
	for i, r := range values {
		for j, s := range values {
			if i == 5 && j == 6 {
				continue // the good one
			}
			forged := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
			refused(t, v, good[:dot]+encode(forged), keys, jwt.ErrBadSignature)
		}
	}
	asn1 := append([]byte{0x30, 68, 2, 32}, signature[:32]...)
	asn1 = append(append(asn1, 2, 32), signature[32:]...)
	for _, forged := range [][]byte{asn1, append(signature, 0), append([]byte{0}, signature...), signature[:63], signature[1:], signature[:32]} {
		refused(t, v, good[:dot]+encode(forged), keys, jwt.ErrBadSignature)
	}
}

// TestTruncatedHMAC accepts no shorter and no longer code than the whole one.
func TestTruncatedHMAC(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []jwk.Algorithm{jwk.HS256, jwk.HS384, jwk.HS512} {
		k := key(t, algorithm)
		good := forge(t, k, `{"alg":"`+string(algorithm)+`"}`, goodPayload)
		dot := strings.LastIndexByte(good, '.') + 1
		code, err := base64.RawURLEncoding.DecodeString(good[dot:])
		if err != nil {
			t.Fatal(err)
		}
		v := newVerifier(t, openConfig())
		for n := range len(code) {
			refused(t, v, good[:dot]+encode(code[:n]), newSet(t, k), jwt.ErrBadSignature)
		}
		for _, longer := range [][]byte{append(bytes.Clone(code), 0), append(bytes.Clone(code), code...)} {
			refused(t, v, good[:dot]+encode(longer), newSet(t, k), jwt.ErrBadSignature)
		}
	}
}

// TestChangedTokens changes each part of a good token and leaves the signature.
func TestChangedTokens(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.EdDSA)
	keys := newSet(t, k.Public())
	v := newVerifier(t, openConfig())
	good := strings.Split(forge(t, k, `{"alg":"EdDSA"}`, goodPayload), ".")
	other := strings.Split(forge(t, k, `{"alg":"EdDSA","typ":"JWT"}`, `{"sub":"1","exp":1767358800}`), ".")
	for i := range 3 {
		parts := append([]string(nil), good...)
		parts[i] = other[i]
		refused(t, v, strings.Join(parts, "."), keys, jwt.ErrBadSignature)
	}
	// The dot is signed too: a payload cannot lend a character to the header.
	refused(t, v, good[0]+good[1][:4]+"."+good[1][4:]+"."+good[2], keys, jwt.ErrMalformed)
}

// TestSubstitution is section 2.7 and 2.8: a good token of the same issuer for something else.
func TestSubstitution(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.ES256)
	keys := newSet(t, k.Public())
	v := newVerifier(t, strictConfig())
	claims := jwt.Claims{Issuer: issuer, Audience: []string{"another-api"}, ExpiresAt: noon.AddDate(0, 0, 1)}
	refused(t, v, sign(t, k, "at+jwt", claims), keys, jwt.ErrWrongAudience)
	claims.Audience = []string{audience}
	refused(t, v, sign(t, k, "logout+jwt", claims), keys, jwt.ErrWrongType)
	claims.Issuer = "https://another.example"
	refused(t, v, sign(t, k, "at+jwt", claims), keys, jwt.ErrWrongIssuer)
}
