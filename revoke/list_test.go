package revoke_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func entry(value string, expiry time.Time) revoke.Entry {
	return revoke.Entry{ID: revoke.IDOf(value), ExpiresAt: expiry}
}

func TestListRevoked(t *testing.T) {
	t.Parallel()
	list := revoke.NewList()
	if revoked, err := list.Revoked(t.Context(), revoke.Token{ID: "t1", Session: "s1"}); revoked || err != nil {
		t.Fatalf("an empty list says %v, %v", revoked, err)
	}
	long := strings.Repeat("long", 100)
	list.Add(entry("s1", noon), entry("t2", noon), entry("", noon), entry(long, noon), revoke.Entry{})
	for name, c := range map[string]struct {
		token revoke.Token
		want  bool
	}{
		"session":                {revoke.Token{ID: "t1", Session: "s1"}, true},
		"session, no token id":   {revoke.Token{Session: "s1"}, true},
		"token id":               {revoke.Token{ID: "t2", Session: "s2"}, true},
		"token id, no session":   {revoke.Token{ID: "t2"}, true},
		"longer than the buffer": {revoke.Token{ID: long}, true},
		"neither":                {revoke.Token{ID: "t1", Session: "s2"}, false},
		"no ids":                 {revoke.Token{Raw: "s1"}, false},
		"no session":             {revoke.Token{ID: "t1"}, false},
		"no token id":            {revoke.Token{Session: "s2"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if revoked, err := list.Revoked(t.Context(), c.token); revoked != c.want || err != nil {
				t.Errorf("got %v, %v, want %v", revoked, err, c.want)
			}
		})
	}
}

func TestListPrune(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		expiries []time.Time // of entries with one ID
		at       time.Time
		dropped  int
	}{
		"before":              {[]time.Time{noon}, noon.Add(-time.Second), 0},
		"at":                  {[]time.Time{noon}, noon, 1},
		"rounded up, before":  {[]time.Time{noon.Add(1)}, noon.Add(999 * time.Millisecond), 0},
		"rounded up, after":   {[]time.Time{noon.Add(1)}, noon.Add(time.Second), 1},
		"later one last":      {[]time.Time{noon, noon.Add(time.Hour)}, noon.Add(time.Minute), 0},
		"later one first":     {[]time.Time{noon.Add(time.Hour), noon}, noon.Add(time.Minute), 0},
		"none given":          {[]time.Time{{}}, noon.AddDate(1000, 0, 0), 0},
		"beyond what is kept": {[]time.Time{noon.AddDate(900, 0, 0)}, noon.AddDate(200, 0, 0), 0},
		"before 1970":         {[]time.Time{time.Unix(-5, 0)}, noon, 1},
		"no entries":          {nil, noon, 0},
	} {
		t.Run(name, func(t *testing.T) {
			list := revoke.NewList()
			for _, expiry := range c.expiries {
				list.Add(entry("s", expiry))
			}
			before := list.Len()
			if dropped := list.Prune(c.at); dropped != c.dropped {
				t.Errorf("dropped %d, want %d", dropped, c.dropped)
			}
			if list.Len() != before-c.dropped || list.Has(revoke.IDOf("s")) != (list.Len() > 0) {
				t.Errorf("after it Len is %d and Has %v", list.Len(), list.Has(revoke.IDOf("s")))
			}
		})
	}
}

// TestListAgainstMap does the same to a list and to a map. The IDs are chosen so that many begin alike: they share
// shards, start at one slot and wrap around, and differ in the last of the compared bits.
func TestListAgainstMap(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	list, model := revoke.NewList(), map[revoke.ID]int64{}
	newID := func() (id revoke.ID) {
		id[0] = byte(random.IntN(3))
		high := []uint64{0, 1, 1 << 63, ^uint64(0), random.Uint64()}[random.IntN(5)]
		binary.BigEndian.PutUint64(id[1:], high)
		binary.BigEndian.PutUint32(id[9:], random.Uint32N(200))
		if high == 0 {
			id[12] |= 0x80 // the high parts 0 and 1 are one to a list
		} else {
			id[12] &= 0x7f
		}
		return id
	}
	for step := range 30_000 {
		id, seconds := newID(), random.Int64N(1000)
		switch expiry, known := model[id]; {
		case step%5000 == 4999:
			now := int64(step / 60)
			want := len(model)
			for id, expiry := range model {
				if expiry <= now {
					delete(model, id)
				}
			}
			if got := list.Prune(time.Unix(now, 0)); got != want-len(model) {
				t.Fatalf("step %d: pruned %d, want %d", step, got, want-len(model))
			}
		case step%2 == 0:
			list.Add(revoke.Entry{ID: id, ExpiresAt: time.Unix(seconds, 0)})
			model[id] = max(expiry, seconds)
		case list.Has(id) != known:
			t.Fatalf("step %d: Has is %v, want %v", step, !known, known)
		}
		if list.Len() != len(model) {
			t.Fatalf("step %d: %d entries, want %d", step, list.Len(), len(model))
		}
	}
	for id := range model {
		if !list.Has(id) {
			t.Fatal("an entry is lost")
		}
	}
}

// TestListConcurrent asks for entries that never leave while others come and go.
func TestListConcurrent(t *testing.T) {
	t.Parallel()
	const kept, rounds = 200, 30
	list := revoke.NewList()
	keep := func(i int) string { return "keep" + string(rune('0'+i)) }
	for i := range kept {
		list.Add(entry(keep(i), noon.Add(time.Hour)))
	}
	var group sync.WaitGroup
	for writer := range 2 {
		group.Go(func() {
			for round := range rounds {
				for i := range 1000 {
					e := revoke.Entry{ExpiresAt: noon}
					binary.BigEndian.PutUint64(e.ID[:], uint64(i*7919+round)<<40|uint64(writer))
					list.Add(e)
				}
				list.Prune(noon)
			}
		})
	}
	for range 4 {
		group.Go(func() {
			for i := range 20 * kept {
				if revoked, err := list.Revoked(context.Background(), revoke.Token{Session: keep(i % kept)}); !revoked || err != nil {
					t.Errorf("entry %d: %v, %v", i%kept, revoked, err)
					return
				}
			}
		})
	}
	group.Wait()
	list.Prune(noon)
	if list.Len() != kept {
		t.Errorf("%d entries are left, want %d", list.Len(), kept)
	}
}

func TestListDoesNotAllocate(t *testing.T) {
	list := revoke.NewList()
	uuid := "0b2fd2a5-6c1c-4b21-9f0f-3c5b6e2b8f10"
	list.Add(entry(uuid, noon))
	for _, token := range []revoke.Token{{ID: uuid, Session: "other " + uuid}, {ID: "other " + uuid, Session: uuid}} {
		if allocations := testing.AllocsPerRun(100, func() {
			if revoked, _ := list.Revoked(context.Background(), token); !revoked {
				t.Error("not revoked")
			}
		}); allocations != 0 {
			t.Errorf("%v allocations a check", allocations)
		}
	}
}

func TestCheckerFunc(t *testing.T) {
	t.Parallel()
	var checker revoke.Checker = revoke.CheckerFunc(func(_ context.Context, token revoke.Token) (bool, error) {
		return token.Raw == "abc", context.Canceled
	})
	if revoked, err := checker.Revoked(t.Context(), revoke.Token{Raw: "abc"}); !revoked || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", revoked, err)
	}
}
