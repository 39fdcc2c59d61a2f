package revoke_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

var errDown = errors.New("store is down")

const ms = time.Millisecond

// feed is a feed in memory, which can be slow or away.
type feed struct {
	mu      sync.Mutex
	entries []revoke.Entry
	delay   time.Duration
	err     error
	failOn  int  // the call that fails with err; 0 means every one
	deaf    bool // does not notice that its context is done
	calls   []call
}

type call struct {
	at    time.Time
	after uint64
}

func (f *feed) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	f.mu.Lock()
	f.calls = append(f.calls, call{time.Now(), after})
	page := f.entries[min(after, uint64(len(f.entries))):]
	page = page[:min(limit, len(page))]
	delay, deaf, err := f.delay, f.deaf, f.err
	if f.failOn != 0 && f.failOn != len(f.calls) {
		err = nil
	}
	f.mu.Unlock()
	if deaf {
		ctx = context.WithoutCancel(ctx)
	}
	select {
	case <-time.After(delay):
		return page, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// commit appends entries for values, which expire in an hour, and returns them.
func (f *feed) commit(values ...string) []revoke.Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.entries)
	for _, value := range values {
		f.entries = append(f.entries, revoke.Entry{
			Number: uint64(len(f.entries) + 1), ID: revoke.IDOf(value), ExpiresAt: time.Now().Add(time.Hour),
		})
	}
	return f.entries[before:]
}

func (f *feed) set(delay time.Duration, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delay, f.err = delay, err
}

func (f *feed) reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

var silent = slog.New(slog.DiscardHandler)

func follow(t *testing.T, cfg revoke.FollowerConfig) *revoke.Follower {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = silent
	}
	follower, err := revoke.NewFollower(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return follower
}

// loaded returns a feed, and a follower that has just read it.
func loaded(t *testing.T, cfg revoke.FollowerConfig, values ...string) (*feed, *revoke.Follower) {
	t.Helper()
	source := &feed{}
	source.commit(values...)
	cfg.Feed = source
	follower := follow(t, cfg)
	if err := follower.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return source, follower
}

func session(value string) revoke.Token { return revoke.Token{Session: value} }

// ask asks and checks the answer and how long it took.
func ask(t *testing.T, follower *revoke.Follower, value string, want bool, wantErr error, took time.Duration) {
	t.Helper()
	start := time.Now()
	revoked, err := follower.Revoked(t.Context(), session(value))
	if revoked != want || !errors.Is(err, wantErr) {
		t.Errorf("%s: got %v, %v, want %v, %v", value, revoked, err, want, wantErr)
	}
	if wantErr != nil && !errors.Is(err, revoke.ErrStale) {
		t.Errorf("%s: error %v is not ErrStale", value, err)
	}
	if elapsed := time.Since(start); elapsed != took {
		t.Errorf("%s: took %v, want %v", value, elapsed, took)
	}
}

func wantReads(t *testing.T, source *feed, want int) {
	t.Helper()
	synctest.Wait()
	if got := source.reads(); got != want {
		t.Errorf("%d reads, want %d", got, want)
	}
}

func TestFollowerConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg   revoke.FollowerConfig
		field string // that the error names; none means no error
	}{
		"zero but for the feed":     {revoke.FollowerConfig{Feed: &feed{}}, ""},
		"no feed":                   {revoke.FollowerConfig{}, "Feed"},
		"negative interval":         {revoke.FollowerConfig{Feed: &feed{}, Interval: -1}, "Interval"},
		"negative age":              {revoke.FollowerConfig{Feed: &feed{}, MaxAge: -1}, "MaxAge"},
		"negative staleness":        {revoke.FollowerConfig{Feed: &feed{}, MaxStaleness: -1}, "MaxStaleness"},
		"negative timeout":          {revoke.FollowerConfig{Feed: &feed{}, Timeout: -1}, "Timeout"},
		"age below the interval":    {revoke.FollowerConfig{Feed: &feed{}, MaxAge: 399 * ms}, "MaxAge"},
		"age equal to the interval": {revoke.FollowerConfig{Feed: &feed{}, MaxAge: 400 * ms}, ""},
		"staleness below the age":   {revoke.FollowerConfig{Feed: &feed{}, MaxStaleness: 799 * ms}, "MaxStaleness"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := revoke.NewFollower(c.cfg)
			if (err == nil) != (c.field == "") {
				t.Fatalf("error %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "revoke: FollowerConfig."+c.field+" ") {
				t.Errorf("error %q does not name %s", err, c.field)
			}
		})
	}
}

func TestFirstQuestionWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{delay: 2 * time.Second} // more than a question waits for once something is known
		source.commit("out")
		follower := follow(t, revoke.FollowerConfig{Feed: source})
		if !follower.FreshAt().IsZero() || follower.Len() != 0 {
			t.Errorf("fresh at %v with %d entries before the first read", follower.FreshAt(), follower.Len())
		}
		start := time.Now()
		ask(t, follower, "out", true, nil, 2*time.Second)
		if !follower.FreshAt().Equal(start) || follower.Len() != 1 {
			t.Errorf("fresh at %v with %d entries", follower.FreshAt(), follower.Len())
		}
	})
}

// TestAge asks once, at each side of each limit, something that was committed after the first read.
func TestAge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		age   time.Duration
		reads int
		known bool
		took  time.Duration
	}{
		"new":             {0, 1, false, 0},
		"before Interval": {400*ms - 1, 1, false, 0},
		"at Interval":     {400 * ms, 2, false, 0},
		"before MaxAge":   {800*ms - 1, 2, false, 0},
		"at MaxAge":       {800 * ms, 2, true, 30 * ms},
		"at MaxStaleness": {10 * time.Second, 2, true, 30 * ms},
		"much later":      {time.Hour / 2, 2, true, 30 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source, follower := loaded(t, revoke.FollowerConfig{})
				source.commit("out")
				source.set(30*ms, nil)
				time.Sleep(c.age)
				ask(t, follower, "out", c.known, nil, c.took)
				wantReads(t, source, c.reads)
				time.Sleep(30 * ms)
				synctest.Wait()
				if c.reads == 2 {
					ask(t, follower, "out", true, nil, 0)
				}
			})
		})
	}
}

func TestCallersShareOneRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{delay: 50 * ms}
		follower := follow(t, revoke.FollowerConfig{Feed: source})
		var group sync.WaitGroup
		ask100 := func(took time.Duration) {
			for range 100 {
				group.Go(func() { ask(t, follower, "in", false, nil, took) })
			}
			group.Wait()
		}
		ask100(50 * ms)
		wantReads(t, source, 1)
		time.Sleep(350 * ms) // at 400 ms
		ask100(0)
		wantReads(t, source, 2)
		time.Sleep(900 * ms)
		ask100(50 * ms)
		wantReads(t, source, 3)
	})
}

// TestCancelledCaller starts the read and goes away, while another one waits for it.
func TestCancelledCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{delay: 100 * ms}
		source.commit("out")
		follower := follow(t, revoke.FollowerConfig{Feed: source})
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := follower.Revoked(ctx, session("out")); !errors.Is(err, context.Canceled) || !errors.Is(err, revoke.ErrStale) {
				t.Errorf("the cancelled caller got %v", err)
			}
			if waited := time.Since(source.calls[0].at); waited != 10*ms {
				t.Errorf("the cancelled caller waited %v", waited)
			}
		})
		group.Go(func() {
			if err := follower.Sync(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("the cancelled Sync got %v", err)
			}
		})
		synctest.Wait()
		group.Go(func() { ask(t, follower, "out", true, nil, 100*ms) })
		time.Sleep(10 * ms)
		cancel()
		group.Wait()
	})
}

// TestOutage is a store that goes away and comes back, with a question every 100 ms.
func TestOutage(t *testing.T) {
	t.Parallel()
	for name, accept := range map[string]bool{"refuse": false, "accept": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source, follower := loaded(t, revoke.FollowerConfig{AcceptStale: accept}, "out")
				fresh := follower.FreshAt()
				source.set(0, errDown)
				for age := time.Duration(0); age < 20*time.Second; age += 100 * ms {
					if age < 10*time.Second || accept {
						ask(t, follower, "out", true, nil, 0)
						ask(t, follower, "in", false, nil, 0)
					} else {
						ask(t, follower, "out", false, errDown, 0)
					}
					time.Sleep(100 * ms)
				}
				wantReads(t, source, 50) // the first, and one every 400 ms from then on
				if !follower.FreshAt().Equal(fresh) {
					t.Errorf("fresh at %v without a read", follower.FreshAt())
				}
				source.commit("late")
				source.set(0, nil)
				ask(t, follower, "late", true, nil, 0)
				if age := time.Since(follower.FreshAt()); age != 0 {
					t.Errorf("knowledge is %v old after the recovery", age)
				}
			})
		})
	}
}

