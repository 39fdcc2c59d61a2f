package sessions

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jetonauth/jeton/bench/internal/measure"
)

// work is something that several clients do again and again.
type work struct {
	name    string
	clients int
	// prepare, if not nil, makes what doing it n times needs. It is not measured.
	prepare func(n int) error
	// do does it once, for one of the clients.
	do func(ctx context.Context, client int) error
	// part, if not nil, is how long a part of it has taken since the beginning, on all clients.
	part func() time.Duration
	// at is the database that it is done at, which may be nil.
	at *database

	samples []sample // of each turn
}

// sample is what a turn shows beside its length. Times are those of one run.
type sample struct {
	latencies    []time.Duration
	node, server time.Duration // of processors: this process's, and the database server's
	part, total  time.Duration // of the latencies
}

// outcome is what a work came to.
type outcome struct {
	measure.Result

	samples []sample
}

func (w *work) runner(ctx context.Context) measure.Runner {
	return measure.Runner{Name: w.name, Prepare: w.prepare, Run: func(n int) error { return w.turn(ctx, n) }}
}

// turn does the work n times, shared among the clients.
func (w *work) turn(ctx context.Context, n int) error {
	latencies := make([]time.Duration, n)
	errs := make([]error, w.clients)
	var group sync.WaitGroup
	node, server, part := processorTime(), w.at.serverTime(), w.partTime()
	for client := range w.clients {
		own := latencies[client*n/w.clients : (client+1)*n/w.clients]
		group.Go(func() { errs[client] = w.repeat(ctx, client, own) })
	}
	group.Wait()
	s := sample{latencies: latencies, part: w.partTime() - part}
	s.node, s.server = (processorTime()-node)/time.Duration(n), (w.at.serverTime()-server)/time.Duration(n)
	for _, latency := range latencies {
		s.total += latency
	}
	w.samples = append(w.samples, s)
	return errors.Join(errs...)
}

// repeat does the work once for each of the latencies, which it fills in.
func (w *work) repeat(ctx context.Context, client int, latencies []time.Duration) error {
	for i := range latencies {
		start := time.Now()
		if err := w.do(ctx, client); err != nil {
			return err
		}
		latencies[i] = time.Since(start)
	}
	return nil
}

func (w *work) partTime() time.Duration {
	if w.part == nil {
		return 0
	}
	return w.part()
}

// perSecond is how often the work is done in a second, by all clients.
func (o outcome) perSecond() float64 { return 1e9 / o.Time().Median }

// latency is a quantile of how long a client waits, in nanoseconds: the median of the turns' quantiles.
func (o outcome) latency(quantile float64) float64 {
	return o.median(func(s sample) float64 {
		sorted := slices.Sorted(slices.Values(s.latencies))
		return float64(sorted[min(int(quantile*float64(len(sorted))), len(sorted)-1)])
	})
}

// node is nanoseconds of this process's processors for one run.
func (o outcome) node() float64 {
	return o.median(func(s sample) float64 { return float64(s.node) })
}

// server is those of the database server.
func (o outcome) server() float64 {
	return o.median(func(s sample) float64 { return float64(s.server) })
}

// share is the part's share of the time, from 0 to 1.
func (o outcome) share() measure.Estimate {
	return measure.EstimateOf(o.each(func(s sample) float64 { return float64(s.part) / float64(max(s.total, 1)) }))
}

func (o outcome) median(of func(sample) float64) float64 {
	return measure.EstimateOf(o.each(of)).Median
}

func (o outcome) each(of func(sample) float64) []float64 {
	values := make([]float64, len(o.samples))
	for i, s := range o.samples {
		values[i] = of(s)
	}
	return values
}

// named returns the outcome with a name.
func named(outcomes []outcome, name string) outcome {
	for _, o := range outcomes {
		if o.Name == name {
			return o
		}
	}
	return outcome{}
}
