package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
)

const defaultRealm = "api"

// Config says how a [Guard] works. Verifier is needed.
type Config struct {
	// Verifier decides which tokens are good: a *jeton.Auth, or what jeton.NewVerifier returns.
	Verifier jeton.Verifier
	// Optional lets requests without a token through, without a principal. A bad token is refused all the same.
	Optional bool
	// Sources are where the token may be; if there are none, [Bearer].
	Sources []Source
	// CSRF protects what comes with a cookie.
	CSRF CSRF
	// Scopes are needed, all of them, as [Scopes] does it.
	Scopes []string
	// Roles are needed, at least one of them if there are any, as [Roles] does it.
	Roles []string
	// Policy is asked last, if it is not nil.
	Policy Policy
	// Realm is named in challenges (RFC 9110, section 11.5), in printable ASCII: "api" if empty.
	Realm string
	// Answerer turns a refusal into an answer: [Problems] if nil.
	Answerer Answerer
	// Logger is told why a request was refused: at level debug what the client did, at level error what was unavailable or a
	// defect. A client that went away before its token was judged is no error. Nil means slog.Default().
	Logger *slog.Logger
}

// Guard checks requests. It is immutable and safe for concurrent use. The zero Guard refuses every request as [Unavailable].
type Guard struct {
	verifier jeton.Verifier // nil if there is none, of whatever type
	sources  sources
	csrf     *csrf
	optional bool
	scopes   []string
	roles    []string
	policy   Policy
	realm    string
	answerer Answerer
	logger   *slog.Logger // nil for the default one, which the program may set after its routes
}

// New returns a guard. The error names the field of cfg that is missing or wrong.
func New(cfg Config) (*Guard, error) {
	if isNil(cfg.Verifier) {
		return nil, errors.New("guard: Config.Verifier: needed, such as a *jeton.Auth or what jeton.NewVerifier returns")
	}
	for i := range len(cfg.Realm) {
		if !isPrintable(cfg.Realm[i]) {
			return nil, fmt.Errorf("guard: Config.Realm: %q may only have printable ASCII characters", cfg.Realm)
		}
	}
	if cfg.Answerer != nil && isNil(cfg.Answerer) {
		return nil, fmt.Errorf("guard: Config.Answerer: a nil %T; leave it out for guard.Problems", cfg.Answerer)
	}
	if err := checkSources(cfg.Sources); err != nil {
		return nil, err
	}
	protection, err := newCSRF(cfg.CSRF)
	if err != nil {
		return nil, err
	}
	g := newGuard(cfg)
	g.csrf = protection
	return g, nil
}

func newGuard(cfg Config) *Guard {
	g := &Guard{
		sources:  newSources(cfg.Sources),
		optional: cfg.Optional,
		scopes:   slices.Clone(cfg.Scopes),
		roles:    slices.Clone(cfg.Roles),
		policy:   cfg.Policy,
		realm:    cfg.Realm,
		answerer: cfg.Answerer,
		logger:   cfg.Logger,
	}
	if !isNil(cfg.Verifier) {
		g.verifier = cfg.Verifier
	}
	return g
}

// isNil reports whether v is nil or holds a nil pointer or function, as it does after an ignored error of its constructor.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch value := reflect.ValueOf(v); value.Kind() {
	case reflect.Pointer, reflect.Func:
		return value.IsNil()
	default:
		return false
	}
}

// Require returns middleware that lets only requests with a good Bearer token through (RFC 6750, section 2.1). A nil verifier lets
// nothing through: it answers 503.
func Require(v jeton.Verifier) func(http.Handler) http.Handler {
	return newGuard(Config{Verifier: v}).Wrap
}

// Optional returns middleware that lets requests with a good Bearer token and requests without any through. A nil verifier lets
// nothing through: it answers 503.
func Optional(v jeton.Verifier) func(http.Handler) http.Handler {
	return newGuard(Config{Verifier: v, Optional: true}).Wrap
}

// Wrap returns next behind the guard. It fits as middleware where a func(http.Handler) http.Handler is wanted.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		principal, refusal := g.Check(r.Context(), FromRequest(r))
		if refusal != nil {
			g.Answer(refusal).Write(w)
			return
		}
		next.ServeHTTP(w, admit(g, principal, r))
	})
}

var (
	errNoVerifier  = errors.New("guard: there is no verifier")
	errNoPrincipal = errors.New("guard: verifier returned neither a principal nor an error")
)

