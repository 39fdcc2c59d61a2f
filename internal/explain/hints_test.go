package explain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/internal/explain"
	"github.com/jetonauth/jeton/jwk"
)

// TestHints has the common mistakes that no other test shows. Those in testdata are compared to the letter there.
func TestHints(t *testing.T) {
	t.Parallel()
	k, ec := key(t, jwk.EdDSA, "first", nil), key(t, jwk.ES256, "ec", nil)
	set := newSet(t, k.Public(), ec.Public())
	good := forge(t, ec, `{"alg":"ES256","kid":"ec","typ":"at+jwt"}`, goodPayload)
	dot := strings.LastIndexByte(good, '.') + 1
	for name, test := range map[string]struct {
		text, want string
	}{
		"ASN.1": {
			good[:dot] + encode("\x30\x44"+strings.Repeat("\x02\x20"+strings.Repeat("a", 32), 2)),
			"The signature is in ASN.1; in a token it is two numbers of fixed length (RFC 7518, section 3.4).",
		},
		"like ASN.1 at its beginning": {
			good[:dot] + encode("\x30\x44"+strings.Repeat("a", 60)), "The signature has 62 bytes, and ES256 makes 64: the token was cut off.",
		},
		"something added": {good + "AAAA", "The signature has 67 bytes, and ES256 makes 64: something was added at the end."},
		"something lost":  {good[:len(good)-3], "The signature has 62 bytes, and ES256 makes 64: the token was cut off."},
		"two parts":       {good[:dot-1], "A signed token has two dots in it: perhaps it was cut off, or two tokens were joined."},
		"two tokens":      {good + "." + good, "A signed token has two dots in it: perhaps it was cut off, or two tokens were joined."},
		"another case": {
			forge(t, k, goodHeader, strings.Replace(goodPayload, issuer, strings.ToUpper(issuer), 1)),
			`"iss" differs only by a slash at the end or the case of letters; verifiers compare byte for byte.`,
		},
		"both": {
			forge(t, k, goodHeader, strings.NewReplacer(issuer, issuer+"/", audience, audience+"/").Replace(goodPayload)),
			`"iss" and "aud" differ only by a slash at the end or the case of letters; verifiers compare byte for byte.`,
		},
		"retired key": {
			forge(t, key(t, jwk.EdDSA, "x", nil), strings.Replace(goodHeader, "first", "2020", 1), goodPayload),
			"The key may have been retired or revoked since, or be that of another environment.",
		},
		"another issuer": {
			forge(t, key(t, jwk.EdDSA, "x", nil), strings.Replace(goodHeader, "first", "2020", 1), strings.Replace(goodPayload, issuer, "https://other", 1)),
			"The token says that its issuer is https://other, and these are the keys of https://auth.example.com.",
		},
		"issued in milliseconds": {
			forge(t, k, goodHeader, strings.Replace(goodPayload, "1767355140", "1767355140000", 1)),
			`"iat" is in milliseconds (2026-01-02T11:59:00Z); in a token times are in seconds.`,
		},
		"not yet valid": {
			forge(t, k, goodHeader, withMember(goodPayload, `"nbf":1767355240`)), `"nbf" is 40 seconds ahead of this machine's clock: that or the issuer's is wrong.`,
		},
	} {
		r := explained(t, test.text, strict(set))
		if !slices.Contains(r.Hints, test.want) || len(r.Hints) != 1 {
			t.Errorf("%s: %q, want %q", name, r.Hints, test.want)
		}
	}
}

func TestNoHintsForAGoodToken(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.EdDSA, "first", nil)
	if r := explained(t, forge(t, k, goodHeader, goodPayload), strict(newSet(t, k))); len(r.Hints) > 0 {
		t.Errorf("%q", r.Hints)
	}
}

func TestTimesInWords(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.EdDSA, "first", nil)
	for seconds, want := range map[string][2]string{
		"1767355200":    {"expires now", "now"},
		"1767355200.25": {"expires now", "now"},
		"1767355201":    {"expires in 1 second", "in 1 second"},
		"1767355199":    {"expired 1 second ago", "1 second ago"},
		"1767355259":    {"expires in 59 seconds", "in 59 seconds"},
		"1767355260":    {"expires in 1 minute", "in 1 minute"},
		"1767355319":    {"expires in 1 minute", "in 1 minute"},
		"1767358799":    {"expires in 59 minutes", "in 59 minutes"},
		"1767358800":    {"expires in 1 hour", "in 1 hour"},
		"1767527999":    {"expires in 47 hours", "in 47 hours"},
		"1767528000":    {"expires in 2 days", "in 2 days"},
		"1766145600":    {"expired 14 days ago", "14 days ago"},
		"1830427199":    {"expires in 729 days", "in 729 days"},
		"1830427200":    {"expires in 2 years", "in 2 years"},
		"0":             {"expired 56 years ago", "56 years ago"},
		"253402300799":  {"expires in more than 290 years", "in more than 290 years"},
		"17673552e2":    {"expires now", "now"},
		"1767355199.75": {"expires now", "now"},
	} {
		payload := fmt.Sprintf(`{"exp":%s,"auth_time":%s,"updated_at":"no time"}`, seconds, seconds)
		r := explained(t, forge(t, k, goodHeader, payload), strict(newSet(t, k)))
		if got := [2]string{r.Times["exp"].Words, r.Times["auth_time"].Words}; got != want {
			t.Errorf("%s: %q, want %q", seconds, got, want)
		}
		if _, ok := r.Times["updated_at"]; ok {
			t.Error("a string is taken for a time")
		}
	}
}

// TestOptionsThatContradict has the words of jeton.NewVerifier.
func TestOptionsThatContradict(t *testing.T) {
	t.Parallel()
	set := newSet(t, key(t, jwk.EdDSA, "first", nil))
	for want, opts := range map[string]explain.Options{
		"VerifierConfig.Issuer":     {Keys: set, AnyAudience: true},
		"VerifierConfig.Audience":   {Keys: set, AnyIssuer: true},
		"VerifierConfig.Algorithms": {Keys: set, AnyIssuer: true, AnyAudience: true, Algorithms: []jwk.Algorithm{"none"}},
		"VerifierConfig.Leeway":     {Keys: set, AnyIssuer: true, AnyAudience: true, Leeway: 1 << 60},
	} {
		if r, err := explain.Token(t.Context(), "x", opts); r != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v; want %s", r, err, want)
		}
	}
}

func TestNoLeeway(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.EdDSA, "first", nil)
	opts := strict(newSet(t, k))
	opts.Leeway = -1
	r := explained(t, forge(t, k, goodHeader, strings.NewReplacer("1767356040", "1767355200", "1767355140", "1767355205").Replace(goodPayload)), opts)
	exp, iat := check(t, r, "exp"), check(t, r, "iat")
	if exp.Status != explain.Fail || exp.Expected != "after 2026-01-02T12:00:00Z" || iat.Status != explain.Note {
		t.Errorf("%+v, %+v", exp, iat)
	}
}
