package storetest_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/memory"
	"github.com/jetonauth/jeton/store/storetest"
)

// limited returns the harness of a sound store, whose limits wrap has made defective.
func limited(wrap func(sound *counters) rows) func() storetest.Harness {
	return func() storetest.Harness {
		return harness(counting{&gated{full: memory.New()}, wrap(newCounters())})
	}
}

func limitDefects() map[string]defect {
	return map[string]defect{
		"one event too many": {
			limited(func(s *counters) rows {
				return otherLimit{s, func(l *jeton.Limit) { l.Window += l.Window / time.Duration(l.Count) }}
			}),
			[]string{"limits/as many at once as the count"},
		},
		"parts of the window are rounded up": {
			limited(func(s *counters) rows { s.coarse = true; return s }),
			[]string{"limits/as many at once as the count"},
		},
		"the window begins with the first event": {
			limited(func(s *counters) rows { return &fixedWindow{counters: s} }), []string{"limits/one for each part of the window that passes"},
		},
		"nothing comes back": {
			limited(func(s *counters) rows { return frozen{s} }),
			[]string{"limits/one for each part of the window that passes", "limits/at a steady pace for ever"},
		},
		"what is not used is saved up": {
			limited(func(s *counters) rows { s.saves = true; return s }),
			[]string{"limits/never more at once, however long nothing happened", "limits/what was not taken cannot be returned"},
		},
		"what is refused counts": {
			limited(func(s *counters) rows { s.harsh = true; return s }), []string{"limits/what is refused does not count"},
		},
		"nothing is returned": {
			limited(func(s *counters) rows { return keepsAll{s} }),
			[]string{"limits/what is returned did not count", "limits/contention: take and return"},
		},
		"all is returned": {
			limited(func(s *counters) rows { return forgives{s} }), []string{"limits/what is returned did not count"},
		},
		"keys of limits in lower case": {
			limited(func(s *counters) rows { return otherKey{s, strings.ToLower} }), []string{"limits/keys are counted apart"},
		},
		"keys of limits are cut": {
			limited(func(s *counters) rows {
				return otherKey{s, func(key string) string { return key[:min(len(key), 255)] }}
			}),
			[]string{"limits/keys are counted apart"},
		},
		"the last clock wins": {
			limited(func(s *counters) rows { s.clamps = true; return s }), []string{"limits/a clock that is behind forgets nothing"},
		},
		"a clock that was ahead is believed": {
			limited(func(s *counters) rows { s.trusts = true; return s }), []string{"limits/a clock that was far ahead locks nobody out"},
		},
		"limits are read, then written": {
			limited(func(s *counters) rows { s.racy = true; return s }),
			[]string{
				"limits/contention: take with one key", "limits/contention: take with many keys", "limits/contention: take and return",
			},
		},
		"limits ignore their context": {
			limited(func(s *counters) rows { return deafLimits{s} }), []string{"limits/cancellation: nothing is counted"},
		},
		"limits are never pruned": {
			limited(func(s *counters) rows { return unpruned{s} }),
			[]string{"kept limits/prune what is as if nothing had happened", "kept limits/prune many"},
		},
		"limits are pruned too soon": {
			limited(func(s *counters) rows { return prunedAll{s} }),
			[]string{"kept limits/prune what is as if nothing had happened", "kept limits/prune many"},
		},
		"limits that were seen are pruned": {
			limited(func(s *counters) rows { return prunedSeen{s} }), []string{"kept limits/contention: prune and take"},
		},
		"limits are forgotten at a restart": {
			func() storetest.Harness {
				s := &gated{full: memory.New()}
				h := harness(counting{s, newCounters()})
				h.Reopen = func(*testing.T) jeton.Store { return counting{s, newCounters()} }
				return h
			}, []string{"kept limits/what was counted survives"},
		},
		"errors of the driver about limits": {
			func() storetest.Harness {
				h := harness(counting{&gated{full: memory.New()}, newCounters()})
				h.Unreachable = func(*testing.T) jeton.Store { return driverErrorsOfLimits{} }
				return h
			}, []string{"store/unreachable"},
		},
	}
}

// rows are limits that can be pruned.
type rows interface {
	jeton.LimitStore
	prune(now time.Time) int
}

// counting is a store that keeps limits, too.
type counting struct {
	*gated
	rows
}

func (s counting) Prune(ctx context.Context, now time.Time) (int, error) {
	removed, err := s.gated.Prune(ctx, now)
	if err != nil {
		return removed, err
	}
	return removed + s.prune(now), nil
}

