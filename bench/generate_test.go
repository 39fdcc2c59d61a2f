package bench_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// generated is how many tokens and keys the tests make up; what they are follows from their number alone.
var generated = flag.Int("generated", 2000, "how many tokens and keys to make up")

func TestGeneratedTokens(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	accepted := 0
	for i := range *generated {
		g := generator{rand.New(rand.NewPCG(uint64(i), 1)), words}
		x := sample{mode: g.mode()}
		x.header, x.payload = g.part(headerNames, x.mode&insertHeader != 0), g.part(claimNames, x.mode&insertPayload != 0)
		if x.mode&forms == segments {
			x.header, x.payload = g.spoil(encode(insertIf(x.mode, insertHeader, goodHeader, x.header))),
				g.spoil(encode(insertIf(x.mode, insertPayload, goodPayload, x.payload)))
			x.mode &^= insertHeader | insertPayload
		}
		if c.judge(t, x) == nil {
			accepted++
		}
		if t.Failed() {
			t.Fatalf("number %d: %+v", i, x)
		}
	}
	t.Logf("jeton accepts %d of %d", accepted, *generated)
	if accepted < *generated/20 || accepted > *generated*19/20 {
		t.Errorf("jeton accepts %d of %d, which tells little", accepted, *generated)
	}
}

func TestGeneratedKeys(t *testing.T) {
	t.Parallel()
	good := goodKeys(t)
	accepted := 0
	for i := range *generated {
		g := generator{rand.New(rand.NewPCG(uint64(i), 2)), keyWords}
		x := keySample{base: byte(1 + g.IntN(len(good)))}
		if g.IntN(2) == 0 {
			x.omit = 1 << g.IntN(8)
		}
		x.members = g.part(keyNames, true)
		f := newFuzzedKey(good, x)
		checkKey(t, f)
		if jetonReads(t, f.data).err == nil {
			accepted++
		}
		if t.Failed() {
			t.Fatalf("number %d: %+v", i, x)
		}
	}
	t.Logf("jeton accepts %d of %d", accepted, *generated)
	if accepted < *generated/20 || accepted > *generated*19/20 {
		t.Errorf("jeton accepts %d of %d, which tells little", accepted, *generated)
	}
}

func insertIf(m, flag mode, object, members string) string {
	if m&flag != 0 {
		return insert(object, members)
	}
	return members
}

// generator makes JSON texts that are nearly good.
type generator struct {
	*rand.Rand

	words []string
}

// What is special to somebody.
var (
	headerNames = []string{"alg", "kid", "typ", "cty", "crit", "b64", "enc", "zip", "jwk", "jku", "x5c", "x5u", "x5t", "nonce", "url", "x"}
	claimNames  = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "Exp", "ISS", "ſub", "scope", "roles", "sid", "x", ""}
	keyNames    = []string{
		"kty", "use", "key_ops", "alg", "kid", "crv", "x", "y", "d", "k", "n", "e", "p", "q", "dp", "dq", "qi", "oth", "x5c", "x5u", "x5t",
		"x5t#S256", "ext", "Kty", "",
	}

	words = []string{
		`"https://id.example"`, `"notes"`, `"HS256"`, `"HS512"`, `"none"`, `"k1"`, `"k2"`, `"at+jwt"`, `"application/AT+JWT"`, `"JWT"`, `"x"`,
		`""`, `"\u006eotes"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00\ud83d"`, `"\\ud83d"`, `"\u0000"`, "\"\u2028\"", "\"\xff\"", "\"\x01\"",
		`null`, `true`, `false`, `0`, `-0`, `-1`, `1`, `1800000000`, `1800000900`, `1800000900.25`, `18.000009e8`, `18000009E+2`, `1799999970`,
		`1799999970.5`, `1799999971`, `1799999969.999999999999`, `1800000030`, `1800000030.5`, `1800000031`, `1e-400`, `0.0e9`, `1e400`,
		`-1e400`, `253402300799`, `253402300799.9`, `253402300800`, `9223372036854775808`, `01`, `1.`, `+1`, `.5`, `NaN`,
		`["notes"]`, `["x","notes"]`, `["notes",null]`, `[]`, `{}`, `{"a":1,"a":1}`, `{"a":{"b":[{}]}}`, `["exp"]`,
	}
	keyWords = []string{
		`"sig"`, `"enc"`, `"verify"`, `["verify"]`, `["sign"]`, `["sign","verify"]`, `["verify","verify"]`, `["encrypt","verify"]`, `["x","verify"]`,
		`[]`, `["verify",null]`, `"ES256"`, `"ES384"`, `"ES512"`, `"EdDSA"`, `"Ed25519"`, `"RS256"`, `"RS512"`, `"PS256"`, `"HS256"`, `"HS384"`,
		`"HS512"`, `"RSA-OAEP"`, `"none"`, `"ES256K"`, `"EC"`, `"OKP"`, `"RSA"`, `"oct"`, `"AKP"`, `"P-256"`, `"P-384"`, `"P-521"`, `"secp256k1"`,
		`"X25519"`, `"Ed448"`, `""`, `"é"`, `"\u006b"`, `"\ud800"`, "\"\xff\"", `"AQAB"`, `"AAEAAQ"`, `"AQAC"`, `"Aw"`, `"AQ"`, `"AQAB="`, `"AQ AB"`,
		`"AQ\nAB"`, `"AR"`, `null`, `true`, `1`, `1e400`, `{}`, `{"a":1,"a":1}`, `["x"]`, `"https://x.example/"`, `":"`,
		`"TeEfqR6PAeOOcBsNCeaFH8vTGgOBv2qMVEhe0V2dpLg"`, `"kBn1kpT9Mt1onb-742Ni8fqxH-NepFOU9Je90gbnlRM"`,
		`"SsVo50GYKfeyqGQ3nd1pVrAhk6AN9h_1VfaYPNWs97Q"`, `"2aDshmVEOiAL7MgGMMbs4M5LROJxyqArBbLJUGGWkSI"`,
		`"hAdxL0XCIyQ3FHZ8A2Fj3__p4fnAHxdzyTSARFbI0rc"`, `"tVZOCKuWXRe2l44UrxXDYLyzvmhfULly62YOGDbnh9Q"`,
	}
)

