package jeton_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// oddLimits is a store of limits that listens to contexts, and cannot do everything. What is empty is as ever.
type oddLimits struct {
	jeton.LimitStore
	broken string // keys that begin so cannot be counted
	back   error  // of taking back
}

func (o *oddLimits) install(c *jeton.Config) {
	o.LimitStore = jeton.NewMemoryLimits(0)
	c.Limits = jeton.Limits{Store: o, PerAddress: jeton.Limit{Count: 1000, Window: time.Minute}}
}

func (o *oddLimits) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	if o.broken != "" && strings.HasPrefix(key, o.broken) {
		return 0, errBroken
	}
	return o.LimitStore.Take(ctx, key, limit, now)
}

func (o *oddLimits) Return(ctx context.Context, key string, limit jeton.Limit, now time.Time) error {
	if o.back != nil || ctx.Err() != nil {
		return errors.Join(o.back, ctx.Err())
	}
	return o.LimitStore.Return(ctx, key, limit, now)
}

// Nobody tries a password uncounted, wherever from.
func TestNobodyIsExemptFromCounting(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"address:", "failures:", "account:"} {
		limits := &oddLimits{}
		s := newService(t, limits.install)
		s.signUp(ada)
		limits.broken = broken
		_, err := s.signIn(ada, good, browser)
		wantErr(t, "while "+broken+" cannot be counted", err, jeton.ErrUnavailable)
	}
}

// What could not be taken back goes on counting. That is for the log, not for who is signed in.
func TestAnAttemptThatCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	limits := &oddLimits{}
	s := newService(t, limits.install)
	s.signUp(ada)
	logged := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return strings.Contains(s.logs.String(), "could not take an attempt back")
	}
	if _, err := s.signIn(ada, good, browser); err != nil || logged() {
		t.Fatalf("%v, logged: %v", err, logged())
	}
	limits.back = errBroken
	if _, err := s.signIn(ada, good, browser); err != nil || !logged() {
		t.Errorf("%v, logged: %v", err, logged())
	}
}

// Who goes away while a good password is checked has not failed.
func TestAnAttemptIsTakenBackThoughTheClientHasGone(t *testing.T) {
	t.Parallel()
	race := &racingHasher{Hasher: cheap}
	limits := &oddLimits{}
	s := newService(t, func(c *jeton.Config) {
		limits.install(c)
		c.Hasher = race
	})
	s.signUp(ada)
	for range 30 {
		ctx, cancel := context.WithCancel(t.Context())
		race.after = cancel
		_, err := s.SignIn(ctx, jeton.SignInRequest{Credentials: &jeton.Credentials{Email: ada, Password: good}, Client: browser})
		if errors.Is(err, jeton.ErrRateLimited) {
			t.Error("what was cancelled counts as a failure")
		}
		cancel()
	}
	race.after = nil
	if _, err := s.signIn(ada, good, browser); err != nil {
		t.Error(err)
	}
}

// Those of whom no address is known are not one address.
func TestNoAddressIsNoAddress(t *testing.T) {
	t.Parallel()
	s := newService(t, withLimits)
	for i := range 30 {
		_, err := s.signIn(fmt.Sprintf("user%d@example.com", i), another, jeton.Client{})
		wantErr(t, "attempt", err, jeton.ErrInvalidCredentials)
	}
}

// takes counts how many events a store of limits lets through at once.
func takes(t *testing.T, limits jeton.LimitStore, key string, limit jeton.Limit, now time.Time) (n int) {
	t.Helper()
	for ; n <= limit.Count; n++ {
		wait, err := limits.Take(t.Context(), key, limit, now)
		if err != nil || wait < 0 || wait > limit.Window {
			t.Fatalf("wait %v, %v", wait, err)
		}
		if wait > 0 {
			break
		}
	}
	return n
}

func TestMemoryLimitsTakeBack(t *testing.T) {
	t.Parallel()
	limit, now := jeton.Limit{Count: 5, Window: 5 * time.Minute}, time.Now()
	limits := jeton.NewMemoryLimits(100)
	back := func(key string) {
		t.Helper()
		if err := limits.Return(t.Context(), key, limit, now); err != nil {
			t.Fatal(err)
		}
	}
	if n := takes(t, limits, "account:ada", limit, now); n != 5 {
		t.Errorf("%d of 5 at first", n)
	}
	back("account:ada")
	if n := takes(t, limits, "account:ada", limit, now); n != 1 {
		t.Errorf("%d, where one was taken back", n)
	}
	for range 5 {
		back("account:ada")
	}
	for range 3 { // what has not been taken is not given back
		back("account:ada")
		back("account:bob")
	}
	for _, key := range []string{"account:ada", "account:bob"} {
		if n := takes(t, limits, key, limit, now); n != 5 {
			t.Errorf("%s: %d of 5 in the end", key, n)
		}
	}
	once := jeton.Limit{Count: 1, Window: time.Hour}
	takes(t, limits, "old:x", once, now)
	for i := range 100 { // until it is among the older ones
		takes(t, limits, fmt.Sprint("old:", i), once, now)
	}
	if err := limits.Return(t.Context(), "old:x", once, now); err != nil {
		t.Fatal(err)
	}
	if n := takes(t, limits, "old:x", once, now); n != 1 {
		t.Error("one of the older ones was not taken back")
	}
}

func TestMemoryLimitsWithoutASize(t *testing.T) {
	t.Parallel()
	limit, now := jeton.Limit{Count: 1, Window: time.Hour}, time.Now()
	for _, size := range []int{0, -1} {
		limits := jeton.NewMemoryLimits(size)
		for i := range 1000 {
			takes(t, limits, fmt.Sprint("account:", i), limit, now)
		}
		if n := takes(t, limits, "account:0", limit, now); n != 0 {
			t.Errorf("size %d: the first of 1000 keys was forgotten", size)
		}
	}
}

// A clock that was far ahead locks nobody out for longer than the window.
func TestMemoryLimitsAfterAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	limit, now := jeton.Limit{Count: 5, Window: 5 * time.Minute}, time.Now()
	limits := jeton.NewMemoryLimits(0)
	if n := takes(t, limits, "account:ada", limit, now.Add(1000*time.Hour)); n != 5 {
		t.Errorf("%d of 5", n)
	}
	if n := takes(t, limits, "account:ada", limit, now); n != 0 { // which sees that the wait is no longer
		t.Errorf("%d of 5 at once", n)
	}
	if n := takes(t, limits, "account:ada", limit, now.Add(5*time.Minute)); n != 5 {
		t.Errorf("%d of 5 a window later", n)
	}
}

func TestMemoryLimitsListenToTheirContext(t *testing.T) {
	t.Parallel()
	limit := jeton.Limit{Count: 1, Window: time.Hour}
	limits := jeton.NewMemoryLimits(0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := limits.Take(ctx, "account:ada", limit, time.Now())
	wantErr(t, "cancelled", err, context.Canceled)
	if n := takes(t, limits, "account:ada", limit, time.Now()); n != 1 {
		t.Error("what was cancelled counts")
	}
}
