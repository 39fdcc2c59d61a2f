package jeton

import (
	"fmt"
	"log/slog"
	"time"
)

// Grant is what a sign-up, sign-in or refresh gives the client. Its tokens are left out wherever it is printed, logged or written as
// JSON: an answer to the client names them itself.
type Grant struct {
	// AccessToken is a JWT (RFC 9068), for the Authorization header.
	AccessToken string `json:"-"`
	// ExpiresAt is when the access token expires, ExpiresIn its lifetime when it was made.
	ExpiresAt time.Time
	ExpiresIn time.Duration
	// RefreshToken buys the next grant; empty for an access-only session.
	RefreshToken string `json:"-"`
	// CSRF is what a client that keeps its tokens in cookies must repeat beside them, in a header: the access token's claim "csrf" is
	// BASE64URL(SHA-256(CSRF)). It is the same for all of a session, and derived from Config.Secret, so that nothing keeps it. Empty
	// unless the request said Cookies.
	CSRF string `json:"-"`
	// Session is the session as it is now.
	Session *Session
	// User is the account.
	User *User
}

// String names the session; it leaves out the tokens.
func (g Grant) String() string {
	if g.Session == nil {
		return "grant"
	}
	return fmt.Sprintf("grant of %v", *g.Session)
}

// GoString is the same as String.
func (g Grant) GoString() string { return g.String() }

// LogValue names the session; it leaves out the tokens.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }
