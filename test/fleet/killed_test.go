package fleet_test

import (
	"testing"
	"time"
)

// A single node that keeps everything in its own file, and is killed again and again.
func TestKilledOverSQLite(t *testing.T) {
	t.Parallel()
	n := startNode(t, "node")
	f := newFleet(t, n)
	f.shake(6, nil, func() {
		for range *kills {
			pause(t.Context(), 300*time.Millisecond+upTo(600*time.Millisecond))
			f.killFor(0, upTo(100*time.Millisecond))
		}
	})
	if n.starts != *kills+1 {
		t.Errorf("%d starts, want %d", n.starts, *kills+1)
	}
	if err := n.stop(); err != nil {
		t.Error(err)
	}
	say(t, "%s", f.report("SQLite"))
}
