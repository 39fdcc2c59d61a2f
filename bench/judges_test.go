package bench_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	golangjwt "github.com/golang-jwt/jwt/v5"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// The fuzzer's clock stands still, so that a seed keeps its meaning.
var fuzzNow = time.Unix(1_800_000_000, 0)

const (
	fuzzKeyID  = "k1"
	otherKeyID = "k2"
)

// judgement is what a library says about a token: an error, or the claims that it read.
type judgement struct {
	library string
	err     error
	claims  registered
	// all are the claims as decoded with json.Decoder.UseNumber, where the library gives them; nil otherwise.
	all map[string]any
}

// registered are the registered claims, absent ones being zero.
type registered struct {
	issuer, subject, id            string
	audience                       []string
	expiresAt, notBefore, issuedAt time.Time
}

// equal compares with what another library read. Times may differ by the fraction of a second that the others cut off.
func (r registered) equal(other registered) bool {
	near := func(a, b time.Time) bool {
		return a.IsZero() == b.IsZero() && a.Sub(b).Abs() < time.Second+time.Millisecond
	}
	return r.issuer == other.issuer && r.subject == other.subject && r.id == other.id &&
		slices.Equal(r.audience, other.audience) &&
		near(r.expiresAt, other.expiresAt) && near(r.notBefore, other.notBefore) && near(r.issuedAt, other.issuedAt)
}

// court has the libraries set up with one key and the same rules, the others as leniently as they can be.
type court struct {
	key    bench.Key
	rules  [2]jwt.VerifierConfig // for a named issuer and audience, and for any
	jetons [2]*jwt.Verifier
	sets   [2]*jwk.Set // of the key alone, and of another one besides
	twins  []twins
}

func newCourt(t testing.TB) *court {
	t.Helper()
	secret := sha256.Sum256([]byte("the secret that the fuzzer signs with"))
	other := sha256.Sum256([]byte("the secret that signs nothing"))
	c := &court{key: bench.Key{Algorithm: jwk.HS256, ID: fuzzKeyID, Private: secret[:], Public: secret[:]}}
	c.key.JWK = secretKey(t, secret[:], fuzzKeyID)
	var err error
	now := func() time.Time { return fuzzNow }
	c.rules = [2]jwt.VerifierConfig{
		{Issuer: bench.Issuer, Audience: []string{bench.Audience}, Leeway: bench.Leeway, Now: now},
		{AnyIssuer: true, AnyAudience: true, Leeway: bench.Leeway, Now: now},
	}
	for i, rules := range c.rules {
		if c.jetons[i], err = jwt.NewVerifier(rules); err != nil {
			t.Fatal(err)
		}
	}
	for i, keys := range [][]*jwk.Key{{c.key.JWK}, {c.key.JWK, secretKey(t, other[:], otherKeyID)}} {
		if c.sets[i], err = jwk.NewSet(keys...); err != nil {
			t.Fatal(err)
		}
	}
	c.twins = newTwins(t, c.sets)
	return c
}

