package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jwk"
	passwords "github.com/jetonauth/jeton/password"
)

func TestStoreIsAway(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	s.get("/auth/me", in.AccessToken).expect(http.StatusOK)
	s.store.fail(fmt.Errorf("%w: %w", jeton.ErrUnavailable, errDisk))
	for _, r := range []request{
		{method: http.MethodPost, path: "/auth/signup", body: object("email", "new@example.com", "password", password)},
		{method: http.MethodPost, path: "/auth/login", body: object("email", email, "password", password)},
		{method: http.MethodPost, path: "/auth/refresh", body: object("refresh_token", in.RefreshToken)},
		{method: http.MethodPost, path: "/auth/logout", token: in.AccessToken},
		{method: http.MethodGet, path: "/auth/me", token: in.AccessToken},
		{method: http.MethodPatch, path: "/auth/me", token: in.AccessToken, body: `{"name":"x"}`},
		{method: http.MethodDelete, path: "/auth/me", token: in.AccessToken},
		{method: http.MethodPost, path: "/auth/password", token: in.AccessToken, body: object("current_password", password, "new_password", password+"!")},
		{method: http.MethodGet, path: "/auth/sessions", token: in.AccessToken},
		{method: http.MethodDelete, path: "/auth/sessions/x", token: in.AccessToken},
	} {
		a := s.send(r)
		p := a.expectProblem(http.StatusServiceUnavailable, "unavailable")
		if a.header.Get("Retry-After") != "1" || a.header.Get("WWW-Authenticate") != "" || strings.Contains(a.text, "db-7") {
			t.Errorf("%s %s: %v %s", r.method, r.path, a.header, a.text)
		}
		if n := len(s.log.lines(p.RequestID, `"level":"ERROR"`, errDisk.Error())); n != 1 {
			t.Errorf("%s %s: %d lines in the log", r.method, r.path, n)
		}
	}
}

// failing is a strategy that goes wrong in the way that the client names.
type failing struct {
	Way string `json:"way"`
}

var errDefect = errors.New("a defect that names host db-7")

func failingStrategy() jeton.Strategy {
	return jeton.StrategyFunc("failing", func(ctx context.Context, c failing, _ jeton.Client) (jeton.Identity, error) {
		switch c.Way {
		case "panic":
			panic("out of cheese at db-7")
		case "abort":
			panic(http.ErrAbortHandler)
		case "not found":
			return jeton.Identity{}, jeton.ErrNotFound
		case "conflict":
			return jeton.Identity{}, jeton.ErrConflict
		case "challenge without a JSON form":
			return jeton.Identity{}, &jeton.Challenge{Strategy: "failing", Data: map[string]any{"f": func() {}}}
		case "deadline":
			return jeton.Identity{}, fmt.Errorf("db-7: %w", context.DeadlineExceeded)
		case "cancelled": // which is not the client's doing
			return jeton.Identity{}, fmt.Errorf("db-7: %w", context.Canceled)
		case "both":
			return jeton.Identity{}, errors.Join(jeton.ErrInvalidCredentials, fmt.Errorf("%w: db-7", jeton.ErrUnavailable))
		case "wait":
			<-ctx.Done()
			return jeton.Identity{}, ctx.Err()
		}
		return jeton.Identity{}, errDefect
	})
}

func withStrategies(strategies ...jeton.Strategy) option {
	return func(c *jeton.Config, _ *api.Config) { c.Strategies = strategies }
}

