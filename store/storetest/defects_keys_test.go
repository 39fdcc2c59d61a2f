package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
	"github.com/jetonauth/jeton/store/storetest"
)

func keyDefects() map[string]defect {
	return map[string]defect{
		"keys are in no order": {over(func(s *gated) ender { return keysBackwards{s} }), []string{"keys/the lowest number first"}},
		"a taken number is counted on": {
			over(func(s *gated) ender { return nextNumber{s} }),
			[]string{"keys/numbers and ids are unique", "keys/contention: add with one number"},
		},
		"times of keys are only added": {over(func(s *gated) ender { return timesAdded{s} }), []string{"keys/set times"}},
		"keys share memory": {
			over(func(s *gated) ender { return &sharedKeys{gated: s} }), []string{"keys/aliasing"},
		},
	}
}

func harnessDefects() map[string]defect {
	return map[string]defect{
		"a restart forgets everything": {
			func() storetest.Harness {
				h := harness(&gated{full: memory.New()})
				h.Reopen = func(*testing.T) jeton.Store { return memory.New() }
				return h
			}, []string{"store/what was acknowledged survives", "store/numbers go on after a restart"},
		},
		"a store that keeps its data has no restart": {
			func() storetest.Harness {
				h := harness(&gated{full: memory.New()})
				h.Reopen, h.Unreachable = nil, nil
				return h
			}, []string{"store/what was acknowledged survives", "store/unreachable"},
		},
		"errors of the driver": {
			func() storetest.Harness {
				h := harness(&gated{full: memory.New()})
				h.Unreachable = func(*testing.T) jeton.Store { return driverErrors{} }
				return h
			}, []string{"store/unreachable"},
		},
		"sessions belong to accounts": {
			over(func(s *gated) ender { return foreignKey{s} }), []string{"store/an account and its sessions are kept apart"},
		},
	}
}

type keysBackwards struct{ *gated }

func (s keysBackwards) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	list, err := s.gated.Keys(ctx)
	slices.Reverse(list)
	return list, err
}

type nextNumber struct{ *gated }

func (s nextNumber) AddKey(ctx context.Context, key *jeton.StoredKey) error {
	for again := *key; ; again.Number++ {
		if err := s.gated.AddKey(ctx, &again); !errors.Is(err, jeton.ErrConflict) || again.Number > 100 {
			return err
		}
	}
}

type timesAdded struct{ *gated }

func (s timesAdded) SetKeyTimes(ctx context.Context, id string, times jeton.KeyTimes) error {
	list, err := s.Keys(ctx)
	if err != nil {
		return err
	}
	for _, key := range list {
		if key.ID == id && times.RetireAt.IsZero() {
			times.RetireAt = key.RetireAt
		}
	}
	return s.gated.SetKeyTimes(ctx, id, times)
}

type sharedKeys struct {
	*gated
	sealed []byte
}

func (s *sharedKeys) AddKey(ctx context.Context, key *jeton.StoredKey) error {
	s.sealed = key.Sealed
	return s.gated.AddKey(ctx, key)
}

func (s *sharedKeys) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	list, err := s.gated.Keys(ctx)
	if len(list) == 1 {
		list[0].Sealed = s.sealed
	}
	return list, err
}

// driverErrors is a store whose database is away, and which does not say so.
type driverErrors struct{ unreachable }

func (driverErrors) RevokeToken(context.Context, revoke.ID, time.Time) (revoke.Entry, error) {
	return revoke.Entry{}, fmt.Errorf("revoke token: %w", errors.New("connection refused"))
}

type foreignKey struct{ *gated }

func (s foreignKey) CreateSession(ctx context.Context, session *jeton.Session) error {
	if _, err := s.UserByID(ctx, session.UserID); err != nil {
		return err
	}
	return s.gated.CreateSession(ctx, session)
}
