// Package compare runs the comparison of jeton with other libraries, and reports it in Markdown.
package compare

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/bench/internal/measure"
	"github.com/jetonauth/jeton/bench/internal/report"
	"github.com/jetonauth/jeton/jwk"
)

// FewestRounds is how many rounds a comparison needs that is worth publishing.
const FewestRounds = 20

// Config says what to compare, and how long.
type Config struct {
	// Rounds is how often everything is measured, in turns.
	Rounds int
	// Turn is how long one measurement takes.
	Turn time.Duration
	// Only are the sections to run; none means all. See [Sections].
	Only []string
	// Command is what the report says it was made by.
	Command string
	// Progress is called with what is going to be measured.
	Progress func(what string)
}

// section is a part of the comparison: some races, each of which becomes a table.
type section struct {
	name, title string
	text        string
	// overview is whether a table of all the races' times comes before their own.
	overview bool
	// races prepares them. Those that are returned with an error are ended, too.
	races func(context.Context, *setup) ([]race, error)
}

// race is what is measured together.
type race struct {
	title   string
	runners []measure.Runner
	// turns is how many turns one of its turns is as long as; 0 means 1.
	turns int
	// columns are those of the table, given all results.
	columns func([]measure.Result) []column
	// rows are the results that the table shows, or others made of them; all as they are if nil.
	rows func([]measure.Result) []measure.Result
	// end is called after the race, if not nil.
	end func() error
}

func sections() []section {
	return []section{verifySection(), cacheSection(), signSection(), handlerSection(), loopbackSection(), scalingSection()}
}

// Sections are the names of all sections, in order.
func Sections() []string {
	var names []string
	for _, s := range sections() {
		names = append(names, s.name)
	}
	return names
}

// setup is what the sections share.
type setup struct {
	keys    map[jwk.Algorithm]bench.Key
	content bench.Content
}

func newSetup(now time.Time) (*setup, error) {
	s := &setup{keys: map[jwk.Algorithm]bench.Key{}, content: bench.NewContent(now)}
	for _, algorithm := range bench.Algorithms() {
		key, err := bench.NewKey(algorithm)
		if err != nil {
			return nil, err
		}
		s.keys[algorithm] = key
	}
	return s, nil
}

// Run compares, and returns the report.
func Run(ctx context.Context, cfg Config) (string, error) {
	for _, name := range cfg.Only {
		if !slices.Contains(Sections(), name) {
			return "", fmt.Errorf("compare: there is no section %q, only %s", name, strings.Join(Sections(), ", "))
		}
	}
	if cfg.Rounds < 1 || cfg.Turn <= 0 {
		return "", fmt.Errorf("compare: %d rounds of %v; both must be above 0", cfg.Rounds, cfg.Turn)
	}
	start := time.Now()
	shared, err := newSetup(start)
	if err != nil {
		return "", err
	}
	var body strings.Builder
	before := report.Load()
	for _, s := range sections() {
		if len(cfg.Only) > 0 && !slices.Contains(cfg.Only, s.name) {
			continue
		}
		if err := s.run(ctx, cfg, shared, &body); err != nil {
			return "", err
		}
	}
	return heading(cfg, start, before) + body.String(), nil
}

func (s section) run(ctx context.Context, cfg Config, shared *setup, body *strings.Builder) (err error) {
	races, err := s.races(ctx, shared)
	defer func() { err = errors.Join(err, end(races)) }()
	if err != nil {
		return fmt.Errorf("compare: %s: %w", s.name, err)
	}
	tables := make([]table, len(races))
	for i, r := range races {
		results, err := r.run(ctx, cfg, s.name)
		if err != nil {
			return err
		}
		tables[i] = r.table(results)
	}
	fmt.Fprintf(body, "\n## %s\n\n%s\n", s.title, s.text)
	if s.overview {
		body.WriteString(overview(tables))
	}
	for _, t := range tables {
		body.WriteString(t.markdown())
	}
	return nil
}

// end ends all races.
func end(races []race) error {
	var errs []error
	for _, r := range races {
		if r.end != nil {
			errs = append(errs, r.end())
		}
	}
	return errors.Join(errs...)
}

func (r race) run(ctx context.Context, cfg Config, section string) ([]measure.Result, error) {
	options := measure.Options{
		Rounds: cfg.Rounds,
		Turn:   cfg.Turn * time.Duration(max(r.turns, 1)),
		Order:  rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), //nolint:gosec // an order of turns is no secret
	}
	cfg.Progress(fmt.Sprintf("%s, %s: %d rounds of %d turns of %v", section, r.title, options.Rounds, len(r.runners), options.Turn))
	return measure.Race(ctx, r.runners, options)
}
