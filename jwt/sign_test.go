package jwt_test

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func decode(t *testing.T, segment string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestClaimsMarshalJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		claims jwt.Claims
		want   string
	}{
		{"empty", jwt.Claims{}, `{}`},
		{
			"all, in order",
			jwt.Claims{
				ID: "j", IssuedAt: noon, NotBefore: noon.Add(time.Second), ExpiresAt: noon.Add(2*time.Second - 1),
				Audience: []string{"b", "a"}, Subject: "s", Issuer: "i",
				Extra: map[string]any{"z": 1, "a": "x", "m": []int{1}},
			},
			`{"iss":"i","sub":"s","aud":["b","a"],"exp":1767355201,"nbf":1767355201,"iat":1767355200,"jti":"j","a":"x","m":[1],"z":1}`,
		},
		{"one audience", jwt.Claims{Audience: []string{"a"}}, `{"aud":"a"}`},
		{"no audience", jwt.Claims{Audience: []string{}}, `{}`},
		{"1970", jwt.Claims{NotBefore: time.Unix(0, 999)}, `{"nbf":0}`},
		{"9999", jwt.Claims{ExpiresAt: time.Unix(253402300799, 0)}, `{"exp":253402300799}`},
		{"HTML and control characters", jwt.Claims{Subject: "<a href='x'>&\u2028\n\x00\""}, `{"sub":"<a href='x'>&\u2028\n\u0000\""}`},
		{"HTML in other claims", jwt.Claims{Extra: map[string]any{"<&>": map[string]string{"<": "&"}}}, `{"<&>":{"<":"&"}}`},
		{"replacement character", jwt.Claims{Subject: "\ufffd", Extra: map[string]any{"a": `\ufffd`}}, "{\"sub\":\"\ufffd\",\"a\":\"\\\\ufffd\"}"},
		{"null", jwt.Claims{Extra: map[string]any{"a": nil, "b": json.RawMessage(nil), "c": []string(nil)}}, `{"a":null,"b":null,"c":null}`},
		{"numbers", jwt.Claims{Extra: map[string]any{"a": json.Number("1.50"), "b": int64(math.MaxInt64), "c": 1e21}}, `{"a":1.50,"b":9223372036854775807,"c":1e+21}`},
		{"names like registered ones", jwt.Claims{Extra: map[string]any{"Iss": 1, "": 2}}, `{"":2,"Iss":1}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.claims.MarshalJSON()
			if err != nil || string(got) != test.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, test.want)
			}
		})
	}
}

type brokenMarshaler struct{}

func (brokenMarshaler) MarshalJSON() ([]byte, error) { return nil, errors.New("broken") }

type badText struct{}

func (badText) MarshalText() ([]byte, error) { return []byte("\xff"), nil }

func TestClaimsThatCannotBeSigned(t *testing.T) {
	t.Parallel()
	extra := func(name string, value any) jwt.Claims { return jwt.Claims{Extra: map[string]any{name: value}} }
	loop := map[string]any{}
	loop["loop"] = loop
	deep := any(1)
	for range 40 {
		deep = []any{deep}
	}
	tests := map[string]jwt.Claims{
		"iss in Extra": extra("iss", "x"), "sub in Extra": extra("sub", "x"), "aud in Extra": extra("aud", "x"),
		"exp in Extra": extra("exp", 1), "nbf in Extra": extra("nbf", 1), "iat in Extra": extra("iat", nil), "jti in Extra": extra("jti", "x"),
		"channel": extra("a", make(chan int)), "NaN": extra("a", math.NaN()), "infinity": extra("a", []float64{math.Inf(1)}),
		"function": extra("a", func() {}), "loop": extra("a", loop), "broken": extra("a", brokenMarshaler{}),
		"invalid UTF-8 issuer": {Issuer: "\xff"}, "invalid UTF-8 subject": {Subject: "a\xed\xa0\x80"}, "invalid UTF-8 id": {ID: "\xc0\x80"},
		"invalid UTF-8 audience": {Audience: []string{"\xff"}}, "invalid UTF-8 audiences": {Audience: []string{"a", "\xff"}},
		"invalid UTF-8 name": extra("a\xff", 1), "invalid UTF-8 value": extra("a", "\xff"),
		"invalid UTF-8 inside": extra("a", map[string]any{"b": []any{struct{ C string }{"x\xff"}}}),
		"invalid UTF-8 key":    extra("a", map[string]int{"\xff": 1}),
		"invalid UTF-8 text":   extra("a", badText{}),
		"invalid UTF-8 raw":    extra("a", json.RawMessage("\"\xff\"")),
		"duplicate raw":        extra("a", json.RawMessage(`{"b":1,"b":2}`)),
		"lone surrogate raw":   extra("a", json.RawMessage(`"\ud800"`)),
		"broken raw":           extra("a", json.RawMessage(`{`)),
		"broken number":        extra("a", json.Number("0x1")),
		"too deep":             extra("a", deep),
		"before 1970":          {ExpiresAt: time.Unix(-1, 0)},
		"after 9999":           {NotBefore: time.Unix(253402300800, 0)},
		"long ago":             {IssuedAt: time.Time{}.Add(1)},
	}
	k := key(t, jwk.HS256)
	for name, claims := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := jwt.Sign(k, "", claims)
			if err == nil || token != "" {
				t.Fatalf("got %q, %v", token, err)
			}
			if !strings.HasPrefix(err.Error(), "jwt: ") {
				t.Errorf("%v does not start with the package's name", err)
			}
		})
	}
}

func TestSignWritesTheHeaderInOrder(t *testing.T) {
	t.Parallel()
	k, err := newKey(t, jwk.HS256).WithID(`a"<&>\b`)
	if err != nil {
		t.Fatal(err)
	}
	token := sign(t, k, "at+jwt", jwt.Claims{Subject: "1"})
	parts := strings.Split(token, ".")
	if got, want := decode(t, parts[0]), `{"alg":"HS256","kid":"a\"<&>\\b","typ":"at+jwt"}`; got != want {
		t.Errorf("header %s, want %s", got, want)
	}
	if got, want := decode(t, parts[1]), `{"sub":"1"}`; got != want {
		t.Errorf("payload %s, want %s", got, want)
	}
	bare := sign(t, k, "", jwt.Claims{})
	if got, want := decode(t, strings.Split(bare, ".")[0]), `{"alg":"HS256","kid":"a\"<&>\\b"}`; got != want {
		t.Errorf("header %s, want %s", got, want)
	}
	if again := sign(t, k, "at+jwt", jwt.Claims{Subject: "1"}); again != token {
		t.Errorf("an HMAC token is not the same twice:\n%s\n%s", token, again)
	}
}

// TestSignWithoutAKeyNeverPanics signs more often than there are scratches that have signed before.
func TestSignWithoutAKeyNeverPanics(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if _, err := jwt.Sign(nil, "", jwt.Claims{}); !errors.Is(err, jwk.ErrNoPrivateKey) {
				t.Errorf("error %v, want that there is no key", err)
			}
		})
	}
	all.Wait()
}

