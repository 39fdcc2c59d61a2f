package jsonwebtoken

import (
	"errors"
	"strings"

	"github.com/jetonauth/jeton/jwt"
)

// InvalidToken is what is said about a token where there are no other words for what is wrong with it.
const InvalidToken = "invalid token"

const invalidSignature = "invalid signature"

// refusedToken is why a token is refused, in the words that clients are told.
type refusedToken struct {
	message string
	cause   *jwt.Refusal
}

// Refused returns the error that refuses a token with a message of a dialect's own, which [Message] then returns. It wraps cause, by which a
// guard knows that the token is refused.
func Refused(message string, cause *jwt.Refusal) error { return &refusedToken{message, cause} }

// Error is the message and the cause, for logs.
func (e *refusedToken) Error() string { return "\"" + e.message + "\": " + e.cause.Error() }

func (e *refusedToken) Unwrap() error { return e.cause }

// Message returns the words for why a token is refused: those of [Refused], or else jsonwebtoken's for a *jwt.Refusal, whichever verifier it
// comes from. For a revoked token, which jsonwebtoken knows nothing of, these are the dialect's. ok is false for an error that is about
// something else.
func Message(err error, revoked string) (message string, ok bool) {
	if e, ok := errors.AsType[*refusedToken](err); ok {
		return e.message, true
	}
	refusal, ok := errors.AsType[*jwt.Refusal](err)
	switch {
	case !ok:
		return "", false
	case refusal.Reason == jwt.ErrRevoked:
		return revoked, true
	default:
		return wording(refusal), true
	}
}

// worded puts a refusal into jsonwebtoken's words, and leaves any other error as it is.
func worded(err error) error {
	refusal, ok := errors.AsType[*jwt.Refusal](err)
	if _, done := errors.AsType[*refusedToken](err); done || !ok {
		return err
	}
	return Refused(wording(refusal), refusal)
}

// wording is what jsonwebtoken says, where it has words for what was wrong.
func wording(r *jwt.Refusal) string {
	switch r.Reason {
	case jwt.ErrUnsupportedAlgorithm:
		return "invalid algorithm"
	case jwt.ErrUnknownKey:
		return invalidSignature
	case jwt.ErrBadSignature:
		if r.Detail == "empty" {
			return "jwt signature is required"
		}
		return invalidSignature
	case jwt.ErrExpired:
		return "jwt expired"
	case jwt.ErrNotYetValid:
		return "jwt not active"
	case jwt.ErrWrongAudience:
		return "jwt audience invalid. expected: " + strings.ReplaceAll(r.Expected, ", ", " or ")
	case jwt.ErrWrongIssuer:
		return "jwt issuer invalid. expected: " + r.Expected
	case jwt.ErrMalformed:
		return malformedWording(r)
	case jwt.ErrMissingClaim:
		if r.Claim == "exp" {
			return "invalid exp value"
		}
	}
	return InvalidToken
}

func malformedWording(r *jwt.Refusal) string {
	switch {
	case r.Claim == "exp" || r.Claim == "nbf":
		return "invalid " + r.Claim + " value"
	case strings.HasPrefix(r.Detail, "parts: "):
		return "jwt malformed"
	default:
		return InvalidToken
	}
}
