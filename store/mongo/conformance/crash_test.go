package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/mongo"
)

// victimVariable tells a process of its own what to do: the URI, the database, which command it does not live to send, and the deed.
const victimVariable = "JETON_MONGO_VICTIM"

// user is whose sessions are ended.
const user = "ada"

var began = time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)

func everywhere() jeton.Ending {
	return jeton.Ending{UserID: user, At: began.Add(time.Minute), Reason: "everywhere", RevokeUntil: 5 * time.Minute}
}

// deed is something that a process does not live to finish.
type deed string

const (
	endSessions    deed = "end all sessions of the user"
	addSessions    deed = "add sessions"
	addRevocations deed = "add revocations"
)

func (d deed) do(ctx context.Context, s *mongo.Store) error {
	switch d {
	case addSessions:
		return s.AddSessions(ctx, copiedSessions())
	case addRevocations:
		return s.AddRevocations(ctx, copiedEntries(), copiedLast)
	default:
		_, err := s.EndSessions(ctx, everywhere())
		return err
	}
}

// doAndDie does a deed, and is killed before it sends the n-th command for that.
func doAndDie(victim string) {
	parts := strings.SplitN(victim, " ", 4)
	n, err := strconv.ParseInt(parts[2], 10, 64)
	var sent atomic.Int64
	monitor := &event.CommandMonitor{Started: func(context.Context, *event.CommandStartedEvent) {
		if sent.Add(1) != n {
			return
		}
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	}}
	client, connectErr := driver.Connect(options.Client().ApplyURI(parts[0]).SetMonitor(monitor).SetTimeout(patience))
	if err = errors.Join(err, connectErr); err == nil {
		err = deed(parts[3]).do(context.Background(), mongo.New(client.Database(parts[1])))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// kill lets a process do a deed and die before its n-th command, and reports whether it did die.
func kill(t *testing.T, name string, n int, d deed) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(ctx, self)
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d %s", victimVariable, serverURI, name, n, d))
	output, err := child.CombinedOutput()
	if err == nil {
		return false
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Exited() && exit.ExitCode() == 1 {
		t.Fatalf("%v: %s", err, output)
	}
	return true
}

// threeSessions makes sessions of the user: two with access tokens that live, and one without.
func threeSessions(t *testing.T, s *mongo.Store) {
	t.Helper()
	for i, access := range []time.Duration{15 * time.Minute, time.Hour, -time.Hour} {
		session := &jeton.Session{
			ID: fmt.Sprint("session", i), UserID: user, IdleUntil: began.Add(24 * time.Hour), ExpiresAt: began.Add(48 * time.Hour),
			AccessUntil: began.Add(access),
		}
		if err := s.CreateSession(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
}

// wantRevoked fails the test unless the feed has exactly the entries of the sessions with access tokens that live.
func wantRevoked(t *testing.T, s *mongo.Store, after string) {
	t.Helper()
	entries, err := s.Revocations(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	want := map[revoke.ID]time.Time{
		revoke.IDOf("session0"): began.Add(20 * time.Minute),
		revoke.IDOf("session1"): began.Add(65 * time.Minute),
	}
	if len(entries) != len(want) {
		t.Errorf("%s there are %d entries, want %d", after, len(entries), len(want))
	}
	for _, entry := range entries {
		if until := want[entry.ID]; !entry.ExpiresAt.Equal(until) {
			t.Errorf("%s entry %d is %x until %v, want %v", after, entry.Number, entry.ID[:4], entry.ExpiresAt, until)
		}
	}
}

// wantEnded fails the test unless every session has ended and is revoked as it should be.
func wantEnded(t *testing.T, s *mongo.Store, after string) {
	t.Helper()
	live, err := s.SessionsByUser(t.Context(), user, began)
	if err != nil || len(live) > 0 {
		t.Errorf("%s sessions %v live, error %v", after, live, err)
	}
	wantRevoked(t, s, after)
}

// A process is killed before each of the commands that end sessions, in turn. What has been left out is made good by whoever ends them again, before
// that is acknowledged, and by pruning.
func TestKilledWhileEndingSessions(t *testing.T) {
	t.Parallel()
	repairs := map[string]func(s *mongo.Store) error{
		"ended again": func(s *mongo.Store) error {
			_, err := s.EndSessions(context.Background(), everywhere())
			return err
		},
		"ended again, one by one": func(s *mongo.Store) error {
			var errs []error
			for i := range 3 {
				e := everywhere()
				e.SessionID = fmt.Sprint("session", i)
				_, err := s.EndSessions(context.Background(), e)
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		},
		"pruned": func(s *mongo.Store) error {
			_, err := s.Prune(context.Background(), began)
			return err
		},
	}
	for repair, do := range repairs {
		t.Run(repair, func(t *testing.T) {
			t.Parallel()
			marked := 0 // how often there was something to make good
			for n := 1; ; n++ {
				name := newDatabase()
				s := open(t, name)
				threeSessions(t, s)
				if !kill(t, name, n, endSessions) {
					wantEnded(t, s, "undisturbed,")
					break
				}
				after := fmt.Sprintf("killed before command %d, %s,", n, repair)
				live, err := s.SessionsByUser(t.Context(), user, began)
				if err != nil || len(live) != 0 && len(live) != 3 {
					t.Errorf("%s %d sessions live, error %v", after, len(live), err)
				}
				if err := do(s); err != nil {
					t.Errorf("%s error %v", after, err)
				}
				if repair == "pruned" && len(live) > 0 {
					continue // nothing had begun
				}
				marked++
				wantEnded(t, s, after)
				if _, err := s.Prune(t.Context(), began); err != nil {
					t.Error(err)
				}
				wantRevoked(t, s, after+" and pruned once more,")
			}
			if marked < 6 {
				t.Errorf("only %d crashes had something to make good", marked)
			}
		})
	}
}

// What a crash has left out is not pruned away before it is made good.
func TestPruneKeepsWhatIsMissing(t *testing.T) {
	t.Parallel()
	name := newDatabase()
	s := open(t, name)
	threeSessions(t, s)
	if !kill(t, name, 3, endSessions) {
		t.Fatal("the process was not killed")
	}
	if entries, err := s.Revocations(t.Context(), 0, 10); err != nil || len(entries) > 0 {
		t.Fatalf("entries %v, error %v", entries, err)
	}
	// The access tokens of session0 have expired, and its revocation has not.
	if n, err := s.Prune(t.Context(), began.Add(16*time.Minute)); err != nil || n != 2 {
		t.Errorf("%d documents were pruned, want the sessions 0 and 2; error %v", n, err)
	}
	wantRevoked(t, s, "pruned,")
	var left []bool
	for i := range 3 {
		_, err := s.SessionByID(t.Context(), fmt.Sprint("session", i))
		left = append(left, err == nil)
	}
	if !slices.Equal(left, []bool{false, true, false}) {
		t.Errorf("sessions that are left: %v", left)
	}
}

// A node that is slow to insert the revocations of the sessions that it has ended finds that another one has done so, and returns them as its own.
func TestHelpedByAnotherNode(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, at := range []string{"find jeton_sessions", "insert jeton_revocations"} {
		name := newDatabase()
		s := open(t, name)
		threeSessions(t, s)
		command, collection, _ := strings.Cut(at, " ")
		monitor, reached, release := hold(command, collection)
		slow := mongo.New(connect(t, name, monitor))
		t.Cleanup(release)
		made := make(chan []revoke.Entry, 1)
		go func() {
			entries, err := slow.EndSessions(ctx, everywhere())
			if err != nil {
				t.Error(err)
			}
			made <- entries
		}()
		<-reached
		helped, err := s.EndSessions(ctx, everywhere())
		if err != nil || len(helped) > 0 {
			t.Errorf("held before %s: another node has made entries %v of its own, error %v", at, helped, err)
		}
		wantEnded(t, s, "held before "+at+", ended again,")
		release()
		entries := <-made
		inFeed, err := s.Revocations(ctx, 0, 100)
		if err != nil || !slices.Equal(entries, inFeed) {
			t.Errorf("held before %s: entries %v are returned, error %v, want %v", at, entries, err, inFeed)
		}
		wantEnded(t, s, "held before "+at+", released,")
	}
}
