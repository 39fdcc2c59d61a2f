package storetest_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton/store/memory"
	"github.com/jetonauth/jeton/store/storetest"
)

// defect is a store that is sound but for one thing, and the subtests that must find it.
type defect struct {
	harness func() storetest.Harness
	found   []string
}

// over returns the harness of a sound store that wrap has made defective.
func over(wrap func(sound *gated) ender) func() storetest.Harness {
	return func() storetest.Harness { return harness(wrap(&gated{full: memory.New()})) }
}

func defects() map[string]defect {
	all := map[string]defect{}
	for _, some := range []map[string]defect{
		userDefects(over), userIDDefects(), sessionDefects(), endingDefects(), revocationDefects(), keyDefects(), harnessDefects(),
		clientDefects(), userListDefects(), limitDefects(), importDefects(), copyDefects(), copiedNumberDefects(),
	} {
		maps.Copy(all, some)
	}
	return all
}

// crowd is where the callers of a store that looks first and writes then meet in between.
type crowd struct{ inside atomic.Int32 }

// gather waits for a second caller, though not for long: perhaps there is none.
func (c *crowd) gather() {
	c.inside.Add(1)
	defer c.inside.Add(-1)
	limit, pause := time.NewTimer(10*time.Millisecond), time.NewTicker(100*time.Microsecond)
	defer limit.Stop()
	defer pause.Stop()
	for c.inside.Load() < 2 {
		select {
		case <-pause.C:
		case <-limit.C:
			return
		}
	}
}

// defectVariable names the defect that a child process is to run the suite over.
const defectVariable = "JETON_STORETEST_DEFECT"

// TestDefectsAreFound runs the suite over stores of which each has one defect, in processes of their own, and wants it to
// fail in the subtests that are about it.
func TestDefectsAreFound(t *testing.T) {
	t.Parallel()
	if name := os.Getenv(defectVariable); name != "" {
		storetest.Run(t, func(*testing.T) storetest.Harness { return defects()[name].harness() })
		return
	}
	for name, d := range defects() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := failures(t, name, d.found)
			for _, want := range d.found {
				if !failed[want] {
					t.Errorf("%q did not fail; failed: %v", want, failed)
				}
			}
		})
	}
}

var failure = regexp.MustCompile(`--- FAIL: TestDefectsAreFound/(\S+)`)

// failures runs some subtests over a defective store, and perhaps a few more, and returns the names of those that fail.
func failures(t *testing.T, defect string, subtests []string) map[string]bool {
	t.Helper()
	var suites, names []string
	for _, subtest := range subtests {
		suite, name, _ := strings.Cut(subtest, "/")
		suites, names = append(suites, suite), append(names, regexp.QuoteMeta(strings.ReplaceAll(name, " ", "_")))
	}
	pattern := fmt.Sprintf("^TestDefectsAreFound$/^(%s)$/^(%s)$", strings.Join(suites, "|"), strings.Join(names, "|"))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(ctx, self, "-test.run="+pattern, "-test.count=1")
	child.Env = append(os.Environ(), defectVariable+"="+defect)
	output, err := child.CombinedOutput()
	if err == nil || ctx.Err() != nil {
		t.Fatalf("the suite passed, or took too long (%v):\n%s", ctx.Err(), output)
	}
	failed := map[string]bool{}
	for _, match := range failure.FindAllSubmatch(output, -1) {
		failed[strings.ReplaceAll(string(match[1]), "_", " ")] = true
	}
	if len(failed) == 0 {
		t.Fatalf("no subtest failed (%v):\n%s", err, output)
	}
	return failed
}
