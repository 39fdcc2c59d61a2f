package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/mongo"
)

// follow reads what comes after the last entry that it has seen, as a node does, until over says so before a look that finds nothing.
func follow(ctx context.Context, feed revoke.Feed, over func() bool) (seen []revoke.Entry, err error) {
	var last uint64
	for {
		done := over()
		entries, err := feed.Revocations(ctx, last, 1000)
		if err != nil || done && len(entries) == 0 {
			return seen, err
		}
		for _, entry := range entries {
			if entry.Number != last+1 {
				return seen, fmt.Errorf("entry %d comes after entry %d", entry.Number, last)
			}
			last = entry.Number
		}
		seen = append(seen, entries...)
	}
}

// Several nodes revoke at once, each through a client of its own, while others follow: numbers have no gaps, in whatever order and at whatever moment
// they are looked at.
func TestSeveralNodesRevoke(t *testing.T) {
	t.Parallel()
	const nodes, each, followers = 6, 20, 2
	name := newDatabase()
	open(t, name)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var writing atomic.Int64
	writing.Store(nodes)
	var all sync.WaitGroup
	errs := make([]error, nodes+followers)
	for i := range nodes {
		s := mongo.New(connect(t, name, nil))
		all.Go(func() {
			defer writing.Add(-1)
			for j := range each {
				_, err := s.RevokeToken(ctx, revoke.IDOf(fmt.Sprint(i, " ", j)), began)
				errs[i] = errors.Join(errs[i], err)
			}
		})
	}
	for i := range followers {
		s := mongo.New(connect(t, name, nil))
		all.Go(func() {
			seen, err := follow(ctx, s, func() bool { return writing.Load() == 0 })
			if err == nil && len(seen) != nodes*each {
				err = fmt.Errorf("a follower has seen %d entries, want %d", len(seen), nodes*each)
			}
			errs[nodes+i] = err
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// A node that was about to insert an entry, and is held up while its number is taken and removed again, does not bring that number back: whoever has read
// beyond it would never see the entry.
func TestNumbersOfRemovedEntriesDoNotComeAgain(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		expired []bool // the entries that others insert meanwhile
		removed int
	}{
		"nothing is left":        {[]bool{true}, 1},
		"nothing of two is left": {[]bool{true, true}, 2},
		"a later one is left":    {[]bool{true, false}, 1},
		"an earlier one is left": {[]bool{false, true}, 1},
		"all are left":           {[]bool{false, false}, 0},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			name := newDatabase()
			s := open(t, name)
			monitor, reached, release := hold("insert", "jeton_revocations")
			slow := mongo.New(connect(t, name, monitor))
			t.Cleanup(release)
			done := make(chan revoke.Entry, 1)
			go func() {
				entry, err := slow.RevokeToken(ctx, revoke.IDOf("slow"), began.Add(time.Hour))
				if err != nil {
					t.Error(err)
				}
				done <- entry
			}()
			<-reached

			var last revoke.Entry
			for i, expired := range test.expired {
				until := began.Add(time.Hour)
				if expired {
					until = began
				}
				var err error
				if last, err = s.RevokeToken(ctx, revoke.IDOf(fmt.Sprint(i)), until); err != nil {
					t.Fatal(err)
				}
			}
			if n, err := s.Prune(ctx, began); err != nil || n != test.removed {
				t.Fatalf("%d entries were pruned, want %d, error %v", n, test.removed, err)
			}
			release()
			entry := <-done
			if entry.Number <= last.Number {
				t.Errorf("entry %d was inserted when entry %d was there", entry.Number, last.Number)
			}
			seen, err := s.Revocations(ctx, last.Number, 10)
			if err != nil || len(seen) != 1 || seen[0] != entry {
				t.Errorf("after entry %d come %v, error %v, want %v", last.Number, seen, err, entry)
			}
			if seen, err = s.Revocations(ctx, 0, 10); err != nil || len(seen) != len(test.expired)-test.removed+1 {
				t.Errorf("in all there are %v, error %v", seen, err)
			}
			next, err := mongo.New(connect(t, name, nil)).RevokeToken(ctx, revoke.IDOf("next"), began)
			if err != nil || next.Number != entry.Number+1 {
				t.Errorf("a new node's first entry is %d, error %v, want %d", next.Number, err, entry.Number+1)
			}
		})
	}
}
