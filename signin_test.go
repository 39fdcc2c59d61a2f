package jeton_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/password"
	"github.com/jetonauth/jeton/store/memory"
)

func TestSignInDoesNotTellWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	hasher := &countingHasher{Hasher: cheap}
	s := newService(t, func(c *jeton.Config) { c.Hasher = hasher })
	g := s.signUp(ada)
	disabled := s.signUp("bob@example.com")
	if err := s.SetDisabled(t.Context(), disabled.User.ID, true); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]jeton.Credentials{
		"wrong password":   {Email: ada, Password: another},
		"unknown account":  {Email: "eve@example.com", Password: good},
		"no address":       {Email: "nonsense", Password: good},
		"empty":            {},
		"disabled account": {Email: "bob@example.com", Password: good},
	} {
		t.Run(name, func(t *testing.T) {
			before := hasher.total()
			_, err := s.signIn(c.Email, c.Password, from(homeNet, "browser"))
			if err != jeton.ErrInvalidCredentials { //nolint:errorlint // equal to the last byte is the point
				t.Errorf("error %v, want exactly %v", err, jeton.ErrInvalidCredentials)
			}
			if n := hasher.total() - before; n != 1 {
				t.Errorf("%d hashes, want exactly 1", n)
			}
		})
	}
	before := hasher.total()
	got, err := s.signIn(ada, good, from(homeNet, "browser"))
	if err != nil || got.User.ID != g.User.ID {
		t.Fatalf("right password: %v, %v", got, err)
	}
	if n := hasher.total() - before; n != 1 {
		t.Errorf("right password: %d hashes, want exactly 1", n)
	}
	if n := s.count(jeton.EventSignInFailed); n != 5 {
		t.Errorf("%d audit events of failures, want 5", n)
	}
}

type countingHasher struct {
	password.Hasher
	mu sync.Mutex
	n  int
}

func (h *countingHasher) total() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.n
}

func (h *countingHasher) add() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.n++
}

func (h *countingHasher) Hash(plain string) (string, error) {
	h.add()
	return h.Hasher.Hash(plain)
}

func (h *countingHasher) Check(hash, plain string) (password.Result, error) {
	h.add()
	return h.Hasher.Check(hash, plain)
}

func TestOldHashesAreUpgradedOnce(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.Hasher = password.Argon2id{Memory: 128, Time: 1, Threads: 1} })
	g := s.signUp(ada)
	old, err := cheap.Hash(good)
	if err != nil {
		t.Fatal(err)
	}
	err = s.store.SetPassword(t.Context(), g.User.ID, jeton.PasswordChange{Old: g.User.PasswordHash, New: old})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn(ada, good, jeton.Client{}); err != nil {
		t.Fatal(err)
	}
	u, err := s.store.UserByID(t.Context(), g.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	if u.PasswordHash == old || !strings.Contains(u.PasswordHash, "m=128") {
		t.Errorf("the hash was not upgraded: %.40s", u.PasswordHash)
	}
	if _, err := s.refresh(g.RefreshToken, from(homeNet, "browser")); err != nil {
		t.Errorf("an upgrade ended a session: %v", err)
	}
}

func TestSignInsAreAudited(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	if _, err := s.signIn("ADA@example.com", another, browser); err == nil {
		t.Fatal("signed in with a wrong password")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var got []jeton.EventType
	for _, e := range s.events {
		got = append(got, e.Type)
		if e.Account != ada || e.Client != browser || e.At.IsZero() {
			t.Errorf("event %s: account %q, client %v, at %v", e.Type, e.Account, e.Client, e.At)
		}
	}
	want := []jeton.EventType{jeton.EventSignUp, jeton.EventSignIn, jeton.EventSignInFailed}
	if !slices.Equal(got, want) || s.events[1].SessionID != g.Session.ID {
		t.Errorf("events %v, want %v; session %q", got, want, s.events[1].SessionID)
	}
}

func TestCheckHash(t *testing.T) {
	t.Parallel()
	hasher := &countingHasher{Hasher: cheap}
	s := newService(t, func(c *jeton.Config) { c.Hasher = hasher })
	hash, err := cheap.Hash("4711")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		hash, plain string
		err         error
	}{
		"right":      {hash, "4711", nil},
		"wrong":      {hash, "4712", jeton.ErrInvalidCredentials},
		"no account": {"", "4711", jeton.ErrInvalidCredentials},
	} {
		before := hasher.total()
		wantErr(t, name, s.CheckHash(t.Context(), test.hash, test.plain, browser), test.err)
		if n := hasher.total() - before; n != 1 {
			t.Errorf("%s: %d hashes, want exactly 1", name, n)
		}
	}
	wantErr(t, "unreadable", s.CheckHash(t.Context(), "plain text?", "4711", browser), jeton.ErrInvalidCredentials)
}