// A client learns of a defect that there is one, and the log the rest.
func TestDefects(t *testing.T) {
	t.Parallel()
	s := start(t, withStrategies(failingStrategy()))
	for _, tt := range []struct {
		way    string
		status int
		logged string
	}{
		{"defect", 500, errDefect.Error()},
		{"panic", 500, "out of cheese"},
		{"not found", 500, jeton.ErrNotFound.Error()},
		{"conflict", 500, jeton.ErrConflict.Error()},
		{"challenge without a JSON form", 500, "unsupported type"},
		{"deadline", 503, "deadline"},
		{"cancelled", 503, "canceled"},
		{"both", 503, jeton.ErrUnavailable.Error()},
	} {
		a := s.post("/auth/login", object("strategy", "failing", "way", tt.way), "")
		code := "internal"
		if tt.status == http.StatusServiceUnavailable {
			code = "unavailable"
		}
		p := a.expectProblem(tt.status, code)
		if strings.Contains(a.text, "db-7") || tt.status == 500 && (p.Detail != "" || p.Errors != nil) {
			t.Errorf("%s: the client is told %s", tt.way, a.text)
		}
		if n := len(s.log.lines(p.RequestID, `"level":"ERROR"`, `"operation":"signIn"`, tt.logged)); n != 1 {
			t.Errorf("%s: %d lines in the log: %s", tt.way, n, s.log)
		}
	}
	p := s.post("/auth/login", "{", "").expectProblem(http.StatusBadRequest, "invalid_json")
	if lines := s.log.lines(p.RequestID); len(lines) != 0 {
		t.Errorf("a client's mistake is in the log: %s", lines)
	}
	if len(s.log.lines("out of cheese", "failure_test.go")) != 1 {
		t.Error("the log does not say where the panic was")
	}
}

// The server's own way to end a connection stays that.
func TestAbort(t *testing.T) {
	t.Parallel()
	s := start(t, withStrategies(failingStrategy()))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/auth/login", strings.NewReader(object("strategy", "failing", "way", "abort")))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		response.Body.Close()
		t.Errorf("answered %s", response.Status)
	}
}

// A client that has gone away is no error.
func TestClientGone(t *testing.T) {
	t.Parallel()
	s := start(t, withStrategies(failingStrategy()))
	mux := http.NewServeMux()
	s.api.Mount(mux)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/auth/login", strings.NewReader(object("strategy", "failing", "way", "wait")))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", w.Code)
	}
	if lines := s.log.lines(`"level":"ERROR"`); len(lines) != 0 {
		t.Errorf("log: %s", lines)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *jeton.Config, _ *api.Config) {
		c.Limits = jeton.Limits{PerAddress: jeton.Limit{Count: 2, Window: 15 * time.Second}}
	})
	s.signUp()
	s.signIn()
	before := s.store.writes.Load()
	for path, body := range map[string]string{
		"/auth/login":  object("email", email, "password", password),
		"/auth/signup": object("email", "new@example.com", "password", password),
	} {
		a := s.post(path, body, "")
		a.expectProblem(http.StatusTooManyRequests, "rate_limited")
		if got := a.header.Get("Retry-After"); got != "8" { // 7.5 s, rounded up
			t.Errorf("%s: Retry-After %q", path, got)
		}
	}
	if written := s.store.writes.Load() - before; written != 0 {
		t.Errorf("%d writes", written)
	}
	s.auth.Advance(8 * time.Second)
	s.signIn()
}

// blocked is a hasher that waits until it is let go.
type blocked struct {
	passwords.Argon2id
	entered chan struct{}
	free    chan struct{}
}

func (b *blocked) Check(hash, password string) (passwords.Result, error) {
	select {
	case b.entered <- struct{}{}:
	default:
	}
	<-b.free
	return b.Argon2id.Check(hash, password)
}

func TestBusy(t *testing.T) {
	t.Parallel()
	hasher := &blocked{
		Argon2id: passwords.Argon2id{Memory: 64, Time: 1, Threads: 1}, entered: make(chan struct{}, 1), free: make(chan struct{}),
	}
	s := start(t, func(c *jeton.Config, _ *api.Config) { c.Hasher, c.ParallelHashes = hasher, 1 })
	s.signUp()
	var waiting sync.WaitGroup
	login := object("email", email, "password", password)
	statuses := make(chan int, 4)
	for range cap(statuses) { // one is checked, two wait, and there is no room for the fourth
		waiting.Go(func() { statuses <- s.post("/auth/login", login, "").status })
	}
	select {
	case status := <-statuses:
		if status != http.StatusServiceUnavailable {
			t.Errorf("the first answer is %d", status)
		}
	case <-time.After(30 * time.Second):
		t.Error("nobody was turned away")
	}
	a := s.post("/auth/login", login, "")
	a.expectProblem(http.StatusServiceUnavailable, "busy")
	if got := a.header.Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q", got)
	}
	close(hasher.free)
	waiting.Wait()
	close(statuses)
	for status := range statuses {
		if status != http.StatusOK {
			t.Errorf("who waited got %d", status)
		}
	}
}

