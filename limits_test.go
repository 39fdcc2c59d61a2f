package jeton_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/password"
)

func withLimits(c *jeton.Config) { c.Limits = jeton.Limits{} }

func wantLimited(t *testing.T, what string, err, reason error, wait time.Duration) {
	t.Helper()
	limited, ok := errors.AsType[*jeton.LimitError](err)
	if !ok || !errors.Is(err, reason) || limited.RetryAfter != wait {
		t.Errorf("%s: error %v, want %v and %v to wait", what, err, reason, wait)
	}
}

func TestTenAttemptsAMinuteAnAddress(t *testing.T) {
	t.Parallel()
	s := newService(t, withLimits)
	s.signUp(ada) // the first of ten from this address
	for i := range 9 {
		_, err := s.signIn(fmt.Sprintf("user%d@example.com", i), another, browser)
		wantErr(t, "attempt", err, jeton.ErrInvalidCredentials)
	}
	_, err := s.signIn(ada, good, browser)
	wantLimited(t, "eleventh", err, jeton.ErrRateLimited, 6*time.Second)
	if _, err := s.signIn(ada, good, from(otherNet, "browser")); err != nil {
		t.Errorf("another address: %v", err)
	}
	s.advance(5500 * time.Millisecond)
	_, err = s.signIn(ada, good, browser)
	wantLimited(t, "half a second too early", err, jeton.ErrRateLimited, time.Second)
	s.advance(500 * time.Millisecond)
	if _, err := s.signIn(ada, good, browser); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

// Failures are counted for an address and an account, and nothing else is one.
func TestWhatCountsAsAFailure(t *testing.T) {
	t.Parallel()
	away := errors.New("the other system is away")
	var outcome error
	s := newService(t, func(c *jeton.Config) {
		c.Limits = jeton.Limits{PerAddress: jeton.Limit{Count: 1000, Window: time.Minute}}
		c.Strategies = []jeton.Strategy{jeton.StrategyFunc("card", func(context.Context, namedCard, jeton.Client) (jeton.Identity, error) {
			return jeton.Identity{}, outcome
		})}
	})
	s.signUp(ada)
	try := func(card string) error {
		_, err := s.SignIn(t.Context(), jeton.SignInRequest{Strategy: "card", Credentials: &namedCard{card}, Client: browser})
		return err
	}
	outcome = away
	for range 30 {
		if err := try("a"); !errors.Is(err, away) {
			t.Fatalf("away: %v", err)
		}
	}
	outcome = jeton.ErrInvalidCredentials
	for i := range 10 {
		wantErr(t, fmt.Sprint("failure ", i), try("a"), jeton.ErrInvalidCredentials)
	}
	wantErr(t, "one too many", try("a"), jeton.ErrRateLimited)
	wantErr(t, "another account", try("b"), jeton.ErrInvalidCredentials)
}

// namedCard are credentials for an account that they name.
type namedCard struct{ Card string }

func (c *namedCard) AccountName() string { return c.Card }

func TestAddressesOfOneNetworkCountTogether(t *testing.T) {
	t.Parallel()
	s := newService(t, withLimits)
	try := func(address string) error {
		_, err := s.signIn("eve@example.com", another, from(address, ""))
		return err
	}
	for i := range 10 {
		wantErr(t, "attempt", try(fmt.Sprintf("2001:db8:1:2::%d", i)), jeton.ErrInvalidCredentials)
	}
	wantErr(t, "same /64", try("2001:db8:1:2:ffff::1"), jeton.ErrRateLimited)
	wantErr(t, "another /64", try("2001:db8:1:3::1"), jeton.ErrInvalidCredentials)
	wantErr(t, "IPv4", try("192.0.2.1"), jeton.ErrInvalidCredentials)
	for range 9 {
		wantErr(t, "IPv4 in IPv6", try("::ffff:192.0.2.1"), jeton.ErrInvalidCredentials)
	}
	wantErr(t, "IPv4 in either form", try("192.0.2.1"), jeton.ErrRateLimited)
}

func TestTenFailuresAnAddressAndAccount(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) {
		c.Limits = jeton.Limits{PerAddress: jeton.Limit{Count: 1000, Window: time.Minute}}
	})
	s.signUp(ada)
	for range 20 { // what succeeds does not count
		if _, err := s.signIn(ada, good, browser); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		_, err := s.signIn(ada, another, browser)
		wantErr(t, "failure", err, jeton.ErrInvalidCredentials)
	}
	_, err := s.signIn(ada, good, browser)
	wantLimited(t, "eleventh", err, jeton.ErrRateLimited, 90*time.Second)
	_, err = s.signIn("ADA@example.com", good, browser)
	wantErr(t, "in other case", err, jeton.ErrRateLimited)
	if _, err := s.signIn(ada, good, from(otherNet, "browser")); err != nil {
		t.Errorf("another address: %v", err)
	}
}

