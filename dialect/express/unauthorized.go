package express

import (
	"errors"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwt"
)

// The codes of an [UnauthorizedError] that this package makes.
const (
	CodeCredentialsRequired  = "credentials_required"
	CodeCredentialsBadScheme = "credentials_bad_scheme"
	CodeCredentialsBadFormat = "credentials_bad_format"
	CodeInvalidToken         = "invalid_token"
	CodeRevokedToken         = "revoked_token"
)

const (
	noToken   = "No authorization token was found"
	badFormat = "Format is Authorization: Bearer [token]"
)

// UnauthorizedError is why a request is refused, as express-jwt's error of this name says it. A [KeyFunc] and a function that finds tokens
// may return one with a code and a message of their own.
type UnauthorizedError struct {
	Code    string
	Message string
	// ExpiredAt is when the token expired; zero if that is not why.
	ExpiredAt time.Time
	// Inner is the cause, for logs.
	Inner error
}

// Error names the code, the message and the cause.
func (e *UnauthorizedError) Error() string {
	text := "express: " + e.Code + ": " + e.Message
	if e.Inner != nil {
		text += ": " + e.Inner.Error()
	}
	return text
}

// Unwrap returns the cause or, if there is none, a *jwt.Refusal, so that a guard takes the token for refused.
func (e *UnauthorizedError) Unwrap() error {
	if e.Inner == nil {
		return &jwt.Refusal{Reason: jwt.ErrUnknownKey, Detail: e.Code}
	}
	return e.Inner
}

// NewUnauthorizedError returns what express-jwt says where a guard refuses a request, for an answer of one's own. It is nil for a refusal that
// is not about a token: one that another token would not help, or that is no fault of the request.
func NewUnauthorizedError(r *guard.Refusal) *UnauthorizedError {
	if own, ok := errors.AsType[*UnauthorizedError](r.Err); ok && r.Code != guard.Unavailable && r.Code != guard.Internal {
		return own
	}
	switch r.Code {
	case guard.MissingToken:
		if errors.Is(r.Err, guard.ErrOtherScheme) {
			return &UnauthorizedError{Code: CodeCredentialsBadScheme, Message: badFormat, Inner: r.Err}
		}
		return &UnauthorizedError{Code: CodeCredentialsRequired, Message: noToken, Inner: r.Err}
	case guard.InvalidRequest:
		return aboutRequest(r)
	case guard.InvalidToken:
		return aboutToken(r)
	default:
		return nil
	}
}

// aboutRequest takes the error of a function that finds tokens, unless it is one of this package or of guard, for a defect, as express-jwt does.
func aboutRequest(r *guard.Refusal) *UnauthorizedError {
	known := r.Err == nil
	for _, err := range []error{guard.ErrMalformed, guard.ErrOtherScheme, guard.ErrAmbiguous} {
		known = known || errors.Is(r.Err, err)
	}
	if !known {
		return nil
	}
	return &UnauthorizedError{Code: CodeCredentialsBadFormat, Message: badFormat, Inner: r.Err}
}

func aboutToken(r *guard.Refusal) *UnauthorizedError {
	e := &UnauthorizedError{Code: CodeInvalidToken, Message: r.Description, Inner: r.Err}
	refusal, ok := errors.AsType[*jwt.Refusal](r.Err)
	switch {
	case ok:
		e.Message, _ = jsonwebtoken.Message(r.Err, revoked)
	case errors.Is(r.Err, jeton.ErrNotFound):
		e.Message = jsonwebtoken.InvalidToken
	}
	switch {
	case ok && refusal.Reason == jwt.ErrRevoked:
		e.Code = CodeRevokedToken
	case ok && refusal.Reason == jwt.ErrExpired:
		e.ExpiredAt, _ = time.Parse(time.RFC3339Nano, refusal.Got) // zero for what is too old without having expired
	}
	return e
}
