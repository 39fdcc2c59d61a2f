package revoke

import (
	"encoding/binary"
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// key is the part of an ID that a table keeps. With the byte that chose the shard it is 104 bits of a SHA-256: among
// ten million entries one check in 10^24 takes a token for another one, and then refuses it.
type key struct {
	high uint64 // never 0, which marks a free slot
	low  uint32
}

func keyOf(id *ID) key {
	return key{max(1, binary.BigEndian.Uint64(id[1:9])), binary.BigEndian.Uint32(id[9:13])}
}

// index maps k evenly to 0 … n-1. The bits of a SHA-256 are evenly distributed as they are.
func (k key) index(n int) int {
	high, _ := bits.Mul64(k.high, uint64(n))
	return int(high)
}

// mask is the four bits that k sets in its word of a filter.
func (k key) mask() uint64 {
	return 1<<(k.low&63) | 1<<(k.low>>6&63) | 1<<(k.low>>12&63) | 1<<(k.low>>18&63)
}

// never is the expiry of an entry that is not dropped.
const never = math.MaxUint32

// expiryOf is t in seconds since 1970, rounded up, so that nothing is dropped too early.
func expiryOf(t time.Time) uint32 {
	if t.IsZero() {
		return never
	}
	seconds := t.Unix()
	if t.Nanosecond() > 0 {
		seconds++
	}
	return uint32(min(max(seconds, 0), never))
}

// table is an open-addressed hash table with linear probing, of one writer and any number of readers that take no
// lock. A slot that has been filled keeps its key; dropping entries makes another table. So a reader needs no more
// than this: the second word of a slot is stored before the first one makes the slot a filled one.
//
// In front of it is a Bloom filter of one byte a slot, because nearly all that is asked for is not there: one word of
// memory is enough to say so in all but a few of a hundred cases, and it is more likely to be in the processor's caches.
//
// A nil table is an empty one where a comment does not exclude it.
type table struct {
	used   int // the writer's
	slots  []slot
	filter []atomic.Uint64
}

// slot holds a key and its expiry in 16 bytes.
type slot struct {
	high atomic.Uint64
	rest atomic.Uint64 // the key's low part, then the expiry
}

const (
	minSlots     = 4
	slotsPerWord = 8 // of the filter
)

func newTable(slots int) *table {
	slots = max(minSlots, slots)
	return &table{slots: make([]slot, slots), filter: make([]atomic.Uint64, (slots+slotsPerWord-1)/slotsPerWord)}
}

// full reports whether one more entry would make searches long. There is always a free slot, where they end.
func (t *table) full() bool { return t == nil || t.used+1 > len(t.slots)*3/4 }

// mayHave is false if k is not there, with few exceptions. t is not nil.
func (t *table) mayHave(k key) bool {
	mask := k.mask()
	return t.filter[k.index(len(t.filter))].Load()&mask == mask
}

// find returns k's slot, or nil.
func (t *table) find(k key) *slot {
	if t == nil {
		return nil
	}
	for i := k.index(len(t.slots)); ; i++ {
		if i == len(t.slots) {
			i = 0
		}
		s := &t.slots[i]
		switch s.high.Load() {
		case 0:
			return nil
		case k.high:
			if uint32(s.rest.Load()>>32) == k.low {
				return s
			}
		}
	}
}

// extend makes the expiry of k the later of the two, and reports whether k is there.
func (t *table) extend(k key, expiry uint32) bool {
	s := t.find(k)
	if s == nil {
		return false
	}
	if rest := s.rest.Load(); uint32(rest) < expiry {
		s.rest.Store(rest&^math.MaxUint32 | uint64(expiry))
	}
	return true
}

// insert puts in k, which is not there. t is neither nil nor full.
func (t *table) insert(k key, expiry uint32) {
	i := k.index(len(t.slots))
	for t.slots[i].high.Load() != 0 {
		if i++; i == len(t.slots) {
			i = 0
		}
	}
	t.slots[i].rest.Store(uint64(k.low)<<32 | uint64(expiry))
	t.slots[i].high.Store(k.high)
	t.filter[k.index(len(t.filter))].Or(k.mask())
	t.used++
}

// grown returns a table with the same entries and a quarter more slots. Doubling would copy less and waste more.
func (t *table) grown() *table {
	if t == nil {
		return newTable(minSlots)
	}
	g := newTable(len(t.slots) + len(t.slots)/4 + 1)
	g.copyAfter(t, -1)
	return g
}

// without returns a table without the entries that expire at now or before, of which there are so many; nil if no
// other is left.
func (t *table) without(now int64, expired int) *table {
	left := t.used - expired
	if left == 0 {
		return nil
	}
	kept := newTable(left*3/2 + 1)
	kept.copyAfter(t, now)
	return kept
}

// copyAfter inserts the entries of from that expire after now. There is room for them.
func (t *table) copyAfter(from *table, now int64) {
	for i := range from.slots {
		s := &from.slots[i]
		high, rest := s.high.Load(), s.rest.Load()
		if high != 0 && aliveAfter(rest, now) {
			t.insert(key{high, uint32(rest >> 32)}, uint32(rest))
		}
	}
}

// expired counts the entries that expire at now or before.
func (t *table) expired(now int64) int {
	if t == nil {
		return 0
	}
	n := 0
	for i := range t.slots {
		s := &t.slots[i]
		if s.high.Load() != 0 && !aliveAfter(s.rest.Load(), now) {
			n++
		}
	}
	return n
}

// aliveAfter reports whether the entry with that second word is still needed after now.
func aliveAfter(rest uint64, now int64) bool {
	expiry := uint32(rest)
	return expiry == never || int64(expiry) > now
}
