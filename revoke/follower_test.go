package revoke_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

func TestFollowerConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg   revoke.FollowerConfig
		field string // that the error names; none means no error
	}{
		"zero but for the feed":      {revoke.FollowerConfig{Feed: &feed{}}, ""},
		"no feed":                    {revoke.FollowerConfig{}, "Feed"},
		"negative interval":          {revoke.FollowerConfig{Feed: &feed{}, Interval: -1}, "Interval"},
		"negative age":               {revoke.FollowerConfig{Feed: &feed{}, MaxAge: -1}, "MaxAge"},
		"negative staleness":         {revoke.FollowerConfig{Feed: &feed{}, MaxStaleness: -1}, "MaxStaleness"},
		"negative timeout":           {revoke.FollowerConfig{Feed: &feed{}, Timeout: -1}, "Timeout"},
		"age below the interval":     {revoke.FollowerConfig{Feed: &feed{}, MaxAge: 399 * ms}, "MaxAge"},
		"age equal to the interval":  {revoke.FollowerConfig{Feed: &feed{}, MaxAge: 400 * ms}, ""},
		"staleness equal to the age": {revoke.FollowerConfig{Feed: &feed{}, MaxStaleness: 800 * ms}, ""},
		"staleness below the age":    {revoke.FollowerConfig{Feed: &feed{}, MaxStaleness: 799 * ms}, "MaxStaleness"},
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
