package express

import (
	"context"

	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// VerifyOptions say what a token must be, as the options of jsonwebtoken's verify do. What is zero is not checked, with these
// differences: a token always needs "exp", and a key decides its algorithm.
//
//	Algorithms        []jwk.Algorithm     those that are accepted; if there are none, those that the key is for
//	Audience          []string            "aud" must hold one of these
//	AudiencePatterns  []*regexp.Regexp    or one that matches: anywhere in the name, unless the pattern has ^ and $
//	Issuer            []string            "iss" must be one of these
//	AnyAudience       bool                with Keys and without Audience: accepts what the issuer made for others, dangerous
//	AnyIssuer         bool                with Keys and without Issuer: the same
//	Subject           string              "sub" must equal this
//	ID                string              "jti", jsonwebtoken's jwtid
//	Nonce             string              "nonce"
//	MaxAge            time.Duration       how long after "iat" a token is accepted at most
//	ClockTolerance    time.Duration       for clocks that differ: at most 5 minutes, none if zero
//	IgnoreExpiration  bool                accepts expired tokens: dangerous, since a stolen one is good for ever
//	IgnoreNotBefore   bool                accepts tokens before their "nbf"
//	Types             []string            of the header's "typ"; if there are none, "JWT", "at+jwt" and an absent one
//	Now               func() time.Time    the clock, jsonwebtoken's clockTimestamp; time.Now if nil
type VerifyOptions = jsonwebtoken.VerifyOptions

// KeyFunc finds the key of a token. Nothing of what it is given is proved: it may choose among keys by it, and must not trust it. What
// the key is for decides the algorithm. An error that wraps jeton.ErrUnavailable is answered 503, an
// [*UnauthorizedError] without an Inner error and whatever else wraps a *jwt.Refusal refuses the token, and any other one is answered 500.
type KeyFunc = func(ctx context.Context, header jwt.Header, payload map[string]any) (*jwk.Key, error)
