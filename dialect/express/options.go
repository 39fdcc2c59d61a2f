package express

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// Options are those of express-jwt. One of Secret, SecretFunc, Keys and Verifier is needed and, except with Verifier, Verify.Algorithms.
type Options struct {
	// Secret is the secret, or the public key in PEM: express-jwt's secret. It is copied.
	Secret Secret
	// SecretFunc finds the key of each token: express-jwt's secret as a function.
	SecretFunc KeyFunc
	// Keys are another issuer's, such as remote.Discover finds. Verify then needs Audience and Issuer.
	Keys jwk.VerifyingSource
	// Verifier decides which tokens are good, in place of any key and of Verify: a *jeton.Auth, whose sessions can be signed out.
	Verifier jeton.Verifier
	// Verify are the rules for tokens, the options that express-jwt hands on to jsonwebtoken.
	Verify VerifyOptions

	// CredentialsOptional lets requests without a token through: credentialsRequired: false.
	CredentialsOptional bool
	// Sources are where the token may be, in place of the Authorization header: express-jwt's getToken. guard.SourceFunc is a function, which
	// may return an [*UnauthorizedError], and any other error of which is answered 5xx; a token from guard.Cookie is protected as CSRF says, one that a function takes from a cookie is not.
	Sources []guard.Source
	CSRF    guard.CSRF
	// IsRevoked is asked about tokens that are good otherwise. Its error is answered 503.
	IsRevoked revoke.Checker
	// OnExpired is asked about tokens that are good but for having expired: nil lets one through, which is dangerous, since a stolen one
	// may be as old. An [*UnauthorizedError], such as the one that it is given, refuses the token; any other error is answered 5xx.
	OnExpired func(ctx context.Context, err *UnauthorizedError) error
	// Unless lets requests through without looking for a token. Dangerous: what it compares must be what the handlers go by. Routes
	// that are registered outside the guard need none of it.
	Unless func(r *http.Request) bool

	// Unauthorized answers what is refused as 401, as an Express application's error handler does. Nil means {"status": "<message>"}.
	Unauthorized func(err *UnauthorizedError) guard.Answer
	// Logger is told why a request was refused, as guard.Config.Logger is.
	Logger *slog.Logger
}

func configError(field, format string, args ...any) error {
	return fmt.Errorf("express: Options."+field+": "+format, args...)
}

// JWT returns middleware that lets only requests with a good token through; the others are answered as [Answers] does. The error names the
// field of options that is missing or wrong.
func JWT(options Options) (func(http.Handler) http.Handler, error) {
	judge, err := options.verifier()
	if err != nil {
		return nil, err
	}
	sources := slices.Clone(options.Sources)
	if len(sources) == 0 {
		sources = []guard.Source{guard.SourceFunc(bearer)}
	}
	g, err := guard.New(guard.Config{
		Verifier: judge,
		Optional: options.CredentialsOptional,
		Sources:  sources,
		CSRF:     options.CSRF,
		Answerer: Answers{Unauthorized: options.Unauthorized},
		Logger:   options.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("express: Options: %w", err)
	}
	unless := options.Unless
	if unless == nil {
		return g.Wrap, nil
	}
	return func(next http.Handler) http.Handler {
		guarded := g.Wrap(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if unless(r) {
				next.ServeHTTP(w, r)
				return
			}
			guarded.ServeHTTP(w, r)
		})
	}, nil
}

// verifier returns what judges tokens.
func (o Options) verifier() (jeton.Verifier, error) {
	if err := o.checkKeys(); err != nil {
		return nil, err
	}
	judge := o.Verifier
	if judge == nil {
		own, err := o.ownVerifier()
		if err != nil {
			return nil, err
		}
		judge = own
	}
	if o.IsRevoked != nil {
		judge = revocation{o.IsRevoked, judge}
	}
	return judge, nil
}

// checkKeys sees to it that there is one way to judge a token.
func (o *Options) checkKeys() error {
	ways := 0
	for _, given := range []bool{len(o.Secret) > 0, o.SecretFunc != nil, o.Keys != nil, o.Verifier != nil} {
		if given {
			ways++
		}
	}
	switch {
	case ways == 0:
		return configError("Secret", "needed, or one of SecretFunc, Keys and Verifier")
	case ways > 1:
		return configError("Secret", "SecretFunc, Keys and Verifier exclude each other")
	case o.Verifier == nil && len(o.Verify.Algorithms) == 0:
		return configError("Verify.Algorithms", "needed, such as jwk.HS256")
	case o.Verifier != nil && (jsonwebtoken.HasRules(o.Verify) || o.OnExpired != nil):
		return configError("Verify", "and OnExpired must be empty if Verifier is set, which has rules of its own")
	case o.OnExpired != nil && o.Verify.IgnoreExpiration:
		return configError("OnExpired", "must be nil if Verify.IgnoreExpiration is set")
	}
	return nil
}

func (o *Options) ownVerifier() (*jsonwebtoken.Verifier, error) {
	cfg := jsonwebtoken.Config{Dialect: "express", Verify: o.Verify, Find: o.SecretFunc, Foreign: o.Keys}
	if len(o.Secret) > 0 {
		var err error
		if cfg.Own, err = jsonwebtoken.ParseKeys(o.Secret, o.Verify.Algorithms); err != nil {
			return nil, configError("Secret", "the key: %w", err)
		}
	}
	if onExpired := o.OnExpired; onExpired != nil {
		cfg.Expired = func(ctx context.Context, at time.Time, refusal *jwt.Refusal) error {
			message, _ := jsonwebtoken.Message(refusal, revoked)
			return onExpired(ctx, &UnauthorizedError{Code: CodeInvalidToken, Message: message, ExpiredAt: at, Inner: refusal})
		}
	}
	return jsonwebtoken.NewVerifier(cfg)
}
