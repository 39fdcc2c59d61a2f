package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// sentinels says which code answers which error, the first that matches. What says nothing about the request comes first: an error
// that wraps two is not taken for a refusal.
var sentinels = []struct {
	err  error
	code string
}{
	{jeton.ErrUnavailable, codeUnavailable},
	{context.Canceled, codeUnavailable},
	{context.DeadlineExceeded, codeUnavailable},
	{jeton.ErrRateLimited, codeRateLimited},
	{jeton.ErrBusy, codeBusy},
	{jeton.ErrInvalidCredentials, codeInvalidCredentials},
	{jeton.ErrInvalidGrant, codeInvalidGrant},
	{jeton.ErrEmailTaken, codeEmailTaken},
	{jeton.ErrReauthenticate, codeReauthenticate},
	{jeton.ErrSignUpClosed, codeSignUpClosed},
	{jeton.ErrConflict, codeConflict},
	{jeton.ErrNotFound, codeNotFound},
}

// problemOf turns every error into what is answered. A defect, as whatever is not known here, is told to nobody.
func (a *API) problemOf(err error) *problem {
	if own, ok := errors.AsType[*problem](err); ok {
		return own
	}
	if refusal, ok := errors.AsType[*guard.Refusal](err); ok {
		return problemOfAnswer(a.guard.Answer(refusal))
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return newProblem(s.code).withHeaders(err)
		}
	}
	if bad, ok := errors.AsType[*jsonError](err); ok {
		p := newProblem(codeInvalidJSON)
		p.Detail = bad.reason
		return p
	}
	if invalid, ok := errors.AsType[*jeton.ValidationError](err); ok {
		return validationProblem(invalid.Fields)
	}
	if errors.Is(err, jeton.ErrUnknownStrategy) {
		return validationProblem([]jeton.FieldError{
			{Pointer: "/" + strategyMember, Code: "unknown_strategy", Message: "is not the name of a strategy"},
		})
	}
	if challenge, ok := errors.AsType[*jeton.Challenge](err); ok {
		return challengeProblem(challenge)
	}
	return newProblem(codeInternal)
}

func validationProblem(fields []jeton.FieldError) *problem {
	p := newProblem(codeValidation)
	for _, f := range fields {
		p.Errors = append(p.Errors, fieldProblem{Pointer: f.Pointer, Code: f.Code, Message: f.Message})
	}
	return p
}

func challengeProblem(c *jeton.Challenge) *problem {
	p := newProblem(codeChallenge).withHeaders(nil)
	p.Challenge = make(map[string]any, len(c.Data)+1)
	maps.Copy(p.Challenge, c.Data)
	p.Challenge["strategy"] = c.Strategy
	return p
}

// withHeaders adds what the status asks for: a challenge (RFC 9110, section 15.5.2), or when to try again.
func (p *problem) withHeaders(err error) *problem {
	switch p.Status {
	case http.StatusUnauthorized:
		bare := guard.Refusal{Code: guard.MissingToken}
		p.header.Set("WWW-Authenticate", bare.Challenge())
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		wait := time.Second
		if limit, ok := errors.AsType[*jeton.LimitError](err); ok {
			wait = max(wait, limit.RetryAfter)
		}
		p.header.Set("Retry-After", strconv.FormatFloat(math.Ceil(wait.Seconds()), 'f', 0, 64))
	}
	return p
}

// problemOfAnswer is a guard's answer, to which the request's id can be added.
func problemOfAnswer(answer guard.Answer) *problem {
	p := &problem{header: answer.Header}
	if err := json.Unmarshal(answer.Body, p); err != nil {
		return newProblem(codeInternal)
	}
	return p
}

// subjectGone replaces jeton.ErrNotFound where it is the account of the access token that was not found: the token was good, and
// has nobody to be for.
func subjectGone(err error) error {
	if errors.Is(err, jeton.ErrNotFound) && !errors.Is(err, jeton.ErrUnavailable) {
		return &guard.Refusal{Code: guard.InvalidToken, Err: err, Description: "The access token's account is gone."}
	}
	return err
}
