package postgres_test

import (
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// A node whose clock is ahead counts: the others wait a window at most, as after as many events as there may be, and then go on.
func TestTakeBesideAWrongClock(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	const window = time.Minute
	for _, limit := range []jeton.Limit{{Count: 1, Window: window}, {Count: 20, Window: window}} {
		for _, ahead := range []time.Duration{time.Second, 59 * time.Second, 61 * time.Second, 90 * time.Second, 2 * window, 24 * time.Hour} {
			key, now := ahead.String()+limit.Window.String()+string(rune('a'+limit.Count)), at()
			if wait, err := s.Take(t.Context(), key, limit, now.Add(ahead)); err != nil || wait != 0 {
				t.Fatalf("%v ahead: wait %v, error %v", ahead, wait, err)
			}
			wait, err := s.Take(t.Context(), key, limit, now)
			if err != nil || wait > window {
				t.Errorf("%+v, %v ahead: wait %v, error %v", limit, ahead, wait, err)
			}
			if wait, err = s.Take(t.Context(), key, limit, now.Add(wait)); err != nil || wait != 0 {
				t.Errorf("%+v, %v ahead, after the wait: wait %v, error %v", limit, ahead, wait, err)
			}
		}
	}
}

// Two nodes whose clocks differ by many steps, though not by a window, do not take back what the other one has counted.
func TestTakeWithTwoClocks(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	limit := jeton.Limit{Count: 60, Window: time.Minute}
	counted := 0
	for range 200 {
		for _, skew := range []time.Duration{0, 5 * time.Second} {
			wait, err := s.Take(t.Context(), "key", limit, at().Add(skew))
			if err != nil {
				t.Fatal(err)
			}
			if wait == 0 {
				counted++
			}
		}
	}
	if counted < 60 || counted > 65 {
		t.Errorf("%d events were counted, want 60 and one for each of 5 seconds", counted)
	}
}
