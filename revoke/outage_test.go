package revoke_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

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
level=INFO msg="revocation feed is read again" after="reading the feed after 0: store is down"
level=WARN msg="revocation feed cannot be read" error="reading the feed after 0: store is down"
`
		if log.String() != want {
			t.Errorf("logged\n%s, want\n%s", log.String(), want)
		}
	})
}
