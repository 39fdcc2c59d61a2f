package revoke_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

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
		for i, after := range []uint64{0, 10_000, 9_999, 19_999} { // a read begins with the last entry that is known
			if source.calls[i].after != after {
				t.Errorf("call %d is after %d, want %d", i, source.calls[i].after, after)
			}
		}
		wantReads(t, source, 4)
		time.Sleep(time.Second)
		ask(t, follower, "last", true, nil, 0)
		if last := source.calls[4]; last.after != 25_000 {
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

// TestSyncIgnoresEarlierFailure begins while a read is going on that fails.
func TestSyncIgnoresEarlierFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{delay: 100 * ms, err: errDown, failOn: 1}
		follower := follow(t, revoke.FollowerConfig{Feed: source})
		var group sync.WaitGroup
		group.Go(func() { ask(t, follower, "in", false, errDown, 100*ms) })
		synctest.Wait()
		if err := follower.Sync(t.Context()); err != nil {
			t.Error(err)
		}
		group.Wait()
		wantReads(t, source, 2)
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

// TestEntriesAreDroppedOnceAMinute asks for an entry that expires half a minute after others were dropped.
func TestEntriesAreDroppedOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{entries: []revoke.Entry{{Number: 1, ID: revoke.IDOf("a"), ExpiresAt: time.Now().Add(30 * time.Second)}}}
		follower := follow(t, revoke.FollowerConfig{Feed: source})
		for _, c := range []struct {
			after time.Duration
			n     int
		}{{0, 1}, {45 * time.Second, 1}, {15*time.Second - 1, 1}, {1, 0}} {
			time.Sleep(c.after)
			if err := follower.Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if n := follower.Len(); n != c.n {
				t.Errorf("%d entries %v later, want %d", n, c.after, c.n)
			}
		}
	})
}

// TestRevokedAgain revokes for longer what the last entry that is known has revoked until now. The feed has forgotten that one.
func TestRevokedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		id, began := revoke.IDOf("a"), time.Now()
		first := revoke.Entry{Number: 1, ID: id, ExpiresAt: began.Add(time.Hour)}
		second := revoke.Entry{Number: 2, ID: id, ExpiresAt: began.Add(3 * time.Hour)}
		follower := follow(t, revoke.FollowerConfig{Feed: feedFunc(func(_ context.Context, after uint64, _ int) ([]revoke.Entry, error) {
			switch {
			case time.Since(began) < time.Hour:
				return []revoke.Entry{first}[min(after, 1):], nil
			case after < 2:
				return []revoke.Entry{second}, nil
			}
			return nil, nil
		})})
		for range 2 {
			ask(t, follower, "a", true, nil, 0)
			time.Sleep(80 * time.Minute)
		}
		ask(t, follower, "a", true, nil, 0)
		time.Sleep(time.Minute)
		ask(t, follower, "a", true, nil, 0)
	})
}

// TestAFeedThatLosesWhatNeverExpires: that is worth a warning, whenever it happens.
func TestAFeedThatLosesWhatNeverExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{entries: []revoke.Entry{{Number: 1, ID: revoke.IDOf("a")}}}
		var logged strings.Builder
		follower := follow(t, revoke.FollowerConfig{Feed: source, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
		ask(t, follower, "a", true, nil, 0)
		source.entries = nil
		time.Sleep(1000 * time.Hour)
		ask(t, follower, "a", true, nil, 0)
		if n := strings.Count(logged.String(), "level=WARN"); n != 1 {
			t.Errorf("%d warnings, want one: %s", n, &logged)
		}
	})
}

func TestWaitIsForTheReadThatIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{delay: 3 * time.Second}
		f, err := revoke.NewFollower(revoke.FollowerConfig{Feed: source})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		f.Wait()
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %v for nothing", waited)
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := f.Revoked(impatient, revoke.Token{ID: "1"}); !errors.Is(err, revoke.ErrStale) {
			t.Errorf("error %v, want that nothing is known", err)
		}
		f.Wait()
		if waited := time.Since(began); waited != 3*time.Second {
			t.Errorf("waited until %v, want the end of the read at 3s", waited)
		}
	})
}

// TestAFeedThatGoesBack is about a database that was restored from a backup, or replaced: it gives numbers a second time, and what comes then is
// not missed. What was known stays revoked.
func TestAFeedThatGoesBack(t *testing.T) {
	t.Parallel()
	for name, restored := range map[string][]string{
		"empty, and then something": {"x"},
		"shorter":                   {"1", "2", "3", "x"},
		"grown as long":             {"1", "2", "3", "x", "y"},
		"longer by now":             {"1", "2", "3", "x", "y", "z"},
		"another one":               {"x", "y", "z", "u", "v"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := &feed{}
				source.commit("1", "2", "3", "4", "5")
				var logged strings.Builder
				follower := follow(t, revoke.FollowerConfig{Feed: source, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
				ask(t, follower, "5", true, nil, 0)
				source.entries = nil
				source.commit(restored...)
				time.Sleep(time.Second)
				for _, value := range append([]string{"4", "5"}, restored...) {
					ask(t, follower, value, true, nil, 0)
				}
				source.commit("later")
				time.Sleep(time.Second)
				ask(t, follower, "later", true, nil, 0)
				time.Sleep(time.Second)
				ask(t, follower, "nobody", false, nil, 0)
				if n := strings.Count(logged.String(), "level=WARN"); n != 1 {
					t.Errorf("%d warnings, want one: %s", n, &logged)
				}
			})
		})
	}
}

// TestTheLastEntryExpires: that the feed does not have it any more is nothing to warn of, and nothing that comes later is missed.
func TestTheLastEntryExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{}
		pruned := feedFunc(func(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
			page, err := source.Revocations(ctx, after, limit)
			expired := func(e revoke.Entry) bool { return !time.Now().Before(e.ExpiresAt) }
			return slices.DeleteFunc(slices.Clone(page), expired), err
		})
		source.commit("1", "2")
		var logged strings.Builder
		follower := follow(t, revoke.FollowerConfig{Feed: pruned, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
		ask(t, follower, "2", true, nil, 0)
		for _, value := range []string{"3", "4"} {
			time.Sleep(2 * time.Hour)
			ask(t, follower, value, false, nil, 0)
			source.commit(value)
			time.Sleep(time.Second)
			ask(t, follower, value, true, nil, 0)
		}
		calls := source.reads()
		time.Sleep(time.Second)
		ask(t, follower, "4", true, nil, 0)
		wantReads(t, source, calls+1)
		if logged.Len() > 0 {
			t.Errorf("logged %s", &logged)
		}
	})
}

// What was dropped while the wall clock was ahead is read again when it is right.
func TestAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		ahead.Store(int64(2 * time.Hour))
		_, follower := loaded(t, revoke.FollowerConfig{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}, "a", "b")
		synctest.Wait() // until it has dropped what it takes for expired
		if n := follower.Len(); n != 0 {
			t.Fatalf("%d entries by a clock that is 2 h ahead", n)
		}
		ahead.Store(0)
		time.Sleep(time.Second)
		ask(t, follower, "a", true, nil, 0)
		ask(t, follower, "b", true, nil, 0)
		ask(t, follower, "c", false, nil, 0)
	})
}
