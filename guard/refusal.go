package guard

import (
	"net/http"
	"strings"
)

// Code is why a request was refused, as RFC 6750, section 3.1 names it where it does.
type Code string

// The codes.
const (
	// MissingToken is for a request without a token: 401, with a bare challenge.
	MissingToken Code = "missing_token"
	// InvalidRequest is for a request that says who it is in two ways, or in a malformed one: 400.
	InvalidRequest Code = "invalid_request"
	// InvalidToken is for a token that is malformed, expired, revoked or otherwise refused: 401.
	InvalidToken Code = "invalid_token"
	// InsufficientScope is for a principal who may not do this: 403.
	InsufficientScope Code = "insufficient_scope"
	// ForgedRequest is for a request that another site may have made a browser send, with its cookie: 403.
	ForgedRequest Code = "csrf_failed"
	// Unavailable is for keys or a store that cannot be reached: 503. It says nothing about the token.
	Unavailable Code = "unavailable"
	// Internal is for a defect: 500. So is any code that is not among these.
	Internal Code = "internal"
)

// What the developer of a client is told. That a token has expired is told apart, since a client does well to fetch a fresh one
// then, and to sign in again otherwise.
const (
	missingDescription     = "The request has no access token."
	twoTokensDescription   = "The request has tokens in more than one place."
	originDescription      = "The request comes from another site."
	csrfDescription        = "The request does not repeat the CSRF value of its session, or a wrong one."
	expiredDescription     = "The access token has expired."
	tokenDescription       = "The access token is malformed, revoked or otherwise invalid."
	scopeDescription       = "The access token does not allow this."
	unavailableDescription = "The request cannot be checked at the moment."
)

// description is what is told where the code alone decides.
func (c Code) description() string {
	switch c {
	case MissingToken:
		return missingDescription
	case InvalidToken:
		return tokenDescription
	case InsufficientScope:
		return scopeDescription
	case Unavailable:
		return unavailableDescription
	default:
		return ""
	}
}

// Refusal is why a request was refused. A guard never changes one that it gave away.
type Refusal struct {
	Code Code
	// Err is the cause, for logs: a [jwt.Refusal], for example. Nil if there is none. The client is not told.
	Err error
	// Description is for the developer of the client (RFC 6750, "error_description"). About a refused token it tells only
	// whether it has expired, which needs a good signature first.
	Description string
	// Scopes are those that were needed, with InsufficientScope.
	Scopes []string
	// Realm is the guard's; "api" if empty.
	Realm string
}

// Error names the code and the cause.
func (r *Refusal) Error() string {
	if r.Err == nil {
		return "guard: " + string(r.Code)
	}
	return "guard: " + string(r.Code) + ": " + r.Err.Error()
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// Status is the code's HTTP status.
func (r *Refusal) Status() int {
	switch r.Code {
	case MissingToken, InvalidToken:
		return http.StatusUnauthorized
	case InvalidRequest:
		return http.StatusBadRequest
	case InsufficientScope, ForgedRequest:
		return http.StatusForbidden
	case Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// Challenge is the value of WWW-Authenticate (RFC 6750, section 3), empty where none belongs: with [Unavailable], [Internal]
// and [ForgedRequest], where no other token would help. Characters that the RFC does not allow are left out.
func (r *Refusal) Challenge() string {
	if r.Status() >= http.StatusInternalServerError || r.Code == ForgedRequest {
		return ""
	}
	realm := r.Realm
	if realm == "" {
		realm = defaultRealm
	}
	challenge := `Bearer realm="` + escaped(realm) + `"`
	if r.Code == MissingToken {
		return challenge
	}
	challenge += `, error="` + string(r.Code) + `"`
	if description := plain(r.Description); description != "" {
		challenge += `, error_description="` + description + `"`
	}
	if scope := scopeList(r.Scopes); scope != "" && r.Code == InsufficientScope {
		challenge += `, scope="` + scope + `"`
	}
	return challenge
}

// scopeList is the value of "scope": words with single spaces between them (RFC 6749, section 3.3).
func scopeList(scopes []string) string {
	return strings.Join(strings.Fields(plain(strings.Join(scopes, " "))), " ")
}

// escaped is the inside of a quoted-string (RFC 9110, section 5.6.4), of what is printable in ASCII.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if !isPrintable(s[i]) {
			continue
		}
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// plain is what of s "error_description" and "scope" may hold, in which RFC 6750, section 3 allows neither quotes nor escapes.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if c > '~' || !isPrintable(byte(c)) || c == '"' || c == '\\' {
			return -1
		}
		return c
	}, s)
}

func isPrintable(c byte) bool { return ' ' <= c && c <= '~' }
