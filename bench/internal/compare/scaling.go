package compare

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/bench/internal/measure"
	"github.com/jetonauth/jeton/bench/internal/report"
	"github.com/jetonauth/jeton/jwk"
)

// scalingTokens is how many tokens are verified in turn, all of them cached.
const scalingTokens = 1000

const onTwo = " on two"

func scalingSection() section {
	return section{
		name:  "scaling",
		title: "From one goroutine to two",
		text: "Verifications per second of 1,000 tokens in turn, all of which are in the cache, where there is one: by one goroutine, and by two that\n" +
			"share the verifier. Two goroutines of the raw cryptography share nothing, so they say what this machine gives to two at once.",
		races: func(_ context.Context, s *setup) ([]race, error) {
			runners, err := s.scalingRunners()
			return []race{{title: "HS256", runners: runners, rows: onOne, columns: scalingColumns}}, err
		},
	}
}

func (s *setup) scalingRunners() ([]measure.Runner, error) {
	key := s.keys[jwk.HS256]
	credentials, err := bench.Credentials(key, s.content, scalingTokens)
	if err != nil {
		return nil, err
	}
	runners, err := s.rawPair(key, strings.TrimPrefix(credentials[0], "Bearer "))
	if err != nil {
		return nil, err
	}
	for _, contender := range []struct {
		name string
		new  func() (bench.Contender, error)
	}{
		{principalName, func() (bench.Contender, error) { return bench.NewPrincipals(key, s.content, 0) }},
		{cachedName, func() (bench.Contender, error) { return bench.NewPrincipals(key, s.content, bench.CacheEntries) }},
		{golangName, func() (bench.Contender, error) { return newLibrary(golangName, key, s.content) }},
	} {
		c, err := contender.new()
		if err != nil {
			return nil, err
		}
		one := func(offset int) func(n int) error {
			return func(n int) error {
				for i := range n {
					if _, err := c.Verify(credentials[(offset+i)%len(credentials)][len("Bearer "):]); err != nil {
						return err
					}
				}
				return nil
			}
		}
		if err := one(0)(scalingTokens); err != nil {
			return nil, err
		}
		runners = append(runners, pair(contender.name, one(0), one(scalingTokens/2))...)
	}
	return runners, nil
}

func (s *setup) rawPair(key bench.Key, token string) ([]measure.Runner, error) {
	message := token[:strings.LastIndexByte(token, '.')]
	var run [2]func(n int) error
	for i := range run {
		raw, err := bench.NewRaw(key, []byte(message))
		if err != nil {
			return nil, err
		}
		run[i] = repeat(rawName, raw.Verify).Run
	}
	return pair(rawName, run[0], run[1]), nil
}

func newLibrary(name string, key bench.Key, content bench.Content) (bench.Contender, error) {
	for _, library := range bench.Libraries() {
		if library.Name == name {
			return library.New(key, content)
		}
	}
	return nil, errors.New("compare: there is no library " + name)
}

// pair runs first alone, and both at once, each half of the runs.
func pair(name string, first, second func(n int) error) []measure.Runner {
	return []measure.Runner{
		{Name: name, Run: first},
		{Name: name + onTwo, Run: func(n int) error {
			var group sync.WaitGroup
			var errs [2]error
			group.Go(func() { errs[0] = first(n / 2) })
			group.Go(func() { errs[1] = second(n - n/2) })
			group.Wait()
			return errors.Join(errs[:]...)
		}},
	}
}

// onOne returns the results of one goroutine.
func onOne(results []measure.Result) []measure.Result {
	var one []measure.Result
	for _, r := range results {
		if !strings.HasSuffix(r.Name, onTwo) {
			one = append(one, r)
		}
	}
	return one
}

func scalingColumns(results []measure.Result) []column {
	perSecond := func(r measure.Result) string { return million(1e9 / r.Time().Median) }
	return []column{
		{"one, per second", perSecond},
		{"two, per second", func(r measure.Result) string { return perSecond(find(results, r.Name+onTwo)) }},
		{"two : one", func(r measure.Result) string {
			return report.Interval(r.Ratio(find(results, r.Name+onTwo)), report.Digits)
		}},
	}
}

func million(x float64) string { return report.Digits(x/1e6) + " million" }
