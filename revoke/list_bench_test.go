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

func liveTokens(n int) []revoke.Token {
	tokens := make([]revoke.Token, n)
	for i := range tokens {
		tokens[i] = revoke.Token{ID: fmt.Sprintf("token-%016x", i), Session: fmt.Sprintf("session-%014x", i)}
	}
	return tokens
}

// BenchmarkListRevoked asks for tokens that are not revoked, as nearly all are: for a thousand of them in turn, and for
// so many that what is looked at for one has left the caches when it is its turn again. Run it with -cpu 1,2 to see
// that two goroutines do not slow each other down.
func BenchmarkListRevoked(b *testing.B) {
	for _, n := range []int{0, 1e3, 1e6, 1e7} {
		var list *revoke.List
		var bytesPerEntry float64
		for _, tokens := range [][]revoke.Token{liveTokens(1 << 10), liveTokens(1 << 16)} {
			b.Run(fmt.Sprintf("entries=%d/tokens=%d", n, len(tokens)), func(b *testing.B) {
				if n > 1e6 && testing.Short() {
					b.Skip("needs 400 MB")
				}
				if list == nil {
					list, bytesPerEntry = filledList(n)
				}
				b.ReportAllocs()
				b.ResetTimer()
				askInParallel(b, list, tokens)
				if n > 0 {
					b.ReportMetric(bytesPerEntry, "bytes/entry")
				}
			})
		}
	}
}

func askInParallel(b *testing.B, checker revoke.Checker, tokens []revoke.Token) {
	b.Helper()
	b.RunParallel(func(pb *testing.PB) {
		for i := rand.IntN(len(tokens)); pb.Next(); i++ {
			if revoked, err := checker.Revoked(context.Background(), tokens[i%len(tokens)]); revoked || err != nil {
				b.Errorf("a live token: %v, %v", revoked, err)
			}
		}
	})
}

// BenchmarkFollowerRevoked is a question to a follower, which now and then reads its feed.
func BenchmarkFollowerRevoked(b *testing.B) {
	tokens, source := liveTokens(1<<10), &feed{}
	for i := range 1000 {
		source.commit(strconv.Itoa(i))
	}
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: source})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	askInParallel(b, follower, tokens)
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
	now := time.Now().Truncate(time.Second)
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
