package redis_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jetonauth/jeton/store/redis"
)

// watch counts the hints that come to a store, until the test ends.
func watch(t *testing.T, s *redis.Store) <-chan struct{} {
	t.Helper()
	hints := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Watch(ctx, func() { hints <- struct{}{} }) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("watching ended with %v", err)
			}
		case <-time.After(patience):
			t.Error("watching does not end")
		}
	})
	return hints
}

// wantHint waits for a hint.
func wantHint(t *testing.T, what string, hints <-chan struct{}) {
	t.Helper()
	select {
	case <-hints:
	case <-time.After(patience):
		t.Fatalf("no hint %s", what)
	}
}

// wantQuiet fails the test if there is a hint that nobody has read.
func wantQuiet(t *testing.T, what string, hints <-chan struct{}) {
	t.Helper()
	select {
	case <-hints:
		t.Errorf("a hint %s", what)
	default:
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	for kind, start := range map[string]func(t *testing.T) (uri string){
		"one server": func(t *testing.T) string { t.Helper(); return "redis://" + start(t).address },
		"cluster":    func(t *testing.T) string { t.Helper(); return "redis+cluster://" + startCluster(t).address },
		"sentinel": func(t *testing.T) string {
			t.Helper()
			return "redis+sentinel://" + startSentinel(t, start(t)).address + "?master_name=main"
		},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			uri := start(t)
			one, two, other := open(t, uri, ""), open(t, uri, ""), open(t, uri, "other:")
			toOne, toTwo, toOther := watch(t, one), watch(t, two), watch(t, other)
			for _, hints := range []<-chan struct{}{toOne, toTwo, toOther} {
				wantHint(t, "when the subscription begins", hints)
			}
			for range 3 {
				if err := one.Publish(t.Context()); err != nil {
					t.Fatal(err)
				}
				wantHint(t, "to the one who has published", toOne)
				wantHint(t, "to another node", toTwo)
			}
			if err := other.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantHint(t, "with another prefix", toOther)
			wantQuiet(t, "of another prefix", toOne)
			wantQuiet(t, "of another prefix", toTwo)
			wantQuiet(t, "more", toOther)
		})
	}
}

// After a break there is a hint, since others may have been missed.
func TestHintsAfterABreak(t *testing.T) {
	t.Parallel()
	server := start(t)
	s := open(t, "redis://"+server.address, "")
	hints := watch(t, s)
	wantHint(t, "when the subscription begins", hints)
	server.stop()
	if err := server.run(t); err != nil {
		t.Fatal(err)
	}
	wantHint(t, "when Redis is back", hints)
	if err := s.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantHint(t, "as before", hints)
}

// Whoever watches before Redis is there need not begin again.
func TestHintsBeforeRedisIsThere(t *testing.T) {
	t.Parallel()
	server := &server{address: freeAddress(t)}
	s, err := redis.New(server.client(t), redis.Config{Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	hints := watch(t, s)
	eventually(t, "the port is free", func() bool { return server.run(t) == nil })
	wantHint(t, "when the subscription begins", hints)
}
