package sessions

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/jetonauth/jeton/bench/internal/measure"
	"github.com/jetonauth/jeton/bench/internal/report"
	"github.com/jetonauth/jeton/bench/internal/scale"
	"github.com/jetonauth/jeton/revoke"
)

// fewRevocations is how many are live in the smaller list.
const fewRevocations = 1000

// asked is how many tokens are asked about in turn: so many that what is looked at for one has left the caches when it is its turn again.
const asked = 1 << 16

const revocationsText = `
Whether tokens are revoked, none of which is, by a ` + "`revoke.Follower`" + ` that has read its feed: the hashes of "sid" and "jti" and two look-ups, for
%s tokens in turn.
`

func writeRevocations(ctx context.Context, r *run) error {
	r.printf(revocationsText, report.Grouped(asked))
	few, err := follow(ctx, generated(min(fewRevocations, r.Revocations)))
	if err != nil {
		return err
	}
	r.Progress(fmt.Sprintf("revocations: loading %d", r.Revocations))
	many, err := follow(ctx, generated(r.Revocations))
	if err != nil {
		return err
	}
	tokens := make([]revoke.Token, asked)
	for i := range tokens {
		tokens[i] = revoke.Token{ID: fmt.Sprintf("token-%020x", i), Session: fmt.Sprintf("session-%018x", i)}
	}
	results, err := r.measure(ctx, "revocations", 1, []measure.Runner{few.runner(ctx, tokens), many.runner(ctx, tokens)})
	if err != nil {
		return err
	}
	r.printf("\n%s", report.Table([]string{"time", "allocations", "× " + results[0].Name}, [][]string{
		{results[0].Name, report.Duration(results[0].Time().Median), report.Count(results[0].Allocs), "1"},
		{
			results[1].Name, report.Duration(results[1].Time().Median), report.Count(results[1].Allocs),
			report.Interval(results[1].Ratio(results[0]), report.Digits),
		},
	}))
	r.figures.Check = scale.Nanoseconds(results[1].Time().Median)
	return r.writeLoading(ctx, many)
}

// runner asks about tokens in turn.
func (l *loaded) runner(ctx context.Context, tokens []revoke.Token) measure.Runner {
	next := 0
	return measure.Runner{Name: report.Grouped(float64(l.follower.Len())) + " live", Run: func(n int) error {
		for range n {
			next = (next + 1) % len(tokens)
			if revoked, err := l.follower.Revoked(ctx, tokens[next]); revoked || err != nil {
				return errors.Join(err, errors.New("a token is taken for revoked"))
			}
		}
		return nil
	}}
}

// writeLoading says what it takes to know all revocations, from a feed that costs next to nothing and from the databases.
func (r *run) writeLoading(ctx context.Context, many *loaded) error {
	r.figures.RevocationMemory, r.figures.RevocationLoad = many.bytes, scale.Nanoseconds(many.each)
	runtime.KeepAlive(many.follower)
	rows := [][]string{many.row("a feed in memory")}
	n := min(r.Sessions, r.Revocations)
	for _, o := range r.servers.openers() {
		r.Progress(fmt.Sprintf("revocations: loading %d from %s", n, o.name))
		d, err := o.open(ctx, true)
		if err != nil {
			return err
		}
		err = addRevocations(ctx, d, n)
		var l *loaded
		if err == nil {
			l, err = follow(ctx, d.store)
		}
		if err := errors.Join(err, d.close()); err != nil {
			return err
		}
		rows = append(rows, l.row(o.name))
		if o.name == postgresName {
			r.figures.RevocationLoad = scale.Nanoseconds(l.each)
		}
	}
	r.printf("\nReading all of them once, as a node does when it starts, and what they take in its memory from then on:\n\n%s",
		report.Table([]string{"live", "time", "per entry", "memory per entry"}, rows))
	return nil
}

// loaded is a follower that has read its feed to the end.
type loaded struct {
	follower *revoke.Follower
	took     time.Duration
	each     float64 // nanoseconds for one entry
	bytes    float64 // for one entry
}

func (l *loaded) row(name string) []string {
	memory := report.Count(l.bytes) + " bytes"
	if l.follower.Len() < 10_000 {
		memory = "–" // lost in what else there is
	}
	return []string{name, report.Grouped(float64(l.follower.Len())), report.Duration(float64(l.took)), report.Duration(l.each), memory}
}

// follow reads a feed to its end, once.
func follow(ctx context.Context, feed revoke.Feed) (*loaded, error) {
	const never = 24 * time.Hour
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: feed, Interval: never, MaxStaleness: 2 * never, Timeout: never})
	if err != nil {
		return nil, err
	}
	before, start := heap(), time.Now()
	if err := follower.Sync(ctx); err != nil {
		return nil, err
	}
	l := &loaded{follower: follower, took: time.Since(start)}
	n := float64(max(follower.Len(), 1))
	l.each, l.bytes = float64(l.took)/n, (heap()-before)/n
	return l, nil
}

// heap is the memory in use.
func heap() float64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // the first one may leave sweeping
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

// generated is a feed with entries of all numbers from 1 to its own.
type generated uint64

// Revocations makes the entries up.
func (g generated) Revocations(_ context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	if after >= uint64(g) {
		return nil, nil
	}
	return entries(after+1, min(uint64(g), after+uint64(limit))), nil
}

// entryID is the id of the entry with a number, which looks as random as a hash: the steps are those of SplitMix64.
func entryID(number uint64) (id revoke.ID) {
	state := number * 4 * 0x9e3779b97f4a7c15
	for i := 0; i < len(id); i += 8 {
		state += 0x9e3779b97f4a7c15
		z := state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		binary.LittleEndian.PutUint64(id[i:], z^z>>31)
	}
	return id
}
