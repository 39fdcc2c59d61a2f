package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/store/memory"
)

// eventually fails the test unless it becomes so soon.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline, tick := time.NewTimer(20*time.Second), time.NewTicker(time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// waitFor makes n requests that wait, and returns what they are answered with.
func (f *feed) waitFor(n int, query string) <-chan answer {
	f.t.Helper()
	answers := make(chan answer, n)
	before := f.api.Waiting()
	var group sync.WaitGroup
	for range n {
		group.Go(func() { answers <- f.follow(query, f.basic) })
	}
	f.t.Cleanup(group.Wait)
	eventually(f.t, fmt.Sprintf("%d requests wait", n), func() bool { return f.api.Waiting() == before+n })
	return answers
}

func (f *feed) expectEntries(t *testing.T, answers <-chan answer, n int, numbers ...uint64) {
	t.Helper()
	for range n {
		var p feedPage
		a := <-answers
		a.expect(http.StatusOK).decode(&p)
		if len(p.Entries) != len(numbers) {
			t.Fatalf("answer %s, want %v", a.text, numbers)
		}
		for i, e := range p.Entries {
			if e.Number != numbers[i] {
				t.Errorf("answer %s, want %v", a.text, numbers)
			}
		}
	}
}

// All who wait learn of a revocation when it comes, and read the store once between them.
func TestWaitingForRevocations(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	in := f.signUp()
	for name, revoke := range map[string]func(){
		"by this node":     func() { f.post("/auth/logout", "", in.AccessToken).expect(http.StatusNoContent) },
		"by another node":  func() { f.store.commit(t, "a", f.auth.Now().Add(time.Hour)) },
		"with a hint then": func() { f.store.commit(t, "b", f.auth.Now().Add(time.Hour)); f.auth.Hint() },
	} {
		p := f.entries("")
		last := uint64(len(p.Entries))
		answers := f.waitFor(8, fmt.Sprintf("?wait=25&after=%d", last))
		ahead := f.waitFor(1, fmt.Sprintf("?wait=1&after=%d", last+1))
		began := time.Now()
		revoke()
		f.expectEntries(t, answers, 8, last+1)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: answered after %v", name, took)
		}
		f.expectEntries(t, ahead, 1) // who has it goes on waiting, until the time is over
		if took := time.Since(began); took < time.Second/2 {
			t.Errorf("%s: who has it was answered after %v", name, took)
		}
	}
	eventually(t, "nobody waits", func() bool { return f.api.Waiting() == 0 && !f.api.Subscribed() })
}

// Who waits costs the store nothing, however many they are.
func TestWaitingIsCheap(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	const many = 50
	answers := f.waitFor(many, "?wait=25")
	eventually(t, "each has looked once", func() bool { return f.store.reads.Load() >= many })
	before, began := f.store.reads.Load(), time.Now()
	<-f.waitFor(1, "?wait=2")
	reads := f.store.reads.Load() - before
	if most := 4 + int64(time.Since(began)/(300*time.Millisecond)); reads > most {
		t.Errorf("%d reads in %v, want at most %d", reads, time.Since(began), most)
	}
	before = f.store.reads.Load()
	f.store.commit(t, "a", time.Time{})
	f.auth.Hint()
	f.expectEntries(t, answers, many, 1)
	if reads := f.store.reads.Load() - before; reads > 10 {
		t.Errorf("%d reads for one revocation", reads)
	}
}

func TestWaitingHasBounds(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	other := basicHeader(f.service("other", jeton.ScopeRevocations))
	f.api.LimitWaiters(3, 2)
	answers := f.waitFor(2, "?wait=25")
	a := f.follow("?wait=25", f.basic)
	a.expectProblem(http.StatusServiceUnavailable, "too_many_waits")
	if got := a.header.Get("Retry-After"); got != "5" {
		t.Errorf("Retry-After %q", got)
	}
	f.entries("?wait=0") // without waiting everybody is answered
	third := make(chan answer, 1)
	go func() { third <- f.follow("?wait=25", other) }()
	eventually(t, "three requests wait", func() bool { return f.api.Waiting() == 3 })
	f.follow("?wait=25", other).expectProblem(http.StatusServiceUnavailable, "too_many_waits")
	f.store.commit(t, "a", time.Time{})
	f.expectEntries(t, answers, 2, 1)
	f.expectEntries(t, third, 1, 1)
	f.api.LimitWaiters(0, 0)
	if p := f.entries("?wait=25"); len(p.Entries) != 1 { // what is there needs no place
		t.Errorf("%+v", p)
	}
}

