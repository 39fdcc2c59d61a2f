// Package jetontest helps to test what jeton protects: a real service over memory with a clock that the test moves, minted
// tokens, and principals in a context without any token.
package jetontest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/password"
	"github.com/jetonauth/jeton/store/memory"
)

// Issuer is the issuer, and the audience, of every service of this package.
const Issuer = "https://jetontest.example.com"

// Password is the password of the accounts that [Auth.SignUp] makes.
const Password = "jetontest password"

// Auth is a real service over memory, with cheap password hashes and without limits. Its clock stands still until the test
// moves it.
type Auth struct {
	*jeton.Auth
	t     testing.TB
	clock *clock
}

// New returns a service, whose configuration change may alter before it is made. What goes wrong fails the test.
func New(t testing.TB, change ...func(*jeton.Config)) *Auth {
	t.Helper()
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		t.Fatalf("jetontest: %v", err)
	}
	a := &Auth{t: t, clock: &clock{now: time.Now().UTC().Truncate(time.Second)}}
	cfg := jeton.Config{
		Issuer: Issuer, Keys: jwk.Static(key), Store: memory.New(), Now: a.clock.read,
		Hasher: password.Argon2id{Memory: 64, Time: 1, Threads: 1},
		Limits: jeton.Limits{Off: true},
		Logger: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg)
	}
	if a.Auth, err = jeton.New(cfg); err != nil {
		t.Fatalf("jetontest: %v", err)
	}
	return a
}

// Now is the service's time.
func (a *Auth) Now() time.Time { return a.clock.read() }

// Advance moves the service's clock forward.
func (a *Auth) Advance(d time.Duration) { a.clock.advance(d) }

// Expire moves the clock to where every access token given out so far with the usual lifetime has expired.
func (a *Auth) Expire() { a.Advance(jeton.DefaultAccessTTL + time.Minute) }

// TokenOption changes what [Auth.Token] puts into a token.
type TokenOption func(*jeton.IssueOptions)

// Scopes gives the token scopes.
func Scopes(scopes ...string) TokenOption {
	return func(o *jeton.IssueOptions) { o.Scopes = scopes }
}

// Roles gives the token roles.
func Roles(roles ...string) TokenOption {
	return func(o *jeton.IssueOptions) { o.Roles = roles }
}

// Claim gives the token a claim of the application's own.
func Claim(name string, value any) TokenOption {
	return func(o *jeton.IssueOptions) {
		if o.Claims == nil {
			o.Claims = map[string]any{}
		}
		o.Claims[name] = value
	}
}

// TTL gives the token another lifetime than 15 minutes.
func TTL(d time.Duration) TokenOption {
	return func(o *jeton.IssueOptions) { o.TTL = d }
}

// Token returns an access token for subject, which needs no account.
func (a *Auth) Token(subject string, opts ...TokenOption) string {
	a.t.Helper()
	var o jeton.IssueOptions
	for _, opt := range opts {
		opt(&o)
	}
	token, err := a.Issue(a.t.Context(), subject, o)
	if err != nil {
		a.t.Fatalf("jetontest: issue a token: %v", err)
	}
	return token
}

// SignUp makes an account with this address and [Password], and signs it in.
func (a *Auth) SignUp(email string) *jeton.Grant {
	a.t.Helper()
	grant, err := a.Auth.SignUp(a.t.Context(), jeton.SignUpRequest{Email: email, Password: Password})
	if err != nil {
		a.t.Fatalf("jetontest: sign up %s: %v", email, err)
	}
	return grant
}

// Revoke revokes an access token: from now on it is refused.
func (a *Auth) Revoke(token string) {
	a.t.Helper()
	p, err := a.Verify(a.t.Context(), token)
	if err == nil {
		err = a.RevokeToken(a.t.Context(), p, jeton.Client{})
	}
	if err != nil {
		a.t.Fatalf("jetontest: revoke: %v", err)
	}
}

// Context returns a context that carries a principal for subject, as it is behind a guard. There is no token and no service
// to set up; what the options cannot do is the same as for [Auth.Token].
func Context(ctx context.Context, subject string, opts ...TokenOption) context.Context {
	return jeton.NewContext(ctx, Principal(subject, opts...))
}

// Principal returns a principal for subject. It panics if an option is wrong, such as a claim that jeton writes itself.
func Principal(subject string, opts ...TokenOption) *jeton.Principal {
	auth := shared()
	var o jeton.IssueOptions
	for _, opt := range opts {
		opt(&o)
	}
	token, err := auth.Issue(context.Background(), subject, o)
	if err != nil {
		panic("jetontest: " + err.Error())
	}
	p, err := auth.Verify(context.Background(), token)
	if err != nil {
		panic("jetontest: " + err.Error())
	}
	return p
}

// shared is the service that mints principals: it signs with HMAC, which is quick, and is made when it is first needed.
//
//nolint:gochecknoglobals // made once, never changed
var shared = sync.OnceValue(func() *jeton.Auth {
	key, err := jwk.Generate(jwk.HS256)
	if err != nil {
		panic("jetontest: " + err.Error())
	}
	auth, err := jeton.New(jeton.Config{
		Issuer: Issuer, Keys: jwk.Static(key), Store: memory.New(), Logger: slog.New(slog.DiscardHandler),
		Hasher: password.Argon2id{Memory: 64, Time: 1, Threads: 1},
	})
	if err != nil {
		panic("jetontest: " + err.Error())
	}
	return auth
})

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
