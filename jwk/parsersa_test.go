package jwk_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"math/big"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

func TestParseRSA(t *testing.T) {
	t.Parallel()
	full := privateJWK(t, generate(t, jwk.RS256))
	other := privateJWK(t, generate(t, jwk.PS256))
	type members = map[string]any
	noCRT := members{"dp": nil, "dq": nil, "qi": nil}
	dOnly := members{"p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil}
	swapped := members{"p": member(t, full, "q"), "q": member(t, full, "p"), "dp": nil, "dq": nil, "qi": nil}
	for name, m := range map[string]members{"primes only": noCRT, "d only": dOnly, "primes swapped": swapped} {
		k := parse(t, changed(t, full, m))
		if err := generate(t, jwk.RS256).Verify(jwk.RS256, []byte("m"), sign(t, k, []byte("m"))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	n := decode(t, member(t, full, "n"))
	set := func(name, value string) members { return members{name: value} }
	for name, m := range map[string]members{
		"n missing":             {"n": nil},
		"n empty":               set("n", ""),
		"n with a leading zero": set("n", encode(append([]byte{0}, n...))),
		"e missing":             {"e": nil},
		"e zero":                set("e", "AA"),
		"e one":                 set("e", "AQ"),
		"e even":                set("e", "AQAA"),
		"e with a leading zero": set("e", "AAEAAQ"),
		"e above 2^31-1":        set("e", "gAAAAQ"),
		"e long":                set("e", "AQAAAAAAAAE"),
		"e longer than an int":  set("e", encode([]byte{1, 0, 0, 0, 0, 0, 1, 0, 1})),
		"d plus φ(n), above n":  set("d", encode(dAboveN(t, full))),
		"d of another key":      set("d", member(t, other, "d")),
		"d of n":                set("d", member(t, full, "n")),
		"d zero":                set("d", "AA"),
		"d alone, of another":   {"d": member(t, other, "d"), "p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil},
		"d alone, small":        {"d": "Aw", "p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil},
		"p missing":             {"p": nil},
		"p one":                 set("p", "AQ"),
		"p even":                set("p", "Ag"),
		"p and q of another":    {"p": member(t, other, "p"), "q": member(t, other, "q"), "dp": nil, "dq": nil, "qi": nil},
		"dp missing":            {"dp": nil},
		"dp of another":         set("dp", member(t, other, "dp")),
		"dq of another":         set("dq", member(t, other, "dq")),
		"qi of another":         set("qi", member(t, other, "qi")),
		"CRT without primes":    {"p": nil, "q": nil},
		"p number":              {"p": 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := jwk.Parse([]byte(changed(t, full, m)))
			wantError(t, err, jwk.ErrInvalidKey)
		})
	}
	_, err := jwk.Parse([]byte(changed(t, full, members{"oth": []any{}})))
	wantError(t, err, jwk.ErrUnsupported)
	_, err = jwk.Parse([]byte(changed(t, full, members{"n": encode(n[:128])})))
	wantError(t, err, jwk.ErrWeakKey)
	_, err = jwk.Parse([]byte(changed(t, full, members{"n": encode(n[:255])})))
	wantError(t, err, jwk.ErrWeakKey)
}

// dAboveN returns a private exponent that works but is not below the modulus.
func dAboveN(t *testing.T, jwkJSON []byte) []byte {
	t.Helper()
	number := func(name string) *big.Int { return new(big.Int).SetBytes(decode(t, member(t, jwkJSON, name))) }
	one := big.NewInt(1)
	p, q := number("p"), number("q")
	phi := p.Mul(p.Sub(p, one), q.Sub(q, one))
	d, n := number("d"), number("n")
	for d.Cmp(n) < 0 {
		d.Add(d, phi)
	}
	return d.Bytes()
}

// The primes are found whichever base it takes.
func TestParseRSAFindsPrimes(t *testing.T) {
	t.Parallel()
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(testdata(t, "rfc7517-a2.json"), &set); err != nil {
		t.Fatal(err)
	}
	keys := [][]byte{testdata(t, "rfc7515-a2.json"), set.Keys[1]}
	for _, alg := range []jwk.Algorithm{jwk.RS256, jwk.RS384, jwk.RS512, jwk.PS256, jwk.PS384, jwk.PS512} {
		keys = append(keys, privateJWK(t, generate(t, alg)))
	}
	keys = append(keys, keyOfPrimesFiveModEight(t))
	for _, full := range keys {
		k := parse(t, changed(t, full, map[string]any{"alg": "RS256", "p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil}))
		if err := k.Verify(jwk.RS256, []byte("m"), sign(t, k, []byte("m"))); err != nil {
			t.Error(err)
		}
		again := privateJWK(t, k)
		p, q := member(t, again, "p"), member(t, again, "q")
		if wantP, wantQ := member(t, full, "p"), member(t, full, "q"); (p != wantP || q != wantQ) && (p != wantQ || q != wantP) {
			t.Error("other primes")
		}
	}
}

// keyOfPrimesFiveModEight makes a key for which base 2 does not tell the primes apart: it has order 4 modulo both once it is
// raised to an odd power that de-1 leaves.
func keyOfPrimesFiveModEight(t *testing.T) []byte {
	t.Helper()
	prime := func() *big.Int {
		for {
			p, err := rand.Prime(rand.Reader, 1024)
			if err != nil {
				t.Fatal(err)
			}
			if new(big.Int).Mod(p, big.NewInt(8)).Int64() == 5 {
				return p
			}
		}
	}
	one := big.NewInt(1)
	for {
		p, q := prime(), prime()
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(big.NewInt(65537), phi)
		if d == nil {
			continue
		}
		k, err := jwk.FromSigner(jwk.RS256, &rsa.PrivateKey{
			PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: d, Primes: []*big.Int{p, q},
		})
		if err != nil {
			t.Fatal(err)
		}
		return privateJWK(t, k)
	}
}

// A modulus whose primes are k*M + 65537^a mod M, as the chips of CVE-2017-15361 made them.
func TestROCAKeysAreWeak(t *testing.T) {
	t.Parallel()
	primorial := big.NewInt(1)
	for p := int64(2); p <= 701; p++ {
		if big.NewInt(p).ProbablyPrime(0) {
			primorial.Mul(primorial, big.NewInt(p))
		}
	}
	prime := func(a int64, bits int) *big.Int {
		base := new(big.Int).Exp(big.NewInt(65537), big.NewInt(a), primorial)
		p := new(big.Int).Lsh(big.NewInt(3), uint(bits-2)) // the two highest bits
		p.Sub(p, new(big.Int).Mod(p, primorial)).Add(p, primorial).Add(p, base)
		for !p.ProbablyPrime(10) {
			p.Add(p, primorial)
		}
		return p
	}
	n := new(big.Int).Mul(prime(1234567, 1024), prime(7654321, 1030))
	_, err := jwk.FromPublic(jwk.RS256, &rsa.PublicKey{N: n, E: 65537})
	wantError(t, err, jwk.ErrWeakKey)
	n.Add(n, big.NewInt(2)) // no longer of that kind
	if _, err := jwk.FromPublic(jwk.RS256, &rsa.PublicKey{N: n, E: 65537}); err != nil {
		t.Error(err)
	}
}
