package measure_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/bench/internal/measure"
)

// In a bubble, time passes only where a runner sleeps, so that what is measured is known.
func TestRace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := map[string][]int{}
		sleeper := func(name string, each time.Duration) measure.Runner {
			return measure.Runner{Name: name, Run: func(n int) error {
				turns[name] = append(turns[name], n)
				time.Sleep(time.Duration(n) * each)
				return nil
			}}
		}
		results, err := measure.Race(t.Context(), []measure.Runner{sleeper("slow", 3*time.Microsecond), sleeper("fast", time.Microsecond)},
			measure.Options{Rounds: 20, Turn: 6 * time.Millisecond, Order: rand.New(rand.NewPCG(1, 2))})
		if err != nil || len(results) != 2 {
			t.Fatalf("%d results, %v", len(results), err)
		}
		slow, fast := results[0], results[1]
		if slow.Name != "slow" || len(slow.Times) != 20 || slow.Time().Median != 3000 || fast.Time().Median != 1000 {
			t.Errorf("%s took %v, %s %v", slow.Name, slow.Time(), fast.Name, fast.Time())
		}
		if r := slow.Ratio(fast); r != (measure.Estimate{Median: 3, Low: 3, High: 3}) {
			t.Errorf("ratio %v, want 3", r)
		}
		if d := slow.Difference(fast); d != (measure.Estimate{Median: 2000, Low: 2000, High: 2000}) {
			t.Errorf("difference %v, want 2000", d)
		}
		if n := slices.Max(turns["slow"]); n != 2000 {
			t.Errorf("a turn has %d runs of 3 µs, want 6 ms", n)
		}
	})
}

func TestRaceCountsAllocations(t *testing.T) {
	// Not parallel: it counts what the whole process allocates.
	var sink []byte
	results, err := measure.Race(t.Context(), []measure.Runner{{Name: "make", Run: func(n int) error {
		for range n {
			sink = make([]byte, 1024)
		}
		return nil
	}}}, measure.Options{Rounds: 1, Turn: time.Millisecond})
	if err != nil || len(sink) != 1024 {
		t.Fatal(err)
	}
	if r := results[0]; math.Abs(r.Allocs-1) > 0.1 || math.Abs(r.Bytes-1024) > 100 {
		t.Errorf("%v allocations of %v bytes, want 1 of 1024", r.Allocs, r.Bytes)
	}
}

func TestRaceEndsWithAnError(t *testing.T) {
	t.Parallel()
	failure := errors.New("failure")
	runs := 0
	runner := measure.Runner{Name: "x", Run: func(int) error {
		if runs++; runs > 3 {
			return failure
		}
		return nil
	}}
	o := measure.Options{Rounds: 3, Turn: time.Millisecond}
	if _, err := measure.Race(t.Context(), []measure.Runner{runner}, o); !errors.Is(err, failure) {
		t.Errorf("%v, want the runner's error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	still := measure.Runner{Name: "y", Run: func(n int) error { <-time.After(time.Duration(n) * time.Millisecond); return nil }}
	if _, err := measure.Race(ctx, []measure.Runner{still}, o); !errors.Is(err, context.Canceled) {
		t.Errorf("%v after the context ended", err)
	}
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	upTo := func(n int) []float64 {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64((i*7)%n) + 1 // 7 has no divisor in common with these n
		}
		return values
	}
	// The ranks are those of any table of confidence intervals for a median.
	for _, test := range []struct {
		n    int
		want measure.Estimate
	}{
		{1, measure.Estimate{Median: 1, Low: 1, High: 1}},
		{5, measure.Estimate{Median: 3, Low: 1, High: 5}},
		{6, measure.Estimate{Median: 3.5, Low: 1, High: 6}},
		{20, measure.Estimate{Median: 10.5, Low: 6, High: 15}},
		{30, measure.Estimate{Median: 15.5, Low: 10, High: 21}},
		{100, measure.Estimate{Median: 50.5, Low: 40, High: 61}},
	} {
		if got := measure.EstimateOf(upTo(test.n)); got != test.want {
			t.Errorf("of 1 to %d: %v, want %v", test.n, got, test.want)
		}
	}
	if got := measure.EstimateOf(nil); !math.IsNaN(got.Median) {
		t.Errorf("of nothing: %v", got)
	}
}

// In a sample of noise the interval holds the true median about as often as it says.
func TestEstimateCovers(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	covered := 0
	for range 2000 {
		values := make([]float64, 30)
		for i := range values {
			values[i] = random.ExpFloat64()
		}
		if e := measure.EstimateOf(values); e.Low <= math.Ln2 && math.Ln2 <= e.High {
			covered++
		}
	}
	if covered < 1900 || covered > 1970 {
		t.Errorf("%d of 2000 intervals hold the median, want 95.7 %%", covered)
	}
}

// What a run needs is made before the clock starts, as much as it says.
func TestRacePrepares(t *testing.T) {
	t.Parallel()
	left := 0
	runner := measure.Runner{
		Name:    "eat",
		Prepare: func(n int) error { left = n; return nil },
		Run: func(n int) error {
			for range n {
				if left--; left < 0 {
					return errors.New("nothing was prepared")
				}
				<-time.After(time.Microsecond)
			}
			return nil
		},
	}
	if _, err := measure.Race(t.Context(), []measure.Runner{runner}, measure.Options{Rounds: 2, Turn: time.Millisecond}); err != nil {
		t.Error(err)
	}
	failure := errors.New("failure")
	runner.Prepare = func(int) error { return failure }
	if _, err := measure.Race(t.Context(), []measure.Runner{runner}, measure.Options{Rounds: 1, Turn: time.Millisecond}); !errors.Is(err, failure) {
		t.Errorf("%v, want the error of preparing", err)
	}
}
