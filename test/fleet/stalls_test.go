package fleet_test

import (
	"context"
	"time"
)

// stallsFrom is from when on a delay counts as one of the machine.
const stallsFrom = 100 * time.Millisecond

// watchClock notes when this process was not run, until ctx is over.
func (s *spans) watchClock(ctx context.Context) {
	last := time.Now()
	for pause(ctx, 5*time.Millisecond) {
		now := time.Now()
		if now.Sub(last) > stallsFrom {
			s.add(last, now)
		}
		last = now
	}
}

// watch notes when something that takes no time took some, until ctx is over. What fails is not noted.
func (s *spans) watch(ctx context.Context, ask func(context.Context) error) {
	for pause(ctx, 25*time.Millisecond) {
		began := time.Now()
		if err := ask(ctx); err == nil && time.Since(began) > stallsFrom {
			s.add(began, time.Now())
		}
	}
}
