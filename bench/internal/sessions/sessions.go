// Package sessions measures what sessions cost: to refresh, to begin and to end them, to keep them, and to know which are
// revoked. It reports that in Markdown, and as the figures of which package scale makes sums.
package sessions

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton/bench/internal/measure"
	"github.com/jetonauth/jeton/bench/internal/report"
	"github.com/jetonauth/jeton/bench/internal/scale"
)

// FewestRounds is how many rounds it takes for figures that are worth publishing.
const FewestRounds = 20

// Config says what to measure, and how long.
type Config struct {
	// Rounds is how often everything is measured, in turns.
	Rounds int
	// Turn is how long one measurement takes.
	Turn time.Duration
	// Clients are how many are at it at once, a row each.
	Clients []int
	// Sessions is how many there are in each database, besides those that are measured with.
	Sessions int
	// Revocations is how many are live in the larger of two lists.
	Revocations int
	// Only are the sections to run; none means all. See [Sections].
	Only []string
	// Command is what the report says it was made by.
	Command string
	// Progress is called with what is going to be measured.
	Progress func(what string)
}

// section is a part of the report.
type section struct {
	name, title string
	write       func(ctx context.Context, r *run) error
}

func sections() []section {
	return []section{
		{"refresh", "Refresh", writeRefresh},
		{"signout", "Sign out", writeSignOut},
		{"signin", "Sign in", writeSignIn},
		{"revocations", "Check revocation", writeRevocations},
		{"reads", "What each node reads", writeReads},
		{"disk", "Disk", writeDisk},
	}
}

// Sections are the names of all sections, in order.
func Sections() []string {
	var names []string
	for _, s := range sections() {
		names = append(names, s.name)
	}
	return names
}

// run is one run of the program: what it has found so far.
type run struct {
	Config

	text    strings.Builder
	figures scale.Figures
	servers servers
}

// Run measures, and returns the report and its figures; those of sections that were not run, or could not be, are zero.
func Run(ctx context.Context, cfg Config) (text string, figures scale.Figures, err error) {
	if err := cfg.check(); err != nil {
		return "", figures, err
	}
	r := &run{Config: cfg}
	start, before := time.Now(), report.Load()
	r.figures.Machine, r.figures.Date = report.Machine(), start.UTC().Format(time.DateOnly)
	if err := r.servers.start(ctx); err != nil {
		return "", figures, err
	}
	defer func() { err = errors.Join(err, r.servers.stop()) }()
	for _, s := range sections() {
		if len(cfg.Only) > 0 && !slices.Contains(cfg.Only, s.name) {
			continue
		}
		r.printf("\n## %s\n", s.title)
		if err := s.write(ctx, r); err != nil {
			return "", figures, fmt.Errorf("sessions: %s: %w", s.name, err)
		}
	}
	heading, err := r.heading(ctx, start, before)
	if err != nil {
		return "", figures, err
	}
	return heading + r.text.String(), r.figures, nil
}

func (c Config) check() error {
	for _, name := range c.Only {
		if !slices.Contains(Sections(), name) {
			return fmt.Errorf("sessions: there is no section %q, only %s", name, strings.Join(Sections(), ", "))
		}
	}
	switch {
	case c.Rounds < 1 || c.Turn <= 0:
		return fmt.Errorf("sessions: %d rounds of %v; both must be above 0", c.Rounds, c.Turn)
	case len(c.Clients) == 0 || slices.Min(c.Clients) < 1:
		return fmt.Errorf("sessions: clients %v; there must be some", c.Clients)
	case c.Sessions < 1 || c.Revocations < 1:
		return fmt.Errorf("sessions: %d sessions, %d revocations; both must be above 0", c.Sessions, c.Revocations)
	}
	return nil
}

func (r *run) printf(format string, args ...any) { fmt.Fprintf(&r.text, format, args...) }

// race lets works have their turns, and returns what each came to.
func (r *run) race(ctx context.Context, title string, turns int, works []*work) ([]outcome, error) {
	runners := make([]measure.Runner, len(works))
	for i, w := range works {
		runners[i] = w.runner(ctx)
	}
	results, err := r.measure(ctx, title, turns, runners)
	if err != nil {
		return nil, err
	}
	outcomes := make([]outcome, len(works))
	for i, result := range results {
		outcomes[i] = outcome{Result: result, samples: works[i].samples[len(works[i].samples)-r.Rounds:]}
	}
	return outcomes, nil
}

// measure is race for what is too short for a clock around each.
func (r *run) measure(ctx context.Context, title string, turns int, runners []measure.Runner) ([]measure.Result, error) {
	o := measure.Options{
		Rounds: r.Rounds, Turn: r.Turn * time.Duration(turns),
		Order: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), //nolint:gosec // an order of turns is no secret
	}
	r.Progress(fmt.Sprintf("%s: %d rounds of %d turns of %v", title, o.Rounds, len(runners), o.Turn))
	return measure.Race(ctx, runners, o)
}

// heading says where, when and how the report was made.
func (r *run) heading(ctx context.Context, start time.Time, loadBefore string) (string, error) {
	var b strings.Builder
	b.WriteString("# What sessions cost\n\nWritten by `" + r.Command + "`. README.md says how it is measured.\n\n")
	b.WriteString("- Machine: " + report.Machine() + "\n")
	versions, err := r.servers.versions(ctx)
	if err != nil {
		return "", err
	}
	b.WriteString(versions)
	fmt.Fprintf(&b, "- Date: %s, for %s\n", start.UTC().Format("2006-01-02 15:04 MST"), time.Since(start).Round(time.Second))
	if loadBefore != "" {
		r.figures.Load = loadBefore
		fmt.Fprintf(&b, "- Load (1, 5 and 15 minutes): %s before, %s after, this program itself included\n", loadBefore, report.Load())
	}
	fmt.Fprintf(&b, "- %d rounds, in each of which everything in a table runs for %s or a multiple of it, in a new order. Figures are medians of the rounds. A ratio is\n"+
		"  taken within each round; its median is followed by the interval in which the true one is with 95 %% confidence.\n", r.Rounds, r.Turn)
	fmt.Fprintf(&b, "- %s sessions and accounts in each database.\n", report.Grouped(float64(r.Sessions)))
	if r.Rounds < FewestRounds {
		fmt.Fprintf(&b, "\n**%d rounds are too few to publish.** It takes at least %d.\n", r.Rounds, FewestRounds)
	}
	return b.String(), nil
}
