package guard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwt"
)

func TestGuardOverHTTP(t *testing.T) {
	t.Parallel()
	ours, theirs := newIssuer(t), newIssuer(t)
	good := ours.token(t, "ada")
	expired := ours.token(t, "ada", func(c *jwt.Claims) { c.ExpiresAt = now.Add(-time.Hour) })
	elsewhere := ours.token(t, "ada", func(c *jwt.Claims) { c.Audience = []string{"weather"} })
	unauthorized, bad := http.StatusUnauthorized, http.StatusBadRequest

	tests := map[string]struct {
		method        string
		authorization []string
		status        int
		code          string
		challenge     string
	}{
		"good token":         {"GET", []string{"Bearer " + good}, 200, "", ""},
		"scheme in capitals": {"POST", []string{"BEARER " + good}, 200, "", ""},
		"no token":           {"GET", nil, unauthorized, "unauthorized", missingChallenge},
		"no token, HEAD":     {"HEAD", nil, unauthorized, "unauthorized", missingChallenge},
		"Basic":              {"GET", []string{"Basic YTpi"}, unauthorized, "unauthorized", missingChallenge},
		"two headers":        {"GET", []string{"Bearer " + good, "Bearer " + good}, bad, "invalid_request", twoHeadersChallenge},
		"no token behind":    {"GET", []string{"Bearer"}, bad, "invalid_request", malformedChallenge},
		"two tokens":         {"GET", []string{"Bearer " + good + " " + good}, bad, "invalid_request", malformedChallenge},
		"no JWT":             {"GET", []string{"Bearer abc"}, unauthorized, "invalid_token", invalidChallenge},
		"another's key":      {"GET", []string{"Bearer " + theirs.token(t, "ada")}, unauthorized, "invalid_token", invalidChallenge},
		"another audience":   {"GET", []string{"Bearer " + elsewhere}, unauthorized, "invalid_token", invalidChallenge},
		"changed":            {"GET", []string{"Bearer " + good[:len(good)-4] + "AAAA"}, unauthorized, "invalid_token", invalidChallenge},
		"expired":            {"GET", []string{"Bearer " + expired}, unauthorized, "invalid_token", expiredChallenge},
		"expired, HEAD":      {"HEAD", []string{"Bearer " + expired}, unauthorized, "invalid_token", expiredChallenge},
		"too long":           {"GET", []string{"Bearer " + strings.Repeat("a", 20<<10)}, unauthorized, "invalid_token", invalidChallenge},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, optional := range []bool{false, true} {
				next := http.Handler(http.HandlerFunc(hello))
				want := "hello, ada"
				switch {
				case optional && tt.code == "unauthorized":
					want = "hello, stranger"
				case tt.status != http.StatusOK:
					next, want = never(t), ""
				}
				g := newGuard(t, guard.Config{Verifier: ours.verifier(t), Optional: optional})
				got := ask(t, g.Wrap(next), tt.method, tt.authorization...)
				if want == "" {
					got.expectProblem(t, tt.status, tt.code, tt.challenge)
				} else if got.status != http.StatusOK || got.body != want && tt.method != http.MethodHead {
					t.Errorf("optional %v: %d %s, want %s", optional, got.status, got.body, want)
				}
			}
		})
	}
}

func TestRequireAndOptional(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	authorization := "Bearer " + i.token(t, "ada")
	for name, middleware := range map[string]func(http.Handler) http.Handler{
		"require":  guard.Require(i.verifier(t)),
		"optional": guard.Optional(i.verifier(t)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := middleware(http.HandlerFunc(hello))
			if got := ask(t, h, http.MethodGet, authorization); got.body != "hello, ada" {
				t.Errorf("with a token: %s", got.body)
			}
			got := ask(t, h, http.MethodGet)
			if name == "optional" && got.body != "hello, stranger" {
				t.Errorf("without a token: %s", got.body)
			}
			if name == "require" {
				got.expectProblem(t, http.StatusUnauthorized, "unauthorized", missingChallenge)
			}
			got = ask(t, h, http.MethodGet, "Bearer abc")
			got.expectProblem(t, http.StatusUnauthorized, "invalid_token", invalidChallenge)
		})
	}
}

