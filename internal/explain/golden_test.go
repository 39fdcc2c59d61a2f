package explain_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/explain"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

var update = flag.Bool("update", false, "write what is printed to testdata, to be looked at")

// golden is a token whose report is compared to the letter.
type golden struct {
	name string
	text string
	opts explain.Options
}

func goldens(t *testing.T) []golden {
	t.Helper()
	first, second := key(t, jwk.EdDSA, "first", nil), key(t, jwk.EdDSA, "second", nil)
	own := strict(newSet(t, first.Public(), second.Public()))
	good := forge(t, first, goodHeader, goodPayload)
	parts := strings.Split(good, ".")
	of := func(payload string) string { return forge(t, first, goodHeader, payload) }
	expired := strings.Replace(goodPayload, "1767356040", "1767355020", 1)
	edit := func(change func(*explain.Options)) explain.Options {
		opts := own
		change(&opts)
		return opts
	}
	foreign := edit(func(o *explain.Options) { o.AnyAudience, o.Audience, o.Types, o.Required = true, nil, nil, nil })
	secret := edit(func(o *explain.Options) {
		o.Keys = newSet(t, key(t, jwk.HS256, "first", []byte("a6Fq2hYp0sWdXv7LkT3nBz8RmCe5JgUo")))
	})
	return []golden{
		{"good", good, own},
		{"expired", of(expired), own},
		{"within-the-leeway", of(strings.Replace(goodPayload, "1767356040", "1767355190", 1)), own},
		{"bad-signature", parts[0] + "." + encode(strings.Replace(goodPayload, "u-1", "root", 1)) + "." + parts[2], own},
		{"cut-off", good[:len(good)-41] + "B", own}, // B has unused bits that are not zero, as 15 of 16 characters have
		{"unknown-key", forge(t, first, strings.Replace(goodHeader, "first", "2025-01", 1), goodPayload), own},
		{"other-key", forge(t, second, goodHeader, goodPayload), own},
		{"other-environment", forge(t, first, strings.Replace(goodHeader, "first", "theirs", 1), strings.Replace(goodPayload, "auth.", "staging.", 1)), own},
		{"no-suitable-key", forge(t, key(t, jwk.HS256, "x", []byte("a6Fq2hYp0sWdXv7LkT3nBz8RmCe5JgUo")), `{"alg":"HS256"}`, goodPayload), own},
		{"several-suitable-keys", forge(t, first, `{"alg":"EdDSA","typ":"at+jwt"}`, goodPayload), own},
		{"no-key", good, edit(func(o *explain.Options) { o.Keys = newSet(t) })},
		{"no-signature", encode(`{"alg":"none","typ":"JWT"}`) + "." + encode(goodPayload) + ".", own},
		{
			"public-key-as-secret",
			forge(t, key(t, jwk.HS256, "x", []byte("a6Fq2hYp0sWdXv7LkT3nBz8RmCe5JgUo")), strings.Replace(goodHeader, "EdDSA", "HS256", 1), goodPayload), own,
		},
		{"secret-as-public-key", good, secret},
		{"audience", of(strings.Replace(goodPayload, audience, audience+"/", 1)), own},
		{"issuer", of(strings.Replace(goodPayload, issuer, issuer+"/", 1)), own},
		{"id-token", forge(t, first, `{"alg":"EdDSA","kid":"first","typ":"JWT"}`, withMember(goodPayload, `"nonce":"n-0S6","auth_time":1767355130`)), own},
		{"clock", of(strings.NewReplacer(`"exp"`, `"nbf":1767355380,"exp"`, "1767355140", "1767355380").Replace(goodPayload)), own},
		{"milliseconds", of(strings.Replace(goodPayload, "1767356040", "1767356040000", 1)), own},
		{"duplicate-claim", of(withMember(goodPayload, `"sub":"root"`)), own},
		{"duplicate-parameter", forge(t, first, withMember(goodHeader, `"kid":"second"`), goodPayload), own},
		{"critical", forge(t, first, withMember(goodHeader, `"crit":["exp"]`), goodPayload), own},
		{"wrong-types", of(`{"iss":7,"sub":null,"aud":[1],"exp":"soon"}`), own},
		{"no-claims", of(`{}`), own},
		{"padding", parts[0] + "=." + parts[1] + "==." + parts[2], own},
		{"too-long", of(withMember(goodPayload, `"roles":["`+strings.Repeat("administrator ", 1200)+`"]`)), own},
		{"bearer", "Authorization: Bearer \"" + good + "\",\n", own},
		{"line-breaks", "bearer " + of(expired)[:60] + "\n  " + of(expired)[60:], own},
		{"encrypted", encode(`{"alg":"RSA-OAEP","enc":"A256GCM"}`) + ".a2V5.aXY.dGV4dA.dGFn", own},
		{"refresh-token", "jrt_AdGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q", own},
		{"answer", `{"access_token":"` + good + `","token_type":"Bearer","expires_in":900}`, own},
		{"opaque", "2YotnFZFEjr1zCsicMWpAA", own},
		{"empty", "", own},
		{"hostile", forge(t, second, `{"alg":"EdDSA","kid":"second","typ":"at+jwt","x":"\u001b[2J"}`,
			withMember(goodPayload, `"name":"\u001b[31mroot\u001b[0m","\u202eeman":"a\nb","bell":["\u0007","`+"\u0085"+`"],"empty":"","long":"`+strings.Repeat("ä", 400)+`"`)), own},
		{"any-audience", of(goodPayload), foreign},
		{"no-keys", of(goodPayload), edit(func(o *explain.Options) { o.Keys = nil })},
		{"no-keys-and-expired", of(expired), edit(func(o *explain.Options) { o.Keys = nil })},
		{"revoked", of(goodPayload), edit(func(o *explain.Options) {
			o.Revoked = revoke.CheckerFunc(func(context.Context, revoke.Token) (bool, error) { return true, nil })
		})},
		{"revocations-unknown", of(goodPayload), edit(func(o *explain.Options) {
			o.Revoked = revoke.CheckerFunc(func(context.Context, revoke.Token) (bool, error) { return false, errors.New("database is\nlocked") })
		})},
		{"service-refuses-otherwise", of(goodPayload), edit(func(o *explain.Options) {
			o.Verifier = jeton.VerifierFunc(func(context.Context, string) (*jeton.Principal, error) {
				return nil, &jwt.Refusal{Reason: jwt.ErrExpired, Claim: "exp", Detail: "by another clock"}
			})
		})},
	}
}

