package jeton

import "context"
import "time"

// IssueOptions say what a token made by hand holds. Zero fields mean the profile's own.
type IssueOptions struct {
	Profile  string // empty means the default one
	TTL      time.Duration
	Audience []string
	ClientID string
	Scopes   []string
	Roles    []string
	Claims   map[string]any // a name that jeton writes itself is an error
}

// Issue makes an access token for subject by hand, without a session or an account: for services and scripts. It can be
// revoked by [Auth.RevokeToken].
func (a *Auth) Issue(ctx context.Context, subject string, opts IssueOptions) (string, error) {
	panic("declared")
}
