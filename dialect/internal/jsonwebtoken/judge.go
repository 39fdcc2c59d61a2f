package jsonwebtoken

import (
	"errors"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// judge proves tokens of one key, or of a source of keys.
type judge struct {
	keys   jwk.VerifyingSource
	proves *jeton.TokenVerifier
	// foreign says that the keys have names, of which a token may name another one.
	foreign bool
}

// judge returns one whose clock is now. What jsonwebtoken checks after a token's times is left to Verifier.check, since its answers
// tell what was wrong first.
func (o *VerifyOptions) judge(keys jwk.VerifyingSource, now func() time.Time) (judge, error) {
	leeway := o.ClockTolerance
	if leeway == 0 {
		leeway = -1 // none: zero would be the default
	}
	proves, err := jeton.NewVerifier(jeton.VerifierConfig{
		AnyIssuer: true, AnyAudience: true, Keys: keys, Types: o.Types, Algorithms: o.Algorithms, Leeway: leeway, Now: now,
	})
	return judge{keys: keys, proves: proves}, err
}

// judgeOf returns the judge of a token with this header, which key is known to be the key of.
func (o *VerifyOptions) judgeOf(key *jwk.Key, header jwt.Header) (judge, error) {
	if header.KeyID != "" && header.KeyID != key.ID() {
		named, err := key.WithID(header.KeyID)
		if err != nil {
			return judge{}, Refused(InvalidToken, &jwt.Refusal{Reason: jwt.ErrMalformed, Claim: "kid"})
		}
		key = named
	}
	set, err := jwk.NewSet(key)
	if err != nil {
		return judge{}, err
	}
	return o.judge(set, o.Now)
}

// worded puts what the judge has refused into jsonwebtoken's words.
func (j *judge) worded(err error) error {
	refusal, ok := errors.AsType[*jwt.Refusal](err)
	switch {
	case !ok || !j.foreign || refusal.Reason != jwt.ErrUnknownKey:
		return worded(err)
	case refusal.Got == "":
		return Refused("missing kid", refusal)
	default:
		return Refused("invalid kid", refusal)
	}
}
