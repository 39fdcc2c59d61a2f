package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// RunLimits tests a store of limits. Each subtest calls open for an empty store of its own.
func RunLimits(t *testing.T, open func(t *testing.T) jeton.LimitStore) {
	t.Helper()
	runCases(t, limitCases(), func(t *testing.T) limits { t.Helper(); return limits{t, open(t)} })
}

// limits is one subtest over a store of limits.
type limits struct {
	*testing.T
	store jeton.LimitStore
}

func limitCases() []named[limits] {
	return []named[limits]{
		{"as many at once as the count", limits.atOnce},
		{"one for each part of the window that passes", limits.refill},
		{"at a steady pace for ever", limits.steady},
		{"never more at once, however long nothing happened", limits.idle},
		{"what is refused does not count", limits.refused},
		{"what is returned did not count", limits.returned},
		{"what was not taken cannot be returned", limits.returnedAnyway},
		{"keys are counted apart", limits.apart},
		{"a clock that is behind forgets nothing", limits.behind},
		{"a clock that was far ahead locks nobody out", limits.ahead},
		{"contention: take with one key", limits.raceTake},
		{"contention: take and return", limits.raceReturn},
		{"contention: take with many keys", limits.raceKeys},
		{"cancellation: nothing is counted", limits.cancelled},
	}
}

// moment is when an event happens first: a time that is no whole number of microseconds.
func moment() time.Time { return start().Add(456_789) }

// tolerance is how exact a wait must be.
const tolerance = time.Millisecond

// take counts one event and returns how long to wait instead, which is 0 if it may happen.
func (c limits) take(ctx context.Context, key string, limit jeton.Limit, now time.Time) time.Duration {
	c.Helper()
	wait, err := c.store.Take(ctx, key, limit, now)
	must(c.T, "take", err)
	return wait
}

// allows fails the test unless n events may happen now.
func (c limits) allows(ctx context.Context, n int, key string, limit jeton.Limit, now time.Time) {
	c.Helper()
	for i := range n {
		if wait := c.take(ctx, key, limit, now); wait != 0 {
			c.Fatalf("event %d of %d with key %.40q must wait for %v", i+1, n, key, wait)
		}
	}
}

// refuses fails the test unless an event must wait for want.
func (c limits) refuses(ctx context.Context, want time.Duration, key string, limit jeton.Limit, now time.Time) {
	c.Helper()
	wait := c.take(ctx, key, limit, now)
	if wait <= 0 || (wait-want).Abs() > tolerance {
		c.Fatalf("an event with key %.40q must wait for %v, want %v", key, wait, want)
	}
}

// spend fails the test unless exactly n events may happen now.
func (c limits) spend(ctx context.Context, n int, key string, limit jeton.Limit, now time.Time) {
	c.Helper()
	c.allows(ctx, n, key, limit, now)
	if wait := c.take(ctx, key, limit, now); wait <= 0 {
		c.Fatalf("more than %d events with key %.40q may happen", n, key)
	}
}

// back returns an event.
func (c limits) back(ctx context.Context, key string, limit jeton.Limit, now time.Time) {
	c.Helper()
	must(c.T, "return", c.store.Return(ctx, key, limit, now))
}

// atOnce also has counts that do not divide their window.
func (c limits) atOnce(ctx context.Context) {
	for _, limit := range []jeton.Limit{
		{Count: 1, Window: time.Second},
		{Count: 1, Window: day},
		{Count: 7, Window: time.Minute},
		{Count: 10, Window: time.Minute},
		{Count: 10, Window: 15 * time.Minute},
		{Count: 13, Window: time.Second},
		{Count: 100, Window: time.Hour},
	} {
		key := fmt.Sprint("key ", limit)
		c.allows(ctx, limit.Count, key, limit, moment())
		c.refuses(ctx, limit.Window/time.Duration(limit.Count), key, limit, moment())
	}
}

