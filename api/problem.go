package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton/guard"
)

// problem is the body of every answer that is no success (RFC 9457). Its type is "about:blank", which is left out: the title is the
// status's phrase.
type problem struct {
	_ struct{} `additionalProperties:"true"`

	Title     string         `json:"title" doc:"The status's phrase" example:"Unprocessable Entity"`
	Status    int            `json:"status" doc:"The status" example:"422"`
	Code      string         `json:"code" doc:"What is wrong, for programs. It stays the same in later versions." example:"validation_failed"`
	Detail    string         `json:"detail,omitempty" doc:"What is wrong, for people" example:"Some fields are not valid."`
	RequestID string         `json:"request_id" doc:"Names this request in the server's log. It is also in the header X-Request-Id." example:"J3QPZBFDOBSOEPQH5BXHVU6CYM"`
	Errors    []fieldProblem `json:"errors,omitempty" nullable:"false" doc:"What is wrong with fields of the body"`
	Challenge map[string]any `json:"challenge,omitempty" doc:"With the code \"challenge\": the strategy to sign in with next, and what to give back to it"`

	header http.Header
	oauth  *oauthError // the body in place of all this, under /oauth/
}

// fieldProblem is what is wrong with one field.
type fieldProblem struct {
	_ struct{} `additionalProperties:"true"`

	Pointer string `json:"pointer" doc:"JSON pointer (RFC 6901) to the field" example:"/email"`
	Code    string `json:"code" doc:"What is wrong, for programs" example:"invalid_email"`
	Message string `json:"message" doc:"What is wrong, for people" example:"is not an e-mail address"`
}

var (
	_ huma.StatusError  = (*problem)(nil)
	_ huma.HeadersError = (*problem)(nil)
)

// Error names the code.
func (p *problem) Error() string { return "api: " + p.Code }

// body is what is written.
func (p *problem) body() any {
	if p.oauth != nil {
		return p.oauth
	}
	return p
}

// GetStatus is the HTTP status.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders are the headers that belong to the problem.
func (p *problem) GetHeaders() http.Header { return p.header }

// The codes of problems that code here names. Those of a guard are its own.
const (
	codeInvalidJSON        = "invalid_json"
	codeBodyTooLarge       = "body_too_large"
	codeMediaType          = "unsupported_media_type"
	codeValidation         = "validation_failed"
	codeInvalidCredentials = "invalid_credentials"
	codeChallenge          = "challenge"
	codeInvalidGrant       = "invalid_grant"
	codeEmailTaken         = "email_taken"
	codeConflict           = "conflict"
	codeReauthenticate     = "reauthentication_required"
	codeSignUpClosed       = "sign_up_closed"
	codeRateLimited        = "rate_limited"
	codeBusy               = "busy"
	codeTooManyWaits       = "too_many_waits"
	codeNotFound           = "not_found"
	codeMethod             = "method_not_allowed"
	codeUnauthorized       = "unauthorized"
	codeInvalidRequest     = string(guard.InvalidRequest)
	codeInvalidToken       = string(guard.InvalidToken)
	codeInsufficientScope  = string(guard.InsufficientScope)
	codeForgedRequest      = string(guard.ForgedRequest)
	codeUnavailable        = string(guard.Unavailable)
	codeInternal           = string(guard.Internal)

	// Only under /oauth/ (RFC 6749, section 5.2, and RFC 7009, section 2.2.1).
	codeUnsupportedGrantType = "unsupported_grant_type"
	codeUnsupportedTokenType = "unsupported_token_type"
	codeInvalidScope         = "invalid_scope"
)

// kind is what all problems of a code have in common.
type kind struct {
	status  int
	detail  string // for the client, unless the occasion has a better one
	meaning string // for the document
}

