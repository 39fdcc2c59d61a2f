package jeton_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// remembering is a verifier with a cache. What it has remembered it answers with the same principal.
type remembering struct {
	*jeton.TokenVerifier
	t   *testing.T
	key *jwk.Key
}

func newRemembering(t *testing.T, entries int) remembering {
	t.Helper()
	key := mustKey(jwk.Generate(jwk.HS256))
	v, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer: issuer, AnyAudience: true, Keys: mustSet(t, key), Cache: jeton.NewTokenCache(entries),
	})
	if err != nil {
		t.Fatal(err)
	}
	return remembering{v, t, key}
}

func (r remembering) token(id string) string {
	r.t.Helper()
	token, err := jwt.Sign(r.key, "", jwt.Claims{Issuer: issuer, Subject: "u", ID: id, ExpiresAt: time.Now().Add(time.Hour)})
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

func (r remembering) principal(token string) *jeton.Principal {
	r.t.Helper()
	p, err := r.Verify(r.t.Context(), token)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// remembered verifies tokens, and then again in the other order, and returns how many of them were remembered.
func (r remembering) remembered(tokens int) (n int) {
	r.t.Helper()
	type verified struct {
		token string
		by    *jeton.Principal
	}
	var all []verified
	for i := range tokens {
		token := r.token(fmt.Sprint(i))
		all = append(all, verified{token, r.principal(token)})
	}
	for _, v := range slices.Backward(all) {
		if r.principal(v.token) == v.by {
			n++
		}
	}
	return n
}

func TestHowManyTokensAreRemembered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ entries, tokens, least, most int }{
		"the only one":           {1, 1, 1, 1},
		"the last one":           {1, 50, 1, 1},
		"no more than there is":  {64, 1000, 32, 64},
		"rounded up":             {33, 1000, 32, 64},
		"half of what there is":  {4096, 2048, 1800, 2048}, // about 1900; 1570 if each had one place
		"as many as by default":  {0, 100, 90, 100},
		"a size that is no size": {-1, 100, 90, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n := newRemembering(t, test.entries).remembered(test.tokens); n < test.least || n > test.most {
				t.Errorf("%d of %d tokens were remembered in %d places, want %d to %d", n, test.tokens, test.entries, test.least, test.most)
			}
		})
	}
}

func TestLongTokensAreNotRemembered(t *testing.T) {
	t.Parallel()
	r := newRemembering(t, 16)
	seen := map[bool]bool{}
	for n := 2900; n < 2990; n++ { // characters of base64 for each three of the id
		token := r.token(strings.Repeat("x", n))
		fits := len(token) <= 4096
		first := r.principal(token)
		if again := r.principal(token); (again == first) != fits {
			t.Errorf("%d bytes: remembered %v, want %v", len(token), !fits, fits)
		}
		seen[fits] = true
	}
	if len(seen) != 2 {
		t.Errorf("all tokens were on one side: %v", seen)
	}
}