// TestFailingReadsAreSpaced asks all the time, before anything is known.
func TestFailingReadsAreSpaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{err: errDown}
		follower := follow(t, revoke.FollowerConfig{Feed: source, AcceptStale: true})
		for range 100 { // until 1 s
			ask(t, follower, "in", false, errDown, 0)
			follower.Hint()
			time.Sleep(10 * ms)
		}
		wantReads(t, source, 3) // at 0, 400 and 800 ms
		for i, c := range source.calls {
			if at := c.at.Sub(source.calls[0].at); at != time.Duration(i)*400*ms {
				t.Errorf("read %d at %v", i, at)
			}
		}
		source.set(0, nil)
		ask(t, follower, "in", false, errDown, 0)
		time.Sleep(200 * ms)
		ask(t, follower, "in", false, nil, 0)
	})
}

// TestHangingFeed is about reads that end by their timeout, 5 s after they began.
func TestHangingFeed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, follower := loaded(t, revoke.FollowerConfig{}, "out")
		source.set(time.Hour, nil)
		time.Sleep(900 * ms)
		ask(t, follower, "out", true, nil, time.Second) // read from 0.9 to 5.9 s
		ask(t, follower, "out", true, nil, 0)
		time.Sleep(4 * time.Second) // 5.9 s
		synctest.Wait()
		ask(t, follower, "out", true, nil, time.Second) // read from 5.9 to 10.9 s
		time.Sleep(3100 * ms)                           // 10 s
		ask(t, follower, "out", false, context.DeadlineExceeded, 900*ms)
		wantReads(t, source, 3)
		ask(t, follower, "out", false, context.DeadlineExceeded, 5*time.Second)
		source.set(0, nil)
		ask(t, follower, "out", true, nil, 0)
	})
}

// TestStaleWhileWaiting begins to wait when there is an answer and ends when there is none.
func TestStaleWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, follower := loaded(t, revoke.FollowerConfig{MaxStaleness: 2 * time.Second})
		source.set(3*time.Second, errDown)
		time.Sleep(1500 * ms)
		ask(t, follower, "in", false, errDown, 3*time.Second)
	})
}

// TestSlowAnswer is a read that succeeds, but so late that it is stale when it ends.
func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{delay: 3 * time.Second}
		follower := follow(t, revoke.FollowerConfig{Feed: source, MaxStaleness: 2 * time.Second})
		ask(t, follower, "in", false, context.DeadlineExceeded, 3*time.Second)
		source.set(ms, nil)
		ask(t, follower, "in", false, nil, ms)
	})
}

// TestDeafFeed is a feed that goes on when its context is done. Nobody waits for it for ever.
func TestDeafFeed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{delay: time.Minute, deaf: true}
		follower := follow(t, revoke.FollowerConfig{Feed: source})
		ask(t, follower, "in", false, context.DeadlineExceeded, 6*time.Second)
		ask(t, follower, "in", false, context.DeadlineExceeded, 0)
		wantReads(t, source, 1)
		time.Sleep(54 * time.Second)
		synctest.Wait()
		source.set(0, nil)
		ask(t, follower, "in", false, nil, 0)
	})
}

// TestPages reads more than a page holds, with a failure in the middle.
func TestPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{err: errDown, failOn: 2}
		for range 25_000 {
			source.commit(time.Now().String() + string(rune(len(source.entries))))
		}
		source.commit("last")
		follower := follow(t, revoke.FollowerConfig{Feed: source})
		ask(t, follower, "last", false, errDown, 0)
		if follower.Len() != 10_000 || !follower.FreshAt().IsZero() {
			t.Errorf("%d entries, fresh at %v", follower.Len(), follower.FreshAt())
		}
		time.Sleep(400 * ms)
		ask(t, follower, "last", true, nil, 0)
		for i, after := range []uint64{0, 10_000, 10_000, 20_000} {
			if source.calls[i].after != after {
				t.Errorf("call %d is after %d, want %d", i, source.calls[i].after, after)
			}
		}
		wantReads(t, source, 4)
		time.Sleep(time.Second)
		ask(t, follower, "last", true, nil, 0)
		if last := source.calls[4]; last.after != 25_001 {
			t.Errorf("goes on after %d", last.after)
		}
	})
}

