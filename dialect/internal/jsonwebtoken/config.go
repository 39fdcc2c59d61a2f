package jsonwebtoken

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// Config says how a [Verifier] works. One of Own, Find and Foreign is needed.
type Config struct {
	// Dialect is the name of the package whose Options have the field Verify, for errors: "foal: Options.Verify.MaxAge: …".
	Dialect string
	// Verify are the rules. They are copied.
	Verify VerifyOptions

	// Own are the keys that [ParseKeys] has read: one secret or public key, which all tokens have, whatever they call it.
	Own []*jwk.Key
	// Find finds the key of each token.
	Find KeyFunc
	// Foreign are another issuer's keys, found by "kid". Verify then needs Audience and Issuer.
	Foreign jwk.VerifyingSource

	// Expired is asked about a token whose signature is good and which expired at a moment: nil lets it through, if it breaks no other
	// rule. If Expired is nil, such tokens are refused. It is not asked if Verify.IgnoreExpiration is set.
	Expired func(ctx context.Context, at time.Time, refusal *jwt.Refusal) error
}

// NewVerifier returns a verifier. The error names the field of the dialect's Options that is wrong.
func NewVerifier(cfg Config) (*Verifier, error) {
	rules, err := cfg.Verify.checked(cfg.Dialect)
	if err != nil {
		return nil, err
	}
	none, err := jwk.NewSet()
	if err != nil {
		return nil, err
	}
	// What is wrong for any key is found now, and not with the first token.
	if _, err := rules.judge(none, rules.Now); err != nil {
		return nil, configError(cfg.Dialect, "Verify", "%w", err)
	}
	v := &Verifier{rules: rules, expired: cfg.Expired}
	if v.keys, err = cfg.keyFinder(&v.rules); err != nil {
		return nil, err
	}
	return v, nil
}

func (c *Config) keyFinder(rules *VerifyOptions) (keyFinder, error) {
	given := 0
	for _, is := range []bool{len(c.Own) > 0, c.Find != nil, c.Foreign != nil} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, errors.New("jsonwebtoken: Config: one of Own, Find and Foreign is needed")
	case c.Find != nil:
		return &foundKeys{rules, c.Find}, nil
	case c.Foreign != nil:
		if err := rules.checkForeign(c.Dialect); err != nil {
			return nil, err
		}
		return newForeignKeys(rules, c.Foreign)
	default:
		return newOwnKeys(rules, c.Own)
	}
}

// configError is about a field of a dialect's Options.
func configError(dialect, field, format string, args ...any) error {
	return fmt.Errorf(dialect+": Options."+field+": "+format, args...)
}
