package fleet_test

import (
	"slices"
	"sync"
	"time"
)

// tally counts what happened, and keeps how long refreshes took.
type tally struct {
	mu      sync.Mutex
	counts  map[string]int
	took    []time.Duration
	longest time.Duration // that a client went on asking
	events  []event
	began   time.Time
}

// event is what was done to a fleet, and when that began.
type event struct {
	at   time.Duration
	what string
}

func newTally() *tally { return &tally{counts: map[string]int{}, began: time.Now()} }

func (t *tally) count(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[what]++
}

func (t *tally) of(what string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts[what]
}

func (t *tally) refreshTook(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took = append(t.took, d)
}

// asked notes how long a client went on asking until it was answered.
func (t *tally) asked(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.longest = max(t.longest, d)
}

// note notes what was done to the fleet, and when that began.
func (t *tally) note(began time.Time, what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, event{began.Sub(t.began), what})
}

// percentile is what so many of a hundred refreshes took at most.
func (t *tally) percentile(p int) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.took) == 0 {
		return 0
	}
	slices.Sort(t.took)
	return t.took[(len(t.took)-1)*p/100].Round(10 * time.Microsecond)
}