// kinds has every code.
var kinds = map[string]kind{
	codeInvalidJSON:  {http.StatusBadRequest, "The body is not the JSON that is wanted.", "the body is empty, not a JSON object, or not strict JSON"},
	codeBodyTooLarge: {http.StatusRequestEntityTooLarge, "The body is too large.", "the body is too large"},
	codeMediaType:    {http.StatusUnsupportedMediaType, "The body must be application/json, in UTF-8.", "the body is not `application/json`"},
	codeValidation:   {http.StatusUnprocessableEntity, "Some fields are not valid.", "`errors` says which fields are not valid, and why"},
	codeInvalidCredentials: {
		http.StatusUnauthorized, "The credentials are not right.",
		"the credentials are wrong. Whether there is such an account is not told",
	},
	codeChallenge: {
		http.StatusUnauthorized, "A further step is needed.",
		"a further step is needed: sign in again with the strategy that `challenge` names",
	},
	codeInvalidGrant: {http.StatusBadRequest, "The refresh token is not valid, or not any more.", "the refresh token is no good, or not any more"},
	codeEmailTaken:   {http.StatusConflict, "The e-mail address has an account already.", "the e-mail address has an account already"},
	codeConflict:     {http.StatusConflict, "Somebody else changed this meanwhile.", "it was changed by somebody else meanwhile"},
	codeReauthenticate: {
		http.StatusForbidden, "The current password is needed for this, or a sign-in within the last 5 minutes.",
		"`current_password` is needed, or a sign-in within the last 5 minutes",
	},
	codeSignUpClosed: {http.StatusForbidden, "Accounts are made by an administrator only.", "accounts are made by an administrator only"},
	codeRateLimited:  {http.StatusTooManyRequests, "There were too many attempts. Try again later.", "there were too many attempts"},
	codeBusy:         {http.StatusServiceUnavailable, "Too many passwords are being checked. Try again later.", "too many passwords are being checked"},
	codeTooManyWaits: {
		http.StatusServiceUnavailable, "Too many requests wait already. Ask without wait, or try again later.", "too many requests wait already",
	},
	codeNotFound:     {http.StatusNotFound, "There is nothing here.", "there is no such thing"},
	codeMethod:       {http.StatusMethodNotAllowed, "This path has other methods.", "the path has other methods"},
	codeUnauthorized: {http.StatusUnauthorized, "The request has no access token.", "there is no access token"},
	codeInvalidRequest: {
		http.StatusBadRequest, "The Authorization header is malformed, or there are two tokens.",
		"the Authorization header is malformed, or there are two of it or of a cookie",
	},
	codeInvalidToken: {
		http.StatusUnauthorized, "The access token is malformed, expired, revoked or otherwise invalid.",
		"the access token is malformed, expired, revoked or otherwise invalid",
	},
	codeInsufficientScope: {http.StatusForbidden, "The access token does not allow this.", "the access token does not allow this"},
	codeForgedRequest: {
		http.StatusForbidden, "Another site may have made this request.",
		"the token is in a cookie, and the request comes from another site, does not repeat the CSRF value, or is not known well enough",
	},
	codeUnsupportedGrantType: {
		http.StatusBadRequest, "The grant type must be refresh_token.", "the grant type is not `refresh_token`",
	},
	codeUnsupportedTokenType: {
		http.StatusBadRequest, "A token that nothing identifies cannot be revoked.",
		"the token is good, and has neither a `jti` nor a `sid` by which it could be revoked",
	},
	codeInvalidScope: {
		http.StatusBadRequest, "The scope is not words with single spaces between them.", "the scope is malformed, or more than the session has",
	},
	codeUnavailable: {http.StatusServiceUnavailable, "This cannot be done at the moment. Try again later.", "the store or the keys cannot be reached"},
	codeInternal:    {http.StatusInternalServerError, "", "a defect. The server's log has more, under the `request_id`"},
}

// newProblem returns a problem with what all of its code have in common.
func newProblem(code string) *problem {
	k := kinds[code]
	return &problem{
		Title: http.StatusText(k.status), Status: k.status, Code: code, Detail: k.detail,
		header: http.Header{"Cache-Control": {"no-store"}, "Content-Type": {problemType}},
	}
}

// problemType is the media type of a problem.
const problemType = "application/problem+json"
