package revoke_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

// blackList is a file of revocations in a bubble, whose time the test sets.
type blackList struct {
	t    *testing.T
	path string
}

// write replaces the file's text in place; its time is now.
func (b blackList) write(text string) {
	b.t.Helper()
	if err := os.WriteFile(b.path, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.touch(time.Now())
}

func (b blackList) touch(at time.Time) {
	b.t.Helper()
	if err := os.Chtimes(b.path, at, at); err != nil {
		b.t.Fatal(err)
	}
}

// inBubble runs test with a file that has text and was written an hour ago.
func inBubble(t *testing.T, text string, test func(b blackList, f *revoke.File)) {
	t.Helper()
	t.Parallel()
	path := filepath.Join(t.TempDir(), "revoked")
	synctest.Test(t, func(t *testing.T) {
		b := blackList{t, path}
		b.write(text)
		b.touch(time.Now().Add(-time.Hour))
		f, err := revoke.NewFile(revoke.FileConfig{Path: path, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		test(b, f)
	})
}

// revoked asks about a token with the id "jti-1" of the session "sid-1".
func revoked(t *testing.T, f *revoke.File) bool {
	t.Helper()
	got, err := f.Revoked(t.Context(), revoke.Token{Raw: "head.body.signature", ID: "jti-1", Session: "sid-1"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestFileLines(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want bool
		n    int
	}{
		"empty":                     {"", false, 0},
		"token id":                  {"jti-1\n", true, 1},
		"session":                   {"sid-1\n", true, 1},
		"token":                     {"head.body.signature\n", true, 1},
		"token, other signature":    {"head.body.other\n", true, 1},
		"token, other body":         {"head.bodY.signature\n", false, 1},
		"token without a signature": {"head.body\n", false, 1},
		"among others":              {"a\nb\njti-1\nc\n", true, 4},
		"Windows":                   {"a\r\njti-1\r\n", true, 2},
		"white space around":        {"  jti-1\t\n", true, 1},
		"white space inside":        {"jti-1 x\n", false, 1},
		"comment":                   {"# jti-1\n#sid-1\n", false, 0},
		"blank lines":               {"\n\n \n", false, 0},
		"no end of line":            {"jti-1", false, 0},
		"last line without end":     {"a\njti-1", false, 1},
		"a prefix of it":            {"jti-\n", false, 1},
		"other case":                {"JTI-1\n", false, 1},
		"twice":                     {"jti-1\njti-1\n", true, 1},
		"a BOM":                     {"\ufeffjti-1\nsid-1\n", true, 2},
		"NUL":                       {"jti-1\x00\n", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, tt.text, func(b blackList, f *revoke.File) {
				t := b.t
				if got := revoked(t, f); got != tt.want || f.Len() != tt.n {
					t.Errorf("%v with %d lines, want %v with %d", got, f.Len(), tt.want, tt.n)
				}
			})
		})
	}
}

// A token without ids is not the one that an empty line would name.
func TestFileWithoutIDs(t *testing.T) {
	inBubble(t, "a\n\n", func(b blackList, f *revoke.File) {
		t := b.t
		if got, err := f.Revoked(t.Context(), revoke.Token{Raw: "x"}); got || err != nil {
			t.Errorf("%v, %v", got, err)
		}
	})
}

// Ids may have dots, and what is before the last one is no id.
func TestFileIDsWithDots(t *testing.T) {
	inBubble(t, "sid.1\njti.1.a.b\ntenant.user.1\n", func(b blackList, f *revoke.File) {
		t := b.t
		for token, want := range map[revoke.Token]bool{
			{Session: "sid.1"}: true, {Session: "sid"}: false, {ID: "jti.1.a.b"}: true, {ID: "jti.1.a"}: false,
			{ID: "tenant.user.1"}: true, {ID: "tenant.user"}: false, {Session: "tenant.user.1"}: true, {Session: "tenant.user"}: false,
			{ID: "tenant.user.2"}: false, {Raw: "tenant.user.2"}: true,
		} {
			if got, err := f.Revoked(t.Context(), token); got != want || err != nil {
				t.Errorf("%+v: %v, %v, want %v", token, got, err, want)
			}
		}
	})
}

func TestFileChanges(t *testing.T) {
	inBubble(t, "a\n", func(b blackList, f *revoke.File) {
		t := b.t
		if revoked(t, f) {
			t.Error("revoked at first")
		}
		b.write("a\njti-1\n")
		time.Sleep(400*time.Millisecond - 1)
		if revoked(t, f) {
			t.Error("the file was looked at again within 400 ms")
		}
		time.Sleep(1)
		if !revoked(t, f) {
			t.Error("the new line does not count after 400 ms")
		}
		b.write("a\nb\n")
		time.Sleep(time.Second)
		if !revoked(t, f) {
			t.Error("what the file has just lost is forgotten, though it may be half written")
		}
		time.Sleep(3 * time.Second)
		if revoked(t, f) || f.Len() != 2 {
			t.Errorf("what the file has lost still counts; %d lines", f.Len())
		}
	})
}

// A file that is written anew bit by bit never lets through what it names before and after.
func TestFileWrittenAnew(t *testing.T) {
	const text = "one\ntwo\njti-1\nthree\n"
	inBubble(t, text, func(b blackList, f *revoke.File) {
		t := b.t
		for i := range len(text) + 1 {
			b.write(text[:i])
			time.Sleep(450 * time.Millisecond)
			if !revoked(t, f) {
				t.Fatalf("let through after %d bytes", i)
			}
		}
		time.Sleep(time.Minute)
		if !revoked(t, f) || f.Len() != 4 {
			t.Errorf("%d lines in the end, want 4", f.Len())
		}
	})
}

// A line is not honoured before it is whole: "jti-1" is no end of "jti-10".
func TestFileHalfWrittenLine(t *testing.T) {
	inBubble(t, "", func(b blackList, f *revoke.File) {
		t := b.t
		for _, text := range []string{"jti-1", "jti-10", "jti-10\n"} {
			b.write(text)
			time.Sleep(450 * time.Millisecond)
			if revoked(t, f) {
				t.Fatalf("%q revokes jti-1", text)
			}
		}
	})
}

// The same time and the same size do not make it the same text, while that time is now.
func TestFileChangesWithinItsTime(t *testing.T) {
	inBubble(t, "jti-2\n", func(b blackList, f *revoke.File) {
		t := b.t
		at := time.Now()
		b.write("jti-3\n")
		b.touch(at)
		time.Sleep(450 * time.Millisecond)
		if revoked(t, f) {
			t.Fatal("revoked too early")
		}
		b.write("jti-1\n")
		b.touch(at)
		time.Sleep(450 * time.Millisecond)
		if !revoked(t, f) {
			t.Error("the change was not noticed")
		}
	})
}

// What was lost is forgotten once the file was left alone for 2 s, and at once if its time is in the future, which it would stay.
func TestWhenAFileHasSettled(t *testing.T) {
	for name, tt := range map[string]struct {
		line string
		age  time.Duration
		want bool
	}{
		"just now":           {"jti-1\n", 0, true},
		"2 s, but 1 ns":      {"jti-1\n", 2*time.Second - 1, true},
		"2 s":                {"jti-1\n", 2 * time.Second, false},
		"a token, just now":  {"head.body.signature\n", 0, true},
		"a token, 2 s":       {"head.body.signature\n", 2 * time.Second, false},
		"2 s ahead":          {"jti-1\n", -2 * time.Second, true},
		"2 s and 1 ns ahead": {"jti-1\n", -2*time.Second - 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, tt.line, func(b blackList, f *revoke.File) {
				b.write("other\n")
				time.Sleep(time.Second)
				b.touch(time.Now().Add(-tt.age))
				if got := revoked(b.t, f); got != tt.want {
					b.t.Errorf("revoked: %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// With the time and the size that it had, a file is another one or the same.
func TestFileOfAnotherSize(t *testing.T) {
	inBubble(t, "jti-2\n", func(b blackList, f *revoke.File) {
		t := b.t
		before, err := os.Stat(b.path)
		if err != nil {
			t.Fatal(err)
		}
		b.write("jti-2\njti-1\n")
		b.touch(before.ModTime())
		time.Sleep(400 * time.Millisecond)
		if !revoked(t, f) {
			t.Error("the longer file of the same time was not noticed")
		}
	})
}

func TestFileReplaced(t *testing.T) {
	inBubble(t, "jti-2\n", func(b blackList, f *revoke.File) {
		t := b.t
		old, err := os.Stat(b.path)
		if err != nil {
			t.Fatal(err)
		}
		other := blackList{t, b.path + ".new"}
		other.write("jti-1\n")
		other.touch(old.ModTime())
		if err := os.Rename(other.path, b.path); err != nil {
			t.Fatal(err)
		}
		time.Sleep(401 * time.Millisecond)
		if !revoked(t, f) {
			t.Error("the other file of the same size and time was not noticed")
		}
	})
}

func TestFileAway(t *testing.T) {
	inBubble(t, "jti-1\n", func(b blackList, f *revoke.File) {
		t := b.t
		if err := os.Rename(b.path, b.path+".away"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Second)
		if !revoked(t, f) {
			t.Error("forgotten while the file is away")
		}
		time.Sleep(2 * time.Second)
		for _, token := range []revoke.Token{{ID: "jti-1"}, {ID: "other"}} {
			if got, err := f.Revoked(t.Context(), token); got || !errors.Is(err, revoke.ErrStale) {
				t.Errorf("after more than MaxStaleness: %v, %v", got, err)
			}
		}
		if err := os.Rename(b.path+".away", b.path); err != nil {
			t.Fatal(err)
		}
		time.Sleep(401 * time.Millisecond)
		if !revoked(t, f) {
			t.Error("not read again")
		}
	})
}

// The last good answer counts for MaxStaleness, and the log says when the file goes away and when it is back, once each.
func TestFileAwayForLong(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "revoked")
	synctest.Test(t, func(t *testing.T) {
		b := blackList{t, path}
		b.write("jti-1\n")
		var log strings.Builder
		f, err := revoke.NewFile(revoke.FileConfig{
			Path: path, MaxStaleness: 3 * time.Second, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := os.Rename(path, path+".away"); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				time.Sleep(time.Second)
				if !revoked(t, f) {
					t.Error("forgotten within MaxStaleness")
				}
			}
			time.Sleep(1)
			if got, err := f.Revoked(t.Context(), revoke.Token{ID: "jti-1"}); got || !errors.Is(err, revoke.ErrStale) {
				t.Errorf("after MaxStaleness: %v, %v", got, err)
			}
			if err := os.Rename(path+".away", path); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				time.Sleep(400 * time.Millisecond)
				if !revoked(t, f) {
					t.Error("not read again")
				}
			}
		}
		for line, want := range map[string]int{"level=ERROR": 2, "cannot be read": 2, "level=INFO": 2, "can be read again": 2, "\n": 4} {
			if n := strings.Count(log.String(), line); n != want {
				t.Errorf("%q %d times, want %d: %s", line, n, want, &log)
			}
		}
	})
}

func TestNewFileSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, cfg := range map[string]revoke.FileConfig{
		"FileConfig.Path: must not be empty": {},
		"FileConfig.Path: stat":              {Path: filepath.Join(dir, "absent")},
		"is a directory":                     {Path: dir},
		"FileConfig.MaxStaleness":            {Path: dir, MaxStaleness: -1},
	} {
		if f, err := revoke.NewFile(cfg); f != nil || err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFileConcurrently(t *testing.T) {
	t.Parallel()
	b := blackList{t, filepath.Join(t.TempDir(), "revoked")}
	b.write("jti-1\n")
	f, err := revoke.NewFile(revoke.FileConfig{Path: b.path})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 900*time.Millisecond)
	defer stop()
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for ctx.Err() == nil {
				if got, err := f.Revoked(ctx, revoke.Token{ID: "jti-1"}); !got || err != nil {
					t.Errorf("%v, %v", got, err)
					return
				}
			}
		})
	}
	for i := 0; ctx.Err() == nil; i++ {
		b.write(fmt.Sprintf("jti-1\n%d\n", i))
	}
	work.Wait()
}

func ExampleFile() {
	path := filepath.Join(os.TempDir(), fmt.Sprint("revoked-", os.Getpid()))
	defer func() { _ = os.Remove(path) }()
	if err := os.WriteFile(path, []byte("# lost laptop\nsession-7\n"), 0o600); err != nil {
		panic(err)
	}

	file, err := revoke.NewFile(revoke.FileConfig{Path: path})
	if err != nil {
		panic(err)
	}
	revoked, err := file.Revoked(context.Background(), revoke.Token{ID: "token-1", Session: "session-7"})
	fmt.Println(revoked, err)
	// Output: true <nil>
}

// A file that cannot be read is not looked at for each question.
func TestABadFileIsLookedAtNowAndThen(t *testing.T) {
	inBubble(t, "jti-1\n", func(b blackList, f *revoke.File) {
		t := b.t
		if err := os.Remove(b.path); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if !revoked(t, f) {
			t.Error("forgotten while the file is away")
		}
		b.write("other\n")
		b.touch(time.Now().Add(-time.Hour))
		time.Sleep(300 * time.Millisecond)
		if !revoked(t, f) {
			t.Error("the file was looked at again within 400 ms")
		}
		time.Sleep(100 * time.Millisecond)
		if revoked(t, f) {
			t.Error("the file was not looked at again")
		}
	})
}
