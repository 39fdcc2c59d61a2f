package jeton

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

const (
	// waitingPerAddress is how many passwords of one address may wait for their turn to be hashed.
	waitingPerAddress = 2
	// waitingPerSlot bounds the whole queue, as a multiple of what is hashed in parallel.
	waitingPerSlot = 64
)

// hashGate bounds how many passwords are hashed at once, since each takes memory and a processor, and who may wait.
type hashGate struct {
	slots chan struct{}

	mu      sync.Mutex
	waiting map[netip.Prefix]int
	total   int
}

func newHashGate(parallel int) *hashGate {
	return &hashGate{slots: make(chan struct{}, parallel), waiting: map[netip.Prefix]int{}}
}

// do calls hash when it is its turn. A full queue is a [*LimitError] with [ErrBusy], a cancelled wait the context's error.
func (g *hashGate) do(ctx context.Context, client Client, hash func() error) error {
	if err := g.enter(ctx, client.prefix()); err != nil {
		return err
	}
	defer func() { <-g.slots }()
	return hash()
}

func (g *hashGate) enter(ctx context.Context, from netip.Prefix) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	if !g.queue(from) {
		return &LimitError{Reason: ErrBusy, RetryAfter: time.Second}
	}
	defer g.leave(from)
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *hashGate) queue(from netip.Prefix) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.total >= waitingPerSlot*cap(g.slots) || from.IsValid() && g.waiting[from] >= waitingPerAddress {
		return false
	}
	g.total++
	g.waiting[from]++
	return true
}

func (g *hashGate) leave(from netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	if g.waiting[from]--; g.waiting[from] == 0 {
		delete(g.waiting, from)
	}
}
