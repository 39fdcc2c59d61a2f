package storetest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/memory"
	"github.com/jetonauth/jeton/store/storetest"
)

// numbered makes its ids itself, as a table with a serial number does. It can import nobody: see [jeton.UserImporter].
type numbered struct {
	sound
	last *atomic.Int64
}

// sound is a store with all parts that one with ids of its own can have.
type sound interface {
	ender
	jeton.UserLister
	jeton.HashCounter
	jeton.SessionCopier
	jeton.ServiceClientStore
}

func newNumbered() numbered { return numbered{&gated{full: memory.New()}, new(atomic.Int64)} }

func (s numbered) CreateUser(ctx context.Context, u *jeton.User) error {
	return createAs(ctx, s.sound, u, strconv.FormatInt(s.last.Add(1), 10))
}

// createAs creates u under another id than its own, and tells it.
func createAs(ctx context.Context, store jeton.UserStore, u *jeton.User, id string) error {
	made := u.Clone()
	made.ID = id
	err := store.CreateUser(ctx, made)
	if err == nil {
		u.ID = id
	}
	return err
}

// TestStoreThatMakesItsIDs runs the suite over a store that does not keep the ids that are asked for.
func TestStoreThatMakesItsIDs(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Harness { return harness(newNumbered()) })
}

// TestWhatIsSkipped wants nothing to be left out for a store that keeps ids, and for one that makes them only what two users who ask for
// one id would do.
func TestWhatIsSkipped(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	skipped := regexp.MustCompile(`--- SKIP: \w+/(\S+)`)
	for test, want := range map[string][]string{
		"TestSoundStore":           nil,
		"TestStoreThatMakesItsIDs": {"users/an_id_is_unique", "users/contention:_create_with_one_id"},
	} {
		child := exec.CommandContext(t.Context(), self, "-test.v", "-test.count=1", "-test.timeout=1m", "-test.run=^"+test+"$/^user")
		output, err := child.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", test, err, output)
		}
		var got []string
		for _, match := range skipped.FindAllSubmatch(output, -1) {
			got = append(got, string(match[1]))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s skips %q, want %q", test, got, want)
		}
		if want != nil && !strings.Contains(string(output), "jeton.UserStore: CreateUser has set u.ID") {
			t.Errorf("%s does not say why:\n%s", test, output)
		}
	}
}

// overNumbered is over for a store that makes its ids itself.
func overNumbered(wrap func(*gated) ender) func() storetest.Harness {
	return func() storetest.Harness {
		return harness(wrap(&gated{full: &numberedFull{full: memory.New(), last: new(atomic.Int64)}}))
	}
}

// numberedFull is a numbered that all defects fit around.
type numberedFull struct {
	full
	last *atomic.Int64
}

func (s *numberedFull) CreateUser(ctx context.Context, u *jeton.User) error {
	return createAs(ctx, s.full, u, strconv.FormatInt(s.last.Add(1), 10))
}

func userIDDefects() map[string]defect {
	all := map[string]defect{
		"a made id is not told": {
			defective(func(s numbered) ender { return untoldID{s} }), []string{"users/every field comes back", "users/an id is one user's"},
		},
		"the id of who was deleted is made again": {
			defective(func(s numbered) ender { return highestID{s} }), []string{"users/an id is never used again"},
		},
		"a made id is counted": {
			defective(func(s numbered) ender { return &countedID{numbered: s} }), []string{"users/an id is never used again"},
		},
		"ids are made before": {
			defective(func(s numbered) ender { return idBefore{s, new(crowd)} }), []string{"users/contention: create many"},
		},
		"made ids are numbers": {
			defective(func(s numbered) ender { return parsedID{s} }), []string{"users/ids and addresses are compared exactly"},
		},
		"made ids are numbers to delete": {
			defective(func(s numbered) ender { return deletedNumber{s} }), []string{"users/ids and addresses are compared exactly"},
		},
		"the id that was not kept finds, too": {
			defective(func(s numbered) ender { return &alsoAsked{numbered: s, asked: map[string]string{}} }),
			[]string{"users/an id is one user's"},
		},
		"some ids are kept, and others made if they are taken": {
			defective(func(s numbered) ender { return keptNumbers{s} }), []string{"users/an id is one user's"},
		},
		"users with made ids are made in two parts": {
			defective(func(s numbered) ender { return halfMade{s} }), []string{"users/cancellation: whole operations only"},
		},
		"users are listed by number": {
			defective(func(s numbered) ender { return listedByNumber{s} }),
			[]string{"user list/in the order of the ids' bytes", "user list/pages"},
		},
		"ids are made from one again after a restart": {
			func() storetest.Harness {
				s := newNumbered()
				h := harness(s)
				h.Reopen = func(t *testing.T) jeton.Store {
					t.Helper()
					list, err := s.ListUsers(t.Context(), "", jeton.MaxUserPage)
					if err != nil {
						t.Fatal(err)
					}
					s.last.Store(int64(len(list)))
					return s
				}
				return h
			},
			[]string{"store/what was acknowledged survives"},
		},
		"users who get a taken id get another": {
			over(func(s *gated) ender { return insteadOfTaken{s} }),
			[]string{"users/an id is unique", "users/an id is one user's", "users/contention: create with one id"},
		},
	}
	for name, d := range userDefects(overNumbered) {
		if name != "ids of users in lower case" { // those of numbers are the same
			all[name+", and ids are made"] = d
		}
	}
	return all
}

