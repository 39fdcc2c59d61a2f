package guard

import "context"
import "log/slog"
import "net/http"
import "github.com/jetonauth/jeton"

// Config says how a [Guard] works. Verifier is needed.
type Config struct {
	// Verifier decides which tokens are good: a *jeton.Auth, or what jeton.NewVerifier returns.
	Verifier jeton.Verifier
	// Optional lets requests without a token through, without a principal. A bad token is refused all the same.
	Optional bool
	// Realm is named in challenges (RFC 9110, section 11.5), in printable ASCII: "api" if empty.
	Realm string
	// Answerer turns a refusal into an answer: [Problems] if nil.
	Answerer Answerer
	// Logger is told why a request was refused: at level debug what the client did, at level error what was unavailable or a
	// defect. A client that went away before its token was judged is no error. Nil means slog.Default().
	Logger *slog.Logger
}

// Guard checks requests. It is immutable and safe for concurrent use. The zero Guard refuses every request as [Unavailable].
type Guard struct{}

// New returns a guard. The error names the field of cfg that is missing or wrong.
func New(cfg Config) (*Guard, error) { panic("declared") }

// Require returns middleware that lets only requests with a good Bearer token through (RFC 6750, section 2.1). A nil verifier lets
// nothing through: it answers 503.
func Require(v jeton.Verifier) func(http.Handler) http.Handler { panic("declared") }

// Optional returns middleware that lets requests with a good Bearer token and requests without any through. A nil verifier lets
// nothing through: it answers 503.
func Optional(v jeton.Verifier) func(http.Handler) http.Handler { panic("declared") }

// Wrap returns next behind the guard. It fits as middleware where a func(http.Handler) http.Handler is wanted.
func (g *Guard) Wrap(next http.Handler) http.Handler { panic("declared") }

// Check takes the token from c and has it verified. Without a token and with Config.Optional both results are nil; otherwise
// exactly one is. It knows no *http.Request, so that other routers and protocols can share it. A refusal is logged.
//
// The verifier's error decides the refusal: jeton.ErrUnavailable and the errors of a context are [Unavailable], and so never taken
// for a bad token, whatever else they wrap. A *jwt.Refusal is [InvalidToken]. Anything else is a defect, [Internal]. A verifier's
// panic is not recovered.
func (g *Guard) Check(ctx context.Context, c Carrier) (*jeton.Principal, *Refusal) { panic("declared") }

// Answer returns the answer to a refusal. A refusal that was not made by a guard gets this guard's realm; a nil one is answered
// as [Internal].
func (g *Guard) Answer(r *Refusal) Answer { panic("declared") }
