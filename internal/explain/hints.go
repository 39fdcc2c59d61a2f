package explain

import (
	"context"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
)

// hint adds what is known about common mistakes. Hints never change the verdict.
func (q *inquiry) hint(ctx context.Context, verifier jeton.Verifier) {
	if len(q.around) > 0 && q.parts != nil {
		q.addHint("The token within " + verdictOn(ctx, verifier, q.token) + ".")
	}
	for _, find := range []func() string{
		q.hintWhat, q.hintNone, q.hintConfusion, q.hintOtherKey, q.hintSecret, q.hintLength, q.hintUnknownKey, q.hintAnswer,
		q.hintIDToken, q.hintMilliseconds, q.hintSlash, q.hintClock, q.hintLeeway,
	} {
		q.addHint(find())
	}
}

func (q *inquiry) addHint(words string) {
	if words != "" {
		q.report.Hints = append(q.report.Hints, words)
	}
}

// failed reports whether a check failed.
func (q *inquiry) failed(name string) bool { return q.check(name).Status == Fail }

// hintWhat recognises what is no signed token at all.
func (q *inquiry) hintWhat() string {
	dots := strings.Count(q.token, ".")
	switch {
	case q.token == "":
		return "There is nothing to explain: the text is empty."
	case strings.HasPrefix(q.token, "jrt_"):
		return "This is a refresh token of jeton's, which says nothing to anybody but jeton and goes to its refresh endpoint only. " +
			"The access token, which has two dots in it, is the one for an API. Take care where this one is pasted: it signs in."
	case dots == 4:
		return "Five parts are an encrypted token (JWE, RFC 7516): only whom it is for can read it. jeton reads signed ones (JWS)."
	case strings.HasPrefix(q.token, "{"):
		return "" // hintAnswer looks into it
	case dots == 0:
		return "A signed token has two dots in it. This is another kind of token, such as an opaque one, which only its issuer can read."
	case dots != 2:
		return "A signed token has two dots in it: perhaps it was cut off, or two tokens were joined."
	}
	return ""
}

// hintAnswer recognises the answer of a token endpoint (RFC 6749, section 5.1) in place of the token in it.
func (q *inquiry) hintAnswer() string {
	var answer map[string]any
	if !strings.HasPrefix(q.token, "{") || json.Unmarshal([]byte(q.token), &answer) != nil {
		return ""
	}
	for _, name := range []string{"access_token", "accessToken", "id_token", "token"} {
		if _, ok := answer[name].(string); ok {
			return fmt.Sprintf("This is an answer with tokens in it: the token is its member %q.", name)
		}
	}
	return ""
}

func (q *inquiry) hintNone() string {
	if !strings.EqualFold(q.header.text("alg"), "none") {
		return ""
	}
	return "\"none\" means that nobody signed: whoever has seen a token can write such a one. It is never accepted."
}

// hintConfusion recognises RFC 8725, section 2.1: a public key used as a secret, or the algorithms mixed up.
func (q *inquiry) hintConfusion() string {
	algorithm, err := jwk.ParseAlgorithm(q.header.text("alg"))
	if err != nil || q.keys.Len() == 0 || !q.failed("key algorithm") && !q.failed("key") {
		return ""
	}
	symmetric := false
	for key := range q.keys.All() {
		symmetric = key.Algorithm().Symmetric()
		break
	}
	switch {
	case algorithm.Symmetric() && !symmetric:
		return fmt.Sprintf("The token is signed with a shared secret (%s), and the keys are public ones. "+
			"An issuer's public key is never a secret: whoever has it could have made this token.", algorithm)
	case !algorithm.Symmetric() && symmetric:
		return fmt.Sprintf("The token is signed with a private key (%s), and what was given to check it is a secret; "+
			"its issuer's public key is needed.", algorithm)
	}
	return ""
}

func (q *inquiry) hintOtherKey() string {
	if key := q.otherKey(); key != nil {
		return fmt.Sprintf("The signature is that of the key %s, which the header does not name.", key.ID())
	}
	return ""
}

// otherKey returns a key of the set that signed the token, and is not the one that the header means.
func (q *inquiry) otherKey() *jwk.Key {
	if len(q.parts) == 0 || q.parts[2].problem != "" || !q.failed("key") && !q.failed("signature") {
		return nil
	}
	for key := range q.keys.All() {
		if key != q.key && q.verifiesWith(key) == nil {
			return key
		}
	}
	return nil
}

// hintSecret looks whether a secret is meant otherwise than it was read.
func (q *inquiry) hintSecret() string {
	given, ok := q.opts.Keys.(*Keys)
	if !ok || !q.failed("signature") || q.parts[2].problem != "" {
		return ""
	}
	for _, other := range given.otherwise {
		if q.verifiesWith(other.key) == nil {
			return "The signature is right if the secret is read as " + other.name + ". Give it as a JWK, or decode the file."
		}
	}
	return ""
}

