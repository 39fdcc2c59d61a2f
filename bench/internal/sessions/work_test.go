package sessions

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

func TestWork(t *testing.T) {
	t.Parallel()
	var done [3]atomic.Int64
	var part atomic.Int64
	w := &work{
		name: "x", clients: 3, part: func() time.Duration { return time.Duration(part.Load()) },
		do: func(_ context.Context, client int) error {
			part.Add(1)
			done[client].Add(1)
			return nil
		},
	}
	if err := w.turn(t.Context(), 8); err != nil {
		t.Fatal(err)
	}
	for client := range done {
		if n := done[client].Load(); n < 2 || n > 3 {
			t.Errorf("client %d did it %d times of 8", client, n)
		}
	}
	if s := w.samples[0]; len(s.latencies) != 8 || s.part != 8 {
		t.Errorf("%+v", s)
	}
	failure := errors.New("failure")
	w.do = func(_ context.Context, client int) error {
		if client == 2 {
			return failure
		}
		return nil
	}
	if err := w.turn(t.Context(), 8); !errors.Is(err, failure) {
		t.Errorf("%v, want the client's error", err)
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	s := sample{part: 30, total: 120, node: 7, server: 5}
	for i := range 100 {
		s.latencies = append(s.latencies, time.Duration((i*37)%100+1)) // 1 to 100
	}
	o := outcome{samples: []sample{s, s, s}}
	for what, got := range map[string][2]float64{
		"p50": {o.latency(0.5), 51}, "p99": {o.latency(0.99), 100}, "most": {o.latency(1), 100},
		"share": {o.share().Median, 0.25}, "node": {o.node(), 7}, "server": {o.server(), 5},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %v, want %v", what, got[0], got[1])
		}
	}
}

// A generated feed is read to its end, and its entries are all different.
func TestFollow(t *testing.T) {
	t.Parallel()
	l, err := follow(t.Context(), generated(12_345))
	if err != nil || l.follower.Len() != 12_345 {
		t.Errorf("%v, %v", l, err)
	}
}
