package fleet_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// fleet is some nodes over one database, those who use it, and what is known of both.
type fleet struct {
	t        *testing.T
	nodes    []*node
	operator *node    // runs commands; need not run itself
	outages  []*spans // of each node: when it may not have reached the database
	slow     []*spans // of each node: when it was slow to say anything
	stalls   *spans   // when this process or the database was
	tally    *tally

	checks  sync.WaitGroup
	closing chan struct{} // closed when signed-out tokens need not be checked for longer than the promise
	mu      sync.Mutex
	endings []signedOut
	worst   [2]acceptance // of nodes that reached the database, and of others
	people  int           // customers
	stay    int           // what they do at most before they sign out
	wrong   int           // invariants that were broken
}

func newFleet(t *testing.T, nodes ...*node) *fleet {
	t.Helper()
	f := &fleet{t: t, nodes: nodes, operator: nodes[0], stalls: &spans{}, tally: newTally(), closing: make(chan struct{}), stay: 15}
	if *duration > 0 {
		f.stay = 50
	}
	for range nodes {
		f.outages, f.slow = append(f.outages, &spans{}), append(f.slow, &spans{})
	}
	return f
}

// watch notes stalls until ctx is over. ping asks the database something that takes no time.
func (f *fleet) watch(ctx context.Context, work *sync.WaitGroup, ping func(context.Context) error) {
	work.Go(func() { f.stalls.watchClock(ctx) })
	if ping != nil {
		work.Go(func() { f.stalls.watch(ctx, ping) })
	}
	for i, n := range f.nodes {
		work.Go(func() {
			f.slow[i].watch(ctx, func(ctx context.Context) error { return get("/healthz", "").send(ctx, n.address()).err })
		})
	}
}

// broken says that a promise was not kept. There may be many.
func (f *fleet) broken(format string, args ...any) {
	f.mu.Lock()
	f.wrong++
	show := f.wrong <= 20
	f.mu.Unlock()
	if show {
		f.t.Errorf(format, args...)
	}
}

// insist sends a request to one node after another, as a good client does, until an answer has one of the statuses.
func (f *fleet) insist(c call, statuses ...int) (a answer, attempts int, ok bool) {
	began := time.Now()
	at := random(len(f.nodes))
	for attempts = 1; time.Since(began) < patience; attempts++ {
		if attempts > 1 && len(f.nodes) > 1 {
			at += 1 + random(len(f.nodes)-1) // another one
		}
		n := f.nodes[at%len(f.nodes)]
		a = c.send(f.t.Context(), n.address())
		for _, status := range statuses {
			if a.err == nil && a.status == status {
				f.tally.asked(time.Since(began))
				return a, attempts, true
			}
		}
		wait := 100 * time.Millisecond
		switch {
		case a.err != nil:
			f.tally.count("lost answers")
		case a.unavailable():
			if strings.Contains(a.text, `"busy"`) {
				f.tally.count("answers 503, busy")
			} else {
				f.tally.count("answers 503, unavailable")
			}
			wait *= 2
		default:
			f.broken("%s %s at %s: %v, want %v or 503 with Retry-After", c.method, c.path, n.name, a, statuses)
			return a, attempts, false
		}
		f.tally.count("retries")
		if !pause(f.t.Context(), wait/2+upTo(wait)) {
			break
		}
	}
	f.broken("%s %s: no answer in %v; the last one: %v", c.method, c.path, patience, a)
	return a, attempts, false
}

// ready waits until a node says that it is, which it can only if it reaches the database, and returns how long that took.
func (f *fleet) ready(n *node) time.Duration {
	took, ok := await(f.t.Context(), func() bool { return isReady(f.t.Context(), n) })
	if !ok {
		f.broken("%s is not ready after %v: %v", n.name, took, get("/readyz", "").send(f.t.Context(), n.address()))
	}
	return took
}

func isReady(ctx context.Context, n *node) bool {
	a := get("/readyz", "").send(ctx, n.address())
	return a.err == nil && a.status == http.StatusOK
}

// outage says that some nodes may not reach the database from now on. over waits until they all do again, and returns how long that took.
func (f *fleet) outage(nodes ...int) (over func() time.Duration) {
	var ends []func()
	for _, i := range nodes {
		ends = append(ends, f.outages[i].begin())
	}
	return func() time.Duration {
		began := time.Now()
		for at, i := range nodes {
			f.ready(f.nodes[i])
			ends[at]()
		}
		return time.Since(began)
	}
}

func (f *fleet) every() (all []int) {
	for i := range f.nodes {
		all = append(all, i)
	}
	return all
}

// keys is how many signing keys there have been.
func (f *fleet) keys() int {
	out, err := f.operator.command(f.t.Context(), "keys", "list", "--json")
	if err != nil {
		f.broken("%v", err)
		return -1
	}
	var all []struct {
		ID string `json:"id"`
	}
	if err := (answer{text: out}).decode(&all); err != nil {
		f.broken("%v in %s", err, out)
	}
	return len(all)
}

// rotate adds a key, as an operator does beside the running nodes.
func (f *fleet) rotate() {
	began := time.Now()
	if _, err := f.operator.command(f.t.Context(), "keys", "rotate"); err != nil {
		f.broken("%v", err)
	}
	f.tally.note(began, "jeton keys rotate")
}

// killFor kills a node, and starts it again after a while. It returns when it is ready.
func (f *fleet) killFor(i int, d time.Duration) {
	n := f.nodes[i]
	began := time.Now()
	n.kill()
	pause(f.t.Context(), d)
	f.startAgain(n)
	f.took("%s: SIGKILL; it is ready after %v", began, n.name)
}

// renew stops a node in order and starts it again, as for a new version.
func (f *fleet) renew(i int) {
	n := f.nodes[i]
	began := time.Now()
	if err := n.stop(); err != nil {
		f.broken("%v", err)
	}
	f.startAgain(n)
	f.took("%s: SIGTERM; it is ready after %v", began, n.name)
}

// startAgain starts a node until it stays, as whatever keeps services running does.
func (f *fleet) startAgain(n *node) {
	var err error
	if _, ok := await(f.t.Context(), func() bool { err = n.start(f.t.Context()); return err == nil }); !ok {
		f.broken("%s does not start: %v", n.name, err)
	}
	f.ready(n)
}

// took notes something about a node, and how long it took.
func (f *fleet) took(format string, began time.Time, name string) {
	f.tally.note(began, fmt.Sprintf(format, name, time.Since(began).Round(10*time.Millisecond)))
}