// The verifier's error decides, and a principal that comes with one is never used.
func TestClassification(t *testing.T) {
	t.Parallel()
	refused := &jwt.Refusal{Reason: jwt.ErrBadSignature}
	defect := errors.New("nil map")
	tests := map[string]struct {
		principal *jeton.Principal
		err       error
		code      guard.Code
	}{
		"principal":                 {&jeton.Principal{}, nil, ""},
		"refusal":                   {nil, refused, guard.InvalidToken},
		"wrapped refusal":           {nil, fmt.Errorf("profile: %w", refused), guard.InvalidToken},
		"refusal and principal":     {&jeton.Principal{}, refused, guard.InvalidToken},
		"unavailable":               {nil, jeton.ErrUnavailable, guard.Unavailable},
		"unavailable and principal": {&jeton.Principal{}, jeton.ErrUnavailable, guard.Unavailable},
		"unavailable for a refusal": {nil, fmt.Errorf("%w: feed: %w", jeton.ErrUnavailable, refused), guard.Unavailable},
		"refusal while unavailable": {nil, errors.Join(refused, jeton.ErrUnavailable), guard.Unavailable},
		"deadline":                  {nil, fmt.Errorf("store: %w", context.DeadlineExceeded), guard.Unavailable},
		"cancelled":                 {nil, context.Canceled, guard.Unavailable},
		"anything else":             {nil, defect, guard.Internal},
		"not found":                 {nil, jeton.ErrNotFound, guard.Internal},
		"defect and principal":      {&jeton.Principal{}, defect, guard.Internal},
		"neither":                   {nil, nil, guard.Internal},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, optional := range []bool{false, true} {
				v := jeton.VerifierFunc(func(context.Context, string) (*jeton.Principal, error) { return tt.principal, tt.err })
				g := newGuard(t, guard.Config{Verifier: v, Optional: optional, Realm: "news"})
				p, refusal := g.Check(t.Context(), message{"Authorization": {"Bearer abc"}})
				if tt.code == "" {
					if p != tt.principal || refusal != nil {
						t.Errorf("got %v, %v", p, refusal)
					}
					continue
				}
				if p != nil || refusal == nil || refusal.Code != tt.code || refusal.Realm != "news" {
					t.Fatalf("got %v, %v, want %s", p, refusal, tt.code)
				}
				if refusal.Err == nil || tt.err != nil && !errors.Is(refusal, tt.err) {
					t.Errorf("the cause %v is not %v", refusal.Err, tt.err)
				}
			}
		})
	}
}

func TestUnavailableAndInternalOverHTTP(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]struct {
		status int
		code   string
	}{
		jeton.ErrUnavailable:   {http.StatusServiceUnavailable, "unavailable"},
		errors.New("a secret"): {http.StatusInternalServerError, "internal"},
	} {
		v := jeton.VerifierFunc(func(context.Context, string) (*jeton.Principal, error) { return nil, err })
		h := newGuard(t, guard.Config{Verifier: v, Optional: true}).Wrap(never(t))
		got := ask(t, h, http.MethodGet, "Bearer abc")
		got.expectProblem(t, want.status, want.code, "")
		if strings.Contains(got.body, "secret") {
			t.Errorf("the client was told the cause: %s", got.body)
		}
	}
}

func TestNilVerifier(t *testing.T) {
	t.Parallel()
	var auth *jeton.Auth
	var function jeton.VerifierFunc
	for name, v := range map[string]jeton.Verifier{"nil": nil, "nil pointer": auth, "nil function": function} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := guard.New(guard.Config{Verifier: v}); err == nil || !strings.Contains(err.Error(), "Config.Verifier") {
				t.Errorf("New: %v", err)
			}
			for _, middleware := range []func(http.Handler) http.Handler{guard.Require(v), guard.Optional(v), (&guard.Guard{}).Wrap} {
				for _, authorization := range [][]string{nil, {"Bearer abc"}, {"Bearer"}} {
					got := ask(t, middleware(never(t)), http.MethodGet, authorization...)
					got.expectProblem(t, http.StatusServiceUnavailable, "unavailable", "")
				}
			}
		})
	}
}