// TestExactPages is a feed of exactly two full pages: the third, empty one is the end.
func TestExactPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{}
		for range 20_000 {
			source.commit("same")
		}
		follower := follow(t, revoke.FollowerConfig{Feed: source})
		ask(t, follower, "same", true, nil, 0)
		wantReads(t, source, 3)
		if follower.Len() != 1 {
			t.Errorf("%d entries for one ID", follower.Len())
		}
	})
}

type feedFunc func(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error)

func (f feedFunc) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	return f(ctx, after, limit)
}

// TestBrokenFeed is about feeds that break their promises.
func TestBrokenFeed(t *testing.T) {
	t.Parallel()
	numbered := func(numbers ...uint64) (entries []revoke.Entry) {
		for _, number := range numbers {
			entries = append(entries, revoke.Entry{Number: number, ID: revoke.IDOf(string(rune('a' + number)))})
		}
		return entries
	}
	backwards := make([]uint64, 10_000)
	for i := range backwards {
		backwards[i] = uint64(len(backwards) - i)
	}
	for name, c := range map[string]struct {
		page  []revoke.Entry
		taken int // before the one that is out of order
		text  string
	}{
		"number zero":          {numbered(0), 0, "entry 0 after 0"},
		"twice":                {numbered(1, 1, 2), 1, "entry 1 after 1"},
		"backwards":            {numbered(5, 7, 6, 8), 2, "entry 6 after 7"},
		"full page, backwards": {numbered(backwards...), 1, "entry 9999 after 10000"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				follower := follow(t, revoke.FollowerConfig{Feed: feedFunc(
					func(context.Context, uint64, int) ([]revoke.Entry, error) { return c.page, nil })})
				_, err := follower.Revoked(t.Context(), session("in"))
				if !errors.Is(err, revoke.ErrStale) || !strings.Contains(err.Error(), c.text) {
					t.Errorf("error %v, want %q", err, c.text)
				}
				if follower.Len() != c.taken {
					t.Errorf("%d entries are kept, want %d", follower.Len(), c.taken)
				}
			})
		})
	}
	t.Run("endless", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			follower := follow(t, revoke.FollowerConfig{Feed: feedFunc(
				func(_ context.Context, after uint64, limit int) ([]revoke.Entry, error) {
					time.Sleep(700 * ms)
					page := make([]revoke.Entry, limit)
					for i := range page {
						page[i].Number = after + uint64(i) + 1
					}
					return page, nil
				})})
			ask(t, follower, "in", false, context.DeadlineExceeded, 8*700*ms)
		})
	})
}

// TestSync begins while a read is going on that has missed what was committed meanwhile.
func TestSync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{delay: 100 * ms}
		follower := follow(t, revoke.FollowerConfig{Feed: source})
		var group sync.WaitGroup
		group.Go(func() { ask(t, follower, "out", false, nil, 100*ms) })
		time.Sleep(50 * ms)
		source.commit("out")
		for range 10 {
			group.Go(func() {
				start := time.Now()
				if err := follower.Sync(t.Context()); err != nil || time.Since(start) != 150*ms {
					t.Errorf("got %v after %v", err, time.Since(start))
				}
				ask(t, follower, "out", true, nil, 0)
			})
		}
		group.Wait()
		wantReads(t, source, 2)
		source.set(0, errDown)
		if err := follower.Sync(t.Context()); !errors.Is(err, errDown) {
			t.Errorf("got %v", err)
		}
		source.set(0, nil)
		if err := follower.Sync(t.Context()); err != nil {
			t.Errorf("got %v within the interval after a failure", err)
		}
		wantReads(t, source, 4)
	})
}

