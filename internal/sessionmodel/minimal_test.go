package sessionmodel_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/sessionmodel"
	"github.com/jetonauth/jeton/store/memory"
)

// listener is a test that hears what it is told about a failure, and does not fail.
type listener struct {
	*testing.T
	said   []string
	failed bool
}

func (l *listener) Logf(format string, args ...any) {
	l.said = append(l.said, fmt.Sprintf(format, args...))
}

func (l *listener) Errorf(format string, args ...any) {
	l.failed = true
	l.Logf(format, args...)
}

func (l *listener) Failed() bool { return l.failed }

func (l *listener) FailNow() {}

// What is reported of a defect is the few operations that show it, and the seed.
func TestReportIsMinimal(t *testing.T) {
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		t.Fatal(err)
	}
	l := &listener{T: t}
	rapid.Check(l, func(t *rapid.T) {
		sessionmodel.Run(t, sessionmodel.Subject{Stores: []jeton.Store{silent{memory.New()}}})
	})
	operations := 0
	for _, line := range l.said {
		if strings.Contains(line, "draw operation") {
			operations++
		}
	}
	report := strings.Join(l.said, "\n")
	if !l.failed || operations == 0 || operations > 4 || !strings.Contains(report, "-rapid.seed=") {
		t.Errorf("%d operations are reported:\n%s", operations, report)
	}
	t.Log(report)
}
