package explain_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/internal/explain"
	"github.com/jetonauth/jeton/jwk"
)

// judges are rules that differ in everything, over the same keys.
func judges(keys jwk.VerifyingSource) []explain.Options {
	open := explain.Options{Keys: keys, AnyIssuer: true, AnyAudience: true, Now: func() time.Time { return noon }}
	timeless := open
	timeless.Leeway = -1
	narrow := strict(keys)
	narrow.Algorithms, narrow.Required, narrow.Leeway = []jwk.Algorithm{jwk.EdDSA, jwk.RS512}, []string{"sub", "jti", "x"}, 5*time.Minute
	typed := open
	typed.Types = []string{"JWT", ""}
	return []explain.Options{strict(keys), open, timeless, narrow, typed}
}

// signers are keys of all kinds, and the sets of them that verify: public ones, secrets, one without an algorithm, none.
func signers(t testing.TB) (keys []*jwk.Key, sets []*jwk.Set) {
	t.Helper()
	first, second := key(t, jwk.EdDSA, "first", nil), key(t, jwk.EdDSA, "second", nil)
	ec, rsa := key(t, jwk.ES256, "ec", nil), key(t, jwk.RS256, "rsa", nil)
	secret := key(t, jwk.HS256, "first", []byte("a6Fq2hYp0sWdXv7LkT3nBz8RmCe5JgUo"))
	other := key(t, jwk.HS256, "secret", []byte("Zq4Wn7Tc1Yv9Hd3Ks6Pb0Xf8Lm2Jr5Gu"))
	return []*jwk.Key{first, second, ec, rsa, secret, other}, []*jwk.Set{
		newSet(t, first.Public(), ec.Public(), withoutAlgorithm(t, rsa)),
		newSet(t, first.Public(), second.Public()), newSet(t, secret, other), newSet(t, secret), newSet(t),
	}
}