func TestHint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, follower := loaded(t, revoke.FollowerConfig{})
		source.commit("out")
		follower.Hint()
		time.Sleep(20*ms - 1)
		ask(t, follower, "out", false, nil, 0) // too early
		wantReads(t, source, 1)
		time.Sleep(1)
		ask(t, follower, "out", false, nil, 0)
		wantReads(t, source, 2)
		ask(t, follower, "out", true, nil, 0)
		time.Sleep(300 * ms)
		ask(t, follower, "out", true, nil, 0) // one hint, one read
		wantReads(t, source, 2)

		source.set(50*ms, nil)
		follower.Hint()
		ask(t, follower, "out", true, nil, 0)
		synctest.Wait()
		source.commit("later")
		follower.Hint() // while a read is going on that has missed it
		time.Sleep(50 * ms)
		synctest.Wait()
		ask(t, follower, "later", false, nil, 0)
		time.Sleep(50 * ms)
		synctest.Wait()
		ask(t, follower, "later", true, nil, 0)
		wantReads(t, source, 4)
	})
}

func TestAdd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, follower := loaded(t, revoke.FollowerConfig{})
		follower.Add(source.commit("out")...)
		ask(t, follower, "out", true, nil, 0)
		wantReads(t, source, 1)
	})
}

// TestAddIsNotALoad adds an entry before the first read.
func TestAddIsNotALoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{err: errDown}
		follower := follow(t, revoke.FollowerConfig{Feed: source, AcceptStale: true})
		follower.Add(source.commit("out")...)
		ask(t, follower, "out", false, errDown, 0)
		ask(t, follower, "in", false, errDown, 0)
	})
}

// TestExpiredEntriesAreDropped looks at the number of entries, which expire after an hour, while it asks every second.
func TestExpiredEntriesAreDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, follower := loaded(t, revoke.FollowerConfig{}, "a", "b")
		time.Sleep(30 * time.Minute)
		source.commit("c")
		alive := func(second int) int {
			switch {
			case second < 60*60:
				return 3
			case second < 90*60:
				return 1
			}
			return 0
		}
		for second := 30 * 60; second < 2*60*60; second++ {
			ask(t, follower, "in", false, nil, 0)
			synctest.Wait()
			if n := follower.Len(); n < alive(second) || n > alive(second-60) {
				t.Fatalf("%d entries after %d s, want %d, or %d as a minute ago", n, second, alive(second), alive(second-60))
			}
			time.Sleep(time.Second)
		}
	})
}

func TestTransitionsAreLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		handler := slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "fresh_at" {
				return slog.Attr{}
			}
			return a
		}})
		source, follower := loaded(t, revoke.FollowerConfig{Logger: slog.New(handler)})
		for _, err := range []error{nil, errDown, errDown, errDown, nil, nil, errDown} {
			source.set(0, err)
			time.Sleep(time.Second)
			ask(t, follower, "in", false, nil, 0)
		}
		want := `level=WARN msg="revocation feed cannot be read" error="reading the feed after 0: store is down"
level=INFO msg="revocation feed is read again" error="reading the feed after 0: store is down"
level=WARN msg="revocation feed cannot be read" error="reading the feed after 0: store is down"
`
		if log.String() != want {
			t.Errorf("logged\n%s, want\n%s", log.String(), want)
		}
	})
}

// TestFollowerConcurrent is for the race detector, in real time.
func TestFollowerConcurrent(t *testing.T) {
	t.Parallel()
	source := &feed{}
	follower := follow(t, revoke.FollowerConfig{Feed: source, Interval: ms, MaxAge: 2 * ms})
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 50 {
				value := string(rune('a'+worker)) + string(rune('0'+i))
				cancel := follower.Subscribe(func(revoke.Entry) {})
				entries := source.commit(value)
				switch i % 3 {
				case 0:
					follower.Add(entries...)
				case 1:
					follower.Hint()
				}
				if err := follower.Sync(t.Context()); err != nil {
					t.Error(err)
				}
				if revoked, err := follower.Revoked(t.Context(), session(value)); !revoked || err != nil {
					t.Errorf("%s: %v, %v", value, revoked, err)
				}
				cancel()
			}
		})
	}
	group.Wait()
	if follower.Len() != 400 || follower.FreshAt().IsZero() {
		t.Errorf("%d entries, fresh at %v", follower.Len(), follower.FreshAt())
	}
}
