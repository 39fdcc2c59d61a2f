package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/password"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/sqlite"
)

var errAway = errors.New("no route to host")

// breakable are keys and a feed of revocations that can be away.
type breakable struct {
	jwk.Source
	jeton.SessionStore
	keysAway, feedAway, feedHangs atomic.Bool
}

// into puts b between the service and its parts.
func (b *breakable) into(c *Config) {
	c.configure = func(c *jeton.Config) {
		c.Hasher = password.Argon2id{Memory: 64, Time: 1, Threads: 1}
		if b.Source == nil { // stays when the server reloads
			b.Source, b.SessionStore = c.Keys, c.Store
		}
		c.Keys, c.Sessions = b, b
	}
}

func (b *breakable) SigningKey(ctx context.Context) (*jwk.Key, error) {
	if b.keysAway.Load() {
		return nil, errAway
	}
	return b.Source.SigningKey(ctx)
}

func (b *breakable) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	if b.feedHangs.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if b.feedAway.Load() {
		return nil, errAway
	}
	return b.SessionStore.Revocations(ctx, after, limit)
}

func TestReadyIsWhatCanServe(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail func(*running, *breakable) error
		mend func(*breakable)
	}{
		"the store is closed": {fail: func(r *running, _ *breakable) error { return r.server.store.Close() }},
		"the store cannot write": {fail: func(r *running, _ *breakable) error {
			store, ok := r.server.store.(*sqlite.Store)
			if !ok {
				return fmt.Errorf("the store is %T", r.server.store)
			}
			write, _ := store.Handles()
			return write.Close()
		}},
		"no key can sign": {
			fail: func(_ *running, b *breakable) error { b.keysAway.Store(true); return nil },
			mend: func(b *breakable) { b.keysAway.Store(false) },
		},
		"revocations cannot be learnt": {
			fail: func(_ *running, b *breakable) error { b.feedAway.Store(true); return nil },
			mend: func(b *breakable) { b.feedAway.Store(false) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parts := &breakable{}
			r := start(t, t.TempDir(), parts.into)
			if ready := r.want(r.do("GET", "/readyz", "", nil), 200, ""); ready.text != "ready\n" {
				t.Errorf("ready: %q", ready.text)
			}
			if err := test.fail(r, parts); err != nil {
				t.Fatal(err)
			}
			away := r.want(r.do("GET", "/readyz", "", nil), 503, "")
			if away.header.Get("Retry-After") != "1" || away.header.Get("Cache-Control") != "no-store" || away.text != "not ready\n" {
				t.Errorf("not ready: %q with %v", away.text, away.header)
			}
			r.want(r.do("GET", "/readyz", "", nil), 503, "")
			if n := strings.Count(r.log(), "not ready"); n != 1 {
				t.Errorf("it is logged %d times that the server is not ready", n)
			}
			r.want(r.do("GET", "/healthz", "", nil), 200, "")
			if test.mend != nil {
				test.mend(parts)
				r.want(r.do("GET", "/readyz", "", nil), 200, "")
				r.want(r.do("GET", "/readyz", "", nil), 200, "")
				if n := strings.Count(r.log(), "ready again"); n != 1 {
					t.Errorf("it is logged %d times that the server is ready again", n)
				}
			}
		})
	}
}

func TestReadyDoesNotWaitForAStoreThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		parts := &breakable{}
		cfg := config(t.TempDir())
		parts.into(&cfg)
		s, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		parts.feedHangs.Store(true)
		began, answer := time.Now(), httptest.NewRecorder()
		s.ready(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", http.NoBody))
		if waited := time.Since(began); answer.Code != 503 || waited != 2*time.Second {
			t.Errorf("status %d after %v, want 503 after 2s", answer.Code, waited)
		}
		time.Sleep(time.Minute) // until the read itself has given up
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