func TestNobodyIsLockedOutBySomebodyElse(t *testing.T) {
	t.Parallel()
	for _, email := range []string{ada, "nobody@example.com"} {
		s := newService(t, withLimits)
		s.signUp(ada)
		limited := 0
		for i := range 130 {
			attacker := netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})
			_, err := s.signIn(email, another, jeton.Client{Address: attacker})
			if errors.Is(err, jeton.ErrRateLimited) {
				limited++
			}
		}
		if limited != 30 {
			t.Errorf("%s: %d attempts were limited, want 30 of 130", email, limited)
		}
		if _, err := s.signIn(ada, good, browser); err != nil {
			t.Errorf("%s: the owner, from a known network: %v", email, err)
		}
		_, err := s.signIn("bob@example.com", another, from(otherNet, "browser"))
		wantErr(t, email+": another account", err, jeton.ErrInvalidCredentials)
	}
}

// A network that an account was used from once is nobody's when that session is over.
func TestNetworksOfSessionsThatAreOver(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) {
		c.Limits = jeton.Limits{PerAccount: jeton.Limit{Count: 1, Window: time.Hour}}
		c.Lifetime = 24 * time.Hour
	})
	s.signUp(ada)
	try := func() error {
		_, err := s.signIn(ada, another, from(otherNet, "browser"))
		wantErr(t, "failure", err, jeton.ErrInvalidCredentials)
		_, err = s.signIn(ada, another, browser)
		return err
	}
	wantErr(t, "while there is a session", try(), jeton.ErrInvalidCredentials)
	s.advance(24 * time.Hour)
	wantErr(t, "when it is over", try(), jeton.ErrRateLimited)
}

// Signed in from one network and used from another since: both are the account's.
func TestNetworksThatAnAccountUsesAreExempt(t *testing.T) {
	t.Parallel()
	s := newService(t, withLimits)
	g := s.signUp(ada) // from homeNet
	if _, err := s.refresh(g.RefreshToken, from("2001:db8:1:2::3", "browser")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn(ada, good, jeton.Client{}); err != nil { // which makes no network known
		t.Fatal(err)
	}
	for i := range 100 {
		_, err := s.signIn(ada, another, jeton.Client{Address: netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})})
		wantErr(t, "failure", err, jeton.ErrInvalidCredentials)
	}
	for name, test := range map[string]struct {
		client jeton.Client
		err    error
	}{
		"signed in from":            {from(homeNet, "phone"), nil},
		"last used from":            {from("2001:db8:1:2::3", "phone"), nil},
		"in the last used network":  {from("2001:db8:1:2:ffff::1", "phone"), nil},
		"beside the last used":      {from("2001:db8:1:3::3", "browser"), jeton.ErrRateLimited},
		"a neighbour":               {from("192.0.2.8", "browser"), jeton.ErrRateLimited},
		"from nobody knows where":   {jeton.Client{UserAgent: "browser"}, jeton.ErrRateLimited},
		"another network, the rest": {from(otherNet, "browser"), jeton.ErrRateLimited},
	} {
		_, err := s.signIn(ada, good, test.client)
		wantErr(t, name, err, test.err)
	}
}

func TestMemoryLimitsAreBounded(t *testing.T) {
	t.Parallel()
	limits := jeton.NewMemoryLimits(100)
	limit := jeton.Limit{Count: 1, Window: time.Hour}
	now := time.Now()
	for i := range 1000 {
		if wait, err := limits.Take(t.Context(), fmt.Sprint(i), limit, now); wait != 0 || err != nil {
			t.Fatalf("key %d: wait %v, %v", i, wait, err)
		}
	}
	for i := 901; i < 1000; i++ {
		if wait, _ := limits.Take(t.Context(), fmt.Sprint(i), limit, now); wait == 0 {
			t.Fatalf("key %d was forgotten although it is among the last 100", i)
		}
	}
	if wait, _ := limits.Take(t.Context(), "0", limit, now); wait != 0 {
		t.Error("the oldest key is still there: memory is not bounded")
	}
}

// Others who make the limits forget old keys do not help somebody who goes on trying.
func TestMemoryLimitsDoNotForgetWhoIsRefused(t *testing.T) {
	t.Parallel()
	limits := jeton.NewMemoryLimits(100)
	limit := jeton.Limit{Count: 1, Window: time.Hour}
	now := time.Now()
	for i := range 1000 {
		wait, err := limits.Take(t.Context(), "persistent", limit, now)
		if err != nil || (wait == 0) != (i == 0) {
			t.Fatalf("try %d: wait %v, %v", i, wait, err)
		}
		if _, err := limits.Take(t.Context(), fmt.Sprint(i), limit, now); err != nil {
			t.Fatal(err)
		}
	}
}

