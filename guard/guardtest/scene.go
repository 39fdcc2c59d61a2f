package guardtest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jetonauth/jeton/guard"
)

// realm is the one of all guards of the suite.
const realm = "suite"

// scene is one scenario while it runs.
type scene struct {
	*testing.T
	ctx     context.Context //nolint:containedctx // one scenario's deadline
	harness Harness
	issuer  *issuer
}

// route is a server that a scenario started.
type route struct {
	*scene
	url    string // empty unless it speaks HTTP
	send   func(ctx context.Context, rq request) (Reply, error)
	answer *lastAnswer
	called atomic.Int64 // how often the handler was called
	let    int64        // how often it should have been
	loads  bool         // it has a loader
}

// request is what a scenario sends. Protocols other than HTTP have headers only.
type request struct {
	method string // GET if empty
	path   string // with its query
	header http.Header
}

// bearer returns a request with a token in its usual place.
func bearer(token string) request {
	return request{header: http.Header{"Authorization": {"Bearer " + token}}}
}

// start starts a server. What cfg leaves out is the suite's own; change may add what stands behind the guard.
func (s *scene) start(cfg guard.Config, change ...func(*Server)) *route {
	s.Helper()
	r := &route{scene: s, answer: &lastAnswer{by: cfg.Answerer}}
	if cfg.Verifier == nil {
		cfg.Verifier = s.issuer.verifier(s)
	}
	cfg.Realm, cfg.Answerer, cfg.Logger = realm, r.answer, slog.New(slog.DiscardHandler)
	g, err := guard.New(cfg)
	must(s, err)
	server := Server{Guard: g}
	for _, f := range change {
		f(&server)
	}
	r.loads = server.Users != nil
	inner := server
	server.handle = func(ctx context.Context) string {
		r.called.Add(1)
		return inner.Handle(ctx)
	}
	// What is registered first runs last: when the server is closed, nothing calls the handler any more.
	s.Cleanup(r.checkCalls)
	if s.harness.Call != nil {
		call := s.harness.Call(s, server)
		r.send = func(ctx context.Context, rq request) (Reply, error) { return call(ctx, rq.header) }
		return r
	}
	r.url = s.harness.Serve(s, server)
	r.send = sendTo(s, r.url)
	return r
}

// checkCalls wants the handler to have been called for those requests that were let through, and no other.
func (r *route) checkCalls() {
	r.Helper()
	if called := r.called.Load(); called != r.let {
		r.Errorf("the handler was called %d times for %d requests that were let through", called, r.let)
	}
}

// ask sends a request that must be answered.
func (r *route) ask(rq request) Reply {
	r.Helper()
	reply, err := r.send(r.ctx, rq)
	if err != nil {
		r.Fatalf("no answer: %v", err)
	}
	return reply
}

// admits wants a request to be let through, and its handler to find want.
func (r *route) admits(rq request, want string) {
	r.Helper()
	r.let++
	if reply := r.ask(rq); reply.Status != http.StatusOK || reply.Body != want {
		r.Errorf("answered %d %s, want 200 %s", reply.Status, reply.Body, want)
	}
}

// refusal is a way of being refused.
type refusal int

const (
	missing refusal = iota
	invalid
	malformed
	forbidden
	forged
	unavailable
	internal
)

// told is what a refused client is told: the status, and what WWW-Authenticate begins with, which is empty if there must be none.
func (r refusal) told() (status int, challenge string) {
	const start = `Bearer realm="` + realm + `"`
	switch r {
	case missing:
		return http.StatusUnauthorized, start
	case invalid:
		return http.StatusUnauthorized, start + `, error="invalid_token"`
	case malformed:
		return http.StatusBadRequest, start + `, error="invalid_request"`
	case forbidden:
		return http.StatusForbidden, start + `, error="insufficient_scope"`
	case forged:
		return http.StatusForbidden, ""
	case unavailable:
		return http.StatusServiceUnavailable, ""
	default:
		return http.StatusInternalServerError, ""
	}
}

// secret is what the errors and panics of the suite say, and no client may be told.
const secret = "a secret of the server"

