package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

func sessionCancellationCases() []named[sessions] {
	return []named[sessions]{
		{"cancellation: nothing changes", sessions.cancelled},
		{"cancellation: whole operations only", sessions.cancelledInside},
		{"cancellation: endings of many", sessions.cancelledEndings},
	}
}

// refuses fails the test unless every operation returns the error of a context that is over.
func refuses(ctx context.Context, t *testing.T, operations []operation) {
	t.Helper()
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	expired, release := context.WithDeadline(ctx, time.Now().Add(-time.Second))
	defer release()
	for _, op := range operations {
		wantError(t, op.name+" with a cancelled context", op.call(cancelled), context.Canceled)
		wantError(t, op.name+" past its deadline", op.call(expired), context.DeadlineExceeded)
	}
}

func (c users) cancelled(ctx context.Context) {
	u := c.create(ctx, newUser())
	refuses(ctx, c.T, userOperations(c.store, u))
	c.stays(ctx, u)
}

func (c sessions) cancelled(ctx context.Context) {
	s := c.create(ctx, newSession("user"))
	refuses(ctx, c.T, sessionOperations(c.store, s))
	c.stays(ctx, s)
	c.listed(ctx, "user", start(), s)
	if entries := c.feed(ctx); len(entries) != 0 {
		c.Errorf("%d revocations", len(entries))
	}
}

// script is a sequence of operations of one worker on records of its own.
type script struct {
	steps []func(ctx context.Context) error
	// differs says how the store differs from what it is after done steps.
	differs func(ctx context.Context, done int) ([]string, error)
}

// interrupted lets scripts run while their context is cancelled, and fails the test unless every step happened completely,
// if it succeeded, or else completely or not at all.
func interrupted(ctx context.Context, t *testing.T, newScript func(worker int) script) {
	t.Helper()
	worker := 0
	next := func() script {
		worker++
		return newScript(worker)
	}
	interruptedAnywhere(ctx, t, next)
	interruptedTogether(ctx, t, next)
}

// interruptedAnywhere runs one script after the other. The first one's context is cancelled when the store looks at it for
// the first time, the next one's at the second look, and so on, until a script comes to its end before that.
func interruptedAnywhere(ctx context.Context, t *testing.T, next func() script) {
	t.Helper()
	const most = 100 // looks at a context in one script; some stores make thousands
	for looks := range int64(most) {
		s := next()
		done := 0
		err := interruptAt(ctx, looks+1, func(ctx context.Context) error { return s.run(ctx, &done) })
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("step %d, interrupted at look %d: error is %v, want %v", done, looks+1, err, context.Canceled)
		}
		whole(ctx, t, s, done, err != nil)
		if err == nil {
			return
		}
	}
}

// interruptedTogether runs scripts at once, and cancels their context when so many steps have begun.
func interruptedTogether(ctx context.Context, t *testing.T, next func() script) {
	t.Helper()
	const rounds, workers = 12, 6
	for round := range rounds {
		scripts := make([]script, workers)
		for i := range scripts {
			scripts[i] = next()
		}
		done := make([]int, workers)
		errs := cancelAfter(ctx, round+1, scripts, done)
		for i, s := range scripts {
			if errs[i] != nil && !errors.Is(errs[i], context.Canceled) {
				t.Fatalf("step %d: error is %v, want %v", done[i], errs[i], context.Canceled)
			}
			whole(ctx, t, s, done[i], errs[i] != nil)
		}
	}
}

// run makes the steps until one fails, and counts those that succeeded.
func (s script) run(ctx context.Context, done *int) error {
	for _, step := range s.steps {
		if err := step(ctx); err != nil {
			return err
		}
		*done++
	}
	return nil
}

// cancelAfter runs the scripts at once until they fail, with a context that is cancelled when so many steps have begun, and
// writes to done how many steps of each succeeded.
func cancelAfter(ctx context.Context, begun int, scripts []script, done []int) []error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var steps atomic.Int64
	return race(len(scripts), func(i int) error {
		counted := script{steps: slices.Clone(scripts[i].steps)}
		for j, step := range counted.steps {
			counted.steps[j] = func(ctx context.Context) error {
				if steps.Add(1) == int64(begun) {
					// Beside the call, so that it falls into the middle of one.
					go cancel()
				}
				return step(ctx)
			}
		}
		return counted.run(ctx, &done[i])
	})
}

// interruptAt calls call with a context that is cancelled when it is looked at for the given time.
func interruptAt(ctx context.Context, looks int64, call func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watched := &watchedContext{Context: ctx, cancel: cancel}
	watched.left.Store(looks)
	return call(watched)
}

// watchedContext is cancelled by being looked at for so many times. Whoever works in several parts and looks in between is
// so interrupted between any two of them.
type watchedContext struct {
	context.Context //nolint:containedctx // it is a context itself
	cancel          context.CancelFunc
	left            atomic.Int64
}

// Err counts as a look.
func (c *watchedContext) Err() error {
	c.look()
	return c.Context.Err()
}

