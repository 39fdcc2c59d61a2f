package fleet_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"testing"
	"time"
)

// pause waits, and reports whether ctx is not over yet.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// await asks again and again whether something is so, and returns how long that took, and whether it was so before long.
func await(ctx context.Context, so func() bool) (took time.Duration, ok bool) {
	began := time.Now()
	for !so() {
		if time.Since(began) > patience || !pause(ctx, 20*time.Millisecond) {
			return time.Since(began), false
		}
	}
	return time.Since(began), true
}

// eventually fails the test unless something is so before long, and returns how long that took.
func eventually(t *testing.T, what string, so func() bool) time.Duration {
	t.Helper()
	took, ok := await(t.Context(), so)
	if !ok {
		t.Fatalf("not within %v: %s", took, what)
	}
	return took
}

// random returns a number below n.
func random(n int) int {
	var bits [8]byte
	_, _ = rand.Read(bits[:]) // never fails
	return int(binary.NativeEndian.Uint64(bits[:]) % uint64(n))
}

// upTo is some time below d.
func upTo(d time.Duration) time.Duration { return time.Duration(random(int(d))) }