// What costs an attacker nothing must not push out what does.
func TestMemoryLimitsForgetNothingForTheSakeOfOthers(t *testing.T) {
	t.Parallel()
	limits := jeton.NewMemoryLimits(100)
	limit := jeton.Limit{Count: 2, Window: time.Hour}
	now := time.Now()
	take := func(key string) time.Duration {
		t.Helper()
		wait, err := limits.Take(t.Context(), key, limit, now)
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	take("account:ada")
	take("account:ada")
	for i := range 1000 { // of another kind, and taken back
		take(fmt.Sprintf("address:%d", i))
		other := fmt.Sprintf("account:%d", i)
		take(other)
		if err := limits.Return(t.Context(), other, limit, now); err != nil {
			t.Fatal(err)
		}
	}
	if take("account:ada") == 0 {
		t.Error("an account's failures were forgotten for keys that count nothing")
	}
	for i := range 1000 { // kinds are bounded
		take(fmt.Sprintf("%d:x", i))
	}
	if take("0:x") != 0 || take("0:x") == 0 {
		t.Error("the first kind of many has a place and must count")
	}
	if take("999:x") != 0 || take("999:x") == 0 {
		t.Error("the last kind of many does not count")
	}
	for range 2 { // it was forgotten, and has both of its events again
		if take("500:x") != 0 {
			t.Error("kinds beyond the bound are all remembered: memory is not bounded")
		}
	}
}

func TestLimitStoreAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.Limits = jeton.Limits{Store: brokenLimits{}} })
	_, err := s.signIn(ada, good, browser)
	wantErr(t, "sign in", err, jeton.ErrUnavailable)
}

type brokenLimits struct{}

var errBroken = errors.New("broken")

func (brokenLimits) Take(context.Context, string, jeton.Limit, time.Time) (time.Duration, error) {
	return 0, errBroken
}

func (brokenLimits) Return(context.Context, string, jeton.Limit, time.Time) error { return errBroken }

// blockingHasher holds every check until it is released.
type blockingHasher struct {
	password.Hasher
	release chan struct{}
}

func (h blockingHasher) Check(hash, plain string) (password.Result, error) {
	<-h.release
	return h.Hasher.Check(hash, plain)
}

func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hasher := blockingHasher{cheap, make(chan struct{})}
		s := newService(t, func(c *jeton.Config) { c.Hasher, c.ParallelHashes = hasher, 1 })
		s.signUp(ada)
		var wg sync.WaitGroup
		try := func(ctx context.Context, client jeton.Client) chan error {
			done := make(chan error, 1)
			wg.Go(func() {
				_, err := s.SignIn(ctx, jeton.SignInRequest{
					Credentials: &jeton.Credentials{Email: ada, Password: good}, Client: client,
				})
				done <- err
			})
			synctest.Wait()
			return done
		}
		running := try(t.Context(), browser)
		waiting := try(t.Context(), browser)
		ctx, cancel := context.WithCancel(t.Context())
		cancelled := try(ctx, browser)
		wantLimited(t, "third in the queue", <-try(t.Context(), browser), jeton.ErrBusy, time.Second)
		elsewhere := try(t.Context(), from(otherNet, ""))
		cancel()
		wantErr(t, "cancelled while waiting", <-cancelled, context.Canceled)
		again := try(t.Context(), browser)
		close(hasher.release)
		for name, done := range map[string]chan error{"running": running, "waiting": waiting, "elsewhere": elsewhere, "again": again} {
			if err := <-done; err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		wg.Wait()
	})
}

func TestTheWholeQueueIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const parallel = 2
		hasher := blockingHasher{cheap, make(chan struct{})}
		s := newService(t, func(c *jeton.Config) { c.Hasher, c.ParallelHashes = hasher, parallel })
		hash, err := cheap.Hash(good)
		if err != nil {
			t.Fatal(err)
		}
		// Each from a network of its own, or from nobody knows where, which counts as no network.
		start := func(i int) chan error {
			client := jeton.Client{Address: netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})}
			if i%2 == 0 {
				client = jeton.Client{}
			}
			done := make(chan error, 1)
			go func() { done <- s.CheckHash(t.Context(), hash, good, client) }()
			return done
		}
		for range 2 { // the second time shows that those who left are not counted any more
			var admitted []chan error
			for i := range parallel + 64*parallel {
				admitted = append(admitted, start(i))
			}
			synctest.Wait()
			for i := range 4 {
				done := start(i)
				synctest.Wait()
				select {
				case err := <-done:
					wantLimited(t, "one too many", err, jeton.ErrBusy, time.Second)
				default:
					t.Error("one too many waits in the queue")
					admitted = append(admitted, done)
				}
			}
			for range admitted {
				hasher.release <- struct{}{}
			}
			for i, done := range admitted {
				if err := <-done; err != nil {
					t.Errorf("password %d of %d: %v", i, len(admitted), err)
				}
			}
		}
	})
}