func TestNewNamesTheField(t *testing.T) {
	t.Parallel()
	var answerer guard.AnswererFunc
	v := new(seen)
	for field, cfg := range map[string]guard.Config{
		"Config.Verifier": {},
		"Config.Realm":    {Verifier: v, Realm: "a\r\nX-Evil: 1"},
		"Config.Answerer": {Verifier: v, Answerer: answerer},
	} {
		g, err := guard.New(cfg)
		if g != nil || err == nil || !strings.HasPrefix(err.Error(), "guard: "+field+": ") {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := guard.New(guard.Config{Verifier: v, Realm: "news"}); err != nil {
		t.Error(err)
	}
}

// What an application gives a guard may panic: the client is told nothing of it, the log has the stack, and nothing is let through.
func TestPanicsAreAnswered(t *testing.T) {
	t.Parallel()
	const secret = "defect with a secret in it"
	v := new(seen)
	verifier := jeton.VerifierFunc(func(context.Context, string) (*jeton.Principal, error) { panic(secret) })
	policy := func(context.Context, *jeton.Principal) (bool, error) { panic(secret) }
	read := guard.SourceFunc(func(guard.Carrier) (string, error) { panic(secret) })
	for name, cfg := range map[string]guard.Config{
		"verifier": {Verifier: verifier}, "optional": {Verifier: verifier, Optional: true},
		"policy": {Verifier: v, Policy: policy}, "source": {Verifier: v, Sources: []guard.Source{read}},
	} {
		var logged strings.Builder
		cfg.Logger = slog.New(slog.NewTextHandler(&logged, nil))
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header.Set("Authorization", "Bearer abc")
		newGuard(t, cfg).Wrap(never(t)).ServeHTTP(w, r)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "defect") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if !strings.Contains(logged.String(), secret) || !strings.Contains(logged.String(), "guard_test.go") {
			t.Errorf("%s: the log lacks the panic and where it was: %s", name, &logged)
		}
	}
}

func TestAbortingGoesOn(t *testing.T) {
	t.Parallel()
	v := jeton.VerifierFunc(func(context.Context, string) (*jeton.Principal, error) { panic(http.ErrAbortHandler) })
	defer func() {
		if got := recover(); got != http.ErrAbortHandler { //nolint:errorlint // the very value that net/http compares with
			t.Errorf("recovered %v", got)
		}
	}()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", "Bearer abc")
	newGuard(t, guard.Config{Verifier: v}).Wrap(never(t)).ServeHTTP(httptest.NewRecorder(), r)
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	g := newGuard(t, guard.Config{Verifier: new(seen), Realm: "news"})
	mine := &guard.Refusal{Code: guard.InsufficientScope, Scopes: []string{"a"}}
	const challenge = `Bearer realm="news", error="insufficient_scope", scope="a"`
	if got := g.Answer(mine).Header.Get("WWW-Authenticate"); got != challenge {
		t.Errorf("challenge %s, want %s", got, challenge)
	}
	if mine.Realm != "" {
		t.Error("the caller's refusal was changed")
	}
	theirs := &guard.Refusal{Code: guard.MissingToken, Realm: "weather"}
	if got := g.Answer(theirs).Header.Get("WWW-Authenticate"); got != `Bearer realm="weather"` {
		t.Errorf("another guard's refusal: challenge %s", got)
	}
	if got := g.Answer(nil).Status; got != http.StatusInternalServerError {
		t.Errorf("a nil refusal is answered %d", got)
	}
	if got := new(guard.Guard).Answer(mine).Status; got != http.StatusForbidden {
		t.Errorf("the zero guard answers %d", got)
	}

	custom := guard.AnswererFunc(func(r *guard.Refusal) guard.Answer {
		return guard.Answer{Status: http.StatusTeapot, Body: []byte(r.Realm + " " + string(r.Code))}
	})
	h := newGuard(t, guard.Config{Verifier: new(seen), Realm: "news", Answerer: custom}).Wrap(never(t))
	got := ask(t, h, http.MethodGet)
	if got.status != http.StatusTeapot || got.body != "news missing_token" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	secret := "abc.def.ghi"
	tests := map[string]struct {
		gone          bool // the client
		authorization []string
		err           error
		level, attrs  string
	}{
		"none":        {false, nil, nil, "DEBUG", `code=missing_token`},
		"malformed":   {false, []string{"Bearer"}, nil, "DEBUG", `code=invalid_request error=`},
		"refused":     {false, []string{"Bearer " + secret}, &jwt.Refusal{Reason: jwt.ErrRevoked}, "DEBUG", `code=invalid_token error="jwt: token revoked"`},
		"unavailable": {false, []string{"Bearer " + secret}, jeton.ErrUnavailable, "ERROR", `code=unavailable error="jeton: unavailable"`},
		"defect":      {false, []string{"Bearer " + secret}, errors.New("defect"), "ERROR", `code=internal error=defect`},
		"client gone": {true, []string{"Bearer " + secret}, context.Canceled, "DEBUG", `code=unavailable error="context canceled"`},
		"defect gone": {true, []string{"Bearer " + secret}, errors.New("defect"), "ERROR", `code=internal error=defect`},
		"let through": {false, []string{"Bearer " + secret}, nil, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			v := jeton.VerifierFunc(func(context.Context, string) (*jeton.Principal, error) {
				if tt.err != nil {
					return nil, tt.err
				}
				return &jeton.Principal{}, nil
			})
			logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			g := newGuard(t, guard.Config{Verifier: v, Logger: logger})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tt.gone {
				cancel()
			}
			if _, refusal := g.Check(ctx, message{"Authorization": tt.authorization}); (refusal == nil) != (tt.level == "") {
				t.Errorf("refusal: %v", refusal)
			}
			want := "level=" + tt.level + ` msg="guard: request refused" ` + tt.attrs
			if tt.level == "" && log.Len() != 0 || tt.level != "" && !strings.Contains(log.String(), want) {
				t.Errorf("log\n got %s\nwant %s", &log, want)
			}
			if strings.Contains(log.String(), secret) {
				t.Errorf("the token is in the log: %s", &log)
			}
		})
	}
}

