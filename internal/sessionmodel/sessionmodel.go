// Package sessionmodel compares what [jeton.Auth] does over a store with a model of it that is small enough to be read: random
// operations on one or two nodes, at random times and at the very moments when something changes, and after each of them every
// answer, every access token and every list of sessions. A difference is reported with the shortest sequence of operations that
// shows it, and with the seed that finds it again.
//
// What must be true is in model.go, and nothing else is needed to understand a difference. The package knows no store: tests give it
// one, also one with a defect, which must be found.
package sessionmodel

import (
	"flag"
	"os"
	"strconv"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
)

// Subject is what is compared with the model.
type Subject struct {
	// Stores are over the same data, one for each node, or one for all. The data has no sessions and no users.
	Stores []jeton.Store
	// Change may alter the configuration of each service. It is for services that must differ from the model.
	Change func(*jeton.Config)
}

// batches is how many parts of a check run at once.
const batches = 2

// Check compares so many runs with the model, a tenth of them under the race detector; if the flag -rapid.checks is given, that many.
// prepare is called once for each of the parts that run at once, and what it returns before each run of that part.
//
// It sets flags of the process, so that a test that calls it must not be parallel to another one that does.
func Check(t *testing.T, runs int, prepare func(t *testing.T) func(t *rapid.T) Subject) {
	t.Helper()
	setFlag(t, "rapid.nofailfile", "true") // the seed says all
	if n := asked(); n > 0 {
		runs = n
	} else if raceDetector {
		runs /= 10
	}
	setFlag(t, "rapid.checks", strconv.Itoa((runs+batches-1)/batches))
	for i := range batches {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			next := prepare(t)
			rapid.Check(t, func(t *rapid.T) { Run(t, next(t)) })
		})
	}
}

// asked is how many runs somebody wants in place of a test's own number, or 0.
//
//nolint:gochecknoglobals // read once, before the flag is set here
var asked = sync.OnceValue(func() int {
	given := os.Getenv("RAPID_CHECKS") != ""
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		return 0
	}
	n, err := strconv.Atoi(flag.Lookup("rapid.checks").Value.String())
	if err != nil {
		return 0
	}
	return n
})

func setFlag(t *testing.T, name, value string) {
	t.Helper()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
}
