package jeton_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/password"
	"github.com/jetonauth/jeton/store/memory"
)

const (
	bcryptForm = "$2b$04$"
	scryptForm = "$scrypt$ln=4,r=8,p=1$43"
	todaysForm = "$argon2id$v=19$m=64,t=1,p=1$43"
)

// seenForms remembers the form of each hash that was checked, and does not check it: everybody's password is wrong.
type seenForms struct {
	mu    sync.Mutex
	forms []string
}

func (h *seenForms) Hash(plain string) (string, error) { return cheap.Hash(plain) }

func (h *seenForms) Check(hash, _ string) (password.Result, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forms = append(h.forms, password.Form(hash))
	return password.Result{}, nil
}

// mixed is a service whose accounts have hashes of several forms.
type mixed struct {
	*service
	seen *seenForms
}

func newMixed(t *testing.T, change func(*jeton.Config)) mixed {
	t.Helper()
	seen := &seenForms{}
	return mixed{newService(t, func(c *jeton.Config) {
		c.Hasher, c.Secret = seen, secretOf("s")
		if change != nil {
			change(c)
		}
	}), seen}
}

// secretOf is the same secret for the same name.
func secretOf(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:]
}

// add imports n accounts with hashes of a form.
func (m mixed) add(n int, form string) {
	m.t.Helper()
	hash, err := password.Decoy(form)
	if err != nil {
		m.t.Fatal(err)
	}
	list := make([]jeton.ImportedUser, n)
	for i := range list {
		list[i] = jeton.ImportedUser{Email: fmt.Sprintf("u%d@%x.example.com", i, form), PasswordHash: hash}
	}
	if _, err := m.ImportUsers(m.t.Context(), users(list...), jeton.ImportOptions{}); err != nil {
		m.t.Fatal(err)
	}
}

// checked returns the forms of the hashes that these addresses are checked against.
func (m mixed) checked(emails ...string) []string {
	m.t.Helper()
	m.seen.mu.Lock()
	m.seen.forms = nil
	m.seen.mu.Unlock()
	for _, email := range emails {
		if _, err := m.signIn(email, good, browser); err != jeton.ErrInvalidCredentials { //nolint:errorlint // nothing else may come out
			m.t.Fatalf("%s: %v", email, err)
		}
	}
	if len(m.seen.forms) != len(emails) {
		m.t.Fatalf("%d hashes were checked for %d attempts", len(m.seen.forms), len(emails))
	}
	return m.seen.forms
}

func nobodies(n int) []string {
	emails := make([]string, n)
	for i := range emails {
		emails[i] = fmt.Sprintf("nobody%d@example.com", i)
	}
	return emails
}

func countOf(forms []string, form string) (n int) {
	for _, f := range forms {
		if f == form {
			n++
		}
	}
	return n
}

// TestNobodyIsLikeEverybody wants accounts that are not there to cost what those that are there cost, in the same proportion.
func TestNobodyIsLikeEverybody(t *testing.T) {
	t.Parallel()
	m := newMixed(t, nil)
	m.add(500, bcryptForm)
	m.add(300, scryptForm)
	m.add(200, todaysForm)
	emails := nobodies(4000)
	forms := m.checked(emails...)
	for form, share := range map[string]float64{bcryptForm: 0.5, scryptForm: 0.3, todaysForm: 0.2} {
		// four standard deviations of a binomial distribution are 126 at most
		if n, want := countOf(forms, form), share*4000; float64(n) < want-126 || float64(n) > want+126 {
			t.Errorf("%s for %d of 4000 addresses, want about %.0f", form, n, want)
		}
	}
	if again := m.checked(emails...); !slices.Equal(again, forms) {
		t.Error("the second time some are different")
	}
	// Another node, and the same address in another form.
	node := newMixed(t, func(c *jeton.Config) { c.Store = m.store })
	if other := node.checked(emails...); !slices.Equal(other, forms) {
		t.Error("on another node some are different")
	}
	upper := make([]string, len(emails))
	for i := range emails {
		upper[i] = strings.ToUpper(emails[i])
	}
	if other := m.checked(upper...); !slices.Equal(other, forms) {
		t.Error("in capitals some are different")
	}
	stranger := newMixed(t, func(c *jeton.Config) { c.Store, c.Secret = m.store, secretOf("x") })
	if other := stranger.checked(emails...); slices.Equal(other, forms) {
		t.Error("without the secret all are the same")
	}
	if got := m.checked("not an address", "u1@"+fmt.Sprintf("%x", bcryptForm)+".example.com"); got[0] == "" || got[1] != bcryptForm {
		t.Errorf("no address, and an account: %v", got)
	}
}