func (c limits) refill(ctx context.Context) {
	limit := jeton.Limit{Count: 10, Window: time.Minute}
	at := func(after time.Duration) time.Time { return moment().Add(after) }
	c.spend(ctx, 10, "key", limit, at(0))
	c.refuses(ctx, 4*time.Second, "key", limit, at(2*time.Second))
	c.refuses(ctx, 5*time.Millisecond, "key", limit, at(6*time.Second-5*time.Millisecond))
	c.spend(ctx, 1, "key", limit, at(6*time.Second))
	c.refuses(ctx, 6*time.Second, "key", limit, at(6*time.Second))
	c.spend(ctx, 5, "key", limit, at(36*time.Second))
	c.spend(ctx, 1, "key", limit, at(45*time.Second)) // half of a second one is saved up
	c.refuses(ctx, 3*time.Second, "key", limit, at(45*time.Second))
	wait := c.take(ctx, "key", limit, at(46*time.Second))
	c.spend(ctx, 1, "key", limit, at(46*time.Second).Add(wait))
}

func (c limits) steady(ctx context.Context) {
	limit := jeton.Limit{Count: 7, Window: time.Minute}
	now := moment()
	c.spend(ctx, 7, "key", limit, now)
	for range 40 {
		now = now.Add(limit.Window/time.Duration(limit.Count) + time.Millisecond)
		c.spend(ctx, 1, "key", limit, now)
	}
}

func (c limits) idle(ctx context.Context) {
	limit := jeton.Limit{Count: 5, Window: time.Minute}
	now := moment()
	for _, pause := range []time.Duration{0, time.Minute, time.Hour, 400 * day} {
		now = now.Add(pause)
		c.spend(ctx, 5, "key", limit, now)
	}
}

func (c limits) refused(ctx context.Context) {
	limit := jeton.Limit{Count: 3, Window: time.Minute}
	c.spend(ctx, 3, "key", limit, moment())
	for i := range 30 {
		c.refuses(ctx, 20*time.Second-time.Duration(i)*100*time.Millisecond, "key", limit, moment().Add(time.Duration(i)*100*time.Millisecond))
	}
	c.spend(ctx, 1, "key", limit, moment().Add(20*time.Second))
}

func (c limits) returned(ctx context.Context) {
	limit := jeton.Limit{Count: 3, Window: time.Minute}
	for range 20 {
		c.allows(ctx, 1, "key", limit, moment())
		c.back(ctx, "key", limit, moment())
	}
	c.spend(ctx, 3, "key", limit, moment())
	c.back(ctx, "key", limit, moment().Add(time.Second))
	c.back(ctx, "key", limit, moment().Add(time.Second))
	c.spend(ctx, 2, "key", limit, moment().Add(time.Second))
	c.refuses(ctx, 19*time.Second, "key", limit, moment().Add(time.Second))
}

// returnedAnyway returns what has passed by itself: nothing is saved up by that.
func (c limits) returnedAnyway(ctx context.Context) {
	limit := jeton.Limit{Count: 3, Window: time.Minute}
	c.back(ctx, "new", limit, moment())
	c.spend(ctx, 3, "new", limit, moment())
	c.allows(ctx, 1, "old", limit, moment())
	now := moment().Add(time.Hour)
	for range 3 {
		c.back(ctx, "old", limit, now)
	}
	c.spend(ctx, 3, "old", limit, now)
}

func (c limits) apart(ctx context.Context) {
	limit := jeton.Limit{Count: 2, Window: time.Minute}
	long := strings.Repeat("k", 300)
	for _, key := range []string{
		"key", "Key", "key ", " key", "ke", "", "k_y", "k%", "k*", "{key}", "{key}2", "schlüssel", "k'\"\\", "a\nb",
		"address:192.0.2.1/32", "address:192.0.2.10/32", "address:2001:db8::/64", long, long + "k",
	} {
		c.spend(ctx, 2, key, limit, moment())
	}
	c.back(ctx, "key", limit, moment())
	c.spend(ctx, 0, "Key", limit, moment())
	c.spend(ctx, 1, "key", limit, moment())
}

