package measure

import (
	"math"
	"slices"
)

// Estimate is a median, and the interval in which the true one is with a confidence of at least 95 %, as far as that can be said.
type Estimate struct {
	Median, Low, High float64
}

// EstimateOf estimates the median of what values are a sample of. The interval is between two of the ordered values, and supposes
// nothing about how they are distributed: the true median is below the k-th of n with the probability that fewer than k of n fair coins
// show heads. Fewer than six values cannot give that confidence, and their interval is all of them.
func EstimateOf(values []float64) Estimate {
	if len(values) == 0 {
		return Estimate{math.NaN(), math.NaN(), math.NaN()}
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	middle := sorted[n/2]
	if n%2 == 0 {
		middle = (sorted[n/2-1] + middle) / 2
	}
	k := rank(n)
	return Estimate{Median: middle, Low: sorted[k-1], High: sorted[n-k]}
}

// rank is the largest k for which the k-th lowest and the k-th highest of n values enclose the median with 95 %, at least 1.
func rank(n int) int {
	const tail = 0.025
	probability := math.Pow(0.5, float64(n)) // of exactly k heads
	below := probability                     // of at most k heads
	k := 0
	for below <= tail && k < n/2 {
		k++
		probability *= float64(n-k+1) / float64(k)
		below += probability
	}
	return max(k, 1)
}

// Time estimates the nanoseconds per run of r.
func (r Result) Time() Estimate { return EstimateOf(r.Times) }

// Ratio estimates how many times as long r takes as other, from the rounds that both took part in.
func (r Result) Ratio(other Result) Estimate {
	return compare(r, other, func(a, b float64) float64 { return a / b })
}

// Difference estimates how many nanoseconds longer a run of r takes than one of other.
func (r Result) Difference(other Result) Estimate {
	return compare(r, other, func(a, b float64) float64 { return a - b })
}

func compare(r, other Result, f func(a, b float64) float64) Estimate {
	values := make([]float64, min(len(r.Times), len(other.Times)))
	for i := range values {
		values[i] = f(r.Times[i], other.Times[i])
	}
	return EstimateOf(values)
}
