package fleet_test

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// span is from one moment to another; an open one has no end yet.
type span struct{ from, to time.Time }

// meets reports whether a span has a moment in common with the time between two others.
func (s span) meets(from, to time.Time) bool {
	return !s.from.After(to) && (s.to.IsZero() || !s.to.Before(from))
}

// spans are remembered in the order in which they begin.
type spans struct {
	mu  sync.Mutex
	all []span
}

func (s *spans) add(from, to time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, span{from, to})
}

// begin begins a span, which end ends.
func (s *spans) begin() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := len(s.all)
	s.all = append(s.all, span{from: time.Now()})
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all[i].to = time.Now()
	}
}

// meet reports whether any of them does.
func (s *spans) meet(from, to time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.all {
		if one.meets(from, to) {
			return true
		}
	}
	return false
}

// covered is how much of the time between two moments is in any of them.
func covered(from, to time.Time, of ...*spans) time.Duration {
	var clipped []span
	for _, s := range of {
		s.mu.Lock()
		for _, one := range s.all {
			if one.to.IsZero() || one.to.After(to) {
				one.to = to
			}
			if one.from.Before(from) {
				one.from = from
			}
			if one.to.After(one.from) {
				clipped = append(clipped, one)
			}
		}
		s.mu.Unlock()
	}
	return union(clipped)
}

// union is how long it is in any of these.
func union(all []span) (total time.Duration) {
	slices.SortFunc(all, func(a, b span) int { return a.from.Compare(b.from) })
	var until time.Time
	for _, one := range all {
		if one.from.Before(until) {
			one.from = until
		}
		if one.to.After(one.from) {
			total += one.to.Sub(one.from)
			until = one.to
		}
	}
	return total
}

func TestCovered(t *testing.T) {
	t.Parallel()
	zero := time.Now()
	at := func(ms int) time.Time { return zero.Add(time.Duration(ms) * time.Millisecond) }
	var one, other spans
	one.add(at(10), at(20))
	one.add(at(15), at(30))
	other.add(at(5), at(12))
	other.add(at(40), time.Time{})
	for _, test := range []struct{ from, to, want int }{
		{0, 50, 35}, {0, 4, 0}, {11, 13, 2}, {25, 45, 10}, {30, 40, 0}, {0, 1000, 985},
	} {
		if got := covered(at(test.from), at(test.to), &one, &other); got != time.Duration(test.want)*time.Millisecond {
			t.Errorf("from %d to %d: %v, want %d ms", test.from, test.to, got, test.want)
		}
	}
	for _, test := range []struct {
		from, to int
		want     bool
	}{{0, 4, false}, {0, 5, true}, {13, 14, false}, {50, 60, true}, {12, 13, true}, {13, 40, true}} {
		if got := other.meet(at(test.from), at(test.to)); got != test.want {
			t.Errorf("from %d to %d: %t", test.from, test.to, got)
		}
	}
}
