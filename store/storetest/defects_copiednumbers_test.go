package storetest_test

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/storetest"
)

// copiedNumberDefects are stores that add revocations in a wrong way, or give wrong numbers afterwards.
func copiedNumberDefects() map[string]defect {
	adds := func(add func(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error) func() storetest.Harness {
		return over(func(s *gated) ender { return otherEntries{s, add} })
	}
	return map[string]defect{
		"the last number is the highest that is left": {
			over(func(s *gated) ender { return lastLeft{s} }),
			[]string{"session copy/the last number", "session copy/later numbers are higher", "session copy/from one store into another"},
		},
		"the last number is that of the next": {
			over(func(s *gated) ender { return lastIsNext{s} }), []string{"session copy/nothing at first", "session copy/the last number"},
		},
		"the last number ignores its context": {
			over(func(s *gated) ender { return deafLast{s} }), []string{"session copy/cancellation: nothing changes"},
		},
		"copied revocations get new numbers": {
			adds(renumbered), []string{"session copy/revocations keep their numbers", "session copy/revocations in several batches"},
		},
		"only what is above is added": {
			adds(aboveOnly), []string{"session copy/revocations keep their numbers", "session copy/revocations in several batches"},
		},
		"numbers go on from the entries": {
			adds(func(ctx context.Context, s *gated, entries []revoke.Entry, _ uint64) error {
				return s.AddRevocations(ctx, entries, 0)
			}), []string{"session copy/later numbers are higher", "session copy/revocations in several batches", "kept copy/what was copied survives"},
		},
		"numbers go on from the last": {
			over(func(s *gated) ender { return &setLast{gated: s} }), []string{"session copy/later numbers are higher"},
		},
		"what never expires expires": {
			adds(expiring), []string{"session copy/revocations that never expire"},
		},
		"what has expired is left out": {
			adds(unexpired), []string{"session copy/revocations keep their numbers"},
		},
		"500 revocations are enough": {
			adds(func(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error {
				return s.AddRevocations(ctx, entries[:min(len(entries), 500)], last)
			}), []string{"session copy/a thousand revocations"},
		},
		"revocations that were added before a conflict stay": {
			adds(oneEntryAfterTheOther),
			[]string{
				"session copy/a number that is taken", "session copy/a number twice", "session copy/cancellation: whole operations only",
			},
		},
		"a conflict raises the last number": {
			adds(raisingFirst), []string{"session copy/a number that is taken", "session copy/a number twice"},
		},
		"numbers that are there are left out": {
			adds(withoutTakenNumbers),
			[]string{"session copy/a number that is taken", "session copy/a number twice", "session copy/contention: the same numbers"},
		},
		"adding revocations ignores its context": {
			adds(func(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error {
				return s.AddRevocations(context.WithoutCancel(ctx), entries, last)
			}), []string{"session copy/cancellation: nothing changes"},
		},
		"entries change that were given": {
			over(func(s *gated) ender { return &keptEntries{gated: s} }), []string{"session copy/aliasing"},
		},
		"numbers are raised after the commit": {
			over(func(s *gated) ender { return &raisedLate{sequence: sequence{gated: s}} }),
			[]string{"session copy/contention: copied and given numbers"},
		},
	}
}

type lastLeft struct{ *gated }

func (s lastLeft) LastRevocation(ctx context.Context) (last uint64, err error) {
	entries, err := s.Revocations(ctx, 0, math.MaxInt)
	if len(entries) > 0 {
		last = entries[len(entries)-1].Number
	}
	return last, err
}

type lastIsNext struct{ *gated }

func (s lastIsNext) LastRevocation(ctx context.Context) (uint64, error) {
	last, err := s.gated.LastRevocation(ctx)
	return last + 1, err
}

type deafLast struct{ *gated }

func (s deafLast) LastRevocation(ctx context.Context) (uint64, error) {
	return s.gated.LastRevocation(context.WithoutCancel(ctx))
}

// otherEntries adds revocations in another way.
type otherEntries struct {
	*gated
	add func(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error
}

func (s otherEntries) AddRevocations(ctx context.Context, entries []revoke.Entry, last uint64) error {
	return s.add(ctx, s.gated, entries, last)
}

func renumbered(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error {
	for _, entry := range entries {
		if _, err := s.RevokeToken(ctx, entry.ID, entry.ExpiresAt); err != nil {
			return err
		}
	}
	return s.AddRevocations(ctx, nil, last)
}

func aboveOnly(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error {
	for _, entry := range entries {
		highest, err := s.LastRevocation(ctx)
		if err != nil {
			return err
		}
		if entry.Number <= highest {
			continue
		}
		if err := s.AddRevocations(ctx, []revoke.Entry{entry}, 0); err != nil {
			return err
		}
	}
	return s.AddRevocations(ctx, nil, last)
}

func expiring(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error {
	entries = slices.Clone(entries)
	for i := range entries {
		if entries[i].ExpiresAt.IsZero() {
			entries[i].ExpiresAt = time.Unix(0, 0)
		}
	}
	return s.AddRevocations(ctx, entries, last)
}

func unexpired(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error {
	entries = slices.DeleteFunc(slices.Clone(entries), func(entry revoke.Entry) bool {
		return !entry.ExpiresAt.IsZero() && entry.ExpiresAt.Before(time.Date(2031, time.March, 4, 0, 0, 0, 0, time.UTC))
	})
	return s.AddRevocations(ctx, entries, last)
}

func oneEntryAfterTheOther(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error {
	for i := range entries {
		if err := s.AddRevocations(ctx, entries[i:i+1], 0); err != nil {
			return err
		}
	}
	return s.AddRevocations(ctx, nil, last)
}

func raisingFirst(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error {
	if err := s.AddRevocations(ctx, nil, last); err != nil {
		return err
	}
	return s.AddRevocations(ctx, entries, last)
}

func withoutTakenNumbers(ctx context.Context, s *gated, entries []revoke.Entry, last uint64) error {
	for i := range entries {
		_ = s.AddRevocations(ctx, entries[i:i+1], last)
	}
	return ctx.Err()
}

// setLast counts on from the last number that came with revocations, even if it is lower than its own.
type setLast struct {
	*gated
	mu  sync.Mutex
	set uint64
}

func (s *setLast) AddRevocations(ctx context.Context, entries []revoke.Entry, last uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set = last
	return s.gated.AddRevocations(ctx, entries, last)
}

func (s *setLast) LastRevocation(ctx context.Context) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, err := s.gated.LastRevocation(ctx)
	if s.set > 0 {
		last = min(last, s.set)
	}
	return last, err
}

// keptEntries gives back what it was given in memory of the caller.
type keptEntries struct {
	*gated
	mu   sync.Mutex
	kept []revoke.Entry
}

func (s *keptEntries) AddRevocations(ctx context.Context, entries []revoke.Entry, last uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = entries
	return s.gated.AddRevocations(ctx, entries, last)
}

func (s *keptEntries) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, err := s.gated.Revocations(ctx, after, limit)
	if after == 0 && len(s.kept) > 0 {
		return s.kept[:min(limit, len(s.kept))], err
	}
	return entries, err
}

// raisedLate inserts revocations first, and only then sees to it that their numbers are not given.
type raisedLate struct{ sequence }

func (s *raisedLate) AddRevocations(_ context.Context, entries []revoke.Entry, last uint64) error {
	s.mu.Lock()
	s.visible = append(s.visible, entries...)
	s.mu.Unlock()
	for range 100 {
		runtime.Gosched()
	}
	for _, entry := range entries {
		last = max(last, entry.Number)
	}
	for old := s.last.Load(); old < last && !s.last.CompareAndSwap(old, last); old = s.last.Load() {
	}
	return nil
}