func secretKey(t testing.TB, secret []byte, id string) *jwk.Key {
	t.Helper()
	key, err := jwk.FromSecret(jwk.HS256, secret)
	if err == nil {
		key, err = key.WithID(id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// jeton judges a token. Its error is a *jwt.Refusal.
func (c *court) jeton(t *testing.T, token string, m mode) judgement {
	t.Helper()
	v, err := jwt.NewVerifier(c.rules[m.index(open)])
	if err != nil {
		t.Fatal(err)
	}
	return read(t, v, token, c.sets[m.index(twoKeys)])
}

// experienced judges a token after others, and after judging the same with other keys.
func (c *court) experienced(t *testing.T, token string, m mode) judgement {
	t.Helper()
	read(t, c.jetons[m.index(open)], token, c.sets[1-m.index(twoKeys)])
	return read(t, c.jetons[m.index(open)], token, c.sets[m.index(twoKeys)])
}

func read(t *testing.T, v *jwt.Verifier, token string, keys *jwk.Set) judgement {
	t.Helper()
	verified, err := v.Verify(token, keys)
	j := judgement{library: "jeton", err: err}
	if err != nil {
		if _, ok := errors.AsType[*jwt.Refusal](err); !ok || verified != nil {
			t.Fatalf("jeton answers %v, %v to %s", verified, err, token)
		}
		return j
	}
	j.claims = registered{
		issuer: verified.Issuer(), subject: verified.Subject(), id: verified.ID(), audience: verified.Audience(),
		expiresAt: verified.ExpiresAt(), notBefore: verified.NotBefore(), issuedAt: verified.IssuedAt(),
	}
	var raw map[string]json.RawMessage
	if err := verified.Claims(&raw); err != nil {
		t.Fatalf("jeton accepts %s, and then: %v", token, err)
	}
	j.all = map[string]any{}
	for name, text := range raw {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			t.Fatalf("jeton accepts %s, and encoding/json refuses claim %q: %v", token, name, err)
		}
		j.all[name] = value
	}
	return j
}

// The ways to use golang-jwt that differ in what they accept.
const (
	golangNumbers = "golang-jwt, MapClaims, WithJSONNumber"
	golangPadding = "golang-jwt, MapClaims, WithJSONNumber, WithPaddingAllowed"
	golangFloats  = "golang-jwt, MapClaims"
	golangTyped   = "golang-jwt, RegisteredClaims"
	goJOSE        = "go-jose"
)

// others returns what the other libraries say about a token.
func (c *court) others(token string, m mode) []judgement {
	return []judgement{
		c.golang(golangNumbers, token, m, golangjwt.MapClaims{}, golangjwt.WithJSONNumber()),
		c.golang(golangPadding, token, m, golangjwt.MapClaims{}, golangjwt.WithJSONNumber(), golangjwt.WithPaddingAllowed()),
		c.golang(golangFloats, token, m, golangjwt.MapClaims{}),
		c.golang(golangTyped, token, m, &golangjwt.RegisteredClaims{}),
		c.goJOSE(token, m),
	}
}

func (c *court) golang(name, token string, m mode, claims golangjwt.Claims, options ...golangjwt.ParserOption) judgement {
	options = append(options, golangjwt.WithValidMethods([]string{"HS256"}), golangjwt.WithLeeway(bench.Leeway),
		golangjwt.WithTimeFunc(func() time.Time { return fuzzNow }))
	if m&open == 0 {
		options = append(options, golangjwt.WithIssuer(bench.Issuer), golangjwt.WithAudience(bench.Audience))
	}
	parser := golangjwt.NewParser(options...)
	j := judgement{library: name}
	_, j.err = parser.ParseWithClaims(token, claims, func(*golangjwt.Token) (any, error) { return c.key.Public, nil })
	if j.err != nil {
		return j
	}
	// What is absent, or of another type where the library does not look, stays zero.
	j.claims.issuer, _ = claims.GetIssuer()
	j.claims.subject, _ = claims.GetSubject()
	j.claims.audience, _ = claims.GetAudience()
	j.claims.expiresAt = golangTime(claims.GetExpirationTime())
	j.claims.notBefore = golangTime(claims.GetNotBefore())
	j.claims.issuedAt = golangTime(claims.GetIssuedAt())
	switch claims := claims.(type) {
	case golangjwt.MapClaims:
		j.claims.id, _ = claims["jti"].(string)
		if name != golangFloats {
			j.all = claims
		}
	case *golangjwt.RegisteredClaims:
		j.claims.id = claims.ID
	}
	return j
}

func golangTime(date *golangjwt.NumericDate, err error) time.Time {
	if err != nil || date == nil {
		return time.Time{}
	}
	return date.Time
}

func (c *court) goJOSE(token string, m mode) judgement {
	j := judgement{library: goJOSE}
	parsed, err := josejwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		j.err = err
		return j
	}
	var claims josejwt.Claims
	if j.err = parsed.Claims(c.key.Public, &claims); j.err != nil {
		return j
	}
	j.claims = registered{
		issuer: claims.Issuer, subject: claims.Subject, id: claims.ID, audience: claims.Audience,
		expiresAt: joseTime(claims.Expiry), notBefore: joseTime(claims.NotBefore), issuedAt: joseTime(claims.IssuedAt),
	}
	// It would refuse an "iat" in the future, which RFC 7519 does not ask for.
	claims.IssuedAt = nil
	expected := josejwt.Expected{Time: fuzzNow}
	if m&open == 0 {
		expected.Issuer = bench.Issuer
		expected.AnyAudience = josejwt.Audience{bench.Audience}
	}
	j.err = claims.ValidateWithLeeway(expected, bench.Leeway)
	return j
}

func joseTime(date *josejwt.NumericDate) time.Time {
	if date == nil {
		return time.Time{}
	}
	return date.Time()
}

// mode is how the fuzzer makes a token of its texts, and how the token is judged.
type mode byte

const (
	// Two bits say what is done with the texts. Unless another is set, header and payload are JSON, encoded and signed.
	segments mode = 1 // header and payload are segments already, which are signed as they are
	tampered mode = 2 // as without, and then the third text is appended
	raw      mode = 3 // the three texts are the three segments
	forms    mode = 3

	open          mode = 4  // any issuer and audience are accepted
	twoKeys       mode = 8  // the set has another key
	insertHeader  mode = 16 // the header is one or more members that are added to a good one, or nothing
	insertPayload mode = 32 // the same for the payload
)

// index is 1 if m has the flag, 0 otherwise.
func (m mode) index(flag mode) int {
	if m&flag != 0 {
		return 1
	}
	return 0
}

const (
	goodHeader  = `{"alg":"HS256","kid":"k1","typ":"at+jwt"}`
	goodPayload = `{"iss":"https://id.example","sub":"u1","aud":"notes","exp":1800000900,"iat":1800000000,"jti":"t1"}`
)

// token makes a token of the fuzzer's texts.
func (c *court) token(t *testing.T, header, payload, tail string, m mode) string {
	t.Helper()
	if m&insertHeader != 0 {
		header = insert(goodHeader, header)
	}
	if m&insertPayload != 0 {
		payload = insert(goodPayload, payload)
	}
	var token string
	var err error
	switch m & forms {
	case raw:
		return header + "." + payload + "." + tail
	case segments:
		token, err = c.key.Seal(header + "." + payload)
	case tampered:
		token, err = c.key.Compact([]byte(header), []byte(payload))
		token += tail
	default:
		token, err = c.key.Compact([]byte(header), []byte(payload))
	}
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// insert adds members to a JSON object.
func insert(object, members string) string {
	if members == "" {
		return object
	}
	return strings.TrimSuffix(object, "}") + "," + members + "}"
}
