package jeton

import "context"
import "log/slog"
import "time"

// Principal is who a request was proved to come from. It is immutable and safe for concurrent use: nothing that it
// returns is shared memory.
type Principal struct{}

// ClaimNames says which claims of a token mean what. Empty fields are the names that jeton writes itself.
type ClaimNames struct {
	Subject string // "sub"
	Session string // "sid"
	Scope   string // "scope": a string of words or an array of strings
	Roles   string // "roles": an array of strings or one string
}

// Subject is the user's id, the claim "sub".
func (p *Principal) Subject() string { panic("declared") }

// Session is the id of the session that the token belongs to, the claim "sid"; empty for tokens without a session.
func (p *Principal) Session() string { panic("declared") }

// TokenID is the claim "jti".
func (p *Principal) TokenID() string { panic("declared") }

// Issuer is who signed the token, the claim "iss".
func (p *Principal) Issuer() string { panic("declared") }

// Profile is the name of the token profile that accepted the token.
func (p *Principal) Profile() string { panic("declared") }

// ExpiresAt is the claim "exp". The token may be accepted until a leeway later.
func (p *Principal) ExpiresAt() time.Time { panic("declared") }

// AuthTime is when the user last proved who they are, the claim "auth_time"; zero if the token does not say.
func (p *Principal) AuthTime() time.Time { panic("declared") }

// Scopes returns a copy of the token's scopes.
func (p *Principal) Scopes() []string { panic("declared") }

// Roles returns a copy of the token's roles.
func (p *Principal) Roles() []string { panic("declared") }

// HasScope reports whether the token has all of these scopes.
func (p *Principal) HasScope(scopes ...string) bool { panic("declared") }

// HasRole reports whether the token has all of these roles.
func (p *Principal) HasRole(roles ...string) bool { panic("declared") }

// Claims decodes the token's claims into dst, a pointer to a struct or map, with encoding/json's rules.
func (p *Principal) Claims(dst any) error { panic("declared") }

// ClaimsOf returns the token's claims as a T.
func ClaimsOf[T any](p *Principal) (T, error) { panic("declared") }

// String names the subject and session.
func (p *Principal) String() string { panic("declared") }

// LogValue shows the subject and session.
func (p *Principal) LogValue() slog.Value { panic("declared") }

// NewContext returns a context that carries p.
func NewContext(ctx context.Context, p *Principal) context.Context { panic("declared") }

// FromContext returns the principal that [NewContext] put in. Behind guard.Require there always is one.
func FromContext(ctx context.Context) (*Principal, bool) { panic("declared") }