// The context behind a guard works as any other: with values of others, cancelling, and without the request when printed.
func TestContextBehindGuard(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "outer"))
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", "Bearer abc.def.ghi")
	called := false
	next := http.HandlerFunc(func(_ http.ResponseWriter, inner *http.Request) {
		called = true
		if inner == r {
			t.Error("the outer request was changed")
		}
		if inner.Header.Get("Authorization") == "" || inner.URL != r.URL {
			t.Error("the request lost something")
		}
		if got := inner.Context().Value(key{}); got != "outer" {
			t.Errorf("outer value: %v", got)
		}
		printed := fmt.Sprintf("%v %+v", inner.Context(), context.WithValue(inner.Context(), key{}, "x"))
		if strings.Contains(printed, "abc") {
			t.Errorf("the token was printed: %s", printed)
		}
		child, cancelChild := context.WithCancel(inner.Context())
		defer cancelChild()
		cancel()
		if !errors.Is(inner.Context().Err(), context.Canceled) || !errors.Is(child.Err(), context.Canceled) {
			t.Error("cancelling does not arrive")
		}
	})
	newGuard(t, guard.Config{Verifier: new(seen)}).Wrap(next).ServeHTTP(httptest.NewRecorder(), r)
	if !called {
		t.Fatal("the handler was not called")
	}
	if _, ok := jeton.FromContext(r.Context()); ok {
		t.Error("the outer request has a principal")
	}
}

func TestInnerGuardDecides(t *testing.T) {
	t.Parallel()
	ours, theirs := newIssuer(t), newIssuer(t)
	logger := slog.New(slog.DiscardHandler)
	outer := newGuard(t, guard.Config{Verifier: ours.verifier(t), Logger: logger})
	for _, optional := range []bool{false, true} {
		inner := newGuard(t, guard.Config{Verifier: theirs.verifier(t), Logger: logger, Optional: optional})
		got := ask(t, outer.Wrap(inner.Wrap(never(t))), http.MethodGet, "Bearer "+ours.token(t, "ada"))
		got.expectProblem(t, http.StatusUnauthorized, "invalid_token", invalidChallenge)
	}
}

// nowhere is a ResponseWriter that costs nothing.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

func TestAllocations(t *testing.T) {
	principal := &jeton.Principal{}
	v := jeton.VerifierFunc(func(context.Context, string) (*jeton.Principal, error) { return principal, nil })
	bare := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { jeton.FromContext(r.Context()) })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", "Bearer abc.def.ghi")
	w := nowhere{http.Header{}}
	for name, tt := range map[string]struct {
		h       http.Handler
		allowed float64
	}{
		"require": {guard.Require(v)(bare), 2},
		"carrier": {http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { guard.FromRequest(r).Header("Authorization") }), 0},
	} {
		if got := testing.AllocsPerRun(200, func() { tt.h.ServeHTTP(w, r) }); got > tt.allowed {
			t.Errorf("%s: %v allocations, want at most %v", name, got, tt.allowed)
		}
	}
}

// The program's default logger is looked up when there is something to say: routes are often made before it is set.
func TestDefaultLogger(t *testing.T) {
	h := guard.Require(nil)(never(t))
	before := slog.Default()
	defer slog.SetDefault(before)
	var log bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	if !strings.Contains(log.String(), `level=ERROR`) || !strings.Contains(log.String(), `error="guard: there is no verifier"`) {
		t.Errorf("log: %s", &log)
	}
}