// TestAsAccountsUpgradeSoDoesNobody wants the addresses of nobody to move from an old form to today's, as accounts do, and never back.
func TestAsAccountsUpgradeSoDoesNobody(t *testing.T) {
	t.Parallel()
	m := newMixed(t, nil)
	m.add(400, bcryptForm)
	emails := nobodies(1000)
	before := m.checked(emails...)
	if n := countOf(before, bcryptForm); n != 1000 {
		t.Fatalf("%d are bcrypt, want all", n)
	}
	list, err := m.ListUsers(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	today, err := cheap.Hash(good)
	if err != nil {
		t.Fatal(err)
	}
	for step := range 4 {
		for _, u := range list[step*100 : step*100+100] {
			if err := m.store.SetPassword(t.Context(), u.ID, jeton.PasswordChange{Old: u.PasswordHash, New: today}); err != nil {
				t.Fatal(err)
			}
		}
		m.advance(24 * time.Hour)
		after := m.checked(emails...)
		for i := range after {
			if before[i] == todaysForm && after[i] != todaysForm {
				t.Errorf("%s goes back to %s", emails[i], after[i])
			}
		}
		if n, want := countOf(after, bcryptForm), 1000-250*(step+1); n < want-64 || n > want+64 {
			t.Errorf("after %d of 4 parts %d are bcrypt, want about %d", step+1, n, want)
		}
		before = after
	}
}

// Accounts without a password, and those with one that cannot be read, are like nobody, too.
func TestAccountsWithoutAHash(t *testing.T) {
	t.Parallel()
	m := newMixed(t, nil)
	m.add(100, bcryptForm)
	if _, err := m.CreateUser(t.Context(), jeton.NewUser{Email: ada}); err != nil {
		t.Fatal(err)
	}
	if got := m.checked(ada); got[0] != bcryptForm {
		t.Errorf("checked is %v", got)
	}
}

// TestHashersOfTheirOwn: a hasher need not know the forms of package password.
func TestHashersOfTheirOwn(t *testing.T) {
	t.Parallel()
	hasher := &onlyArgon2{}
	s := newService(t, func(c *jeton.Config) { c.Hasher = hasher })
	list := make([]jeton.ImportedUser, 50)
	for i := range list {
		list[i] = jeton.ImportedUser{Email: fmt.Sprintf("u%d@example.com", i), PasswordHash: goodBcrypt}
	}
	if _, err := s.ImportUsers(t.Context(), users(list...), jeton.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"u1@example.com", "nobody@example.com"} {
		before := hasher.checked
		if _, err := s.signIn(email, good, browser); err != jeton.ErrInvalidCredentials { //nolint:errorlint // nothing else may come out
			t.Errorf("%s: %v", email, err)
		}
		if n := hasher.checked - before; n != 1 {
			t.Errorf("%s: %d hashes were checked", email, n)
		}
	}
}

type onlyArgon2 struct{ checked int }

func (h *onlyArgon2) Hash(plain string) (string, error) { return cheap.Hash(plain) }

func (h *onlyArgon2) Check(hash, plain string) (password.Result, error) {
	if password.Scheme(hash) != "argon2id" {
		return password.Result{}, password.ErrUnknownHash
	}
	h.checked++
	return cheap.Check(hash, plain)
}

// countingStore counts how often the hashes are counted, and may fail at it.
type countingStore struct {
	*memory.Store
	mu      sync.Mutex
	counted int
	err     error
	hold    chan struct{} // not nil: counting waits until it is closed
}

func (s *countingStore) CountHashes(ctx context.Context, form func(string) string) (map[string]int, error) {
	s.mu.Lock()
	s.counted++
	err, hold := s.err, s.hold
	s.mu.Unlock()
	if hold != nil {
		<-hold
	}
	if err != nil {
		return nil, err
	}
	return s.Store.CountHashes(ctx, form)
}

func (s *countingStore) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counted
}