func TestReportsToTheLetter(t *testing.T) {
	t.Parallel()
	for _, g := range goldens(t) {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			r, err := explain.Token(t.Context(), g.text, g.opts)
			if err != nil {
				t.Fatal(err)
			}
			if g.opts.Keys != nil && g.opts.Verifier == nil {
				agree(t, g.text, g.opts, r)
			}
			var text strings.Builder
			if err := r.WriteText(&text, false); err != nil {
				t.Fatal(err)
			}
			if strings.ContainsFunc(text.String(), func(c rune) bool { return c < ' ' && c != '\n' || 0x7f <= c && c < 0xa0 || c == '\u202e' }) {
				t.Errorf("the text has characters that do not print: %q", text.String())
			}
			compare(t, filepath.Join("testdata", g.name+".txt"), text.String())
		})
	}
}

func TestReportsAsJSON(t *testing.T) {
	t.Parallel()
	for _, g := range goldens(t) {
		switch g.name {
		case "good", "expired", "duplicate-claim", "no-keys", "hostile":
		default:
			continue
		}
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			r, err := explain.Token(t.Context(), g.text, g.opts)
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			if err := r.WriteJSON(&text); err != nil {
				t.Fatal(err)
			}
			compare(t, filepath.Join("testdata", g.name+".json"), text.String())
		})
	}
}

func TestReportInColour(t *testing.T) {
	t.Parallel()
	g := goldens(t)[1]
	r := explained(t, g.text, g.opts)
	var plain, coloured strings.Builder
	if err := errors.Join(r.WriteText(&plain, false), r.WriteText(&coloured, true)); err != nil {
		t.Fatal(err)
	}
	compare(t, filepath.Join("testdata", "coloured.txt"), strings.ReplaceAll(coloured.String(), "\x1b", "ESC"))
	without := coloured.String()
	for _, style := range []string{"0", "1", "1;31", "31", "32", "33", "2"} {
		without = strings.ReplaceAll(without, "\x1b["+style+"m", "")
	}
	if without != plain.String() {
		t.Errorf("without its colours the text is another one:\n%s", without)
	}
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it):\n%s", file, got)
	}
}

// TestTheMomentIsOne: whatever the clock does meanwhile, one report is about one moment.
func TestTheMomentIsOne(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.EdDSA, "first", nil)
	opts := strict(newSet(t, k.Public()))
	calls := 0
	opts.Now = func() time.Time { calls++; return noon.Add(time.Duration(calls) * time.Hour) }
	r, err := explain.Token(t.Context(), forge(t, k, goodHeader, goodPayload), opts)
	if err != nil || calls != 1 || r.Verdict != explain.Refused || !r.JudgedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("%v, asked %d times, %+v", err, calls, r)
	}
}
