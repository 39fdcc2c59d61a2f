package revoke_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

// filledList returns a list of n random entries, and how many bytes each takes.
func filledList(n int) (list *revoke.List, bytesPerEntry float64) {
	before := heap()
	list = revoke.NewList()
	random, expiry := rand.NewChaCha8([32]byte{}), time.Now().Add(time.Hour)
	for range n {
		e := revoke.Entry{ExpiresAt: expiry}
		for i := 0; i < len(e.ID); i += 8 {
			binary.LittleEndian.PutUint64(e.ID[i:], random.Uint64())
		}
		list.Add(e)
	}
	return list, float64(heap()-before) / float64(n)
}

// heap is the memory in use.
func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // the first one may leave sweeping
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// liveTokens are so many that what is looked at for one is not in a cache any more when it is its turn again.
func liveTokens() []revoke.Token {
	tokens := make([]revoke.Token, 1<<16)
	for i := range tokens {
		tokens[i] = revoke.Token{ID: fmt.Sprintf("token-%016x", i), Session: fmt.Sprintf("session-%014x", i)}
	}
	return tokens
}

// BenchmarkListRevoked asks for tokens that are not revoked, as nearly all are. Run it with -cpu 1,2 to see that two
// goroutines do not slow each other down.
func BenchmarkListRevoked(b *testing.B) {
	tokens := liveTokens()
	for _, n := range []int{0, 1e3, 1e6, 1e7} {
		var list *revoke.List
		var bytesPerEntry float64
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			if n > 1e6 && testing.Short() {
				b.Skip("needs 400 MB")
			}
			if list == nil {
				list, bytesPerEntry = filledList(n)
			}
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for i := rand.IntN(len(tokens)); pb.Next(); i++ {
					if revoked, _ := list.Revoked(context.Background(), tokens[i%len(tokens)]); revoked {
						b.Error("a live token is in the list")
					}
				}
			})
			if n > 0 {
				b.ReportMetric(bytesPerEntry, "bytes/entry")
			}
		})
	}
}

func BenchmarkListAdd(b *testing.B) {
	list, e := revoke.NewList(), revoke.Entry{ExpiresAt: time.Now()}
	random := rand.NewChaCha8([32]byte{})
	b.ReportAllocs()
	for b.Loop() {
		binary.LittleEndian.PutUint64(e.ID[:], random.Uint64())
		list.Add(e)
	}
}

// BenchmarkListPrune drops one entry in a hundred from a million.
func BenchmarkListPrune(b *testing.B) {
	list, _ := filledList(1e6)
	now := time.Now()
	random := rand.NewChaCha8([32]byte{1})
	for b.Loop() {
		b.StopTimer()
		e := revoke.Entry{ExpiresAt: now}
		for range 10_000 {
			binary.LittleEndian.PutUint64(e.ID[:], random.Uint64())
			list.Add(e)
		}
		b.StartTimer()
		if list.Prune(now) != 10_000 {
			b.Fatal("not all were dropped")
		}
	}
}
