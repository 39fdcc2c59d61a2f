package postgres_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// A number that the database cannot have is an error, and changes nothing.
func TestAddRevocationsOutOfRange(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	for _, n := range []uint64{math.MaxInt64 + 1, math.MaxUint64} {
		one := s.AddRevocations(t.Context(), []revoke.Entry{{Number: 1}, {Number: n}}, 1)
		another := s.AddRevocations(t.Context(), []revoke.Entry{{Number: 1}}, n)
		if one == nil || another == nil {
			t.Errorf("%d: errors %v and %v", n, one, another)
		}
	}
	if n, err := s.LastRevocation(t.Context()); n != 0 || err != nil {
		t.Errorf("the last number is %d, error %v", n, err)
	}
	if err := s.AddRevocations(t.Context(), []revoke.Entry{{Number: math.MaxInt64}}, 0); err != nil {
		t.Error(err)
	}
}

// Sessions that were copied are found for removal as others are.
func TestPruneCopiedSessions(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	ctx := t.Context()
	var list []*jeton.Session
	for i := range 30 {
		session, _ := newSession(fmt.Sprint("session", i))
		if i%3 == 0 {
			session.EndedAt = at()
		}
		list = append(list, session)
	}
	if err := s.AddSessions(ctx, list); err != nil {
		t.Fatal(err)
	}
	before, err := s.Prune(ctx, list[0].AccessUntil.Add(-1))
	ended, endedErr := s.Prune(ctx, list[0].AccessUntil)
	idle, idleErr := s.Prune(ctx, list[0].IdleUntil)
	if err := errors.Join(err, endedErr, idleErr); err != nil || before != 0 || ended != 10 || idle != 20 {
		t.Errorf("%d, %d and %d went, error %v", before, ended, idle, err)
	}
}