func TestSignWithUnfitKeys(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.RS256)
	for name, test := range map[string]struct {
		key  *jwk.Key
		typ  string
		want error
	}{
		"no key":            {nil, "", jwk.ErrNoPrivateKey},
		"public key":        {k.Public(), "", jwk.ErrNoPrivateKey},
		"type with newline": {k, "JWT\n", nil},
		"type beyond ASCII": {k, "é", nil},
	} {
		token, err := jwt.Sign(test.key, test.typ, jwt.Claims{ExpiresAt: noon})
		if err == nil || token != "" || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: got %q, %v, want %v", name, token, err, test.want)
		}
	}
}

func TestSignWithAKeyThatNamesNoAlgorithm(t *testing.T) {
	t.Parallel()
	data, err := key(t, jwk.RS256).MarshalPrivateJWK()
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil {
		t.Fatal(err)
	}
	delete(members, "alg")
	if data, err = json.Marshal(members); err != nil {
		t.Fatal(err)
	}
	k, err := jwk.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if token, err := jwt.Sign(k, "", jwt.Claims{ExpiresAt: noon}); !errors.Is(err, jwk.ErrAlgorithm) {
		t.Errorf("got %q, %v", token, err)
	}
}

// awaySigner is a handle to a service that does not answer.
type awaySigner struct{ crypto.Signer }

var errAway = errors.New("away")

func (awaySigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errAway }

func TestSignWrapsTheSignersError(t *testing.T) {
	t.Parallel()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	k, err := jwk.FromSigner(jwk.EdDSA, awaySigner{private})
	if err != nil {
		t.Fatal(err)
	}
	if token, err := jwt.Sign(k, "", jwt.Claims{ExpiresAt: noon}); token != "" || !errors.Is(err, errAway) {
		t.Errorf("got %q, %v", token, err)
	}
}
