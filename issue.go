package jeton

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

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
	if subject == "" {
		return "", fmt.Errorf("jeton: Issue: the subject must not be empty")
	}
	profile, err := a.profile(opts.Profile)
	if err != nil {
		return "", err
	}
	ttl := opts.TTL
	if ttl == 0 {
		ttl = profile.TTL
	}
	if ttl < time.Second {
		return "", fmt.Errorf("jeton: IssueOptions.TTL: %v, must be at least a second", ttl)
	}
	if longest, ok := profile.longestTTL(); ok && ttl > longest {
		return "", fmt.Errorf("jeton: IssueOptions.TTL: %v, must be at most KeyRingConfig.TokenTTL, %v", ttl, longest)
	}
	if err := checkClaims(opts.Claims, profile); err != nil {
		return "", fmt.Errorf("jeton: IssueOptions.Claims: %w", err)
	}
	if problems := checkRoles(opts.Roles); len(problems) > 0 {
		return "", fmt.Errorf("jeton: IssueOptions.Roles: %s", problems[0].Message)
	}
	extra := maps.Clone(opts.Claims)
	if extra == nil {
		extra = map[string]any{}
	}
	client := opts.ClientID
	if client == "" {
		client = a.cfg.ClientID
	}
	extra["client_id"] = client
	setScopesAndRoles(extra, profile, opts.Scopes, opts.Roles)
	audience := opts.Audience
	if len(audience) == 0 {
		audience = profile.Audience
	}
	now := a.now()
	return a.sign(ctx, profile, subject, jwt.Claims{
		Audience: audience, IssuedAt: now, ExpiresAt: now.Add(ttl).Truncate(time.Second), ID: newID(), Extra: extra,
	})
}

// ClientID is the "client_id" of the tokens of sessions.
func (a *Auth) ClientID() string { return a.cfg.ClientID }

// validity is the time of an access token. Both ends come from one look at the clock, lest a token made as the second turns says that
// it lives a second less than asked for.
type validity struct{ from, until time.Time }

// grant makes an access token for a session, to be kept in a cookie or not.
func (a *Auth) grant(ctx context.Context, user *User, s *Session, profile *Profile, valid validity, cookies bool) (*Grant, error) {
	extra := map[string]any{}
	if a.cfg.Claims != nil {
		custom, err := a.cfg.Claims(ctx, ClaimsInput{User: user.Clone(), Session: s.Clone(), Profile: profile.Name})
		if err != nil {
			return nil, fmt.Errorf("jeton: Config.Claims: %w", err)
		}
		if err := checkClaims(custom, profile); err != nil {
			return nil, fmt.Errorf("jeton: Config.Claims: %w", err)
		}
		maps.Copy(extra, custom)
	}
	extra["client_id"] = a.cfg.ClientID
	extra["auth_time"] = s.AuthTime.Unix()
	extra[profile.Claims.Session] = s.ID
	if len(s.Methods) > 0 {
		extra["amr"] = s.Methods
	}
	setScopesAndRoles(extra, profile, s.Scopes, user.Roles)
	csrf := ""
	if cookies {
		csrf = a.csrf(s)
		digest := sha256.Sum256([]byte(csrf))
		extra["csrf"] = base64.RawURLEncoding.EncodeToString(digest[:])
	}
	token, err := a.sign(ctx, profile, user.ID, jwt.Claims{
		Audience: profile.Audience, IssuedAt: valid.from, ExpiresAt: valid.until, ID: newID(), Extra: extra,
	})
	if err != nil {
		return nil, err
	}
	return &Grant{
		AccessToken: token, ExpiresAt: valid.until, ExpiresIn: valid.until.Sub(valid.from.Truncate(time.Second)), CSRF: csrf,
		Session: s.Clone(), User: user.Clone(),
	}, nil
}

// csrf is the value that goes with a session's cookies.
func (a *Auth) csrf(s *Session) string {
	secret, ok := a.secret(s.SecretID)
	if !ok {
		secret = a.secrets[0] // a session without a refresh token has none
	}
	mac := hmac.New(sha256.New, secret.csrfKey)
	mac.Write([]byte(s.ID))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (a *Auth) sign(ctx context.Context, profile *Profile, subject string, claims jwt.Claims) (string, error) {
	key, err := a.signingKey(ctx, profile)
	if err != nil {
		return "", err
	}
	claims.Issuer = profile.Issuer
	if profile.Claims.Subject == "sub" {
		claims.Subject = subject
	} else {
		claims.Extra[profile.Claims.Subject] = subject
	}
	return jwt.Sign(key, profile.Type, claims)
}

func (a *Auth) signingKey(ctx context.Context, profile *Profile) (*jwk.Key, error) {
	key, err := profile.Keys.SigningKey(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: keys of profile %q: %w", ErrUnavailable, profile.Name, err)
	}
	return key, nil
}

func setScopesAndRoles(extra map[string]any, profile *Profile, scopes, roles []string) {
	if len(scopes) > 0 {
		extra[profile.Claims.Scope] = strings.Join(scopes, " ")
	}
	if len(roles) > 0 {
		extra[profile.Claims.Roles] = roles
	}
}

// ownClaims are the names that jeton writes, or reserves to itself.
var ownClaims = []string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "sid", "auth_time", "amr", "scope", "roles", "csrf", "cnf",
}

func checkClaims(custom map[string]any, profile *Profile) error {
	names := profile.Claims
	own := append(slices.Clone(ownClaims), names.Subject, names.Session, names.Scope, names.Roles)
	for name := range custom {
		if slices.Contains(own, name) {
			return fmt.Errorf("%q is a claim that jeton writes itself", name)
		}
	}
	return nil
}
