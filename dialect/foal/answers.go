package foal

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwt"
)

// The descriptions of a bad signature.
const (
	// JWTSignature is what Foal's documentation says.
	JWTSignature = "jwt signature"
	// InvalidSignature is what its releases send.
	InvalidSignature = "invalid signature"
)

// What clients are told besides what is said about a token.
const (
	noHeader     = "Authorization header not found."
	noCookie     = "Auth cookie not found."
	otherScheme  = "Expected a bearer token. Scheme is Authorization: Bearer <token>."
	noSubject    = "The token must include a subject which is the id of the user."
	noUser       = "The token subject does not match any user."
	csrfMismatch = "CSRF token missing or incorrect."
	notAllowed   = "The token does not allow this."
	unavailable  = "The request cannot be checked at the moment."
	defect       = "Internal server error."
)

// Answers answers refusals as Foal's hooks do: with a body {"code", "description"}, and for a refused token a WWW-Authenticate header that says
// the same. Hooks have it; a guard of one's own may, too.
type Answers struct {
	Cookie           bool   // the token belongs in a cookie
	SignatureMessage string // JWTSignature if empty
}

var _ guard.Answerer = Answers{}

// Answer returns the answer to r. What is unavailable is 503 and a defect 500, with the body's code saying so.
func (a Answers) Answer(r *guard.Refusal) guard.Answer {
	switch r.Code {
	case guard.MissingToken:
		return message(http.StatusBadRequest, "invalid_request", a.missing(r))
	case guard.InvalidRequest:
		return message(http.StatusBadRequest, "invalid_request", malformed(r))
	case guard.InvalidToken:
		description := a.describe(r)
		answer := message(http.StatusUnauthorized, "invalid_token", description)
		answer.Header.Set("WWW-Authenticate", `error="invalid_token", error_description="`+quotable(description)+`"`)
		return answer
	case guard.ForgedRequest:
		header := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
		return guard.Answer{Status: http.StatusForbidden, Header: header, Body: []byte(csrfMismatch)}
	case guard.InsufficientScope:
		return message(http.StatusForbidden, string(r.Code), notAllowed)
	case guard.Unavailable:
		answer := message(http.StatusServiceUnavailable, string(r.Code), unavailable)
		answer.Header.Set("Retry-After", "1")
		return answer
	default:
		return message(http.StatusInternalServerError, string(guard.Internal), defect)
	}
}

func (a Answers) missing(r *guard.Refusal) string {
	switch {
	case errors.Is(r.Err, guard.ErrOtherScheme):
		return otherScheme
	case a.Cookie:
		return noCookie
	default:
		return noHeader
	}
}

func malformed(r *guard.Refusal) string {
	if errors.Is(r.Err, guard.ErrOtherScheme) || errors.Is(r.Err, guard.ErrMalformed) {
		return otherScheme
	}
	return r.Description
}

// describe says why a token, or its user, is refused.
func (a Answers) describe(r *guard.Refusal) string {
	refusal, aboutToken := errors.AsType[*jwt.Refusal](r.Err)
	switch {
	case !aboutToken && errors.Is(r.Err, jeton.ErrNotFound):
		return noUser
	case !aboutToken:
		return r.Description
	case refusal.Claim == "sub" && (refusal.Reason == jwt.ErrMissingClaim && refusal.Expected == "" || refusal.Reason == jwt.ErrMalformed):
		return noSubject
	}
	description, _ := jsonwebtoken.Message(r.Err, revoked)
	if description == InvalidSignature && a.SignatureMessage != InvalidSignature {
		return JWTSignature
	}
	return description
}

// message is an answer with a body, written as JSON.stringify does: without escapes for HTML.
func message(status int, code, description string) guard.Answer {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	// Two strings always have a JSON form.
	_ = encoder.Encode(struct {
		Code        string `json:"code"`
		Description string `json:"description"`
	}{code, description})
	return guard.Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   bytes.TrimSuffix(body.Bytes(), []byte("\n")),
	}
}

// quotable is what of a description may stand between quotes in a header (RFC 6750, section 3).
func quotable(description string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return -1
		}
		return c
	}, description)
}