// behind asks from a node whose clock is behind: that must not make what another one has counted undone.
func (c limits) behind(ctx context.Context) {
	limit := jeton.Limit{Count: 4, Window: time.Minute}
	c.allows(ctx, 3, "key", limit, moment())
	earlier := moment().Add(-15 * time.Second)
	c.spend(ctx, 0, "key", limit, earlier)
	c.spend(ctx, 1, "key", limit, moment())
	c.spend(ctx, 0, "key", limit, earlier)
	c.refuses(ctx, 15*time.Second, "key", limit, moment())
}

// ahead counts once by a clock that is days ahead, and then by the right one: who asks waits for a part of the window. A clock that is ahead by less
// than a window is believed.
func (c limits) ahead(ctx context.Context) {
	limit := jeton.Limit{Count: 4, Window: time.Minute}
	c.allows(ctx, 1, "key", limit, moment().Add(3*day))
	c.refuses(ctx, limit.Window/4, "key", limit, moment())
	c.refuses(ctx, limit.Window/4, "key", limit, moment())
	c.spend(ctx, 1, "key", limit, moment().Add(limit.Window/4))
	c.spend(ctx, 4, "key", limit, moment().Add(2*limit.Window))
	c.allows(ctx, 1, "other", limit, moment().Add(50*time.Second))
	c.refuses(ctx, 20*time.Second, "other", limit, moment())
}

// raceAll takes from all keys at once, each for so many rivals, and returns how many were let through with each key.
func (c limits) raceAll(ctx context.Context, keys, rivals int, limit jeton.Limit) []int64 {
	c.Helper()
	passed := make([]atomic.Int64, keys)
	all(c.T, race(keys*rivals, func(i int) error {
		wait, err := c.store.Take(ctx, fmt.Sprint("key", i%keys), limit, moment())
		if err == nil && wait == 0 {
			passed[i%keys].Add(1)
		}
		return err
	}))
	counts := make([]int64, keys)
	for i := range passed {
		counts[i] = passed[i].Load()
	}
	return counts
}

func (c limits) raceTake(ctx context.Context) {
	limit := jeton.Limit{Count: 10, Window: time.Minute}
	for _, passed := range c.raceAll(ctx, 1, 2*rivals, limit) {
		if passed != 10 {
			c.Errorf("%d of %d events at once may happen, want 10", passed, 2*rivals)
		}
	}
	c.refuses(ctx, 6*time.Second, "key0", limit, moment())
}

func (c limits) raceKeys(ctx context.Context) {
	const keys = 8
	for i, passed := range c.raceAll(ctx, keys, 8, jeton.Limit{Count: 5, Window: time.Minute}) {
		if passed != 5 {
			c.Errorf("key %d: %d events at once may happen, want 5", i, passed)
		}
	}
}

// raceReturn lets everybody take and return: in the end as many are taken as before.
func (c limits) raceReturn(ctx context.Context) {
	limit := jeton.Limit{Count: 3 * rivals, Window: time.Hour}
	c.allows(ctx, rivals, "key", limit, moment())
	all(c.T, race(rivals, func(int) error {
		for range 4 {
			switch wait, err := c.store.Take(ctx, "key", limit, moment()); {
			case err != nil:
				return err
			case wait != 0:
				return fmt.Errorf("must wait for %v", wait)
			}
			if err := c.store.Return(ctx, "key", limit, moment()); err != nil {
				return err
			}
		}
		return nil
	}))
	c.spend(ctx, 2*rivals, "key", limit, moment())
}

func (c limits) cancelled(ctx context.Context) {
	limit := jeton.Limit{Count: 2, Window: time.Minute}
	refuses(ctx, c.T, []operation{
		{"Take", func(ctx context.Context) error { return second(c.store.Take(ctx, "key", limit, moment())) }},
	})
	c.spend(ctx, 2, "key", limit, moment())
}