func TestWhyASignInFailedIsAuditedOnly(t *testing.T) {
	t.Parallel()
	s := newService(t, withLimits)
	g := s.signUp(ada)
	bob := s.signUp("bob@example.com")
	if err := s.SetDisabled(t.Context(), bob.User.ID, true); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ email, plain, userID, reason string }{
		{ada, another, g.User.ID, "wrong password"},
		{"eve@example.com", good, "", "no such account"},
		{"bob@example.com", good, bob.User.ID, "account is disabled"},
	} {
		if _, err := s.signIn(test.email, test.plain, from(otherNet, "browser")); err != jeton.ErrInvalidCredentials { //nolint:errorlint // nothing else may come out
			t.Errorf("%s: error %#v", test.email, err)
		}
		s.mu.Lock()
		e := s.events[len(s.events)-1]
		s.mu.Unlock()
		if e.Type != jeton.EventSignInFailed || e.UserID != test.userID || e.Reason != test.reason || e.Account != test.email {
			t.Errorf("%s: event %+v", test.email, e)
		}
	}
	for range 10 {
		_, _ = s.signIn(ada, another, from("203.0.113.5", "browser")) // until the limit
	}
	if _, err := s.signIn(ada, good, from("203.0.113.5", "browser")); !errors.Is(err, jeton.ErrRateLimited) {
		t.Fatalf("error %v", err)
	}
	if n := s.count(jeton.EventSignInLimited); n == 0 {
		t.Error("no event for a limited attempt")
	}
}

// The hash that an unknown account is checked against costs what all others do.
func TestTheDecoyCostsTheSame(t *testing.T) {
	t.Parallel()
	hasher := &recordingHasher{Hasher: password.Argon2id{Memory: 96, Time: 2, Threads: 1}}
	s := newService(t, func(c *jeton.Config) { c.Hasher = hasher })
	s.signUp(ada)
	for _, email := range []string{ada, "eve@example.com"} {
		if _, err := s.signIn(email, another, browser); err == nil {
			t.Fatal("signed in")
		}
	}
	cost := func(hash string) string {
		return hash[:strings.LastIndexByte(hash[:strings.LastIndexByte(hash, '$')], '$')]
	}
	if known, unknown := hasher.checked[0], hasher.checked[1]; known == unknown || cost(known) != cost(unknown) {
		t.Errorf("a known account costs %s, an unknown one %s", cost(known), cost(unknown))
	}
}

type recordingHasher struct {
	password.Hasher
	checked []string
}

func (h *recordingHasher) Check(hash, plain string) (password.Result, error) {
	h.checked = append(h.checked, hash)
	return h.Hasher.Check(hash, plain)
}

// unreachableUsers is a table whose driver calls a connection that is gone "not found" as well.
type unreachableUsers struct{ jeton.UserStore }

func (unreachableUsers) UserByEmail(context.Context, string) (*jeton.User, error) {
	return nil, fmt.Errorf("%w: %w", jeton.ErrUnavailable, jeton.ErrNotFound)
}

// What cannot be judged is no wrong password.
func TestSignInWhileTheTableIsAway(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t, func(c *jeton.Config) { c.Users = unreachableUsers{memory.New()} })
	_, err := a.SignIn(t.Context(), jeton.SignInRequest{Credentials: &jeton.Credentials{Email: "ada@example.com", Password: "correct horse battery"}})
	if !errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("%v, want that it is unavailable", err)
	}
}

func TestAnAccountHasSoManySessions(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.MaxSessions = 3 })
	grants := []*jeton.Grant{s.signUp(ada)}
	for range 3 {
		s.advance(time.Second)
		grant, err := s.signIn(ada, good, browser)
		if err != nil {
			t.Fatal(err)
		}
		grants = append(grants, grant)
	}
	if _, err := s.Verify(t.Context(), grants[0].AccessToken); !errors.Is(err, jwt.ErrRevoked) {
		t.Errorf("the oldest of four: %v, want that it is revoked", err)
	}
	s.advance(time.Second)
	used, err := s.refresh(grants[1].RefreshToken, browser)
	if err != nil {
		t.Fatal(err)
	}
	s.advance(time.Second)
	if _, err := s.signIn(ada, good, browser); err != nil {
		t.Fatal(err)
	}
	s.principal(used.AccessToken) // it was used since
	if _, err := s.Verify(t.Context(), grants[2].AccessToken); !errors.Is(err, jwt.ErrRevoked) {
		t.Errorf("the one that was not used for longest: %v, want that it is revoked", err)
	}
	if sessions, err := s.Sessions(t.Context(), grants[0].User.ID); err != nil || len(sessions) != 3 {
		t.Errorf("%d sessions, %v, want 3", len(sessions), err)
	}
}
