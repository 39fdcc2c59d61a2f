package storetest_test

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

func revocationDefects() map[string]defect {
	return map[string]defect{
		"numbers are handed out before the commit": {
			over(func(s *gated) ender { return &sequence{gated: s} }),
			[]string{"sessions/contention: writers and a follower", "store/a later number is not seen before an earlier one"},
		},
		"numbers are counted from what is left": {
			over(func(s *gated) ender { return &highest{gated: s} }),
			[]string{"sessions/prune never makes numbers come again", "store/numbers go on after a restart"},
		},
		"numbers begin at 0": {
			over(func(s *gated) ender { return fromZero{s} }), []string{"sessions/revocations are numbered from 1"},
		},
		"no limit is no limit": {
			over(func(s *gated) ender { return noLimit{s} }), []string{"sessions/revocations are read page by page"},
		},
		"entries are kept that were given": {
			over(func(s *gated) ender { return &sharedEntries{gated: s} }), []string{"sessions/aliasing: entries"},
		},
	}
}

// sequence gives entries numbers as a sequence of a database does, before they become visible.
type sequence struct {
	*gated
	last    atomic.Uint64
	polls   atomic.Int64
	mu      sync.Mutex
	visible []revoke.Entry
}

// begin gives entries their numbers, and returns what makes them visible.
func (s *sequence) begin(entries []revoke.Entry) (commit func()) {
	for i := range entries {
		entries[i].Number = s.last.Add(1)
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.visible = append(s.visible, entries...)
		slices.SortFunc(s.visible, func(a, b revoke.Entry) int { return cmp.Compare(a.Number, b.Number) })
	}
}

// dawdle lets followers read twice before an odd number is committed, if there are any.
func (s *sequence) dawdle(entries []revoke.Entry) {
	if len(entries) == 0 || entries[0].Number%2 == 0 {
		return
	}
	for before, i := s.polls.Load(), 0; s.polls.Load() < before+2 && i < 10_000; i++ {
		runtime.Gosched()
	}
}

func (s *sequence) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	made, err := s.gated.EndSessions(ctx, e)
	commit := s.begin(made)
	s.dawdle(made)
	commit()
	return slices.Clone(made), err
}

func (s *sequence) RevokeToken(ctx context.Context, id revoke.ID, expiresAt time.Time) (revoke.Entry, error) {
	entry, err := s.gated.RevokeToken(ctx, id, expiresAt)
	if err == nil {
		entries := []revoke.Entry{entry}
		commit := s.begin(entries)
		s.dawdle(entries)
		commit()
		entry = entries[0]
	}
	return entry, err
}

func (s *sequence) BeginEnding(ctx context.Context, e jeton.Ending) (commit func() error, err error) {
	made, err := s.gated.EndSessions(ctx, e)
	visible := s.begin(made)
	return func() error { visible(); return nil }, err
}

func (s *sequence) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	defer s.polls.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []revoke.Entry
	for _, entry := range s.visible {
		if entry.Number > after && len(found) < limit {
			found = append(found, entry)
		}
	}
	return found, ctx.Err()
}

// highest counts on from the highest number that is left.
type highest struct {
	*gated
	mu     sync.Mutex
	offset uint64
}

// renumber gives entries the numbers that they have since the last time when nothing was left.
func (s *highest) renumber(entries []revoke.Entry) []revoke.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range entries {
		entries[i].Number -= s.offset
	}
	return entries
}

func (s *highest) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	made, err := s.gated.EndSessions(ctx, e)
	return s.renumber(made), err
}

func (s *highest) RevokeToken(ctx context.Context, id revoke.ID, expiresAt time.Time) (revoke.Entry, error) {
	entry, err := s.gated.RevokeToken(ctx, id, expiresAt)
	return s.renumber([]revoke.Entry{entry})[0], err
}

func (s *highest) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	s.mu.Lock()
	offset := s.offset
	s.mu.Unlock()
	entries, err := s.gated.Revocations(ctx, after+offset, limit)
	return s.renumber(entries), err
}

func (s *highest) Prune(ctx context.Context, now time.Time) (int, error) {
	before, err := s.gated.Revocations(ctx, 0, math.MaxInt)
	if err != nil {
		return 0, err
	}
	removed, err := s.gated.Prune(ctx, now)
	if err != nil {
		return 0, err
	}
	after, err := s.gated.Revocations(ctx, 0, math.MaxInt)
	if len(before) > 0 && len(after) == 0 {
		s.mu.Lock()
		s.offset = before[len(before)-1].Number
		s.mu.Unlock()
	}
	return removed, err
}

type fromZero struct{ *gated }

func (s fromZero) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	entries, err := s.gated.Revocations(ctx, after, limit)
	for i := range entries {
		entries[i].Number--
	}
	return entries, err
}

type noLimit struct{ *gated }

func (s noLimit) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	if limit == 0 {
		limit = math.MaxInt
	}
	return s.gated.Revocations(ctx, after, limit)
}

type sharedEntries struct {
	*gated
	mu   sync.Mutex
	page []revoke.Entry
}

func (s *sharedEntries) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if after == 0 && len(s.page) > 0 {
		return s.page, nil
	}
	entries, err := s.gated.Revocations(ctx, after, limit)
	if after == 0 {
		s.page = entries
	}
	return entries, err
}
