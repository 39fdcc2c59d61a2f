package compare

import (
	"context"
	"strings"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/bench/internal/measure"
)

// The names of what is not one of the libraries.
const (
	rawName       = "raw cryptography"
	principalName = "jeton, principal"
	cachedName    = "jeton, principal, cache"
)

func verifySection() section {
	return section{
		name:     "verify",
		title:    "Verify a token",
		overview: true,
		text: "One token: signature, `exp`, `nbf`, `iss` and `aud` are checked, the registered claims are decoded. \"jeton, principal\" is what a\n" +
			"guard calls: it reads the session, scopes and roles besides.",
		races: func(_ context.Context, s *setup) ([]race, error) {
			return s.races(func(key bench.Key) ([]measure.Runner, error) { return verifyRunners(key, s.content) }, floorColumns)
		},
	}
}

func signSection() section {
	return section{
		name:     "sign",
		title:    "Sign a token",
		overview: true,
		text: "One token with `alg`, `kid` and `typ` in its header and ten claims, which are encoded each time. cristalhq has no option for the\n" +
			"type and writes its constant `JWT`.",
		races: func(_ context.Context, s *setup) ([]race, error) {
			return s.races(func(key bench.Key) ([]measure.Runner, error) { return signRunners(key, s.content) }, floorColumns)
		},
	}
}

func cacheSection() section {
	return section{
		name:     "cache",
		title:    "Verify a token again",
		overview: true,
		text: "One token that was verified before. Only jeton has a cache of verified tokens; times, issuer, audience and the rest are judged anew\n" +
			"each time. golang-jwt is there for comparison.",
		races: func(_ context.Context, s *setup) ([]race, error) {
			return s.races(func(key bench.Key) ([]measure.Runner, error) { return cacheRunners(key, s.content) }, cacheColumns)
		},
	}
}

// races returns one race for each algorithm.
func (s *setup) races(
	runners func(bench.Key) ([]measure.Runner, error), columns func([]measure.Result) []column,
) ([]race, error) {
	var races []race
	for _, algorithm := range bench.Algorithms() {
		all, err := runners(s.keys[algorithm])
		if err != nil {
			return nil, err
		}
		races = append(races, race{title: string(algorithm), runners: all, columns: columns})
	}
	return races, nil
}

func floorColumns(results []measure.Result) []column {
	raw := find(results, rawName)
	return append(costs(),
		times("× raw cryptography", raw),
		over("over raw cryptography", raw),
		times("× fastest other", fastest(results, isOther)),
	)
}

func cacheColumns(results []measure.Result) []column {
	return append(costs(),
		speed("times as fast as without the cache", find(results, principalName)),
		speed("times as fast as golang-jwt", find(results, golangName)),
	)
}

func verifyRunners(key bench.Key, content bench.Content) ([]measure.Runner, error) {
	token, err := key.Token(content)
	if err != nil {
		return nil, err
	}
	raw, err := bench.NewRaw(key, []byte(token[:strings.LastIndexByte(token, '.')]))
	if err != nil {
		return nil, err
	}
	runners := []measure.Runner{repeat(rawName, raw.Verify)}
	for _, library := range bench.Libraries() {
		contender, err := library.New(key, content)
		if err != nil {
			return nil, err
		}
		runners = append(runners, verify(library.Name, contender, token))
	}
	principals, err := bench.NewPrincipals(key, content, 0)
	if err != nil {
		return nil, err
	}
	return append(runners, verify(principalName, principals, token)), nil
}

func signRunners(key bench.Key, content bench.Content) ([]measure.Runner, error) {
	token, err := key.Token(content)
	if err != nil {
		return nil, err
	}
	raw, err := bench.NewRaw(key, []byte(token[:strings.LastIndexByte(token, '.')]))
	if err != nil {
		return nil, err
	}
	runners := []measure.Runner{repeat(rawName, raw.Sign)}
	for _, library := range bench.Libraries() {
		contender, err := library.New(key, content)
		if err != nil {
			return nil, err
		}
		runners = append(runners, repeat(library.Name, func() error {
			_, err := contender.Sign()
			return err
		}))
	}
	return runners, nil
}

func cacheRunners(key bench.Key, content bench.Content) ([]measure.Runner, error) {
	token, err := key.Token(content)
	if err != nil {
		return nil, err
	}
	var runners []measure.Runner
	for _, jeton := range []struct {
		name    string
		entries int
	}{{cachedName, bench.CacheEntries}, {principalName, 0}} {
		contender, err := bench.NewPrincipals(key, content, jeton.entries)
		if err != nil {
			return nil, err
		}
		runners = append(runners, verify(jeton.name, contender, token))
	}
	for _, library := range bench.Libraries() {
		if library.Name != golangName {
			continue
		}
		contender, err := library.New(key, content)
		if err != nil {
			return nil, err
		}
		runners = append(runners, verify(library.Name, contender, token))
	}
	return runners, nil
}

const golangName = "golang-jwt"

func verify(name string, contender bench.Contender, token string) measure.Runner {
	return repeat(name, func() error {
		_, err := contender.Verify(token)
		return err
	})
}

func repeat(name string, once func() error) measure.Runner {
	return measure.Runner{Name: name, Run: func(n int) error {
		for range n {
			if err := once(); err != nil {
				return err
			}
		}
		return nil
	}}
}
