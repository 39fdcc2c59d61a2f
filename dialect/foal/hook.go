package foal

import (
	"context"
	"fmt"
	"net/http"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwt"
)

// JWTRequired returns middleware that lets only requests with a good token through, and answers others as Foal does. The error says which
// field of options is missing or wrong; without a key it is [ErrNoKey].
func JWTRequired(options Options) (func(http.Handler) http.Handler, error) {
	return newHook(options, false)
}

// JWTOptional is [JWTRequired], except that it lets requests without a token through, without a principal or a user.
func JWTOptional(options Options) (func(http.Handler) http.Handler, error) {
	return newHook(options, true)
}

func newHook(options Options, optional bool) (func(http.Handler) http.Handler, error) {
	o, err := options.checked()
	if err != nil {
		return nil, err
	}
	judge, csrf, err := o.verifiers()
	if err != nil {
		return nil, err
	}
	g, err := guard.New(guard.Config{
		Verifier: judge,
		Optional: optional,
		Sources:  []guard.Source{o.source()},
		CSRF:     guard.CSRF{OriginOnly: !o.AnyOrigin, TrustedOrigins: o.TrustedOrigins, Off: o.AnyOrigin},
		Answerer: Answers{Cookie: o.Cookie, SignatureMessage: o.SignatureMessage},
		Logger:   o.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("foal: Options: %w", err)
	}
	return func(next http.Handler) http.Handler {
		if o.User != nil {
			next = o.User.Load(next)
		}
		if csrf != nil {
			next = csrf.wrap(next)
		}
		return g.Wrap(next)
	}, nil
}

// verifiers returns what judges tokens and, if there is to be CSRF protection, what judges its tokens.
func (o *Options) verifiers() (jeton.Verifier, *csrf, error) {
	var keys jsonwebtoken.Config
	if o.Verifier == nil || o.csrf() {
		var err error
		if keys, err = o.keys(); err != nil {
			return nil, nil, err
		}
	}
	judge := o.Verifier
	if judge == nil {
		own, err := jsonwebtoken.NewVerifier(keys)
		if err != nil {
			return nil, nil, err
		}
		judge = accessVerifier{own}
	}
	if o.BlackList != nil {
		judge = blackList{o.BlackList, judge}
	}
	if !o.csrf() {
		return judge, nil, nil
	}
	proves, err := newCSRFVerifier(keys)
	if err != nil {
		return nil, nil, err
	}
	return judge, &csrf{cookie: o.Settings.csrfCookieName(), verifier: proves}, nil
}

// keys returns the rules for access tokens, and where the keys are.
func (o *Options) keys() (jsonwebtoken.Config, error) {
	cfg := jsonwebtoken.Config{Dialect: "foal", Verify: o.Verify, Find: o.SecretOrPublicKey, Foreign: o.Keys}
	if cfg.Find != nil || cfg.Foreign != nil {
		return cfg, nil
	}
	material, err := o.Settings.verifying()
	if err != nil {
		return cfg, err
	}
	if cfg.Own, err = jsonwebtoken.ParseKeys(material, o.Verify.Algorithms); err != nil {
		return cfg, configError("Settings", "the key: %w", err)
	}
	return cfg, nil
}

// accessVerifier refuses CSRF tokens, which scripts can read and the same key signs, where access tokens belong.
type accessVerifier struct{ next jeton.Verifier }

func (a accessVerifier) Verify(ctx context.Context, token string) (*jeton.Principal, error) {
	p, err := a.next.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	if _, ok := p.StringClaim(csrfClaim); ok {
		return nil, jsonwebtoken.Refused(jsonwebtoken.InvalidToken, &jwt.Refusal{Reason: jwt.ErrWrongType, Claim: csrfClaim, Detail: "a CSRF token"})
	}
	return p, nil
}
