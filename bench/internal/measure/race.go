// Package measure compares how long things take, on a machine that does other work too: it runs them in turns, in many short rounds,
// and compares within each round, so that what slows the machine down slows all of them down.
package measure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"
)

// Runner is one thing that is measured beside others.
type Runner struct {
	Name string
	// Prepare, if not nil, makes what a Run of n needs. It comes before each, and is not measured.
	Prepare func(n int) error
	// Run does it n times. Its error ends the race.
	Run func(n int) error
}

// Options say how long a race takes.
type Options struct {
	// Rounds is how often each runner has its turn.
	Rounds int
	// Turn is about how long a turn takes.
	Turn time.Duration
	// Order shuffles the runners before each round. Nil leaves them as they are.
	Order *rand.Rand
}

// Result is what was measured of one runner.
type Result struct {
	Name string
	// Times are nanoseconds per run, by round.
	Times []float64
	// Allocs and Bytes are what one run allocates.
	Allocs, Bytes float64
}

// Race measures the runners, and returns their results in the order in which they are given.
func Race(ctx context.Context, runners []Runner, o Options) ([]Result, error) {
	results := make([]Result, len(runners))
	counts := make([]int, len(runners))
	for i, r := range runners {
		n, err := calibrate(r, o.Turn)
		if err != nil {
			return nil, err
		}
		counts[i] = n
		results[i].Name = r.Name
		if results[i].Allocs, results[i].Bytes, err = allocations(r, n); err != nil {
			return nil, err
		}
	}
	order := make([]int, len(runners))
	for i := range order {
		order[i] = i
	}
	for range o.Rounds {
		if o.Order != nil {
			o.Order.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		for _, i := range order {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			elapsed, err := turn(runners[i], counts[i])
			if err != nil {
				return nil, err
			}
			results[i].Times = append(results[i].Times, float64(elapsed)/float64(counts[i]))
		}
	}
	return results, nil
}

// turn lets r run n times. The garbage of whoever ran before is gone by then, so that each pays for its own.
func turn(r Runner, n int) (time.Duration, error) {
	if err := r.prepare(n); err != nil {
		return 0, err
	}
	runtime.GC()
	start := time.Now()
	err := r.Run(n)
	elapsed := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("measure: %s: %w", r.Name, err)
	}
	return elapsed, nil
}

func (r Runner) prepare(n int) error {
	if r.Prepare == nil {
		return nil
	}
	if err := r.Prepare(n); err != nil {
		return fmt.Errorf("measure: preparing %s: %w", r.Name, err)
	}
	return nil
}

// calibrate returns how often r runs in about the time of a turn. What it runs on the way warms up caches and pools.
func calibrate(r Runner, want time.Duration) (int, error) {
	const most = 1 << 30
	for n := 1; ; {
		elapsed, err := turn(r, n)
		if err != nil {
			return 0, err
		}
		if elapsed >= want/2 || n >= most {
			return max(1, int(float64(n)*float64(want)/float64(max(elapsed, 1)))), nil
		}
		n = min(most, n*2)
	}
}

// allocations returns what one of n runs of r allocates, on every goroutine.
func allocations(r Runner, n int) (count, bytes float64, err error) {
	n = min(n, 10_000)
	if err := r.prepare(n); err != nil {
		return 0, 0, err
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := r.Run(n); err != nil {
		return 0, 0, fmt.Errorf("measure: %s: %w", r.Name, err)
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n), nil
}
