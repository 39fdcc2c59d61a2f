package revoke_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

// told collects what a subscriber was told, by number.
type told struct {
	mu      sync.Mutex
	numbers []uint64
}

func (l *told) add(e revoke.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.numbers = append(l.numbers, e.Number)
}

func (l *told) want(t *testing.T, numbers ...uint64) {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.numbers, numbers) {
		t.Errorf("told %v, want %v", l.numbers, numbers)
	}
}

// TestSubscribe relies on the bubble for this: every goroutine has ended when the test has.
func TestSubscribe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var first, second told
		source, follower := loaded(t, revoke.FollowerConfig{}, "known")
		cancelFirst := follower.Subscribe(first.add)
		source.commit("2", "3")
		first.want(t)
		time.Sleep(400*ms - 1)
		first.want(t)
		time.Sleep(1)
		first.want(t, 2, 3)

		cancelSecond := follower.Subscribe(second.add)
		source.commit("4")
		own := source.commit("5")
		follower.Add(own...) // before the feed gives 4
		first.want(t, 2, 3, 5)
		time.Sleep(400 * ms)
		first.want(t, 2, 3, 5, 4)
		second.want(t, 5, 4)
		follower.Add(own...)
		source.commit("5") // another entry for the same ID
		time.Sleep(400 * ms)
		second.want(t, 5, 4)

		cancelFirst()
		cancelFirst()
		source.commit("7")
		time.Sleep(400 * ms)
		first.want(t, 2, 3, 5, 4)
		second.want(t, 5, 4, 7)
		cancelSecond()
		reads := source.reads()
		source.commit("8")
		time.Sleep(time.Hour)
		wantReads(t, source, reads)

		third := told{}
		cancelThird := follower.Subscribe(third.add) // 8 becomes known from now on
		third.want(t, 8)
		cancelThird()
		cancelFirst()
	})
}

// TestSubscribersRead counts the reads of an hour, and those while the feed is away.
func TestSubscribersRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, follower := loaded(t, revoke.FollowerConfig{})
		cancel, cancelToo := follower.Subscribe(func(revoke.Entry) {}), follower.Subscribe(func(revoke.Entry) {})
		time.Sleep(time.Hour)
		wantReads(t, source, 1+60*60*10/4)
		ask(t, follower, "in", false, nil, 0)
		source.set(0, errDown)
		time.Sleep(20 * time.Second)
		wantReads(t, source, 1+60*60*10/4+50)
		ask(t, follower, "in", false, errDown, 0)
		source.set(time.Second, nil) // slower than the interval: one after the other
		time.Sleep(10*time.Second + 400*ms)
		wantReads(t, source, 1+60*60*10/4+50+11)
		cancel()
		cancelToo()
		time.Sleep(2 * time.Second) // the read that is going on ends by itself
	})
}

func TestSubscribersAreTheOnlyReaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &feed{}
		source.commit("1", "2")
		follower := follow(t, revoke.FollowerConfig{Feed: source})
		var list told
		cancel := follower.Subscribe(list.add) // before anything is known
		list.want(t, 1, 2)
		ask(t, follower, "2", true, nil, 0)
		wantReads(t, source, 1)
		cancel()
	})
}

func TestHintReachesSubscribers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var list told
		source, follower := loaded(t, revoke.FollowerConfig{}, "known")
		defer follower.Subscribe(list.add)()
		source.commit("2")
		for range 100 {
			follower.Hint()
		}
		time.Sleep(20*ms - 1)
		list.want(t)
		time.Sleep(1)
		list.want(t, 2)
		wantReads(t, source, 2)
		time.Sleep(100 * ms)
		source.commit("3")
		follower.Hint()
		list.want(t, 2, 3)
		wantReads(t, source, 3)
	})
}

// TestCommitOrder reads pages while others commit, and is told each number once, in order.
func TestCommitOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var list told
		source, follower := loaded(t, revoke.FollowerConfig{})
		cancel := follower.Subscribe(list.add)
		var want []uint64
		for i := range 30_000 {
			want = append(want, uint64(i+1))
			source.commit(time.Now().String() + string(rune(i)))
			if i%100 == 0 {
				time.Sleep(7 * ms)
			}
		}
		time.Sleep(400 * ms)
		list.want(t, want...)
		cancel()
	})
}

func TestCancelInsideIsNotCalledAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var list, other told
		var cancel, cancelOther func()
		_, follower := loaded(t, revoke.FollowerConfig{})
		cancel = follower.Subscribe(func(e revoke.Entry) {
			list.add(e)
			if e.Number == 2 {
				cancel()
				cancelOther()
				cancel()
				cancelOther = follower.Subscribe(other.add)
				follower.Add(revoke.Entry{Number: 4, ID: revoke.IDOf("4")})
			}
		})
		cancelOther = follower.Subscribe(func(revoke.Entry) {})
		source := feed{}
		follower.Add(source.commit("1", "2", "3")...)
		list.want(t, 1, 2)
		other.want(t, 4)
		cancelOther()
	})
}

// TestSubscribeAgain cancels the last subscription inside fn, and subscribes again while that call goes on: there are
// two goroutines then, of which only the new one may serve.
func TestSubscribeAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var list told
		var cancel, cancelAgain func()
		source, follower := loaded(t, revoke.FollowerConfig{})
		cancel = follower.Subscribe(func(revoke.Entry) {
			cancel()
			cancelAgain = follower.Subscribe(func(e revoke.Entry) {
				time.Sleep(100 * ms)
				list.add(e)
			})
			follower.Add(source.commit("2", "3")...)
			time.Sleep(50 * ms)
		})
		follower.Add(source.commit("1")...)
		time.Sleep(20 * ms)
		follower.Add(source.commit("4")...)
		time.Sleep(time.Second)
		list.want(t, 2, 3, 4)
		cancelAgain()
	})
}

// TestNoReadAfterCancel cancels inside fn, when it is time to read.
func TestNoReadAfterCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cancel func()
		source, follower := loaded(t, revoke.FollowerConfig{})
		cancel = follower.Subscribe(func(revoke.Entry) {
			time.Sleep(time.Second)
			cancel()
		})
		follower.Add(source.commit("1")...)
		time.Sleep(time.Minute)
		wantReads(t, source, 1)
	})
}

// TestCancelWaits cancels from elsewhere while fn, which should not, takes a second.
func TestCancelWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var list told
		source, follower := loaded(t, revoke.FollowerConfig{})
		cancel := follower.Subscribe(func(e revoke.Entry) {
			time.Sleep(time.Second)
			list.add(e)
		})
		follower.Add(source.commit("1", "2")...)
		time.Sleep(300 * ms)
		start := time.Now()
		cancel()
		if waited := time.Since(start); waited != 700*ms {
			t.Errorf("cancel took %v", waited)
		}
		list.want(t, 1)
		time.Sleep(time.Minute)
		list.want(t, 1)
	})
}

// TestCancelRace cancels in the middle of what is told, in real time: fn writes what only the lock of cancel guards.
func TestCancelRace(t *testing.T) {
	t.Parallel()
	follower := follow(t, revoke.FollowerConfig{Feed: &feed{}})
	for round := range 200 {
		calls, cancelled := 0, false
		began := make(chan struct{}, 100)
		cancel := follower.Subscribe(func(revoke.Entry) {
			if cancelled {
				t.Error("called after cancel")
			}
			calls++
			began <- struct{}{}
		})
		for i := range 100 {
			follower.Add(revoke.Entry{ID: revoke.IDOf(string(rune(round*100 + i)))})
		}
		<-began
		cancel()
		cancelled = true
	}
}