func TestVerdictIsTheVerifiers(t *testing.T) {
	t.Parallel()
	keys, sets := signers(t)
	headers := []string{
		goodHeader, `{"alg":"EdDSA"}`, `{"alg":"Ed25519","typ":"JWT"}`, `{"alg":"HS256"}`, `{"alg":"HS256","kid":"first","typ":"at+jwt"}`,
		`{"alg":"HS256","kid":"secret"}`, `{"alg":"RS256","kid":"rsa"}`, `{"alg":"RS512","kid":"rsa"}`, `{"alg":"RS256"}`, `{"alg":"ES256"}`,
		`{"alg":"ES256","kid":"first"}`, `{"alg":"none"}`, `{"alg":"none","kid":"first"}`, `{"alg":"EdDSA","kid":""}`, `{"alg":"EdDSA","kid":7}`,
		`{"alg":null}`, `{}`, `{"typ":"at+jwt"}`, `[]`, ``, `{"alg":"EdDSA","alg":"EdDSA"}`, `{"alg":"EdDSA","crit":["exp"]}`,
		`{"alg":"EdDSA","crit":null,"kid":true}`, `{"alg":"EdDSA","b64":false}`, `{"alg":"EdDSA","b64":true}`, `{"alg":"EdDSA","zip":"DEF"}`,
		`{"alg":"EdDSA","enc":"A128GCM"}`, `{"alg":"EdDSA","typ":"application/AT+JWT"}`, `{"alg":"EdDSA","typ":""}`, `{"alg":"EdDSA","typ":1}`,
		`{"alg":"EdDSA","cty":1}`, `{"alg":"EdDSA","typ":"é"}`, `{"alg":"EdDSA"} `, `{"alg":"EdDSA"}x`, "{\"alg\":\"EdDSA\",\"x\":\"\xff\"}",
		`{"alg":"EdDSA","kid":"first","jwk":{},"x":[[[[1]]]]}`, `{"alg":"\u0045dDSA"}`,
	}
	payloads := []string{
		goodPayload, `{"exp":1767356040}`, `{}`, `[]`, `null`, ``, `{"exp":1767355200}`, `{"exp":1767355170}`, `{"exp":1767355171}`,
		`{"exp":1767355199.5}`, `{"exp":17673560400e-1}`, `{"exp":"1767356040"}`, `{"exp":1767356040000}`, `{"exp":-1}`,
		withMember(goodPayload, `"exp":1767356040`), withMember(goodPayload, `"nbf":1767355230`), withMember(goodPayload, `"nbf":1767355231`),
		withMember(goodPayload, `"nbf":9999999999`), withMember(goodPayload, `"nbf":null`), withMember(goodPayload, `"x":null`),
		withMember(goodPayload, `"x":{"a":1,"a":2}`), withMember(goodPayload, `"Exp":1,"ISS":2`), withMember(goodPayload, `"nonce":"n"`),
		strings.Replace(goodPayload, `"u-1"`, `1`, 1), strings.Replace(goodPayload, `"t-1"`, `null`, 1),
		strings.Replace(goodPayload, `"`+audience+`"`, `["x","`+audience+`"]`, 1), strings.Replace(goodPayload, `"`+audience+`"`, `[]`, 1),
		strings.Replace(goodPayload, audience, audience+"/", 1), strings.Replace(goodPayload, `"`+audience+`"`, `{"a":"b"}`, 1),
		strings.Replace(goodPayload, issuer, issuer+"/", 1), strings.Replace(goodPayload, issuer, "", 1),
		strings.Replace(goodPayload, `"iss"`, `"Iss"`, 1), strings.Replace(goodPayload, `"sub"`, `"Sub"`, 1),
		strings.Replace(goodPayload, "u-1", `\u0075-1`, 1), goodPayload + " ", goodPayload + goodPayload, goodPayload[:40], "\ufeff" + goodPayload,
	}
	tried := 0
	for i, header := range headers {
		for j, payload := range payloads {
			if i > 12 && j > 12 && (i+j)%5 > 0 { // a fifth of what is wrong twice
				continue
			}
			token := forge(t, keys[(i+j)%len(keys)], header, payload)
			if j < 3 {
				token = forge(t, keys[0], header, payload)
			}
			for n, opts := range judges(sets[(i*7+j)%len(sets)]) {
				if (i+j+n)%3 == 0 || i == 0 || j == 0 {
					explained(t, token, opts)
					tried++
				}
			}
			if t.Failed() {
				t.Fatalf("header %s, payload %s", header, payload)
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d were tried", tried)
	}
}

// TestVerdictOnWhatIsNoToken has texts of every wrong form.
func TestVerdictOnWhatIsNoToken(t *testing.T) {
	t.Parallel()
	keys, sets := signers(t)
	good := forge(t, keys[0], goodHeader, goodPayload)
	parts := strings.Split(good, ".")
	for _, text := range []string{
		"", ".", "..", "...", "....", " ", "x", "{}", `{"protected":"e30"}`, `{"a":"..."}`, "\x00.\xff.\n", "a.b.c", "=.=.=",
		parts[0], parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".", "." + parts[1] + "." + parts[2], parts[0] + ".." + parts[2],
		good + ".", good + ".AA.AA", good + "=", good + "A", good[:len(good)-1], good[:len(good)-5], good[1:], good + good,
		" " + good, good + "\n", "\t" + good + "\r\n", "Bearer " + good, "bearer  " + good, "Authorization: Bearer " + good, `"` + good + `"`,
		`'Bearer ` + good + `',`, "\ufeff" + good, "{" + good, good + ";", "Bearer", "Bearer ", "Bearer Bearer " + good,
		strings.Replace(good, ".", ".\n", 1), strings.Replace(good, ".", "\r\n.", 1), parts[0] + "." + parts[1] + ".\n" + parts[2],
		parts[0] + "." + parts[1] + ".{" + parts[2], parts[0] + ".{" + parts[1] + "." + parts[2], good[:50] + " \n " + good[50:],
		strings.ReplaceAll(good, "-", "+"), strings.ReplaceAll(good, "_", "/"), strings.ToUpper(good), good[:10] + "é" + good[10:],
		"jrt_AAAAAAAA", strings.Repeat("A", 20000), strings.Repeat("A.", 20000), good + strings.Repeat("A", 17000),
		"Bearer" + strings.Repeat(" ", 17000) + good, forge(t, keys[0], goodHeader, withMember(goodPayload, `"x":"`+strings.Repeat("x", 20000)+`"`)),
		strings.Repeat("A", 1<<20) + "..", parts[0] + "." + strings.Repeat("A", 1<<20-100) + ".AA", strings.Repeat("{", 1<<21),
	} {
		for _, set := range sets {
			for _, opts := range judges(set) {
				explained(t, text, opts)
			}
		}
		if t.Failed() {
			t.Fatalf("%.200q", text)
		}
	}
}

// TestVerdictOnGeneratedTokens makes tokens that are nearly good.
func TestVerdictOnGeneratedTokens(t *testing.T) {
	t.Parallel()
	keys, sets := signers(t)
	accepted, tried := 0, 0
	for i := range uint64(600) {
		random := rand.New(rand.NewPCG(i, 1))
		pick := func(from []string) string { return from[random.IntN(len(from))] }
		object := func(names []string) string {
			var members []string
			for range random.IntN(4) {
				members = append(members, fmt.Sprintf("%q:%s", pick(names), pick(words)))
			}
			return strings.Join(members, ",")
		}
		header, payload := goodHeader, goodPayload
		if more := object(headerNames); more != "" && random.IntN(2) == 0 {
			header = withMember(`{"alg":`+pick(words[:4]), more)
		}
		if more := object(claimNames); more != "" && random.IntN(2) == 0 {
			payload = withMember(`{"exp":1767356040`, more)
		}
		token := forge(t, keys[random.IntN(len(keys))], header, payload)
		for _, opts := range judges(sets[random.IntN(len(sets))]) {
			tried++
			if explained(t, token, opts).Verdict == explain.Accepted {
				accepted++
			}
		}
		if t.Failed() {
			t.Fatalf("number %d: header %s, payload %s", i, header, payload)
		}
	}
	if accepted < tried/50 {
		t.Errorf("%d of %d accepted, which tells little", accepted, tried)
	}
}

// What is special to somebody.
var (
	headerNames = []string{"alg", "kid", "typ", "cty", "crit", "b64", "enc", "zip", "jwk", "jku", "x"}
	claimNames  = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "Exp", "ſub", "scope", "x", "nonce", "auth_time"}
	words       = []string{
		`"EdDSA"`, `"HS256"`, `"ES256"`, `"RS256"`, `"first"`, `"secret"`, `"at+jwt"`, `"JWT"`, `""`, `"none"`, `"` + issuer + `"`,
		`"` + audience + `"`, `"` + audience + `/"`, `["` + audience + `"]`, `[]`, `{}`, `null`, `true`, `0`, `-1`, `1767355200`, `1767355230`,
		`1767355170.5`, `1767355171`, `1767355231`, `1767356040000`, `1e400`, `253402300800`, `"\u001b[31m"`, `"\ud800"`, `["a",1]`,
	}
)

// FuzzToken makes tokens of fuzzed headers and payloads, signed with one of several keys, and raw ones.
func FuzzToken(f *testing.F) {
	keys, sets := signers(f)
	f.Add(goodHeader, goodPayload, byte(0), byte(0))
	f.Add(`{"alg":"HS256","kid":"first"}`, `{"exp":1767355170.5,"nbf":1e9,"aud":["a"],"iat":0}`, byte(4), byte(3))
	f.Add(`{"alg":"none"}`, `{"exp":1,"exp":2}`, byte(1), byte(1))
	f.Add("Bearer eyJhbGciOiJIUzI1NiJ9", "eyJleHAiOjF9 ", byte(255), byte(2))
	f.Fuzz(func(t *testing.T, header, payload string, signer, rules byte) {
		token := header + "." + payload + ".c2ln"
		if int(signer) < len(keys) {
			token = forge(t, keys[signer], header, payload)
		}
		all := judges(sets[int(rules)%len(sets)])
		explained(t, token, all[int(rules)/len(sets)%len(all)])
	})
}
