package jeton

import (
	"context"
	"crypto/sha256"
	"strings"
	"sync"
	"time"
)

// DefaultMemoryLimits is how many keys of each kind [NewMemoryLimits] remembers unless told otherwise.
const DefaultMemoryLimits = 100_000

// NewMemoryLimits returns a [LimitStore] in the memory of this process. It remembers at least size keys of each kind and at most twice as
// many, the ones used last; zero means [DefaultMemoryLimits]. The kind of a key is what stands before its first colon: so events that are
// cheap to cause, such as requests from many addresses, cannot make it forget those that are not. There are at most 16 kinds; further ones, and
// keys without a colon, are remembered together. A key takes about 100 bytes, however long it is.
func NewMemoryLimits(size int) LimitStore {
	if size <= 0 {
		size = DefaultMemoryLimits
	}
	return &memoryLimits{size: size, kinds: map[string]*generations{}}
}

// maxLimitKinds bounds how many tables there are.
const maxLimitKinds = 16

// memoryLimits keeps one time for each key, when its allowance is whole again (the generic cell rate algorithm).
type memoryLimits struct {
	size int

	mu    sync.Mutex
	kinds map[string]*generations
}

// generations are the keys of a kind. When the young generation is full it becomes the old one, and what was old is forgotten.
type generations struct {
	young, old map[limitKey]time.Time
}

// limitKey stands for a key, by its hash: keys may be long, and nobody finds two that are alike.
type limitKey [16]byte

func (m *memoryLimits) Take(ctx context.Context, key string, limit Limit, now time.Time) (time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	g, k := m.find(key)
	whole, step := g.get(k, now), limit.Window/time.Duration(limit.Count)
	if whole.Add(step).After(now.Add(2 * limit.Window)) { // no honest clock has set that
		whole = now.Add(limit.Window)
	}
	if wait := whole.Add(step).Sub(now) - limit.Window; wait > 0 {
		g.set(k, whole, m.size) // it is in use, and must not be forgotten
		return wait, nil
	}
	g.set(k, whole.Add(step), m.size)
	return 0, nil
}

func (m *memoryLimits) Return(_ context.Context, key string, limit Limit, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	g, k := m.find(key)
	whole := g.get(k, now).Add(-limit.Window / time.Duration(limit.Count))
	if whole.After(now) {
		g.set(k, whole, m.size)
		return nil
	}
	delete(g.young, k) // it is as if nothing had happened, and takes nobody's place
	delete(g.old, k)
	return nil
}

// find returns where a key is, or would be.
func (m *memoryLimits) find(key string) (*generations, limitKey) {
	kind := key[:max(0, strings.IndexByte(key, ':'))]
	if m.kinds[kind] == nil && len(m.kinds) >= maxLimitKinds-1 {
		kind = "" // what has no colon is there, too
	}
	g := m.kinds[kind]
	if g == nil {
		g = &generations{young: map[limitKey]time.Time{}}
		m.kinds[strings.Clone(kind)] = g
	}
	sum := sha256.Sum256([]byte(key))
	return g, limitKey(sum[:])
}

func (g *generations) get(key limitKey, now time.Time) time.Time {
	whole, ok := g.young[key]
	if !ok {
		whole = g.old[key]
	}
	if whole.Before(now) {
		return now
	}
	return whole
}

func (g *generations) set(key limitKey, whole time.Time, size int) {
	if _, ok := g.young[key]; !ok && len(g.young) >= size {
		g.young, g.old = make(map[limitKey]time.Time, size), g.young
	}
	g.young[key] = whole
}
