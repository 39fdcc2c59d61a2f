package jeton

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The errors of this package, to be matched with errors.Is. Why a token is refused is a [jwt.Refusal] instead.
var (
	// ErrUnavailable means that keys or a store cannot be reached now. It says nothing about the request: answer 503.
	ErrUnavailable = errors.New("jeton: unavailable")
	// ErrInvalidCredentials means that a sign-in was not proved, whatever the cause: an unknown account, a wrong
	// password and a disabled account are not told apart.
	ErrInvalidCredentials = errors.New("jeton: invalid credentials")
	// ErrInvalidGrant means that a refresh token is malformed, unknown, ended, expired or was used before.
	ErrInvalidGrant = errors.New("jeton: invalid grant")
	// ErrEmailTaken means that another account has this e-mail address.
	ErrEmailTaken = errors.New("jeton: e-mail address is taken")
	// ErrNotFound means that there is no such record.
	ErrNotFound = errors.New("jeton: not found")
	// ErrConflict means that a record is no longer as the caller expects it.
	ErrConflict = errors.New("jeton: conflict")
	// ErrSessionEnded means that a session is over: signed out, expired or ended for theft.
	ErrSessionEnded = errors.New("jeton: session has ended")
	// ErrReauthenticate means that an operation needs the current password, or a sign-in within the last 5 minutes.
	ErrReauthenticate = errors.New("jeton: sign in again to do this")
	// ErrRateLimited is what a [LimitError] matches when there were too many attempts.
	ErrRateLimited = errors.New("jeton: too many attempts")
	// ErrBusy is what a [LimitError] matches when the queue for password hashing is full.
	ErrBusy = errors.New("jeton: too busy")
	// ErrUnknownStrategy means that no strategy has this name.
	ErrUnknownStrategy = errors.New("jeton: unknown strategy")
	// ErrSignUpClosed means that [Config.CloseSignUp] is set.
	ErrSignUpClosed = errors.New("jeton: sign-up is closed")
	// ErrMasterKey means that the signing keys in the store were sealed under another master key, or were tampered with.
	ErrMasterKey = errors.New("jeton: the master key is not the one that sealed the keys in the database")

	// ErrNewerSchema means that a database was written by a newer version than this program.
	ErrNewerSchema = errors.New("jeton: database is of a newer version")
)

// deniedError is [ErrInvalidCredentials] with what the audit log may know. [Auth.SignIn] does not let it out.
type deniedError struct{ userID, reason string }

func (e *deniedError) Error() string { return ErrInvalidCredentials.Error() }

func (e *deniedError) Unwrap() error { return ErrInvalidCredentials }

// LimitError is an attempt that was not looked at. It matches [ErrRateLimited] or [ErrBusy].
type LimitError struct {
	Reason     error         // ErrRateLimited or ErrBusy
	RetryAfter time.Duration // how long to wait before trying again; at least a second
}

// Error names the reason and the wait.
func (e *LimitError) Error() string { return fmt.Sprintf("%v, retry after %v", e.Reason, e.RetryAfter) }

// Unwrap returns the reason.
func (e *LimitError) Unwrap() error { return e.Reason }

// FieldError says what is wrong with one field of a request.
type FieldError struct {
	Pointer string // JSON pointer (RFC 6901) to the field, such as "/email"
	Code    string // stable, such as "too_short"
	Message string // for people; never holds the value
}

// ValidationError lists what is wrong with the fields of a request.
type ValidationError struct{ Fields []FieldError }

// Error lists the fields.
func (e *ValidationError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Pointer + " " + f.Message
	}
	return "jeton: invalid: " + strings.Join(parts, "; ")
}

// Challenge is the error of a [Strategy] whose proof needs a further step: the client is asked to sign in again with
// the strategy Strategy, giving back what Data says.
type Challenge struct {
	Strategy string         // name of the strategy that takes the next step
	Data     map[string]any // told to the client, such as a state to give back; becomes JSON
}

// Error names the next step.
func (c *Challenge) Error() string { return "jeton: a further step is needed: " + c.Strategy }
