package revoke

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// List is a set of entries in memory. It is safe for concurrent use and cheap to ask, however many it holds: whoever
// asks takes no lock, writes to no shared memory and allocates nothing, so that those who ask do not slow each other
// down. It compares the first 104 bits of an ID, and keeps an expiry in whole seconds, rounded up.
//
// The zero List is empty and ready to use. A List must not be copied.
type List struct {
	size   atomic.Int64
	shards [256]atomic.Pointer[table] // by the first byte of the ID; nil is an empty one
	mu     sync.Mutex                 // held by those who change a shard
}

// NewList returns an empty list.
func NewList() *List { return new(List) }

// Add puts entries in. Of two entries for one ID the later expiry counts. An entry with no expiry stays for ever.
func (l *List) Add(entries ...Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range entries {
		l.insert(&entries[i])
	}
}

// addNew puts entries in, and gives each whose ID was not in the list to learned.
func (l *List) addNew(entries []Entry, learned func(Entry)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range entries {
		if l.insert(&entries[i]) {
			learned(entries[i])
		}
	}
}

// insert puts one entry in and reports whether its ID is new. The caller holds mu.
func (l *List) insert(e *Entry) bool {
	shard, k, expiry := &l.shards[e.ID[0]], keyOf(&e.ID), expiryOf(e.ExpiresAt)
	t := shard.Load()
	if t.extend(k, expiry) {
		return false
	}
	if t.full() {
		t = t.grown()
		shard.Store(t)
	}
	t.insert(k, expiry)
	l.size.Add(1)
	return true
}

// Has reports whether id is in the list, expired or not.
func (l *List) Has(id ID) bool { return l.probe(&id).found() }

// probe begins to look for id, and found ends it. Only found branches on what memory answers, so that the waits for
// two IDs that are probed one right after the other overlap when a list is too large for the processor's caches.
func (l *List) probe(id *ID) probe {
	t := l.shards[id[0]].Load()
	if t == nil {
		return probe{}
	}
	k := keyOf(id)
	return probe{table: t, key: k, possible: t.mayHave(k)}
}

type probe struct {
	table    *table
	key      key
	possible bool
}

func (p probe) found() bool { return p.possible && p.table.find(p.key) != nil }

// Len is the number of entries.
func (l *List) Len() int { return int(l.size.Load()) }

// Prune drops the entries that have expired at now, and returns how many. Who asks meanwhile does not wait.
func (l *List) Prune(now time.Time) int {
	dropped := 0
	for i := range l.shards {
		dropped += l.pruneShard(&l.shards[i], now.Unix())
	}
	return dropped
}

// pruneShard locks for one shard only, so that an Add in between waits for a small part of a large list.
func (l *List) pruneShard(shard *atomic.Pointer[table], now int64) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := shard.Load()
	expired := t.expired(now)
	if expired == 0 {
		return 0
	}
	shard.Store(t.without(now, expired))
	l.size.Add(-int64(expired))
	return expired
}

// Revoked reports whether the token's session or the token itself is in the list; the error is always nil.
func (l *List) Revoked(_ context.Context, token Token) (bool, error) {
	if l.size.Load() == 0 {
		return false, nil // nothing to hash for
	}
	ids := token.IDs
	if ids == nil {
		computed := IDsOf(token.ID, token.Session)
		ids = &computed
	}
	one, other := l.probe(&ids.Session), l.probe(&ids.Token)
	return token.Session != "" && one.found() || token.ID != "" && other.found(), nil
}