// Done counts as a look.
func (c *watchedContext) Done() <-chan struct{} {
	c.look()
	return c.Context.Done()
}

func (c *watchedContext) look() {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
}

// whole fails the test unless the store is as after done steps or, if a further one failed, as after that one.
func whole(ctx context.Context, t *testing.T, s script, done int, failed bool) {
	t.Helper()
	found, err := s.differs(ctx, done)
	must(t, "read", err)
	if len(found) == 0 {
		return
	}
	if failed {
		further, err := s.differs(ctx, done+1)
		must(t, "read", err)
		if len(further) == 0 {
			return
		}
	}
	t.Errorf("after %d steps (a further one failed: %t): %v", done, failed, found)
}

func (c users) cancelledInside(ctx context.Context) {
	kept := c.keepsIDs(ctx)
	interrupted(ctx, c.T, func(int) script {
		u := newUser()
		asked := u.ID
		at := start().Add(time.Hour)
		updated := u.Clone()
		updated.Name, updated.EmailKey, updated.Roles, updated.UpdatedAt = "Ada", "new-"+u.EmailKey, []string{"x", "y"}, at
		return script{
			steps: []func(ctx context.Context) error{
				func(ctx context.Context) error { return c.store.CreateUser(ctx, u) },
				func(ctx context.Context) error {
					updated.ID = u.ID
					return second(c.store.UpdateUser(ctx, u.ID, jeton.UserChange{
						Name: &updated.Name, EmailKey: &updated.EmailKey, Roles: &updated.Roles, UpdatedAt: at,
					}))
				},
				func(ctx context.Context) error { return c.store.DeleteUser(ctx, u.ID) },
			},
			differs: func(ctx context.Context, done int) ([]string, error) {
				got, err := c.store.UserByID(ctx, u.ID)
				if !kept && u.ID == asked && errors.Is(err, jeton.ErrNotFound) {
					// Who was interrupted may have made the user, and its id, and not have said so.
					got, err = c.store.UserByEmail(ctx, u.EmailKey)
				}
				if err != nil && !errors.Is(err, jeton.ErrNotFound) {
					return nil, err
				}
				want := []*jeton.User{nil, u, updated, nil}[done]
				if !kept && u.ID == asked && got != nil && want != nil {
					want = want.Clone()
					want.ID = got.ID
				}
				return differences(got, want), nil
			},
		}
	})
}

func (c sessions) cancelledInside(ctx context.Context) {
	interrupted(ctx, c.T, func(int) script {
		s := newSession(newUser().ID)
		first := newAdvance(s, time.Hour)
		once := advanced(s, first)
		next := newAdvance(once, 2*time.Hour)
		twice := advanced(once, next)
		extended := twice.Clone()
		extended.AccessUntil = start().Add(day)
		states := []*jeton.Session{nil, s, once, twice, extended}
		return script{
			steps: []func(ctx context.Context) error{
				func(ctx context.Context) error { return c.store.CreateSession(ctx, s) },
				func(ctx context.Context) error { return c.store.AdvanceSession(ctx, first) },
				func(ctx context.Context) error { return c.store.AdvanceSession(ctx, next) },
				func(ctx context.Context) error { return c.store.ExtendAccess(ctx, s.ID, extended.AccessUntil) },
			},
			differs: func(ctx context.Context, done int) ([]string, error) {
				got, err := c.store.SessionByID(ctx, s.ID)
				if err != nil && !errors.Is(err, jeton.ErrNotFound) {
					return nil, err
				}
				return differences(got, states[done]), nil
			},
		}
	})
}

// cancelledEndings ends three sessions at a time: all of them end, each with its entry, or none.
func (c sessions) cancelledEndings(ctx context.Context) {
	interrupted(ctx, c.T, func(worker int) script {
		user := fmt.Sprint("user", worker)
		made := make([]*jeton.Session, 3)
		for i := range made {
			made[i] = c.create(ctx, newSession(user))
		}
		e := endingAll(user)
		return script{
			steps: []func(ctx context.Context) error{
				func(ctx context.Context) error { return second(c.store.EndSessions(ctx, e)) },
			},
			differs: func(ctx context.Context, done int) ([]string, error) {
				entries := c.feed(ctx)
				var found []string
				for _, s := range made {
					want := s
					if done == 1 {
						want = ended(s, e)
					}
					got, err := c.store.SessionByID(ctx, s.ID)
					if err != nil {
						return nil, err
					}
					found = append(found, differences(got, want)...)
					entry := revocation(s, e)
					n := count(entries, func(got revoke.Entry) bool { return sameEntry(got, entry) })
					if n != done {
						found = append(found, fmt.Sprintf("%d entries for a session, want %d", n, done))
					}
				}
				return found, nil
			},
		}
	})
	if all := numbers(c.feed(ctx)); !slices.IsSorted(all) {
		c.Errorf("numbers %v", all)
	}
}

// count returns how many values of list match.
func count[T any](list []T, match func(T) bool) int {
	n := 0
	for _, value := range list {
		if match(value) {
			n++
		}
	}
	return n
}