func (s *countingStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func TestHashesAreCountedNowAndThen(t *testing.T) {
	t.Parallel()
	store := &countingStore{Store: memory.New()}
	m := newMixed(t, func(c *jeton.Config) { c.Store = store })
	m.store = store.Store
	if got := m.checked(nobodies(20)...); countOf(got, todaysForm) != 20 || store.times() != 1 {
		t.Errorf("%v, counted %d times", got, store.times())
	}
	m.add(10, bcryptForm)
	m.advance(50 * time.Second)
	if got := m.checked(nobodies(20)...); countOf(got, todaysForm) != 20 || store.times() != 1 {
		t.Errorf("50 s later: %v, counted %d times", got, store.times())
	}
	m.advance(24 * time.Hour)
	if got := m.checked(nobodies(20)...); countOf(got, bcryptForm) != 20 || store.times() != 2 {
		t.Errorf("a day later: %v, counted %d times", got, store.times())
	}
	store.fail(errors.New("disk is full"))
	m.advance(24 * time.Hour)
	if got := m.checked(nobodies(20)...); countOf(got, bcryptForm) != 20 || store.times() != 3 {
		t.Errorf("while it fails: %v, counted %d times", got, store.times())
	}
	if !strings.Contains(m.logs.String(), "could not count the password hashes") || !strings.Contains(m.logs.String(), "disk is full") {
		t.Error("that it failed is not logged")
	}
}

// The first attempts wait for the first count, later ones never.
func TestWhoWaitsForACount(t *testing.T) {
	t.Parallel()
	store := &countingStore{Store: memory.New(), hold: make(chan struct{})}
	m := newMixed(t, func(c *jeton.Config) { c.Store, c.ParallelHashes = store, 8 })
	m.store = store.Store
	m.add(100, bcryptForm)
	var attempts sync.WaitGroup
	for _, email := range nobodies(8) {
		attempts.Go(func() { _, _ = m.signIn(email, good, jeton.Client{}) })
	}
	close(store.hold)
	attempts.Wait()
	if n := countOf(m.seen.forms, bcryptForm); n != 8 || store.times() != 1 {
		t.Errorf("%v, counted %d times", m.seen.forms, store.times())
	}

	store.mu.Lock()
	store.hold = make(chan struct{})
	store.mu.Unlock()
	m.advance(24 * time.Hour)
	slow := make(chan struct{})
	attempts.Go(func() {
		defer close(slow)
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // that the client has gone away does not stop the count
		_, _ = m.SignIn(ctx, jeton.SignInRequest{Credentials: &jeton.Credentials{Email: ada, Password: good}})
		_, _ = m.signIn(ada, good, jeton.Client{})
	})
	deadline, pause := time.After(30*time.Second), time.NewTicker(time.Millisecond)
	defer pause.Stop()
	for store.times() < 2 {
		select {
		case <-deadline:
			t.Fatal("nobody counts")
		case <-pause.C:
		}
	}
	m.checked("bob@example.com") // while somebody else counts
	close(store.hold)
	<-slow
}

// Who waits for the first count does so for no longer than the context says.
func TestNobodyWaitsForACountLongerThanAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &stuckStore{Store: memory.New()}
		m := newMixed(t, func(c *jeton.Config) { c.Store, c.ParallelHashes = store, 8 })
		var attempts sync.WaitGroup
		attempts.Go(func() { m.checked(nobodies(1)...) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := m.SignIn(ctx, jeton.SignInRequest{Credentials: &jeton.Credentials{Email: ada, Password: good}})
		if took := time.Since(began); took != time.Second || err == nil {
			t.Errorf("it took %v, error %v", took, err)
		}
		attempts.Wait()
	})
}

func TestStoresThatCannotCount(t *testing.T) {
	t.Parallel()
	m := newMixed(t, func(c *jeton.Config) { c.Store = plainStore{c.Store} })
	hash, err := password.Decoy(bcryptForm)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.store.CreateUser(t.Context(), &jeton.User{ID: "u", EmailKey: ada, PasswordHash: hash}); err != nil {
		t.Fatal(err)
	}
	if got := m.checked(ada, "nobody@example.com"); got[0] != bcryptForm || got[1] != todaysForm {
		t.Errorf("checked are %v", got)
	}
}

// stuckStore takes its time to say that it cannot count.
type stuckStore struct {
	*memory.Store
	counted int
}

func (s *stuckStore) CountHashes(context.Context, func(string) string) (map[string]int, error) {
	s.counted++
	time.Sleep(10 * time.Second)
	return nil, jeton.ErrUnavailable
}

// How long a count that failed has taken says nothing of what the next one costs.
func TestACountThatFailedIsTriedAgainSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &stuckStore{Store: memory.New()}
		m := newMixed(t, func(c *jeton.Config) { c.Store = store })
		for minute := 1; minute <= 3; minute++ {
			m.checked(nobodies(1)...)
			if store.counted != minute {
				t.Errorf("counted %d times in %d minutes", store.counted, minute)
			}
			m.advance(time.Minute)
		}
	})
}
