package explain_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/explain"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

const (
	issuer   = "https://auth.example.com"
	audience = "https://api.example.com"
)

// noon is when the tests take place.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// goodHeader and goodPayload are those of a token that has 14 minutes left.
const (
	goodHeader  = `{"alg":"EdDSA","kid":"first","typ":"at+jwt"}`
	goodPayload = `{"iss":"https://auth.example.com","sub":"u-1","aud":"https://api.example.com","exp":1767356040,"iat":1767355140,` +
		`"jti":"t-1","client_id":"first-party","sid":"s-1","scope":"news:read"}`
)

// key returns a new key with an id. A secret is made of seed.
func key(t testing.TB, algorithm jwk.Algorithm, id string, seed []byte) *jwk.Key {
	t.Helper()
	k, err := jwk.Generate(algorithm)
	if algorithm.Symmetric() {
		k, err = jwk.FromSecret(algorithm, seed)
	}
	if err == nil {
		k, err = k.WithID(id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newSet(t testing.TB, keys ...*jwk.Key) *jwk.Set {
	t.Helper()
	set, err := jwk.NewSet(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func encode[T string | []byte](part T) string {
	return base64.RawURLEncoding.EncodeToString([]byte(part))
}

// forge signs any header and payload.
func forge(t testing.TB, k *jwk.Key, header, payload string) string {
	t.Helper()
	return forgeSegments(t, k, encode(header), encode(payload))
}

func forgeSegments(t testing.TB, k *jwk.Key, header, payload string) string {
	t.Helper()
	signature, err := k.Sign([]byte(header + "." + payload))
	if err != nil {
		t.Fatal(err)
	}
	return header + "." + payload + "." + encode(signature)
}

// withMember returns a JSON object with a member more.
func withMember(object, member string) string {
	return strings.TrimSuffix(object, "}") + "," + member + "}"
}

// strict are the rules of the tests.
func strict(keys jwk.VerifyingSource) explain.Options {
	return explain.Options{
		Keys: keys, Issuer: issuer, Audience: []string{audience}, Types: []string{"at+jwt"}, Required: []string{"sub"},
		Now: func() time.Time { return noon },
	}
}

// explained explains a token, and checks that verdict and checks are those of a verifier that was made apart.
func explained(t testing.TB, text string, opts explain.Options) *explain.Report {
	t.Helper()
	r, err := explain.Token(t.Context(), text, opts)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, text, opts, r)
	return r
}

// agree checks a report against a verifier with the same rules.
func agree(t testing.TB, text string, opts explain.Options, r *explain.Report) {
	t.Helper()
	verifier, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer: opts.Issuer, AnyIssuer: opts.AnyIssuer, Audience: opts.Audience, AnyAudience: opts.AnyAudience, Keys: opts.Keys,
		Types: opts.Types, Algorithms: opts.Algorithms, Required: opts.Required, Leeway: opts.Leeway, Revoked: opts.Revoked, Now: opts.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = verifier.Verify(t.Context(), text)
	want, reason := explain.Accepted, ""
	if refused, ok := errors.AsType[*jwt.Refusal](err); ok {
		want, reason = explain.Refused, string(refused.Reason)
	} else if err != nil {
		want = explain.Unknown
	}
	if r.Verdict != want || r.Reason != reason {
		t.Errorf("the verdict is %s (%s), and a verifier's %s (%v)", r.Verdict, r.Reason, want, err)
	}
	failed := failedChecks(r)
	switch {
	case want == explain.Accepted && len(failed) > 0:
		t.Errorf("accepted, and these checks failed: %q", failed)
	case want == explain.Accepted && (!r.Proved || undecided(r) != nil):
		t.Errorf("accepted, proved: %v, undecided: %q", r.Proved, undecided(r))
	case want == explain.Refused && len(failed) == 0:
		t.Errorf("refused (%v), and no check failed", err)
	case strings.HasPrefix(r.Summary, "verifier"), len(failed) > 0 && failed[len(failed)-1] == "verifier":
		t.Errorf("%v is explained by no check", err)
	}
	hidden(t, text, r)
}

func failedChecks(r *explain.Report) (names []string) {
	for _, c := range r.Checks {
		if c.Status == explain.Fail {
			names = append(names, c.Name)
		}
	}
	return names
}

func undecided(r *explain.Report) (names []string) {
	for _, c := range r.Checks {
		if c.Status == explain.Undecided {
			names = append(names, c.Name)
		}
	}
	return names
}

// printed is everything that a report can be printed as.
func printed(t testing.TB, r *explain.Report) string {
	t.Helper()
	var b strings.Builder
	for _, err := range []error{r.WriteText(&b, false), r.WriteText(&b, true), r.WriteJSON(&b)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// hidden checks that no signature is printed.
func hidden(t testing.TB, text string, r *explain.Report) {
	t.Helper()
	out := printed(t, r)
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return
	}
	signature := strings.TrimRight(parts[2], " \n\"'")
	if len(signature) >= 16 && !strings.Contains(decodedPayload(parts[1]), signature) && strings.Contains(out, signature) {
		t.Errorf("the signature is printed:\n%s", out)
	}
}

func decodedPayload(part string) string {
	decoded, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return ""
	}
	return string(decoded)
}

// check returns the check with a name.
func check(t testing.TB, r *explain.Report, name string) explain.Check {
	t.Helper()
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check is named %q", name)
	return explain.Check{}
}

// withoutAlgorithm returns the public part of an RSA key as others may publish it, with no "alg".
func withoutAlgorithm(t testing.TB, k *jwk.Key) *jwk.Key {
	t.Helper()
	text, err := k.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	bare, err := jwk.Parse([]byte(strings.Replace(string(text), `"alg":"RS256",`, "", 1)))
	if err != nil || bare.Algorithm() != "" {
		t.Fatal(bare, err)
	}
	return bare
}
