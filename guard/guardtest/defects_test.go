package guardtest_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/guard/guardtest"
)

// defect makes a sound adapter a defective one, and names the scenarios that must find it.
type defect struct {
	make  func(a *adapter)
	found []string
}

func defects() map[string]defect {
	all := map[string]defect{}
	for _, some := range []map[string]defect{judgingDefects(), carrierDefects(), answerDefects(), sharingDefects()} {
		maps.Copy(all, some)
	}
	return all
}

// defectVariable names the defect that a child process is to run the suite over.
const defectVariable = "JETON_GUARDTEST_DEFECT"

// TestDefectsAreFound runs the suite over adapters of which each has one defect, in processes of their own, and wants it to fail in
// the scenarios that are about it.
func TestDefectsAreFound(t *testing.T) {
	t.Parallel()
	if name := os.Getenv(defectVariable); name != "" {
		a := sound()
		defects()[name].make(a)
		guardtest.Run(t, a.harness())
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

// failures runs some scenarios over a defective adapter and returns the names of those that fail.
func failures(t *testing.T, defect string, scenarios []string) map[string]bool {
	t.Helper()
	var names []string
	for _, name := range scenarios {
		names = append(names, regexp.QuoteMeta(strings.ReplaceAll(name, " ", "_")))
	}
	pattern := fmt.Sprintf("^TestDefectsAreFound$/^(%s)$", strings.Join(names, "|"))
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
		t.Fatalf("no scenario failed (%v):\n%s", err, output)
	}
	return failed
}
