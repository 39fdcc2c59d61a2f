package storetest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
	"github.com/jetonauth/jeton/store/storetest"
)

// TestSoundStore runs the suite, all of its harness included, over a store that is sound.
func TestSoundStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		t.Helper()
		return harness(counting{&gated{full: memory.New()}, newCounters()})
	})
}

// Stores that forget everything have neither a restart nor a database.
func TestEphemeralStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Harness { return storetest.Harness{Store: memory.New()} })
}

// The limits in memory are no part of a store.
func TestMemoryLimits(t *testing.T) {
	t.Parallel()
	storetest.RunLimits(t, func(*testing.T) jeton.LimitStore { return jeton.NewMemoryLimits(0) })
}

// harness is a complete one around a store in memory, which plays one that keeps its data.
func harness(store ender) storetest.Harness {
	return storetest.Harness{
		Store:       store,
		Reopen:      func(*testing.T) jeton.Store { return store },
		BeginEnding: store.BeginEnding,
		Unreachable: func(*testing.T) jeton.Store { return unreachable{} },
	}
}

// ender is a store that can end sessions in two steps.
type ender interface {
	jeton.Store
	BeginEnding(ctx context.Context, e jeton.Ending) (commit func() error, err error)
}

// gated lets one writer of revocations in at a time, as the row with the last number does in a database.
type gated struct {
	full // not *memory.Store: that would be ephemeral
	gate sync.Mutex
	crowd
}

// full is a store with all its parts.
type full interface {
	jeton.Store
	jeton.UserLister
	jeton.UserImporter
	jeton.HashCounter
	jeton.SessionCopier
	jeton.ServiceClientStore
}

func (s *gated) BeginEnding(ctx context.Context, e jeton.Ending) (commit func() error, err error) {
	s.gate.Lock()
	return func() error {
		defer s.gate.Unlock()
		_, err := s.full.EndSessions(ctx, e)
		return err
	}, nil
}

func (s *gated) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	s.gate.Lock()
	defer s.gate.Unlock()
	return s.full.EndSessions(ctx, e)
}

func (s *gated) RevokeToken(ctx context.Context, id revoke.ID, expiresAt time.Time) (revoke.Entry, error) {
	s.gate.Lock()
	defer s.gate.Unlock()
	return s.full.RevokeToken(ctx, id, expiresAt)
}
