package guard

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
	// Unavailable is for keys or a store that cannot be reached: 503. It says nothing about the token.
	Unavailable Code = "unavailable"
	// Internal is for a defect: 500. So is any code that is not among these.
	Internal Code = "internal"
)

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
func (r *Refusal) Error() string { panic("declared") }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { panic("declared") }

// Status is the code's HTTP status.
func (r *Refusal) Status() int { panic("declared") }

// Challenge is the value of WWW-Authenticate (RFC 6750, section 3), empty where none belongs: with [Unavailable] and [Internal],
// where no other token would help. Characters that the RFC does not allow are left out.
func (r *Refusal) Challenge() string { panic("declared") }
