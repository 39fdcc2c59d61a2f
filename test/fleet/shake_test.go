package fleet_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// shake has so many customers use the fleet while chaos, which leaves everything mended, is done to it. Then all that was
// acknowledged has to hold. ping asks the database something that takes no time; it may be nil.
func (f *fleet) shake(customers int, ping func(context.Context) error, chaos func()) {
	f.t.Helper()
	f.people = customers
	ctx, cancel := context.WithCancel(f.t.Context())
	defer cancel()
	var work sync.WaitGroup
	watching, stop := context.WithCancel(f.t.Context())
	defer func() {
		stop()
		work.Wait()
	}()
	f.watch(watching, &work, ping)

	settled := make(chan []*customer, 1)
	go func() { settled <- f.customers(ctx, customers) }()
	chaos()
	cancel()
	all := <-settled
	for _, n := range f.nodes {
		f.ready(n)
	}
	close(f.closing)
	for _, c := range all {
		c.settle()
	}
	f.checks.Wait()
	f.sweep(f.t.Context())
	if f.tally.of("sign-outs") == 0 || f.tally.of("refreshes") == 0 {
		f.broken("nothing has happened")
	}
}

// say prints a line that is for people, or logs it in the short form.
func say(t *testing.T, format string, args ...any) {
	t.Helper()
	if *duration > 0 {
		fmt.Printf(format+"\n", args...)
	} else {
		t.Logf(format, args...)
	}
}

// report says what has happened, and what was measured.
func (f *fleet) report(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d nodes, %d customers, %v\n", title, len(f.nodes), f.people, time.Since(f.tally.began).Round(time.Second))
	for _, one := range slices.SortedFunc(slices.Values(f.tally.events), func(a, b event) int { return cmp.Compare(a.at, b.at) }) {
		fmt.Fprintf(&b, "  %5.1f s  %s\n", one.at.Seconds(), one.what)
	}
	for _, what := range []string{
		"sign-ups", "sign-ins", "refreshes", "refreshes after a retry", "sign-outs", "calls", "checks of signed-out tokens",
		"answers 503, unavailable", "answers 503, busy", "lost answers", "retries",
	} {
		fmt.Fprintf(&b, "  %-28s%8d\n", what, f.tally.of(what))
	}
	fmt.Fprintf(&b, "  the longest that a client had to go on asking: %v\n", f.tally.longest.Round(10*time.Millisecond))
	fmt.Fprintf(&b, "  a refresh takes %v at the median, and %v at the 99th percentile\n", f.tally.percentile(50), f.tally.percentile(99))
	for cut, what := range []string{"that reached the database", "that did not"} {
		bound := []time.Duration{within, maxStaleness}[cut]
		fmt.Fprintf(&b, "  last acceptance of a signed-out token by a node %s: %s; at most %v\n", what, f.worst[cut], bound)
	}
	stood := covered(f.tally.began, time.Now(), append(f.slow, f.stalls)...)
	fmt.Fprintf(&b, "  the machine stood still for %v, in pieces of at least %v\n", stood.Round(time.Millisecond), stallsFrom)
	fmt.Fprintf(&b, "  broken promises: %d\n", f.wrong)
	return b.String()
}

func (a acceptance) String() string {
	if a.node == "" {
		return "none"
	}
	text := fmt.Sprintf("sent %v after the sign-out, to %s", a.after.Round(time.Millisecond), a.node)
	if a.aside > 0 {
		text += fmt.Sprintf(", while the machine stood still for %v", a.aside.Round(time.Millisecond))
	}
	return text
}
