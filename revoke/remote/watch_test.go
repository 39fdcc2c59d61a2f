package remote_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/revoke/remote"
)

// soon is how long a test waits for what comes at once.
const soon = 20 * time.Second

func wantHint(t *testing.T, hints <-chan struct{}) {
	t.Helper()
	select {
	case <-hints:
	case <-time.After(soon):
		t.Fatal("no hint")
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	commit(t, is.store, numbered(1, 3)...)
	feed := is.feed(t)
	hints := watch(t, feed)
	r := &reader{feed: feed, limit: 10}
	for _, value := range []string{"a", "b", "c"} { // whether it waits already or not
		r.read(t)
		before := is.requests.Load()
		eventually(t, soon, "it waits", func() bool { return is.requests.Load() > before })
		began := time.Now()
		commit(t, is.store, value)
		is.auth.Hint()
		wantHint(t, hints)
		if took := time.Since(began); took > time.Second {
			t.Errorf("a hint after %v", took)
		}
		r.want(t, value)
	}
}

// A follower that somebody listens to learns of a revocation long before its interval is over.
func TestFollowerThatIsHinted(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	feed := is.feed(t)
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: feed, Interval: time.Minute, MaxStaleness: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	learned := make(chan revoke.Entry, 10)
	defer follower.Subscribe(func(e revoke.Entry) { learned <- e })()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- feed.Watch(ctx, follower.Hint) }()
	for _, value := range []string{"a", "b"} {
		commit(t, is.store, value)
		is.auth.Hint()
		select {
		case e := <-learned:
			if e.ID != revoke.IDOf(value) {
				t.Errorf("learned %v", e)
			}
		case <-time.After(soon):
			t.Fatal("nothing was learned")
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Watch returned %v", err)
	}
}

// Where nobody reads the feed, nobody waits for it.
func TestWatchWithoutReader(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	feed := is.feed(t)
	hints := watch(t, feed)
	r := &reader{feed: feed, limit: 10}
	if n := is.requests.Load(); n > 0 {
		t.Errorf("%d requests before anybody reads", n)
	}
	r.read(t)
	commit(t, is.store, "a")
	is.auth.Hint()
	wantHint(t, hints)
	before := is.requests.Load()
	commit(t, is.store, "b")
	select {
	case <-hints:
		t.Error("a second hint, before the first was looked into")
	case <-time.After(300 * time.Millisecond):
	}
	if n := is.requests.Load() - before; n > 0 {
		t.Errorf("%d requests after a hint", n)
	}
	r.want(t, "a", "b")
	commit(t, is.store, "c")
	is.auth.Hint()
	wantHint(t, hints)
}

// Failures are spaced, logged once, and over when they are.
func TestWatchFails(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	var logged log
	cfg := is.config()
	cfg.Logger = logged.logger()
	feed := newFeed(t, cfg)
	r := &reader{feed: feed, limit: 10}
	r.read(t)
	is.away.Store(true)
	before := is.requests.Load()
	hints := watch(t, feed)
	eventually(t, soon, "it tries again", func() bool { return is.requests.Load() >= before+3 })
	if n := strings.Count(logged.String(), "level=WARN"); n != 1 || !strings.Contains(logged.String(), "answered 502") {
		t.Errorf("%d warnings: %s", n, &logged)
	}
	is.away.Store(false)
	commit(t, is.store, "a")
	wantHint(t, hints)
	eventually(t, soon, "it says so", func() bool { return strings.Contains(logged.String(), "waited for again") })
	if strings.Contains(logged.String(), is.secret) {
		t.Error("the log has the secret")
	}
}

// A server that does not hold requests back is not asked all the time.
func TestWatchOfHastyServer(t *testing.T) {
	t.Parallel()
	var polls atomic.Int64
	feed := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("wait") == "25" {
			polls.Add(1)
		}
		_, _ = w.Write([]byte(`{"entries":[],"more":false}`))
	})
	(&reader{feed: feed, limit: 1}).read(t)
	began := time.Now()
	watch(t, feed)
	eventually(t, soon, "it tries again", func() bool { return polls.Load() >= 3 })
	if took := time.Since(began); took < 500*time.Millisecond { // at least 200 and 400 ms
		t.Errorf("3 polls in %v", took)
	}
}

func TestPauses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		failures    int
		asked       time.Duration
		least, most time.Duration
	}{
		{1, 0, 200 * time.Millisecond, 400 * time.Millisecond},
		{2, 0, 400 * time.Millisecond, 800 * time.Millisecond},
		{6, 0, 5 * time.Second, 10 * time.Second},
		{1 << 20, 0, 5 * time.Second, 10 * time.Second},
		{1, 5 * time.Second, 5 * time.Second, 6250 * time.Millisecond},
		{1, 18 * time.Hour, time.Minute, 75 * time.Second},
	} {
		for range 100 {
			if got := remote.PauseAfter(tt.failures, tt.asked); got < tt.least || got > tt.most {
				t.Errorf("after %d failures, asked for %v: %v, want %v to %v", tt.failures, tt.asked, got, tt.least, tt.most)
			}
		}
	}
}