// Check takes the token from c and has it verified. Without a token and with Config.Optional both results are nil; otherwise
// exactly one is. It knows no *http.Request, so that other routers and protocols can share it. A refusal is logged.
//
// The verifier's error decides the refusal: jeton.ErrUnavailable and the errors of a context are [Unavailable], and so never taken
// for a bad token, whatever else they wrap. A *jwt.Refusal is [InvalidToken]. Anything else is a defect, [Internal], as is a panic of
// what the application gave the guard, which is logged with its stack; only [http.ErrAbortHandler] passes.
func (g *Guard) Check(ctx context.Context, c Carrier) (*jeton.Principal, *Refusal) {
	if g.verifier == nil {
		return nil, g.refuse(ctx, &Refusal{Code: Unavailable, Err: errNoVerifier})
	}
	principal, refusal := g.judge(ctx, c)
	if refusal != nil {
		return nil, g.refuse(ctx, refusal)
	}
	return principal, nil
}

// judge returns either a principal or a refusal; neither if the guard is optional and there is no token. That a policy says so of a token that
// there is counts as any refusal.
func (g *Guard) judge(ctx context.Context, c Carrier) (principal *jeton.Principal, refusal *Refusal) {
	defer recovered(&refusal)
	token, cookie, refusal := g.sources.extract(c)
	switch {
	case refusal != nil && refusal.Code == MissingToken && g.optional:
		return nil, nil
	case refusal != nil:
		return nil, refusal
	}
	principal, err := g.verifier.Verify(ctx, token)
	switch {
	case err != nil:
		return nil, refusalOf(err)
	case principal == nil:
		return nil, &Refusal{Code: Internal, Err: errNoPrincipal}
	}
	if cookie {
		if refusal := g.csrf.check(c, principal); refusal != nil {
			return nil, refusal
		}
	}
	return principal, g.permit(ctx, principal)
}

// permit says whether a principal has what the guard asks of everyone.
func (g *Guard) permit(ctx context.Context, p *jeton.Principal) *Refusal {
	if len(g.scopes) > 0 {
		if refusal := checkScopes(p, g.scopes); refusal != nil {
			return refusal
		}
	}
	if len(g.roles) > 0 {
		if refusal := checkRoles(p, g.roles); refusal != nil {
			return refusal
		}
	}
	if g.policy == nil {
		return nil
	}
	return checkPolicy(ctx, p, g.policy)
}

// refusalOf classifies a verifier's error.
func refusalOf(err error) *Refusal {
	if isUnavailable(err) {
		return &Refusal{Code: Unavailable, Err: err}
	}
	if cause, ok := errors.AsType[*jwt.Refusal](err); ok {
		refusal := &Refusal{Code: InvalidToken, Err: err}
		if cause.Reason == jwt.ErrExpired {
			refusal.Description = expiredDescription
		}
		return refusal
	}
	return &Refusal{Code: Internal, Err: err}
}

func isUnavailable(err error) bool {
	return errors.Is(err, jeton.ErrUnavailable) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// refuse completes r, which is new, and logs it.
func (g *Guard) refuse(ctx context.Context, r *Refusal) *Refusal {
	r.Realm = g.realm
	if r.Description == "" {
		r.Description = r.Code.description()
	}
	g.log(ctx, r)
	return r
}

func (g *Guard) log(ctx context.Context, r *Refusal) {
	logger, level := g.logger, slog.LevelDebug
	if logger == nil {
		logger = slog.Default()
	}
	gone := r.Code == Unavailable && errors.Is(ctx.Err(), context.Canceled)
	if r.Status() >= http.StatusInternalServerError && !gone {
		level = slog.LevelError
	}
	if !logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.String("code", string(r.Code))}
	if r.Err != nil {
		attrs = append(attrs, slog.Any("error", r.Err))
	}
	logger.LogAttrs(ctx, level, "guard: request refused", attrs...)
}

// Answer returns the answer to a refusal. A refusal that was not made by a guard gets this guard's realm; a nil one is answered
// as [Internal], as is one at which the Answerer panics.
func (g *Guard) Answer(r *Refusal) (answer Answer) {
	if r == nil {
		r = &Refusal{Code: Internal}
	}
	if r.Realm == "" {
		named := *r
		named.Realm = g.realm
		r = &named
	}
	if g.answerer == nil {
		return Problems{}.Answer(r)
	}
	var defect *Refusal
	defer func() {
		if defect != nil {
			answer = Problems{}.Answer(g.refuse(context.Background(), defect))
		}
	}()
	defer recovered(&defect)
	return g.answerer.Answer(r)
}
