package memory_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
	"github.com/jetonauth/jeton/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Harness {
		return storetest.Harness{Store: memory.New()}
	})
}

func TestTimesAreLikeThoseOfADatabase(t *testing.T) {
	t.Parallel()
	store := memory.New()
	given := time.Now() // with nanoseconds, a zone and a monotonic reading
	if err := store.CreateUser(t.Context(), &jeton.User{ID: "u", CreatedAt: given}); err != nil {
		t.Fatal(err)
	}
	u, err := store.UserByID(t.Context(), "u")
	if err != nil {
		t.Fatal(err)
	}
	if want := given.UTC().Truncate(time.Microsecond); u.CreatedAt != want {
		t.Errorf("created at %v, want %v", u.CreatedAt, want)
	}
	if u.UpdatedAt != (time.Time{}) {
		t.Errorf("updated at %v, want the zero time", u.UpdatedAt)
	}
}

func TestNothingComesAfterTheLastGeneration(t *testing.T) {
	t.Parallel()
	store := memory.New()
	if err := store.CreateSession(t.Context(), &jeton.Session{ID: "s", Generation: math.MaxUint32}); err != nil {
		t.Fatal(err)
	}
	err := store.AdvanceSession(t.Context(), jeton.Advance{SessionID: "s", Generation: math.MaxUint32})
	if !errors.Is(err, jeton.ErrConflict) {
		t.Errorf("error is %v, want %v", err, jeton.ErrConflict)
	}
}

func TestPruneIsBounded(t *testing.T) {
	t.Parallel()
	const rows = 2 * 1200
	store := memory.New()
	past := time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)
	for i := range rows / 2 {
		if err := store.CreateSession(t.Context(), &jeton.Session{ID: fmt.Sprint(i), UserID: "u", ExpiresAt: past}); err != nil {
			t.Fatal(err)
		}
		if _, err := store.RevokeToken(t.Context(), revoke.IDOf(fmt.Sprint(i)), past); err != nil {
			t.Fatal(err)
		}
	}
	for left := rows; ; {
		removed, err := store.Prune(t.Context(), past.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if removed > 1000 || removed != min(1000, left) {
			t.Fatalf("removed %d of %d", removed, left)
		}
		if left -= removed; left == 0 {
			return
		}
	}
}