// hintLength recognises signatures that were cut off, and ECDSA ones in ASN.1.
func (q *inquiry) hintLength() string {
	if len(q.parts) == 0 || q.parts[2].text == "" || q.check("signature").Status == Pass {
		return ""
	}
	signature, size := q.parts[2].decoded, len(q.parts[2].text)*3/4
	want, known := map[string]int{
		"HS256": 32, "HS384": 48, "HS512": 64, "ES256": 64, "ES384": 96, "ES512": 132, "EdDSA": 64, "Ed25519": 64,
	}[q.header.text("alg")]
	switch {
	case !known || size == want:
		return ""
	case strings.HasPrefix(q.header.text("alg"), "ES") && isASN1(signature):
		return "The signature is in ASN.1; in a token it is two numbers of fixed length (RFC 7518, section 3.4)."
	case size < want:
		return fmt.Sprintf("The signature has %d bytes, and %s makes %d: the token was cut off.", size, q.header.text("alg"), want)
	}
	return fmt.Sprintf("The signature has %d bytes, and %s makes %d: something was added at the end.", size, q.header.text("alg"), want)
}

// isASN1 reports whether a signature is in the form that most other protocols have (RFC 3279, section 2.2.3).
func isASN1(signature []byte) bool {
	var numbers struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(signature, &numbers)
	return err == nil && len(rest) == 0
}

func (q *inquiry) hintUnknownKey() string {
	issuer := cut(q.claims.text("iss"))
	switch {
	case q.keysErr == errNoKeys && issuer != "": //nolint:errorlint // the very value that readKeys sets
		return fmt.Sprintf("The token says that its issuer is %s: that one's keys are needed to judge it.", issuer)
	case !q.failed("key") || q.header.find("kid") == nil || q.otherKey() != nil:
		return ""
	case q.opts.Issuer != "" && issuer != "" && issuer != q.opts.Issuer:
		return fmt.Sprintf("The token says that its issuer is %s, and these are the keys of %s.", issuer, q.opts.Issuer)
	}
	return "The key may have been retired or revoked since, or be that of another environment."
}

// idTokenClaims are claims of ID tokens only (OpenID Connect Core 1.0, sections 2 and 3.3.2.11).
var idTokenClaims = []string{"nonce", "at_hash", "c_hash", "s_hash"}

func (q *inquiry) hintIDToken() string {
	for _, m := range q.claims.members {
		if slices.Contains(idTokenClaims, m.Name) {
			return fmt.Sprintf("It has the claim %q, so it is an ID token: it tells a client who signed in, and opens no API. "+
				"The access token came beside it.", m.Name)
		}
	}
	return ""
}

// hintMilliseconds recognises times that are JavaScript's.
func (q *inquiry) hintMilliseconds() string {
	for _, m := range q.claims.members {
		value, err := strconv.ParseFloat(m.Value, 64)
		if err != nil || !slices.Contains(times, m.Name) || value < 1e11 || value > math.MaxInt64/2 {
			continue
		}
		return fmt.Sprintf("%q is in milliseconds (%s); in a token times are in seconds.", m.Name, stamp(time.UnixMilli(int64(value))))
	}
	return ""
}

// hintSlash recognises names that are the same for a reader and not for a verifier.
func (q *inquiry) hintSlash() string {
	var same []string
	if q.failed("iss") && nearly(q.claims.text("iss"), q.opts.Issuer) {
		same = append(same, `"iss"`)
	}
	if q.failed("aud") && slices.ContainsFunc(q.audience(), func(name string) bool {
		return slices.ContainsFunc(q.opts.Audience, func(own string) bool { return nearly(name, own) })
	}) {
		same = append(same, `"aud"`)
	}
	verb := map[int]string{1: " differs", 2: " differ"}[len(same)]
	if verb == "" {
		return ""
	}
	return strings.Join(same, " and ") + verb + " only by a slash at the end or the case of letters; verifiers compare byte for byte."
}

func nearly(a, b string) bool {
	return a != "" && strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
}

// hintClock recognises clocks that differ by up to a quarter of an hour.
func (q *inquiry) hintClock() string {
	for _, name := range []string{"iat", "nbf"} {
		ahead := q.report.Times[name].At.Sub(q.now)
		if ahead > q.leeway() && ahead <= 15*time.Minute {
			return fmt.Sprintf("%q is %s ahead of this machine's clock: that or the issuer's is wrong.", name, span(ahead))
		}
	}
	return ""
}

func (q *inquiry) hintLeeway() string {
	exp := q.report.Times["exp"].At
	if exp.IsZero() || q.now.Before(exp) || q.failed("exp") {
		return ""
	}
	return fmt.Sprintf("It has expired, and is let through for another %s, for clocks that differ.", span(exp.Add(q.leeway()).Sub(q.now)))
}