func TestPasswordChangedMeanwhile(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	s.store.conflict.Store(true)
	s.post("/auth/password", object("current_password", password, "new_password", password+"!"), in.AccessToken).
		expectProblem(http.StatusConflict, "conflict")
}

// raw sends text as it is, and nothing more, and returns the first answer.
func (s *server) raw(format string, values ...any) answer {
	s.t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	if _, err = fmt.Fprintf(connection, format, values...); err != nil {
		s.t.Fatal(err)
	}
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		s.t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{t: s.t, status: response.StatusCode, header: response.Header, text: string(text)}
}

const rawSignUp = "POST /auth/signup HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"

// What did not arrive whole is not taken for what did.
func TestBodyCutOff(t *testing.T) {
	t.Parallel()
	s := start(t)
	body := object("email", email, "password", password)
	p := s.raw(rawSignUp+"\r\n%s", len(body)+1, body).expectProblem(http.StatusBadRequest, "invalid_json")
	if p.Detail != "the body did not arrive whole" || s.store.writes.Load() != 0 {
		t.Errorf("detail %q, %d writes", p.Detail, s.store.writes.Load())
	}
}

// Nobody is asked to send what is not wanted.
func TestTooLargeBodyIsNotAskedFor(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.raw(rawSignUp+"Expect: 100-continue\r\n\r\n", api.DefaultMaxBody+1).
		expectProblem(http.StatusRequestEntityTooLarge, "body_too_large")
	s.raw(rawSignUp+"Expect: 100-continue\r\n\r\n", api.DefaultMaxBody).expect(http.StatusContinue)
}

// awayKeys are keys that cannot be reached any more.
type awayKeys struct {
	jwk.Source
	away atomic.Bool
}

func (k *awayKeys) VerifyingKeys(ctx context.Context) (*jwk.Set, error) {
	if k.away.Load() {
		return nil, errDisk
	}
	return k.Source.VerifyingKeys(ctx)
}

func TestKeysAreAway(t *testing.T) {
	t.Parallel()
	var keys awayKeys
	s := start(t, func(c *jeton.Config, _ *api.Config) {
		keys.Source = c.Keys
		c.Keys = &keys
	})
	in := s.signUp()
	keys.away.Store(true)
	a := s.get("/.well-known/jwks.json", "")
	a.expectProblem(http.StatusServiceUnavailable, "unavailable")
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	s.get("/auth/me", in.AccessToken).expectProblem(http.StatusServiceUnavailable, "unavailable")
	s.post("/auth/logout", "", in.AccessToken).expectProblem(http.StatusServiceUnavailable, "unavailable")
}

func TestSignUpClosed(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *jeton.Config, _ *api.Config) { c.CloseSignUp = true })
	s.post("/auth/signup", object("email", email, "password", password), "").expectProblem(http.StatusForbidden, "sign_up_closed")
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	s := start(t)
	seen := map[string]bool{}
	for range 5 {
		for _, path := range []string{"/auth/me", "/auth/nothing", "/auth/login", "/openapi.json"} {
			a := s.send(request{method: http.MethodGet, path: path, header: http.Header{"X-Request-Id": {"mine"}}})
			id := a.header.Get("X-Request-Id")
			if seen[id] || id == "mine" {
				t.Errorf("request id %q is there twice, or the client's", id)
			}
			seen[id] = true
		}
	}
}