// defective returns the harness of a store with ids of its own that wrap has made defective.
func defective(wrap func(sound numbered) ender) func() storetest.Harness {
	return func() storetest.Harness { return harness(wrap(newNumbered())) }
}

type untoldID struct{ numbered }

func (s untoldID) CreateUser(ctx context.Context, u *jeton.User) error {
	return s.numbered.CreateUser(ctx, u.Clone())
}

type highestID struct{ numbered }

func (s highestID) CreateUser(ctx context.Context, u *jeton.User) error {
	for {
		list, err := s.ListUsers(ctx, "", jeton.MaxUserPage)
		if err != nil {
			return err
		}
		highest := 0
		for _, other := range list {
			if n, err := strconv.Atoi(other.ID); err == nil {
				highest = max(highest, n)
			}
		}
		if err := createAs(ctx, s.sound, u, strconv.Itoa(highest+1)); !errors.Is(err, jeton.ErrConflict) {
			return err
		}
	}
}

type countedID struct {
	numbered
	users atomic.Int64
}

func (s *countedID) CreateUser(ctx context.Context, u *jeton.User) error {
	return createAs(ctx, s.sound, u, strconv.FormatInt(s.users.Add(1), 10))
}

func (s *countedID) DeleteUser(ctx context.Context, id string) error {
	s.users.Add(-1)
	return s.numbered.DeleteUser(ctx, id)
}

type idBefore struct {
	numbered
	*crowd
}

func (s idBefore) CreateUser(ctx context.Context, u *jeton.User) error {
	next := s.last.Load() + 1
	s.gather()
	defer s.last.Store(next)
	return createAs(ctx, s.sound, u, strconv.FormatInt(next, 10))
}

// number is the id that a database finds if it takes text for a number.
func number(id string) string {
	n, err := strconv.Atoi(strings.TrimSpace(id))
	if err != nil {
		return id
	}
	return strconv.Itoa(n)
}

type parsedID struct{ numbered }

func (s parsedID) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	return s.numbered.UserByID(ctx, number(id))
}

type deletedNumber struct{ numbered }

func (s deletedNumber) DeleteUser(ctx context.Context, id string) error {
	return s.numbered.DeleteUser(ctx, number(id))
}

type alsoAsked struct {
	numbered
	asked map[string]string
}

func (s *alsoAsked) CreateUser(ctx context.Context, u *jeton.User) error {
	asked := u.ID
	err := s.numbered.CreateUser(ctx, u)
	if err == nil {
		s.asked[asked] = u.ID
	}
	return err
}

func (s *alsoAsked) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	if made, ok := s.asked[id]; ok {
		id = made
	}
	return s.numbered.UserByID(ctx, id)
}

type keptNumbers struct{ numbered }

func (s keptNumbers) CreateUser(ctx context.Context, u *jeton.User) error {
	if _, err := strconv.Atoi(u.ID); err != nil {
		return s.numbered.CreateUser(ctx, u)
	}
	err := s.sound.CreateUser(ctx, u)
	if errors.Is(err, jeton.ErrConflict) {
		err = s.numbered.CreateUser(ctx, u)
	}
	return err
}

type halfMade struct{ numbered }

func (s halfMade) CreateUser(ctx context.Context, u *jeton.User) error {
	half := u.Clone()
	half.Name = ""
	if err := s.numbered.CreateUser(ctx, half); err != nil {
		return err
	}
	_, err := s.UpdateUser(ctx, half.ID, jeton.UserChange{Name: &u.Name, UpdatedAt: u.UpdatedAt})
	if err == nil {
		u.ID = half.ID
	}
	return err
}

type listedByNumber struct{ numbered }

func (s listedByNumber) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	list, err := s.numbered.ListUsers(ctx, "", jeton.MaxUserPage)
	if err != nil {
		return nil, err
	}
	n := func(id string) int {
		n, err := strconv.Atoi(id)
		if err != nil {
			return 0
		}
		return n
	}
	slices.SortFunc(list, func(a, b *jeton.User) int { return n(a.ID) - n(b.ID) })
	list = slices.DeleteFunc(list, func(u *jeton.User) bool { return n(u.ID) <= n(after) })
	return list[:min(limit, len(list))], nil
}

type insteadOfTaken struct{ *gated }

func (s insteadOfTaken) CreateUser(ctx context.Context, u *jeton.User) error {
	err := s.gated.CreateUser(ctx, u)
	if errors.Is(err, jeton.ErrConflict) {
		return createAs(ctx, s.gated, u, u.ID+"2"+u.EmailKey)
	}
	return err
}
