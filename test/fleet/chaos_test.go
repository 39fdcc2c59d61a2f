package fleet_test

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton/internal/postgrestest"
)

// shared is a fleet over one PostgreSQL, each node of which has a link of its own to it.
type shared struct {
	*fleet

	database *postgrestest.Server
	links    []*link
}

// overPostgres starts so many nodes over a database of their own.
func overPostgres(t *testing.T, nodes int, parameters ...string) *shared {
	t.Helper()
	s := &shared{database: postgrestest.New(t)}
	var all []*node
	for i := range nodes {
		l := newLink(t, "unix", filepath.Join(s.database.Dir(), ".s.PGSQL.5432"))
		s.links = append(s.links, l)
		url := "postgres://postgres@" + l.at() + "/postgres?sslmode=disable"
		for pair := range slices.Chunk(parameters, 2) {
			url += "&" + pair[0] + "=" + pair[1]
		}
		all = append(all, startNode(t, fmt.Sprint("node ", i+1), "JETON_DATABASE="+url))
	}
	s.fleet = newFleet(t, all...)
	s.operator = newNode(t, "operator", "JETON_DATABASE="+s.database.DSN(t, "postgres"))
	return s
}

// pinger returns what asks the database something that takes no time. Only one goroutine may use it.
func (s *shared) pinger() func(context.Context) error {
	var conn *pgx.Conn
	dsn := s.database.DSN(s.t, "postgres")
	return func(ctx context.Context) (err error) {
		if conn == nil || conn.IsClosed() {
			if conn, err = pgx.Connect(ctx, dsn); err != nil {
				return err
			}
		}
		_, err = conn.Exec(ctx, "SELECT 1")
		return err
	}
}

// cut cuts a node off from the database for a while, by reset connections or by silence. It returns when the node is ready.
func (s *shared) cut(i int, d time.Duration, silently bool) {
	began := time.Now()
	over := s.outage(i)
	how := "connections reset"
	if silently {
		how = "packets dropped"
		s.links[i].silence()
	} else {
		s.links[i].cut()
	}
	pause(s.t.Context(), d)
	s.links[i].mend()
	took := over()
	s.tally.note(began, fmt.Sprintf("%s: cut off from the database for %v (%s); ready %v after the end of it",
		s.nodes[i].name, d, how, took.Round(10*time.Millisecond)))
}

// restartDatabase ends the database at once, and starts it again after a while. It returns when all nodes are ready.
func (s *shared) restartDatabase(d time.Duration) {
	began := time.Now()
	over := s.outage(s.every()...)
	if err := s.database.Crash(); err != nil {
		s.broken("%v", err)
	}
	pause(s.t.Context(), d)
	if err := s.database.Restart(); err != nil {
		s.broken("%v", err)
	}
	took := over()
	s.tally.note(began, fmt.Sprintf("PostgreSQL: SIGQUIT, and started again after %v; all nodes are ready %v after that",
		d, took.Round(10*time.Millisecond)))
}

// step is something that is done to the fleet, at a time.
type step struct {
	at time.Duration
	do func()
}

// play does what a script says, each step when it is time, and returns when all have come to their end.
func (s *shared) play(steps []step) {
	var work sync.WaitGroup
	began := time.Now()
	for _, one := range slices.SortedFunc(slices.Values(steps), func(a, b step) int { return cmp.Compare(a.at, b.at) }) {
		if !pause(s.t.Context(), time.Until(began.Add(one.at))) {
			break
		}
		work.Go(one.do)
	}
	work.Wait()
}

// rotateAt is when the script of the first minute rotates the keys.
const rotateAt = 7 * time.Second

// minute is a script of a minute for three nodes; later minutes are without what is done once.
func (s *shared) minute(n int) []step {
	at := func(seconds int, do func()) step { return step{time.Duration(seconds) * time.Second, do} }
	steps := []step{
		at(3, func() { s.killFor(0, time.Second) }),
		at(8, func() { s.cut(1, 12*time.Second, false) }),
		at(13, func() { s.killFor(2, time.Second) }),
		at(30, func() { s.renew(0) }),
		at(34, func() { s.cut(2, 12*time.Second, true) }),
		at(38, func() { s.killFor(1, time.Second) }),
		at(42, func() { s.killFor(0, time.Second) }),
		at(52, func() { s.killFor(1, 0) }),
	}
	if n == 0 {
		steps = append(steps, step{rotateAt, s.rotate}, at(25, func() { s.restartDatabase(2 * time.Second) }))
	}
	return steps
}

// shakeFor has the script of a minute, or its beginning, done again and again.
func (s *shared) shakeFor(d time.Duration) {
	for n := 0; d > 0; n++ {
		began := time.Now()
		s.play(slices.DeleteFunc(s.minute(n), func(one step) bool { return one.at >= d }))
		pause(s.t.Context(), time.Until(began.Add(min(d, time.Minute))))
		d -= time.Minute
	}
}

// shakeOnce is the short form: one of each, one after another.
func (s *shared) shakeOnce() {
	pause(s.t.Context(), time.Second)
	s.killFor(0, 200*time.Millisecond)
	s.rotate()
	s.cut(1, 2*time.Second, false)
	s.cut(0, 2*time.Second, true)
	s.restartDatabase(500 * time.Millisecond)
	pause(s.t.Context(), 3*time.Second)
}

// TestFleet shakes a fleet, and checks in the end what it has promised.
func TestFleet(t *testing.T) {
	nodes, customers := 2, 6
	if *duration > 0 {
		nodes, customers = 3, 8
	}
	s := overPostgres(t, nodes)
	keys := s.keys()
	s.shake(customers, s.pinger(), func() {
		if *duration > 0 {
			s.shakeFor(*duration)
		} else {
			s.shakeOnce()
		}
	})
	now := s.keys()
	if now != keys+1 && (*duration == 0 || *duration > rotateAt) {
		s.broken("%d signing keys became %d by one rotation", keys, now)
	}
	for _, n := range s.nodes {
		if err := n.stop(); err != nil {
			s.broken("%v", err)
		}
	}
	say(t, "%s  signing keys: %d before, %d after\n", s.report("PostgreSQL"), keys, now)
}
