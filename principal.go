package jeton

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton/jwt"
)

// Principal is who a request was proved to come from. It is immutable and safe for concurrent use: nothing that it
// returns is shared memory.
type Principal struct {
	token   *jwt.Token
	profile string
	subject string
	session string
	scopes  []string
	roles   []string
}

// ClaimNames says which claims of a token mean what. Empty fields are the names that jeton writes itself.
type ClaimNames struct {
	Subject string // "sub"
	Session string // "sid"
	Scope   string // "scope": a string of words or an array of strings
	Roles   string // "roles": an array of strings or one string
}

func (n ClaimNames) withDefaults() ClaimNames {
	for _, f := range []struct {
		field *string
		name  string
	}{{&n.Subject, "sub"}, {&n.Session, "sid"}, {&n.Scope, "scope"}, {&n.Roles, "roles"}} {
		if *f.field == "" {
			*f.field = f.name
		}
	}
	return n
}

func newPrincipal(token *jwt.Token, profile string, names ClaimNames) *Principal {
	p := &Principal{token: token, profile: profile}
	if names.Subject == "sub" {
		p.subject = token.Subject()
	} else {
		p.subject, _ = token.StringClaim(names.Subject)
	}
	p.session, _ = token.StringClaim(names.Session)
	if list, ok := token.StringsClaim(names.Scope); ok {
		for _, words := range list {
			p.scopes = append(p.scopes, strings.Fields(words)...)
		}
	}
	p.roles, _ = token.StringsClaim(names.Roles)
	return p
}

// proved is the token, or one without claims: who tests a handler may make a principal of nothing.
func (p *Principal) proved() *jwt.Token {
	if p.token == nil {
		return &jwt.Token{}
	}
	return p.token
}

// Subject is the user's id, the claim "sub".
func (p *Principal) Subject() string { return p.subject }

// Session is the id of the session that the token belongs to, the claim "sid"; empty for tokens without a session.
func (p *Principal) Session() string { return p.session }

// TokenID is the claim "jti".
func (p *Principal) TokenID() string { return p.proved().ID() }

// Issuer is who signed the token, the claim "iss".
func (p *Principal) Issuer() string { return p.proved().Issuer() }

// Profile is the name of the token profile that accepted the token.
func (p *Principal) Profile() string { return p.profile }

// ExpiresAt is the claim "exp". The token may be accepted until a leeway later.
func (p *Principal) ExpiresAt() time.Time { return p.proved().ExpiresAt() }

// AuthTime is when the user last proved who they are, the claim "auth_time"; zero if the token does not say.
func (p *Principal) AuthTime() time.Time {
	t, _ := p.proved().TimeClaim("auth_time")
	return t
}

// Scopes returns a copy of the token's scopes.
func (p *Principal) Scopes() []string { return slices.Clone(p.scopes) }

// Roles returns a copy of the token's roles.
func (p *Principal) Roles() []string { return slices.Clone(p.roles) }

// HasScope reports whether the token has all of these scopes.
func (p *Principal) HasScope(scopes ...string) bool { return containsAll(p.scopes, scopes) }

// HasRole reports whether the token has all of these roles.
func (p *Principal) HasRole(roles ...string) bool { return containsAll(p.roles, roles) }

func containsAll(have, want []string) bool {
	for _, w := range want {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}

// Claims decodes the token's claims into dst, a pointer to a struct or map, with encoding/json's rules.
func (p *Principal) Claims(dst any) error { return p.proved().Claims(dst) }

// ClaimsOf returns the token's claims as a T.
func ClaimsOf[T any](p *Principal) (T, error) {
	var claims T
	err := p.Claims(&claims)
	return claims, err
}

// StringClaim returns the claim name if the token has it and it is a string. The whole name is one member, dots are no path.
func (p *Principal) StringClaim(name string) (value string, ok bool) {
	return p.proved().StringClaim(name)
}

// String names the subject and session.
func (p *Principal) String() string {
	return fmt.Sprintf("principal %s, session %s", p.subject, p.session)
}

// LogValue shows the subject and session.
func (p *Principal) LogValue() slog.Value {
	return slog.GroupValue(slog.String("subject", p.subject), slog.String("session", p.session))
}

type principalKey struct{}

// NewContext returns a context that carries p.
func NewContext(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// FromContext returns the principal that [NewContext] put in. Behind guard.Require there always is one.
func FromContext(ctx context.Context) (*Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(*Principal)
	return p, ok && p != nil
}
