package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/mongo"
)

// copiedLast is the last number of the store that copiedEntries come from.
const copiedLast = 60

func copiedEntries() []revoke.Entry {
	var entries []revoke.Entry
	for _, number := range []uint64{5, 20, 41} {
		entries = append(entries, revoke.Entry{
			Number: number, ID: revoke.IDOf(fmt.Sprint("copied", number)), ExpiresAt: began.Add(24 * time.Hour),
		})
	}
	return entries
}

// copiedSessions are in the reverse order of their ids.
func copiedSessions() []*jeton.Session {
	var sessions []*jeton.Session
	for _, id := range []string{"s5", "s3", "s1"} {
		sessions = append(sessions, &jeton.Session{ID: id, UserID: user, ExpiresAt: began.Add(24 * time.Hour)})
	}
	return sessions
}

func ids(t *testing.T, s *mongo.Store) (ids []string) {
	t.Helper()
	sessions, err := s.ListSessions(t.Context(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, session := range sessions {
		ids = append(ids, session.ID)
	}
	return ids
}

func numbers(t *testing.T, s *mongo.Store) (numbers []uint64) {
	t.Helper()
	entries, err := s.Revocations(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		numbers = append(numbers, entry.Number)
	}
	return numbers
}

// interrupt holds a store up before it inserts into a collection, does something else meanwhile, and returns the error of the deed.
func interrupt(t *testing.T, name, collection string, d deed, meanwhile func()) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	monitor, reached, release := hold("insert", collection)
	slow := mongo.New(connect(t, name, monitor))
	t.Cleanup(release)
	done := make(chan error, 1)
	go func() { done <- d.do(ctx, slow) }()
	select {
	case <-reached:
	case err := <-done:
		t.Fatalf("nothing was inserted: error %v", err)
	}
	meanwhile()
	release()
	return <-done
}

// Of two who add the same session at once, the one who comes later removes what it has added before, and nothing of the other one's.
func TestAddingSessionsIsUndone(t *testing.T) {
	t.Parallel()
	for _, taken := range []string{"s1", "s3", "s5"} {
		name := newDatabase()
		s := open(t, name)
		err := interrupt(t, name, "jeton_sessions", addSessions, func() {
			if err := s.AddSessions(t.Context(), []*jeton.Session{{ID: taken, UserID: "other"}}); err != nil {
				t.Error(err)
			}
		})
		if !errors.Is(err, jeton.ErrConflict) {
			t.Errorf("%s was taken: error is %v", taken, err)
		}
		if left := ids(t, s); !slices.Equal(left, []string{taken}) {
			t.Errorf("%s was taken: there are %v", taken, left)
		}
		if session, err := s.SessionByID(t.Context(), taken); err != nil || session.UserID != "other" {
			t.Errorf("%s was taken: it is %v, error %v", taken, session, err)
		}
	}
}

func TestAddingRevocationsIsUndone(t *testing.T) {
	t.Parallel()
	for _, taken := range []uint64{5, 20, 41} {
		name := newDatabase()
		s := open(t, name)
		err := interrupt(t, name, "jeton_revocations", addRevocations, func() {
			_, err := s.Database().Collection("jeton_revocations").InsertOne(t.Context(), bson.M{
				"_id": int64(taken), "once": "another", "expires_at": began,
			})
			if err != nil {
				t.Error(err)
			}
		})
		if !errors.Is(err, jeton.ErrConflict) {
			t.Errorf("%d was taken: error is %v", taken, err)
		}
		if left := numbers(t, s); !slices.Equal(left, []uint64{taken}) {
			t.Errorf("%d was taken: there are %v", taken, left)
		}
	}
}

// A node that revokes between the look for taken numbers and the insertion gets a number above all of those that are added.
func TestRevokedWhileRevocationsAreAdded(t *testing.T) {
	t.Parallel()
	name := newDatabase()
	s := open(t, name)
	if _, err := s.RevokeToken(t.Context(), revoke.IDOf("before"), began.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	err := interrupt(t, name, "jeton_revocations", addRevocations, func() {
		entry, err := s.RevokeToken(t.Context(), revoke.IDOf("meanwhile"), began.Add(time.Hour))
		if err != nil || entry.Number != copiedLast+1 {
			t.Errorf("meanwhile entry %d was inserted, error %v, want %d", entry.Number, err, copiedLast+1)
		}
	})
	if err != nil {
		t.Error(err)
	}
	if got, want := numbers(t, s), []uint64{1, 5, 20, 41, copiedLast + 1}; !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
}

// A process is killed before each of the commands that add sessions or revocations, in turn. Whoever tries again can add them, and numbers are not
// given that belong to them.
func TestKilledWhileAdding(t *testing.T) {
	t.Parallel()
	for _, d := range []deed{addSessions, addRevocations} {
		crashes := 0
		for n := 1; ; n++ {
			name := newDatabase()
			s := open(t, name)
			if !kill(t, name, n, d) {
				break
			}
			crashes++
			if left, entries := ids(t, s), numbers(t, s); len(left) > 0 || len(entries) > 0 {
				t.Errorf("killed before command %d to %s: sessions %v and entries %v are there", n, d, left, entries)
			}
			if err := d.do(t.Context(), mongo.New(connect(t, name, nil))); err != nil {
				t.Errorf("killed before command %d to %s: error %v when it is done again", n, d, err)
			}
			if d == addSessions {
				if all := ids(t, s); !slices.Equal(all, []string{"s1", "s3", "s5"}) {
					t.Errorf("killed before command %d to %s: sessions %v are there in the end", n, d, all)
				}
				continue
			}
			next, err := s.RevokeToken(t.Context(), revoke.IDOf("next"), began.Add(time.Hour))
			if err != nil || next.Number != copiedLast+1 {
				t.Errorf("killed before command %d to %s: the next entry is %d, error %v, want %d", n, d, next.Number, err, copiedLast+1)
			}
		}
		if crashes < 2 {
			t.Errorf("only %d crashes of a process that was to %s", crashes, d)
		}
	}
}

// What is read out has the revocations that a crash has left out.
func TestCopyingMakesGoodWhatIsMissing(t *testing.T) {
	t.Parallel()
	for what, read := range map[string]func(ctx context.Context, s *mongo.Store) error{
		"sessions": func(ctx context.Context, s *mongo.Store) error {
			_, err := s.ListSessions(ctx, "", 10)
			return err
		},
		"the last number": func(ctx context.Context, s *mongo.Store) error {
			last, err := s.LastRevocation(ctx)
			if err == nil && last != 2 {
				err = fmt.Errorf("it is %d", last)
			}
			return err
		},
	} {
		name := newDatabase()
		s := open(t, name)
		threeSessions(t, s)
		if !kill(t, name, 3, endSessions) {
			t.Fatal("the process was not killed")
		}
		if err := read(t.Context(), s); err != nil {
			t.Errorf("%s: error %v", what, err)
		}
		wantRevoked(t, s, "after reading "+what)
	}
}
