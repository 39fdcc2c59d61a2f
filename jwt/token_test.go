package jwt_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func tokenWith(t *testing.T, payload string) *jwt.Token {
	t.Helper()
	k := key(t, jwk.HS256)
	return verify(t, newVerifier(t, openConfig()), forge(t, k, `{"alg":"HS256"}`, payload), k)
}

func TestClaimsByName(t *testing.T) {
	t.Parallel()
	got := tokenWith(t, `{"exp":1767358800.5,"iss":"i","aud":["a","b"],"s":"caf\u00e9 \ud83d\ude00","e":"","n":7,"x":null,"o":{"s":"inner"},
		"l":["a","\u0062"],"one":["a"],"none":[],"mixed":["a",1],"nested":[["a"]],"a.b":"dot","b":true,"":"nameless","d":1.25,"big":1e300}`)
	for name, want := range map[string]string{"s": "café 😀", "e": "", "a.b": "dot", "": "nameless", "iss": "i"} {
		if value, ok := got.StringClaim(name); !ok || value != want {
			t.Errorf("%q: %q, %v, want %q", name, value, ok, want)
		}
	}
	for _, name := range []string{"n", "x", "o", "l", "b", "absent", "S", "o.s", "exp"} {
		if value, ok := got.StringClaim(name); ok || value != "" {
			t.Errorf("%q: %q, %v, want none", name, value, ok)
		}
	}
	for name, want := range map[string][]string{"s": {"café 😀"}, "l": {"a", "b"}, "one": {"a"}, "none": {}, "aud": {"a", "b"}} {
		if values, ok := got.StringsClaim(name); !ok || !slices.Equal(values, want) || values == nil {
			t.Errorf("%q: %q, %v, want %q", name, values, ok, want)
		}
	}
	for _, name := range []string{"n", "x", "o", "mixed", "nested", "absent"} {
		if values, ok := got.StringsClaim(name); ok || values != nil {
			t.Errorf("%q: %q, %v, want none", name, values, ok)
		}
	}
	for name, want := range map[string]time.Time{
		"n": time.Unix(7, 0), "d": time.Unix(1, 25e7), "exp": time.Unix(1767358800, 5e8),
	} {
		if value, ok := got.TimeClaim(name); !ok || !value.Equal(want) {
			t.Errorf("%q: %v, %v, want %v", name, value, ok, want)
		}
	}
	for _, name := range []string{"s", "x", "big", "absent", "b"} {
		if value, ok := got.TimeClaim(name); ok || !value.IsZero() {
			t.Errorf("%q: %v, %v, want none", name, value, ok)
		}
	}
}

func TestNumericDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"0":                              time.Unix(0, 0),
		"0.0e5":                          time.Unix(0, 0),
		"0.5":                            time.Unix(0, 5e8),
		"1767358800":                     time.Unix(1767358800, 0),
		"1767358800.0":                   time.Unix(1767358800, 0),
		"1767358800.000000001":           time.Unix(1767358800, 1),
		"1767358800.9999999999999999999": time.Unix(1767358800, 999999999),
		"1767358800.123456789123":        time.Unix(1767358800, 123456789),
		"1.7673588001234e9":              time.Unix(1767358800, 123400000),
		"17673588001234E-4":              time.Unix(1767358800, 123400000),
		"0.00017673588e+13":              time.Unix(1767358800, 0),
		"1e-9":                           time.Unix(0, 1),
		"1e-10":                          time.Unix(0, 0),
		"1e-99999999999":                 time.Unix(0, 0),
		"0e99999999999":                  time.Unix(0, 0),
		"1e00000000000000000001":         time.Unix(10, 0),
		"253402300799.999999999":         time.Unix(253402300799, 999999999),
		"0." + strings.Repeat("0", 999) + "1e1010":  time.Unix(1e10, 0),
		"0." + strings.Repeat("0", 2999) + "1e3010": time.Unix(1e10, 0),
		"1" + strings.Repeat("0", 999) + "e-990":    time.Unix(1e9, 0),
	} {
		got := tokenWith(t, `{"exp":1,"nbf":`+text+`}`)
		if value, ok := got.TimeClaim("nbf"); !ok || !value.Equal(want) || !got.NotBefore().Equal(want) {
			t.Errorf("%.60s: %v, %v, want %v", text, got.NotBefore(), ok, want)
		}
		if zone := got.NotBefore().Location(); zone != time.UTC {
			t.Errorf("%s: in %v", text, zone)
		}
	}
	for _, text := range badDates {
		if value, ok := tokenWith(t, `{"exp":1,"at":`+text+`}`).TimeClaim("at"); ok {
			t.Errorf("%s: %v, want none", text, value)
		}
	}
}