// counters are limits in a map. They are sound unless told otherwise.
type counters struct {
	mu     sync.Mutex
	whole  map[string]time.Time // when the allowance of a key is whole again
	writes int

	saves  bool // a time that has passed is not made now
	harsh  bool // refused events count
	clamps bool // nobody is ever more than a window behind
	trusts bool // any time that is there is believed
	racy   bool // others may write between reading and writing
	coarse bool // parts of a window are whole microseconds, and not less than they are
}

func newCounters() *counters { return &counters{whole: map[string]time.Time{}} }

func (s *counters) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	var wait time.Duration
	s.change(key, func(whole time.Time) time.Time {
		if whole.Before(now) && !s.saves || whole.IsZero() {
			whole = now
		}
		if latest := now.Add(limit.Window); s.clamps && whole.After(latest) {
			whole = latest
		}
		if latest := now.Add(2 * limit.Window); !s.trusts && whole.Add(s.part(limit)).After(latest) {
			whole = now.Add(limit.Window)
		}
		next := whole.Add(s.part(limit))
		if wait = next.Sub(now) - limit.Window; wait > 0 && !s.harsh {
			return whole
		}
		return next
	})
	return max(wait, 0), nil
}

func (s *counters) Return(ctx context.Context, key string, limit jeton.Limit, now time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.change(key, func(whole time.Time) time.Time {
		if whole.Before(now) && !s.saves || whole.IsZero() {
			whole = now
		}
		return whole.Add(-s.part(limit))
	})
	return nil
}

func (s *counters) part(limit jeton.Limit) time.Duration {
	part := limit.Window / time.Duration(limit.Count)
	if s.coarse {
		part = (part + time.Microsecond - 1).Truncate(time.Microsecond)
	}
	return part
}

func (s *counters) change(key string, to func(whole time.Time) time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	read := s.whole[key]
	next := to(read)
	if s.writes++; s.racy && s.writes%3 != 0 {
		s.await(func() bool { return s.whole[key].Equal(read) })
	}
	s.whole[key] = next
}

// await lets others write while something is so, for a while.
func (s *counters) await(so func() bool) {
	for i := 0; i < 100 && so(); i++ {
		s.mu.Unlock()
		runtime.Gosched()
		s.mu.Lock()
	}
}

func (s *counters) prune(now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.whole)
	maps.DeleteFunc(s.whole, func(_ string, whole time.Time) bool { return !now.Before(whole) })
	return before - len(s.whole)
}

type otherLimit struct {
	*counters
	set func(l *jeton.Limit)
}

func (s otherLimit) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	s.set(&limit)
	return s.counters.Take(ctx, key, limit, now)
}

// fixedWindow gives everything back at once, a window after the first event.
type fixedWindow struct {
	*counters
	began time.Time
	n     int
}

func (s *fixedWindow) Take(_ context.Context, _ string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.began) >= limit.Window {
		s.began, s.n = now, 0
	}
	if s.n == limit.Count {
		return s.began.Add(limit.Window).Sub(now), nil
	}
	s.n++
	return 0, nil
}

type frozen struct{ *counters }

func (s frozen) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	return s.counters.Take(ctx, key, limit, now.Truncate(365*24*time.Hour))
}

type keepsAll struct{ *counters }

func (keepsAll) Return(context.Context, string, jeton.Limit, time.Time) error { return nil }

type forgives struct{ *counters }

func (s forgives) Return(ctx context.Context, key string, limit jeton.Limit, now time.Time) error {
	limit.Count = 1
	return s.counters.Return(ctx, key, limit, now)
}

type otherKey struct {
	*counters
	of func(key string) string
}

func (s otherKey) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	return s.counters.Take(ctx, s.of(key), limit, now)
}

type deafLimits struct{ *counters }

func (s deafLimits) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	return s.counters.Take(context.WithoutCancel(ctx), key, limit, now)
}

type unpruned struct{ *counters }

func (unpruned) prune(time.Time) int { return 0 }

type prunedAll struct{ *counters }

func (s prunedAll) prune(now time.Time) int { return s.counters.prune(now.Add(365 * 24 * time.Hour)) }

// prunedSeen removes what could go a moment ago, whatever it is by now.
type prunedSeen struct{ *counters }

func (s prunedSeen) prune(now time.Time) int {
	s.mu.Lock()
	var seen []string
	for key, whole := range s.whole {
		if !now.Before(whole) {
			seen = append(seen, key)
		}
	}
	s.await(func() bool { return len(seen) > 0 && !now.Before(s.whole[seen[0]]) })
	defer s.mu.Unlock()
	for _, key := range seen {
		delete(s.whole, key)
	}
	return len(seen)
}

// driverErrorsOfLimits is a store whose database is away, and which does not say so.
type driverErrorsOfLimits struct{ unreachable }

func (driverErrorsOfLimits) Return(context.Context, string, jeton.Limit, time.Time) error {
	return errors.New("connection refused")
}