// refuses wants a request to be refused, and returns what the client was told.
func (r *route) refuses(rq request, want refusal) Reply {
	r.Helper()
	before := r.called.Load()
	reply := r.ask(rq)
	if r.called.Load() != before {
		r.Error("the handler was called")
	}
	r.tells(reply, want)
	r.leaksNothing(reply)
	if r.url != "" {
		r.isAnswer(rq.method, reply)
	}
	return reply
}

// tells wants a reply to be a refusal's.
func (r *route) tells(reply Reply, want refusal) {
	r.Helper()
	status, challenge := want.told()
	if reply.Status != status {
		r.Errorf("answered %d %s, want %d", reply.Status, reply.Body, status)
	}
	got := reply.Header.Values("WWW-Authenticate")
	switch {
	case challenge == "" && len(got) > 0:
		r.Errorf("challenge %q, want none", got)
	case challenge != "" && (len(got) != 1 || !strings.HasPrefix(got[0], challenge)):
		r.Errorf("challenge %q, want %s", got, challenge)
	case want == missing && got[0] != challenge:
		r.Errorf("challenge %q, want nothing but %s", got, challenge)
	}
}

// leaksNothing wants a refused client not to be told what only logs may say.
func (r *route) leaksNothing(reply Reply) {
	r.Helper()
	text := fmt.Sprintln(reply.Header, reply.Body)
	for _, leak := range []string{secret, "panic", "goroutine", ".go:"} {
		if strings.Contains(text, leak) {
			r.Errorf("the client was told %q:\n%s", leak, text)
		}
	}
}

// isAnswer wants an HTTP reply to be exactly what the guard's Answerer said.
func (r *route) isAnswer(method string, reply Reply) {
	r.Helper()
	said := r.answer.last()
	if reply.Status != said.Status {
		r.Errorf("answered %d, and the Answerer said %d", reply.Status, said.Status)
	}
	for name, want := range said.Header {
		if got := reply.Header.Values(name); !slices.Equal(got, want) {
			r.Errorf("answered %s: %q, and the Answerer said %q", name, got, want)
		}
	}
	want := string(said.Body)
	if method == http.MethodHead {
		want = ""
	}
	if reply.Body != want {
		r.Errorf("answered %q, and the Answerer said %q", reply.Body, want)
	}
}

// lastAnswer is an Answerer that remembers what it said.
type lastAnswer struct {
	by     guard.Answerer // guard.Problems if nil
	mu     sync.Mutex
	answer guard.Answer
}

// Answer answers as the one that is asked does.
func (a *lastAnswer) Answer(r *guard.Refusal) guard.Answer {
	var answer guard.Answer
	if a.by == nil {
		answer = guard.Problems{}.Answer(r)
	} else {
		answer = a.by.Answer(r)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = guard.Answer{Status: answer.Status, Header: answer.Header.Clone(), Body: slices.Clone(answer.Body)}
	return answer
}

func (a *lastAnswer) last() guard.Answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.answer
}

// sendTo returns what sends requests to an HTTP server, over a connection that stays open between them.
func sendTo(t testing.TB, base string) func(ctx context.Context, rq request) (Reply, error) {
	t.Helper()
	if parsed, err := url.Parse(base); err != nil || parsed.Host == "" || parsed.Path != "" {
		t.Fatalf("guardtest: %q is no server's URL, such as http://127.0.0.1:8080", base)
	}
	transport := &http.Transport{DisableCompression: true}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(transport.CloseIdleConnections)
	return func(ctx context.Context, rq request) (Reply, error) {
		r, err := http.NewRequestWithContext(ctx, rq.method, base+"/guarded"+rq.path, http.NoBody)
		if err != nil {
			return Reply{}, err
		}
		maps.Copy(r.Header, rq.header)
		response, err := client.Do(r)
		if err != nil {
			return Reply{}, err
		}
		body, err := io.ReadAll(response.Body)
		if closed := response.Body.Close(); err == nil {
			err = closed
		}
		return Reply{Status: response.StatusCode, Header: response.Header, Body: string(body)}, err
	}
}
