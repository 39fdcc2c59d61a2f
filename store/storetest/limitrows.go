package storetest

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/jetonauth/jeton"
)

// limitRowCases are about limits that are kept beside everything else: they are pruned with it, and survive with it.
func limitRowCases() []named[stores] {
	return []named[stores]{
		{"prune what is as if nothing had happened", stores.pruneLimits},
		{"prune many", stores.pruneManyLimits},
		{"contention: prune and take", stores.racePruneLimits},
		{"what was counted survives", stores.reopenLimits},
	}
}

// limits returns the subtest over the store's limits.
func (c stores) limits() limits {
	c.Helper()
	store, ok := c.Store.(jeton.LimitStore)
	if !ok {
		c.Fatalf("%T is no jeton.LimitStore", c.Store)
	}
	return limits{c.T, store}
}

func (c stores) pruneLimits(ctx context.Context) {
	limit := jeton.Limit{Count: 4, Window: time.Minute}
	c.limits().allows(ctx, 4, "full", limit, moment())
	c.limits().allows(ctx, 1, "one", limit, moment())
	c.sessions().prune(ctx, moment().Add(time.Second), 0)
	c.sessions().prune(ctx, moment().Add(15*time.Second+tolerance), 1)
	c.sessions().prune(ctx, moment().Add(59*time.Second), 0)
	c.limits().spend(ctx, 3, "full", limit, moment().Add(59*time.Second))
	c.sessions().prune(ctx, moment().Add(day), 1)
	c.limits().spend(ctx, 4, "full", limit, moment().Add(day))
}

func (c stores) pruneManyLimits(ctx context.Context) {
	const many = 60
	limit := jeton.Limit{Count: 1, Window: time.Minute}
	for i := range many {
		c.limits().allows(ctx, 1, fmt.Sprint("key", i), limit, moment())
	}
	c.limits().allows(ctx, 1, "live", limit, moment().Add(time.Hour))
	c.sessions().prune(ctx, moment().Add(time.Hour), many)
	c.limits().spend(ctx, 0, "live", limit, moment().Add(time.Hour))
}

// racePruneLimits prunes what can go while events are counted anew.
func (c stores) racePruneLimits(ctx context.Context) {
	const pruners, takers, each = 4, 14, 4
	limit := jeton.Limit{Count: 10, Window: time.Minute}
	store, now := c.limits().store, moment()
	for range 4 {
		var passed atomic.Int64
		all(c.T, race(pruners+takers, func(i int) error {
			for range each {
				if i < pruners {
					if _, err := c.Store.Prune(ctx, now); err != nil {
						return err
					}
					continue
				}
				runtime.Gosched() // so that everybody begins before somebody is done
				switch wait, err := store.Take(ctx, "key", limit, now); {
				case err != nil:
					return err
				case wait == 0:
					passed.Add(1)
				}
			}
			return nil
		}))
		if n := passed.Load(); n != 10 {
			c.Errorf("%d events at once may happen, want 10", n)
		}
		now = now.Add(time.Minute + tolerance)
	}
}

func (c stores) reopenLimits(ctx context.Context) {
	c.needs(c.Reopen != nil, "Reopen")
	limit := jeton.Limit{Count: 3, Window: time.Minute}
	c.limits().allows(ctx, 2, "key", limit, moment())
	c.Store = c.Reopen(c.T)
	c.limits().spend(ctx, 1, "key", limit, moment())
}