// mode returns a mode that makes signed tokens, most of them of a good header or payload.
func (g generator) mode() mode {
	m := mode(g.IntN(4)) * open
	if g.IntN(8) == 0 {
		m |= segments
	}
	if g.IntN(4) > 0 {
		m |= insertHeader
	}
	if g.IntN(2) > 0 {
		m |= insertPayload
	}
	return m
}

// part returns members, or an object of them, few of them bad.
func (g generator) part(names []string, membersOnly bool) string {
	var members []string
	if !membersOnly {
		members = g.changed(names)
	}
	for range g.IntN(4) {
		name := g.name(names)
		members = append(members, name+g.space()+":"+g.space()+g.valueOf(name))
	}
	g.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	text := strings.Join(members, g.space()+",")
	if !membersOnly {
		text = g.space() + "{" + text + "}" + g.space()
	}
	return g.spoil(text)
}

// changed returns the members of a good header or payload, one or two of them with another value, or missing.
func (g generator) changed(names []string) []string {
	good := goodPayload
	if slices.Equal(names, headerNames) {
		good = goodHeader
	}
	members := strings.Split(strings.Trim(good, "{}"), ",")
	for range g.IntN(3) {
		at := g.IntN(len(members))
		name, _, _ := strings.Cut(members[at], ":")
		members[at] = name + ":" + g.valueOf(name)
		if g.IntN(4) == 0 {
			members = slices.Delete(members, at, at+1)
		}
	}
	for i, member := range members {
		members[i] = g.respell(member)
	}
	return members
}

func (g generator) name(names []string) string {
	return g.respell(`"` + names[g.IntN(len(names))] + `"`)
}

// respell escapes the first character of a string, now and then.
func (g generator) respell(text string) string {
	c := text[1]
	if g.IntN(12) > 0 || c == '"' || c >= utf8.RuneSelf {
		return text
	}
	return fmt.Sprintf(`"\u%04x`, c) + text[2:]
}

// valueOf returns a value for a member, mostly one of the right type.
func (g generator) valueOf(name string) string {
	value := g.value(3)
	if g.IntN(4) == 0 {
		return value
	}
	first := `"`
	switch strings.Trim(name, `"`) {
	case "exp", "nbf", "iat":
		first = "1"
	case "aud":
		first = `"[`
	case "iss", "sub", "jti", "alg", "kid", "typ", "cty":
	default:
		return value
	}
	for !strings.ContainsAny(value[:1], first) {
		value = g.value(1)
	}
	return value
}

func (g generator) value(depth int) string {
	const array, object = 0, 1
	kind := g.IntN(10)
	switch {
	case depth > 0 && kind == array:
		return "[" + g.value(depth-1) + "," + g.value(depth-1) + "]"
	case depth > 0 && kind == object:
		return `{"a":` + g.value(depth-1) + `,"b":` + g.value(depth-1) + "}"
	default:
		return g.words[g.IntN(len(g.words))]
	}
}

func (g generator) space() string {
	return []string{"", "", "", "", "", "", " ", "\n", "\t\r"}[g.IntN(9)]
}

// spoil changes, removes or adds a byte, now and then.
func (g generator) spoil(text string) string {
	if text == "" || g.IntN(12) > 0 {
		return text
	}
	const bytes = "{}[]\",:\\= \n\x00\xff0e-.aA"
	at := g.IntN(len(text))
	c := string(bytes[g.IntN(len(bytes))])
	switch g.IntN(3) {
	case 0:
		return text[:at] + c + text[at+1:]
	case 1:
		return text[:at] + text[at+1:]
	default:
		return text[:at] + c + text[at:]
	}
}
