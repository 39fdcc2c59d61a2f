package jwt

import "time"

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
func (r Reason) Error() string { panic("declared") }

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

// Error says everything that the refusal carries, on one line. Values are quoted and cut to 64 bytes.
func (r *Refusal) Error() string { panic("declared") }

// Unwrap returns the reason.
func (r *Refusal) Unwrap() error { panic("declared") }
