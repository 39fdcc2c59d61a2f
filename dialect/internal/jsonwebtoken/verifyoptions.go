package jsonwebtoken

import (
	"reflect"
	"regexp"
	"slices"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// VerifyOptions say what a token must be, as the options of jsonwebtoken's verify do. What is zero is not checked, with these
// differences: a token always needs "exp", and a key decides its algorithm.
type VerifyOptions struct {
	// Algorithms are the accepted ones. Of a secret each must suit, and the secret be as long as its hash; of a key pair, too. If
	// there are none, a secret verifies those of HS256, HS384 and HS512 that it is long enough for, an RSA key RS256 to RS512 and PS256
	// to PS512, an elliptic one that of its curve.
	Algorithms []jwk.Algorithm
	// Audience and AudiencePatterns are those of which "aud" must hold one. A pattern may match anywhere in a name; to match the whole
	// of it, it needs ^ and $.
	Audience         []string
	AudiencePatterns []*regexp.Regexp
	// Issuer are those of which "iss" must be one.
	Issuer []string
	// AnyAudience and AnyIssuer are needed with another issuer's keys where there is no Audience or no Issuer: dangerous, since tokens
	// that the issuer made for others are accepted. Secrets and keys of one's own need neither.
	AnyAudience bool
	AnyIssuer   bool
	// Subject, ID and Nonce are what "sub", "jti" and "nonce" must equal: jsonwebtoken's subject, jwtid and nonce.
	Subject string
	ID      string
	Nonce   string
	// MaxAge is how long after "iat" a token is accepted at most.
	MaxAge time.Duration
	// ClockTolerance is allowed on "exp", "nbf" and MaxAge for clocks that differ: at most 5 minutes, none if zero.
	ClockTolerance time.Duration
	// IgnoreExpiration accepts expired tokens. Dangerous: a stolen one is good for ever.
	IgnoreExpiration bool
	// IgnoreNotBefore accepts tokens before their "nbf".
	IgnoreNotBefore bool
	// Types are the accepted values of the header's "typ"; if there are none, "JWT", "at+jwt" and an absent one.
	Types []string
	// Now is the clock, jsonwebtoken's clockTimestamp; time.Now if nil.
	Now func() time.Time
}

// HasRules reports whether anything is set but the clock.
func HasRules(o VerifyOptions) bool {
	o.Now = nil
	return !reflect.ValueOf(o).IsZero()
}

// checked returns a copy, or an error that names the field that is wrong.
func (o VerifyOptions) checked(dialect string) (VerifyOptions, error) {
	switch {
	case o.ClockTolerance < 0 || o.ClockTolerance > jwt.MaxLeeway:
		return o, configError(dialect, "Verify.ClockTolerance", "is %v; it may be 0 to %v", o.ClockTolerance, jwt.MaxLeeway)
	case o.MaxAge < 0:
		return o, configError(dialect, "Verify.MaxAge", "is %v; it must not be negative", o.MaxAge)
	case slices.Contains(o.Audience, ""):
		return o, configError(dialect, "Verify.Audience", "has an empty name")
	case slices.Contains(o.Issuer, ""):
		return o, configError(dialect, "Verify.Issuer", "has an empty name")
	case slices.Contains(o.AudiencePatterns, nil):
		return o, configError(dialect, "Verify.AudiencePatterns", "has a nil pattern")
	}
	o.Algorithms = slices.Clone(o.Algorithms)
	o.Audience = slices.Clone(o.Audience)
	o.AudiencePatterns = slices.Clone(o.AudiencePatterns)
	o.Issuer = slices.Clone(o.Issuer)
	o.Types = slices.Clone(o.Types)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, nil
}

// checkForeign returns an error if tokens of an issuer that has others to serve were accepted from anybody, for anybody.
func (o *VerifyOptions) checkForeign(dialect string) error {
	switch {
	case len(o.Audience)+len(o.AudiencePatterns) == 0 && !o.AnyAudience:
		return configError(dialect, "Verify.Audience", "must hold the names of this service with Options.Keys, unless AnyAudience is set")
	case len(o.Issuer) == 0 && !o.AnyIssuer:
		return configError(dialect, "Verify.Issuer", "must hold who has the keys of Options.Keys, unless AnyIssuer is set")
	}
	return nil
}
