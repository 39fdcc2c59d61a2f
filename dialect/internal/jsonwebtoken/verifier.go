package jsonwebtoken

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
)

// Verifier is a [jeton.Verifier] with jsonwebtoken's rules, and its words for what breaks them. The proof itself is jeton's.
type Verifier struct {
	rules   VerifyOptions
	keys    keyFinder
	expired func(ctx context.Context, at time.Time, refusal *jwt.Refusal) error // may be nil
}

var _ jeton.Verifier = (*Verifier)(nil)

// Verify checks token and returns who it proves. An error that wraps a *jwt.Refusal refuses it, and [Message] has the words; any other one
// means that it could not be checked.
func (v *Verifier) Verify(ctx context.Context, token string) (*jeton.Principal, error) {
	header, err := readHeader(token)
	if err != nil {
		return nil, err
	}
	judge, err := v.keys.find(ctx, token, header)
	if err != nil {
		return nil, err
	}
	p, err := v.prove(ctx, token, judge)
	if err != nil {
		return nil, err
	}
	if err := v.check(p); err != nil {
		return nil, err
	}
	return p, nil
}

// readHeader reads what is needed to find the key. A token without a signature is refused before anybody looks for one.
func readHeader(token string) (jwt.Header, error) {
	if strings.Count(token, ".") != 2 {
		return jwt.Header{}, Refused("jwt malformed", &jwt.Refusal{Reason: jwt.ErrMalformed, Detail: "not three parts"})
	}
	header, err := jwt.UnverifiedHeader(token)
	if errors.Is(err, jwt.ErrMalformed) {
		return jwt.Header{}, worded(err)
	}
	if strings.HasSuffix(token, ".") {
		return jwt.Header{}, Refused("jwt signature is required", &jwt.Refusal{Reason: jwt.ErrBadSignature, Detail: "empty"})
	}
	return header, worded(err)
}

// prove checks signature and times.
func (v *Verifier) prove(ctx context.Context, token string, judge judge) (*jeton.Principal, error) {
	p, err := judge.proves.Verify(ctx, token)
	refusal, ok := errors.AsType[*jwt.Refusal](err)
	if !ok {
		return p, err
	}
	at, timeErr := time.Parse(time.RFC3339Nano, refusal.Got)
	switch {
	case timeErr != nil: // then time is not what it is about
		return nil, judge.worded(err)
	case refusal.Reason == jwt.ErrExpired:
		if early := v.notYetValid(token); early != nil {
			return nil, worded(early)
		}
		if err := v.excuse(ctx, at, refusal); err != nil {
			return nil, err
		}
		at = at.Add(-1)
	case refusal.Reason != jwt.ErrNotYetValid || !v.rules.IgnoreNotBefore:
		return nil, judge.worded(err)
	}
	return v.proveAt(ctx, token, judge, at)
}

// excuse returns why an expired token is refused, or nil.
func (v *Verifier) excuse(ctx context.Context, at time.Time, refusal *jwt.Refusal) error {
	switch {
	case v.rules.IgnoreExpiration:
		return nil
	case v.expired != nil:
		return v.expired(ctx, at, refusal)
	default:
		return worded(refusal)
	}
}

// proveAt checks a token as if it were another moment, at which its expiry, or its beginning, does not stand against it.
func (v *Verifier) proveAt(ctx context.Context, token string, judge judge, at time.Time) (*jeton.Principal, error) {
	then, err := v.rules.judge(judge.keys, func() time.Time { return at })
	if err != nil {
		return nil, err
	}
	p, err := then.proves.Verify(ctx, token)
	if err != nil {
		return nil, judge.worded(err)
	}
	return p, nil
}

// notYetValid refuses an expired token that is not valid yet either, which jsonwebtoken says first.
func (v *Verifier) notYetValid(token string) error {
	if v.rules.IgnoreNotBefore {
		return nil
	}
	nbf, ok := UnverifiedPayload(token)["nbf"].(float64)
	if !ok || int64(nbf) <= v.rules.Now().Add(v.rules.ClockTolerance).Unix() {
		return nil
	}
	return &jwt.Refusal{Reason: jwt.ErrNotYetValid, Claim: "nbf"}
}

// UnverifiedPayload returns the claims of a token of which nothing is proved; nil for what has none.
func UnverifiedPayload(token string) map[string]any {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > jwt.DefaultMaxSize {
		return nil
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	if err != nil {
		return nil
	}
	var claims map[string]any
	if json.Unmarshal(text, &claims) != nil {
		return nil
	}
	return claims
}