func TestWaitEndsWithItsClient(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url+"/auth/revocations?wait=25", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", f.basic)
	gone := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(r)
		if err == nil {
			err = response.Body.Close()
		}
		gone <- err
	}()
	eventually(t, "it waits", func() bool { return f.api.Waiting() == 1 && f.api.Subscribed() })
	cancel()
	if err := <-gone; err == nil {
		t.Error("it was answered")
	}
	eventually(t, "nobody waits", func() bool { return f.api.Waiting() == 0 && !f.api.Subscribed() })
	before := f.store.reads.Load()
	<-time.After(time.Second)
	if reads := f.store.reads.Load() - before; reads > 1 { // one may have been under way
		t.Errorf("%d reads when nobody waits", reads)
	}
	if lines := f.log.lines(`"level":"ERROR"`); len(lines) > 0 {
		t.Errorf("logged %q", lines)
	}
}

// While somebody waits the store goes away: the answer does not say that there is nothing.
func TestStoreGoesAwayWhileWaiting(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	answers := f.waitFor(1, "?wait=1")
	down := fmt.Errorf("%w: %w", jeton.ErrUnavailable, errDisk)
	f.store.err.Store(&down)
	a := <-answers
	a.expectProblem(http.StatusServiceUnavailable, "unavailable")
}

// A server that shuts down answers those who wait on it, and not those who wait on another one.
func TestWaitsEndWithTheServer(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	mux := http.NewServeMux()
	f.api.Mount(mux)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	second := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- second.Serve(listener) }()
	stays := f.waitFor(1, "?wait=25")
	on := *f.server
	on.url = "http://" + listener.Addr().String()
	elsewhere := &feed{server: &on, store: f.store, basic: f.basic}
	ends := elsewhere.waitFor(2, "?wait=25")
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for range 2 { // a second time does no harm
		if err := second.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
	f.expectEntries(t, ends, 2)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	f.store.commit(t, "a", time.Time{})
	f.expectEntries(t, stays, 1, 1)
}

func TestAllowedWait(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		server *http.Server
		want   time.Duration
	}{
		{nil, 25 * time.Second},
		{&http.Server{}, 25 * time.Second},
		{&http.Server{WriteTimeout: time.Minute}, 25 * time.Second},
		{&http.Server{WriteTimeout: 10 * time.Second}, 9 * time.Second},
	} {
		if got := api.AllowedWait(tt.server, 25*time.Second); got != tt.want {
			t.Errorf("%v, want %v", got, tt.want)
		}
	}
}

// Behind what is no http.Server it works as well.
func TestWaitWithoutServer(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	mux := http.NewServeMux()
	f.api.Mount(mux)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/auth/revocations?wait=1", http.NoBody)
	r.Header.Set("Authorization", f.basic)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	if text, _ := io.ReadAll(w.Body); w.Code != http.StatusOK || string(text) != `{"entries":[],"more":false}` {
		t.Errorf("%d %s", w.Code, text)
	}
}

// Who comes when the server is about to end does not wait.
func TestNobodyWaitsForAServerThatStops(t *testing.T) {
	t.Parallel()
	stopping := make(chan struct{})
	close(stopping)
	f := &feed{store: &feedStore{Store: memory.New()}}
	f.server = start(t, func(c *jeton.Config, a *api.Config) { c.Store, a.Stopping = f.store, stopping })
	f.basic = basicHeader(f.service("news", jeton.ScopeRevocations))
	began := time.Now()
	if p := f.entries("?wait=25"); len(p.Entries) > 0 {
		t.Errorf("entries %v", p.Entries)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}
