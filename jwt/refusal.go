package jwt

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Reason is why a token is refused. It is an error, so that errors.Is(err, jwt.ErrExpired) works on what
// [Verifier.Verify] returns.
type Reason string

// The reasons.
const (
	// ErrMalformed is for what is not in the form that the package documentation describes.
	ErrMalformed Reason = "malformed"
	// ErrUnsupportedAlgorithm is for an "alg" that is unknown, such as "none", is not the key's, or is not among
	// [VerifierConfig.Algorithms].
	ErrUnsupportedAlgorithm Reason = "unsupported algorithm"
	// ErrUnknownKey is for a "kid" that the key set does not have, or for a token without one where the set does not
	// have exactly one key that suits.
	ErrUnknownKey Reason = "unknown key"
	// ErrBadSignature is for a signature that does not verify, or is empty.
	ErrBadSignature Reason = "bad signature"
	// ErrExpired is for a token at or after its "exp".
	ErrExpired Reason = "expired"
	// ErrNotYetValid is for a token before its "nbf".
	ErrNotYetValid Reason = "not yet valid"
	// ErrWrongAudience is for an "aud" that is absent or does not name this service.
	ErrWrongAudience Reason = "wrong audience"
	// ErrWrongIssuer is for an "iss" that is absent or another one.
	ErrWrongIssuer Reason = "wrong issuer"
	// ErrWrongType is for a "typ" that is not accepted.
	ErrWrongType Reason = "wrong type"
	// ErrMissingClaim is for a token without "exp" or a claim of [VerifierConfig.Required].
	ErrMissingClaim Reason = "missing claim"
	// ErrRevoked is for a token that is no longer accepted although its time has not come. This package does not know
	// which those are; it is for whoever does.
	ErrRevoked Reason = "revoked"
)

// Error returns the reason, with the package's name in front.
func (r Reason) Error() string { return "jwt: token " + string(r) }

// Refusal is the error for a refused token. What it carries is for logs and for whoever debugs a token; a client is
// told no more than RFC 6750 says. Values that come from the token are cut to a bounded length; the token itself and
// its signature are never among them.
type Refusal struct {
	// Reason is one of the constants of this package.
	Reason Reason
	// Claim is the claim or header parameter that was at fault, such as "exp" or "alg"; empty if none was.
	Claim string
	// Expected and Got say what was wanted and what the token has, where that can be said. Of several accepted values
	// Expected is a list with commas. Times are in the form of RFC 3339.
	Expected, Got string
	// At is the moment at which the token was judged; zero if time played no part.
	At time.Time
	// Detail is a short explanation, such as which rule of base64url was broken.
	Detail string
}

// A value from a token is kept up to maxKept bytes, which is room for every "kid" that a key can have, and printed up to
// maxShown.
const (
	maxKept  = 256
	maxShown = 64
)

// Error says everything that the refusal carries, on one line. Values are quoted and cut to 64 bytes.
func (r *Refusal) Error() string {
	var b strings.Builder
	b.WriteString(r.Reason.Error())
	separator := ": "
	clause := func(words ...string) {
		b.WriteString(separator)
		b.WriteString(strings.Join(words, " "))
		separator = ", "
	}
	switch {
	case r.Claim != "" && r.Got != "":
		clause(quote(r.Claim), show(r.Got))
	case r.Claim != "":
		clause(quote(r.Claim))
	case r.Got != "":
		clause("got", show(r.Got))
	}
	if r.Expected != "" {
		clause("expected", show(r.Expected))
	}
	if !r.At.IsZero() {
		clause("judged at", r.At.UTC().Format(time.RFC3339Nano))
	}
	if r.Detail != "" {
		clause(oneLine(r.Detail))
	}
	return b.String()
}

// Unwrap returns the reason.
func (r *Refusal) Unwrap() error { return r.Reason }

func malformed(claim, detail string) *Refusal {
	return &Refusal{Reason: ErrMalformed, Claim: keep(claim), Detail: detail}
}

// keep cuts a value from a token to the length that a refusal may carry.
func keep(value string) string { return cut(value, maxKept) }

func quote(value string) string { return strconv.Quote(cut(value, maxShown)) }

// show quotes a value, except for a time, which needs none.
func show(value string) string {
	if _, err := time.Parse(time.RFC3339Nano, value); err == nil {
		return value
	}
	return quote(value)
}

func oneLine(detail string) string {
	detail = cut(detail, maxKept)
	if strings.ContainsFunc(detail, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(detail)
	}
	return detail
}

// cut shortens value to at most limit bytes, the ellipsis not counted, without splitting a character.
func cut(value string, limit int) string {
	if len(value) <= limit {
		return value
	}
	end := limit
	for end > limit-utf8.UTFMax && !utf8.RuneStart(value[end]) {
		end--
	}
	return value[:end] + "…"
}
