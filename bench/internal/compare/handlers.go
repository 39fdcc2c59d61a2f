package compare

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/bench/internal/measure"
	"github.com/jetonauth/jeton/jwk"
)

// freshTokens is how many tokens are presented before one comes again: more than the cache keeps.
const freshTokens = 20_000

func handlerSection() section {
	return section{
		name:     "handler",
		title:    "Protect an HTTP handler",
		overview: true,
		text: fmt.Sprintf("What a protected handler costs above the same one unprotected, in the same router, by calling `ServeHTTP`, without a network. A\n"+
			"repeated token is one that came before; a fresh one comes from %d in turn, of which the cache keeps %d, so that it never helps.",
			freshTokens, bench.CacheEntries),
		races: func(ctx context.Context, s *setup) ([]race, error) {
			repeatedHMAC, err := s.handlerRace(ctx, "a repeated token, HS256", jwk.HS256, 1)
			if err != nil {
				return nil, err
			}
			repeatedECDSA, err := s.handlerRace(ctx, "a repeated token, ES256", jwk.ES256, 1)
			if err != nil {
				return nil, err
			}
			fresh, err := s.handlerRace(ctx, "a fresh token, HS256", jwk.HS256, freshTokens)
			return []race{repeatedHMAC, repeatedECDSA, fresh}, err
		},
	}
}

func (s *setup) handlerRace(ctx context.Context, title string, algorithm jwk.Algorithm, tokens int) (race, error) {
	key := s.keys[algorithm]
	credentials, err := bench.Credentials(key, s.content, tokens)
	if err != nil {
		return race{}, err
	}
	r := race{title: title, rows: overBare, columns: func(results []measure.Result) []column {
		return append(costs(), times("× fastest other", fastest(overBare(results), isOther)))
	}}
	for name, handler := range bench.BareHandlers(s.content.Subject) {
		if err := r.add(ctx, name, handler, credentials); err != nil {
			return race{}, err
		}
	}
	for _, protection := range bench.Protections() {
		handler, err := protection.New(key)
		if err != nil {
			return race{}, err
		}
		if err := r.add(ctx, protection.Name, handler, credentials); err != nil {
			return race{}, err
		}
	}
	return r, nil
}

func (r *race) add(ctx context.Context, name string, handler http.Handler, credentials []string) error {
	caller, err := bench.NewCaller(ctx, handler)
	if err != nil {
		return err
	}
	next := 0
	r.runners = append(r.runners, repeat(name, func() error {
		next = (next + 1) % len(credentials)
		return caller.Call(credentials[next])
	}))
	return nil
}

// overBare returns what each protection costs above its bare stack, round by round.
func overBare(results []measure.Result) []measure.Result {
	var above []measure.Result
	for _, protection := range bench.Protections() {
		protected, bare := find(results, protection.Name), find(results, protection.Bare)
		r := measure.Result{
			Name:   protected.Name,
			Times:  slices.Clone(protected.Times),
			Allocs: protected.Allocs - bare.Allocs,
			Bytes:  protected.Bytes - bare.Bytes,
		}
		for i := range r.Times {
			r.Times[i] -= bare.Times[i]
		}
		above = append(above, r)
	}
	return above
}
