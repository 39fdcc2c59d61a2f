package remote_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwk/remote"
)

const (
	issuerURL = "https://issuer.test"
	keysURL   = "https://issuer.test/keys"
)

// inProcess is a transport that asks a handler, without a socket, so that a whole source fits into a synctest bubble.
type inProcess struct {
	mu      sync.Mutex
	handler http.HandlerFunc
	asked   []string
}

func (p *inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.asked = append(p.asked, req.URL.String())
	handler := p.handler
	p.mu.Unlock()
	recorder := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		handler(recorder, req)
	}()
	select {
	case <-done:
		resp := recorder.Result()
		resp.Request = req
		return resp, nil
	case <-req.Context().Done():
		<-done // handlers that hang look at the context, too
		return nil, req.Context().Err()
	}
}

func (p *inProcess) answer(handler http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.handler = handler
}

// pass lets d pass in a synctest bubble.
func pass(d time.Duration) {
	time.Sleep(d)
}

// requests returns the number of requests since the last call.
func (p *inProcess) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.asked)
	p.asked = nil
	return n
}

// serve answers with the public part of keys.
func serve(tb testing.TB, cacheControl string, keys ...*jwk.Key) http.HandlerFunc {
	tb.Helper()
	set, err := jwk.NewSet(keys...)
	if err != nil {
		tb.Fatal(err)
	}
	body, err := json.Marshal(set)
	if err != nil {
		tb.Fatal(err)
	}
	return serveBody(cacheControl, string(body))
}

func serveBody(cacheControl, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if cacheControl != "" {
			w.Header().Set("Cache-Control", cacheControl)
		}
		_, _ = w.Write([]byte(body))
	}
}

func fail(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }

// hang answers when the request is given up.
func hang(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }

func newKey(tb testing.TB, id string) *jwk.Key {
	tb.Helper()
	k, err := jwk.Generate(jwk.EdDSA)
	if err != nil {
		tb.Fatal(err)
	}
	if k, err = k.WithID(id); err != nil {
		tb.Fatal(err)
	}
	return k
}

// newSource returns a source of a fixed address, and the transport that it asks.
func newSource(tb testing.TB, handler http.HandlerFunc) (*remote.Source, *inProcess) {
	tb.Helper()
	transport := &inProcess{handler: handler}
	s, err := remote.New(tb.Context(), remote.Config{URL: keysURL, Client: &http.Client{Transport: transport}})
	if err != nil {
		tb.Fatal(err)
	}
	if n := transport.requests(); n != 1 {
		tb.Fatalf("%d requests for the first set", n)
	}
	return s, transport
}

func verifyingKeys(tb testing.TB, s *remote.Source) *jwk.Set {
	tb.Helper()
	set, err := s.VerifyingKeys(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func wantIDs(tb testing.TB, set *jwk.Set, ids ...string) {
	tb.Helper()
	if set.Len() != len(ids) {
		tb.Errorf("%v, want %q", set, ids)
	}
	for _, id := range ids {
		if _, ok := set.Find(id); !ok {
			tb.Errorf("%v, want %q", set, ids)
		}
	}
}

func wantUnavailable(tb testing.TB, set *jwk.Set, err error) {
	tb.Helper()
	if set != nil || !errors.Is(err, remote.ErrUnavailable) {
		tb.Errorf("%v, %v, want ErrUnavailable", set, err)
	}
}

// newWith returns what New says about the keys that handler publishes at address or for issuer.
func newWith(ctx context.Context, cfg remote.Config, handler http.HandlerFunc) (*remote.Source, *inProcess, error) {
	transport := &inProcess{handler: handler}
	cfg.Client = &http.Client{Transport: transport}
	s, err := remote.New(ctx, cfg)
	return s, transport, err
}

func logger() (*slog.Logger, *bytes.Buffer) {
	var out bytes.Buffer
	return slog.New(slog.NewTextHandler(&out, nil)), &out
}
