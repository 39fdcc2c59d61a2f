package remote_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/revoke/remote"
	"github.com/jetonauth/jeton/store/memory"
)

const clientName = "news"

// issuer is a jeton that is followed, over real HTTP.
type issuer struct {
	*httptest.Server
	auth     *jetontest.Auth
	store    *memory.Store
	secret   string
	serving  atomic.Pointer[http.ServeMux]
	away     atomic.Bool
	requests atomic.Int64
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	is := &issuer{}
	is.serve(t, memory.New())
	is.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		is.requests.Add(1)
		if is.away.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		is.serving.Load().ServeHTTP(w, r)
	}))
	t.Cleanup(is.Close)
	var err error
	if is.secret, err = is.auth.AddServiceClient(t.Context(), clientName, []string{jeton.ScopeRevocations}); err != nil {
		t.Fatal(err)
	}
	return is
}

// serve puts another database behind the same address.
func (is *issuer) serve(t *testing.T, store *memory.Store) {
	t.Helper()
	if is.store != nil {
		client, err := is.store.ServiceClient(t.Context(), clientName)
		if err == nil {
			err = store.AddServiceClient(t.Context(), client)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	is.auth, is.store = jetontest.New(t, func(c *jeton.Config) { c.Store = store }), store
	mux := http.NewServeMux()
	api.Mount(mux, is.auth.Auth)
	is.serving.Store(mux)
}

// commit revokes values, for an hour unless they are for ever.
func commit(t *testing.T, store *memory.Store, values ...string) {
	t.Helper()
	for _, value := range values {
		expires := time.Now().Add(time.Hour)
		if value == "for ever" {
			expires = time.Time{}
		}
		if _, err := store.RevokeToken(t.Context(), revoke.IDOf(value), expires); err != nil {
			t.Fatal(err)
		}
	}
}

func (is *issuer) config() remote.Config {
	return remote.Config{
		Issuer: is.URL, Name: clientName, Secret: is.secret, Client: is.Client(), Logger: slog.New(slog.DiscardHandler),
	}
}

func (is *issuer) feed(t *testing.T) *remote.Feed { t.Helper(); return newFeed(t, is.config()) }

func newFeed(t *testing.T, cfg remote.Config) *remote.Feed {
	t.Helper()
	feed, err := remote.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return feed
}

// answering is a feed at a server that always answers so.
func answering(t *testing.T, handler http.HandlerFunc) *remote.Feed {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return newFeed(t, remote.Config{
		URL: server.URL + "/feed", Name: clientName, Secret: "jcs_hidden", Client: server.Client(), Logger: slog.New(slog.DiscardHandler),
	})
}

// reader reads a feed to its end, as a follower does.
type reader struct {
	feed  revoke.Feed
	after uint64
	limit int
}

// read returns what is new, and demands that numbers only grow.
func (r *reader) read(t *testing.T) (ids []revoke.ID) {
	t.Helper()
	for {
		page, err := r.feed.Revocations(t.Context(), r.after, r.limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > r.limit {
			t.Fatalf("%d entries, want at most %d", len(page), r.limit)
		}
		for _, e := range page {
			if e.Number <= r.after {
				t.Fatalf("entry %d after %d", e.Number, r.after)
			}
			r.after = e.Number
			ids = append(ids, e.ID)
		}
		if len(page) < r.limit {
			return ids
		}
	}
}

// want reads, and demands just these.
func (r *reader) want(t *testing.T, values ...string) {
	t.Helper()
	ids := r.read(t)
	same := len(ids) == len(values)
	for i := 0; same && i < len(ids); i++ {
		same = ids[i] == revoke.IDOf(values[i])
	}
	if !same {
		t.Fatalf("read %d entries, want %q: %x", len(ids), values, ids)
	}
}

// eventually fails the test unless it becomes so within a time.
func eventually(t *testing.T, within time.Duration, what string, so func() bool) {
	t.Helper()
	deadline, tick := time.NewTimer(within), time.NewTicker(time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// watch watches until the test ends, and returns what receives a value for each hint.
func watch(t *testing.T, feed *remote.Feed) <-chan struct{} {
	t.Helper()
	hints := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- feed.Watch(ctx, func() { hints <- struct{}{} }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != ctx.Err() { //nolint:errorlint // it is to be this one
			t.Errorf("Watch returned %v", err)
		}
	})
	return hints
}

// log is what was logged.
type log struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

func (l *log) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func numbered(first, last int) (values []string) {
	for i := first; i <= last; i++ {
		values = append(values, fmt.Sprint(i))
	}
	return values
}
