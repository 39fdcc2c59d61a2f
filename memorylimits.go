package jeton

import (
	"context"
	"sync"
	"time"
)

// DefaultMemoryLimits is how many keys [NewMemoryLimits] remembers unless told otherwise.
const DefaultMemoryLimits = 100_000

// NewMemoryLimits returns a [LimitStore] in the memory of this process. It remembers at least size keys and at most twice as many, the
// ones used last; zero means [DefaultMemoryLimits].
func NewMemoryLimits(size int) LimitStore {
	if size <= 0 {
		size = DefaultMemoryLimits
	}
	return &memoryLimits{size: size, young: map[string]time.Time{}, old: map[string]time.Time{}}
}

// memoryLimits keeps one time for each key, when its allowance is whole again (the generic cell rate algorithm). Keys live in two
// generations: when the young one is full it becomes the old one, and what was old is forgotten.
type memoryLimits struct {
	size int

	mu         sync.Mutex
	young, old map[string]time.Time
}

func (m *memoryLimits) Take(ctx context.Context, key string, limit Limit, now time.Time) (time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	whole, step := m.get(key, now), limit.Window/time.Duration(limit.Count)
	if whole.Add(step).After(now.Add(2 * limit.Window)) { // no honest clock has set that
		whole = now.Add(limit.Window)
	}
	if wait := whole.Add(step).Sub(now) - limit.Window; wait > 0 {
		m.set(key, whole) // it is in use, and must not be forgotten
		return wait, nil
	}
	m.set(key, whole.Add(step))
	return 0, nil
}

func (m *memoryLimits) Return(_ context.Context, key string, limit Limit, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(key, m.get(key, now).Add(-limit.Window/time.Duration(limit.Count)))
	return nil
}

func (m *memoryLimits) get(key string, now time.Time) time.Time {
	whole, ok := m.young[key]
	if !ok {
		whole = m.old[key]
	}
	if whole.Before(now) {
		return now
	}
	return whole
}

func (m *memoryLimits) set(key string, whole time.Time) {
	if _, ok := m.young[key]; !ok && len(m.young) >= m.size {
		m.young, m.old = make(map[string]time.Time, m.size), m.young
	}
	m.young[key] = whole
}