func TestNothingSharedIsReturned(t *testing.T) {
	t.Parallel()
	payload := `{"exp":1767358800,"aud":["a","b"],"l":["c"],"raw":{"x":1}}`
	got := tokenWith(t, payload)
	for range 2 {
		var claims struct {
			Raw json.RawMessage `json:"raw"`
			L   []string        `json:"l"`
		}
		if err := got.Claims(&claims); err != nil || string(claims.Raw) != `{"x":1}` || claims.L[0] != "c" {
			t.Fatalf("%s, %v", claims.Raw, err)
		}
		audience, list := got.Audience(), mustStrings(t, got, "l")
		if audience[0] != "a" || list[0] != "c" || !got.HasAudience("a") {
			t.Fatalf("%q, %q", audience, list)
		}
		clear(claims.Raw)
		clear(audience)
		clear(list)
	}
}

// TestConcurrentUse is for the race detector: one verifier, one token, and everything it returns written to.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.ES256)
	keys := newSet(t, k.Public())
	v := newVerifier(t, strictConfig())
	token := forge(t, k, `{"alg":"ES256"}`, `{"iss":"https://issuer.example","aud":["api","b"],"exp":1767358800,"l":["c"]}`)
	shared := verify(t, v, token, k.Public())
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			own, err := v.Verify(token, keys)
			if err != nil {
				t.Error(err)
				return
			}
			for _, got := range []*jwt.Token{shared, own} {
				list, _ := got.StringsClaim("l")
				var claims map[string]json.RawMessage
				if err := got.Claims(&claims); err != nil || !got.HasAudience("b") || !slices.Equal(list, []string{"c"}) {
					t.Errorf("%v, %q, %q", err, got.Audience(), list)
				}
				clear(claims["aud"])
				clear(got.Audience())
				clear(list)
			}
		})
	}
	group.Wait()
}

func mustStrings(t *testing.T, got *jwt.Token, name string) []string {
	t.Helper()
	values, ok := got.StringsClaim(name)
	if !ok {
		t.Fatalf("no claim %s", name)
	}
	return values
}

func TestClaimsDecodesLikeEncodingJSON(t *testing.T) {
	t.Parallel()
	got := tokenWith(t, `{"exp":1767358800,"sub":"42","n":1e2,"list":[1,"x"]}`)
	var asMap map[string]any
	if err := got.Claims(&asMap); err != nil || asMap["n"] != 100.0 || asMap["sub"] != "42" {
		t.Errorf("%v, %v", asMap, err)
	}
	var anything any
	if err := got.Claims(&anything); err != nil || anything.(map[string]any)["sub"] != "42" {
		t.Errorf("%v, %v", anything, err)
	}
	var claims struct{ Sub string }
	if err := got.Claims(&claims); err != nil || claims.Sub != "42" {
		t.Errorf("%v, %v", claims, err)
	}
	var wrong struct{ Sub int }
	for _, dst := range []any{&wrong, nil, claims, (*map[string]any)(nil)} {
		if err := got.Claims(dst); err == nil || !strings.HasPrefix(err.Error(), "jwt: ") {
			t.Errorf("%T: %v", dst, err)
		}
	}
}

// TestClaimsDoesNotMixUpNames has claims that encoding/json would write over registered ones, or over each other.
func TestClaimsDoesNotMixUpNames(t *testing.T) {
	t.Parallel()
	for _, more := range []string{`"Sub":"root"`, `"sub":"42","SUB":"root"`, `"\u017fub":"root"`, `"role":"user","Role":"admin"`, `"k":1,"\u212a":2`} {
		got := tokenWith(t, `{"exp":1767358800,`+more+`}`)
		var claims struct{ Sub, Role, K string }
		if err := got.Claims(&claims); err == nil || claims.Sub != "" || claims.Role != "" {
			t.Errorf("%s: %+v, %v", more, claims, err)
		}
		holder := any(&claims)
		if err := got.Claims(&holder); err == nil || claims.Sub != "" {
			t.Errorf("%s in an any: %+v, %v", more, claims, err)
		}
		var asMap map[string]json.RawMessage
		if err := got.Claims(&asMap); err != nil {
			t.Errorf("%s: %v", more, err)
		}
	}
}

func TestZeroToken(t *testing.T) {
	t.Parallel()
	var zero jwt.Token
	if zero.Subject() != "" || zero.Audience() != nil || zero.HasAudience("") || !zero.ExpiresAt().IsZero() {
		t.Error("a zero Token says something")
	}
	if _, ok := zero.StringClaim("sub"); ok {
		t.Error("a zero Token has a claim")
	}
	if err := zero.Claims(new(any)); err == nil {
		t.Error("a zero Token has claims")
	}
}
