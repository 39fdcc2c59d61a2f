package remote_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/revoke/remote"
	"github.com/jetonauth/jeton/store/memory"
)

func TestFeed(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 2, 3, 7, 10_000} {
		is := newIssuer(t)
		r := &reader{feed: is.feed(t), limit: limit}
		r.want(t)
		commit(t, is.store, "for ever", "a", "b", "c", "d", "e", "f")
		r.want(t, "for ever", "a", "b", "c", "d", "e", "f")
		r.want(t)
		commit(t, is.store, "g")
		r.want(t, "g")
		if r.after != 8 {
			t.Errorf("read up to %d", r.after)
		}
		late := &reader{feed: r.feed, limit: limit} // a second follower of the same feed
		late.want(t, "for ever", "a", "b", "c", "d", "e", "f", "g")
		commit(t, is.store, "h")
		r.want(t, "h")
		late.want(t, "h")
	}
}

// Entries are as the store has them.
func TestEntries(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	commit(t, is.store, "for ever", "a")
	want, err := is.store.Revocations(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	got, err := is.feed(t).Revocations(t.Context(), 0, 10)
	same := func(a, b revoke.Entry) bool {
		return a.Number == b.Number && a.ID == b.ID && a.ExpiresAt.Equal(b.ExpiresAt) && a.ExpiresAt.IsZero() == b.ExpiresAt.IsZero()
	}
	if err != nil || !slices.EqualFunc(got, want, same) {
		t.Errorf("%v, %v\nwant %v", got, err, want)
	}
	for _, limit := range []int{0, -1} {
		if none, err := is.feed(t).Revocations(t.Context(), 0, limit); len(none) > 0 || err != nil {
			t.Errorf("limit %d: %v, %v", limit, none, err)
		}
	}
}

// More entries than one answer may have.
func TestManyPages(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	commit(t, is.store, numbered(1, 20_003)...)
	for _, limit := range []int{10_000, 20_000, 30_000} {
		r := &reader{feed: is.feed(t), limit: limit}
		r.want(t, numbered(1, 20_003)...)
		r.want(t)
	}
}

// A database that was restored from a backup gives numbers again, and a follower notices.
func TestRestoredFollower(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	follower := newFollower(t, is.feed(t), 0)
	commit(t, is.store, numbered(1, 5)...)
	mustSync(t, follower)
	backup := memory.New()
	commit(t, backup, "1", "2", "x")
	is.serve(t, backup)
	mustSync(t, follower)
	for _, value := range []string{"x", "5"} { // what is lost stays revoked
		if revoked, err := follower.Revoked(t.Context(), revoke.Token{Session: value}); !revoked || err != nil {
			t.Errorf("%s: %t, %v", value, revoked, err)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	other, err := is.auth.AddServiceClient(t.Context(), "other", []string{jeton.ScopeIntrospect})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ client, secret, want string }{
		"wrong secret": {clientName, other, `does not know the service client "news", or its secret is another one (401)`},
		"no such name": {"nobody", is.secret, `does not know the service client "nobody"`},
		"no scope":     {"other", other, `the service client "other" has not the scope "revocations" (403)`},
	} {
		cfg := is.config()
		cfg.Name, cfg.Secret = tt.client, tt.secret
		follower := newFollower(t, newFeed(t, cfg), 0)
		err := follower.Sync(t.Context())
		if !errors.Is(err, remote.ErrRefused) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), tt.secret) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := follower.Revoked(t.Context(), revoke.Token{Session: "s"}); !errors.Is(err, revoke.ErrStale) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBadAnswers is about servers that do not answer as they should. No error has the secret.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	entry := func(number string) string {
		return `{"number":` + number + `,"id":"` + strings.Repeat("A", 43) + `","expires_at":null}`
	}
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
	}
	status := func(code int, location string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(code)
		}
	}
	for name, tt := range map[string]struct {
		handler   http.HandlerFunc
		want      string
		malformed bool
	}{
		"no JSON":              {body("<html>"), "not a JSON object", true},
		"nothing":              {body(""), "not a JSON object", true},
		"too long":             {body(strings.Repeat(" ", remote.MaxBody+1)), "more than 4194304 bytes", true},
		"no entries":           {body(`{"more":false}`), `no "entries"`, true},
		"more than wanted":     {body(`{"entries":[` + entry("1") + "," + entry("2") + "," + entry("3") + `],"more":false}`), "3 entries, and 2 were asked for", true},
		"out of order":         {body(`{"entries":[` + entry("2") + "," + entry("1") + `],"more":false}`), "the entry 1 after 2", true},
		"the same ones again":  {body(`{"entries":[` + entry("1") + `],"more":true}`), "the entry 1 after 1", true},
		"more, and none":       {body(`{"entries":[],"more":true}`), "none is there", true},
		"500":                  {status(500, ""), "answered 500", false},
		"503":                  {status(503, ""), "answered 503", false},
		"404":                  {status(404, ""), "answered 404", false},
		"204":                  {status(204, ""), "answered 204", false},
		"a redirect":           {status(302, "https://elsewhere.test/"), "redirects are not followed", false},
		"a redirect to itself": {status(307, "/feed"), "redirects are not followed", false},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			_, _ = w.Write([]byte("{"))
		}, "EOF", false},
		"connection is dropped": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			feed := answering(t, tt.handler)
			entries, err := feed.Revocations(t.Context(), 0, 2)
			if err == nil || len(entries) > 0 {
				t.Fatalf("%v, %v", entries, err)
			}
			text := err.Error()
			if !strings.Contains(text, tt.want) || !strings.Contains(text, "/feed") || strings.Contains(text, "hidden") {
				t.Errorf("error %q, want %q in it", text, tt.want)
			}
			if errors.Is(err, remote.ErrMalformed) != tt.malformed || errors.Is(err, remote.ErrRefused) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// Credentials go nowhere but to the address that was configured.
func TestRedirectGetsNoSecret(t *testing.T) {
	t.Parallel()
	var asked atomic.Bool
	elsewhere := answering(t, func(http.ResponseWriter, *http.Request) { asked.Store(true) })
	address := strings.TrimSuffix(strings.TrimPrefix(elsewhere.String(), "revocations at "), " for the service client news")
	feed := answering(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, address, http.StatusFound) })
	if _, err := feed.Revocations(t.Context(), 0, 1); err == nil || asked.Load() {
		t.Errorf("%v; elsewhere was asked: %t", err, asked.Load())
	}
}

// A server that does not answer holds nobody up for longer than was agreed.
func TestTimeout(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	cfg := remote.Config{URL: server.URL, Name: clientName, Secret: "jcs_hidden", Client: &http.Client{Timeout: time.Nanosecond}}
	cfg.Timeout = 50 * time.Millisecond
	if _, err := newFeed(t, cfg).Revocations(t.Context(), 0, 1); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), server.URL) {
		t.Errorf("%v", err)
	}
	cfg.Timeout = 0
	feed := newFeed(t, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := feed.Revocations(ctx, 0, 1)
		first <- err
	}()
	soon, cancelSoon := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancelSoon()
	if _, err := feed.Revocations(soon, 0, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	cancel()
	if err := <-first; err == nil {
		t.Error("a cancelled read succeeds")
	}
}

func newFollower(t *testing.T, feed revoke.Feed, maxStaleness time.Duration) *revoke.Follower {
	t.Helper()
	var ignored log
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: feed, MaxStaleness: maxStaleness, Logger: ignored.logger()})
	if err != nil {
		t.Fatal(err)
	}
	return follower
}

func mustSync(t *testing.T, follower *revoke.Follower) {
	t.Helper()
	if err := follower.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
}
