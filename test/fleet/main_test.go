package fleet_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

var (
	duration = flag.Duration("duration", 0, "how long the fleet is shaken and a report is printed; 0 is the short form without one")
	kills    = flag.Int("kills", 4, "how often the node over SQLite is killed")
	rounds   = flag.Int("rounds", 5, "how often many clients refresh one token at once")
	program  = flag.String("jeton", "", "the program that is tested, in place of one that is built")
)

// builds is the folder of what is built once.
var builds string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "jeton-fleet-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	builds = dir
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// jeton returns the path of the program.
func jeton(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// build builds the program, once.
var build = sync.OnceValues(func() (string, error) {
	if *program != "" {
		return filepath.Abs(*program)
	}
	path := filepath.Join(builds, "jeton")
	args := []string{"build", "-buildvcs=false", "-o", path}
	if withRace {
		args = append(args, "-race")
	}
	output, err := exec.Command("go", append(args, "github.com/jetonauth/jeton/cmd/jeton")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return path, nil
})

// What jeton promises.
const (
	within       = time.Second      // a sign-out counts on a node that reaches the database
	maxStaleness = 10 * time.Second // and on one that does not
)

// patience is how long anything else may take on a busy machine.
const patience = time.Minute
