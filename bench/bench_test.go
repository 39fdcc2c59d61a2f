package bench_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/jwk"
)

func BenchmarkVerify(b *testing.B) {
	eachContender(b, func(b *testing.B, key bench.Key, contender bench.Contender) {
		b.Helper()
		benchmarkVerify(b, contender, newToken(b, key, bench.NewContent(time.Now())))
	})
}

func BenchmarkSign(b *testing.B) {
	eachContender(b, func(b *testing.B, _ bench.Key, contender bench.Contender) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := contender.Sign(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPrincipal is jeton one layer further out than in BenchmarkVerify, without a cache and with one, which has the token.
func BenchmarkPrincipal(b *testing.B) {
	for _, algorithm := range bench.Algorithms() {
		for name, entries := range map[string]int{"proved": 0, "cached": bench.CacheEntries} {
			b.Run(string(algorithm)+"/"+name, func(b *testing.B) {
				key, content := newKey(b, algorithm), bench.NewContent(time.Now())
				contender, err := bench.NewPrincipals(key, content, entries)
				if err != nil {
					b.Fatal(err)
				}
				benchmarkVerify(b, contender, newToken(b, key, content))
			})
		}
	}
}

func BenchmarkRaw(b *testing.B) {
	for _, algorithm := range bench.Algorithms() {
		key := newKey(b, algorithm)
		token := newToken(b, key, bench.NewContent(time.Now()))
		raw, err := bench.NewRaw(key, []byte(token[:strings.LastIndexByte(token, '.')]))
		if err != nil {
			b.Fatal(err)
		}
		for name, run := range map[string]func() error{"verify": raw.Verify, "sign": raw.Sign} {
			b.Run(string(algorithm)+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := run(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkHandler is a request with a token that came before, or with one that did not, through each protection and without any.
func BenchmarkHandler(b *testing.B) {
	const tokens = 20_000
	key := newKey(b, jwk.HS256)
	content := bench.NewContent(time.Now())
	fresh, err := bench.Credentials(key, content, tokens)
	if err != nil {
		b.Fatal(err)
	}
	handlers := bench.BareHandlers(content.Subject)
	for _, protection := range bench.Protections() {
		handlers[protection.Name] = newHandler(b, protection, key)
	}
	for name, handler := range handlers {
		b.Run("repeated/"+name, func(b *testing.B) { benchmarkHandler(b, handler, fresh[:1]) })
		b.Run("fresh/"+name, func(b *testing.B) { benchmarkHandler(b, handler, fresh) })
	}
}

func benchmarkHandler(b *testing.B, handler http.Handler, credentials []string) {
	b.Helper()
	caller, err := bench.NewCaller(b.Context(), handler)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := caller.Call(credentials[i%len(credentials)]); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkVerify(b *testing.B, contender bench.Contender, token string) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := contender.Verify(token); err != nil {
			b.Fatal(err)
		}
	}
}

func eachContender(b *testing.B, run func(b *testing.B, key bench.Key, contender bench.Contender)) {
	b.Helper()
	for _, algorithm := range bench.Algorithms() {
		key := newKey(b, algorithm)
		for _, library := range bench.Libraries() {
			b.Run(string(algorithm)+"/"+library.Name, func(b *testing.B) {
				contender, err := library.New(key, bench.NewContent(time.Now()))
				if err != nil {
					b.Fatal(err)
				}
				run(b, key, contender)
			})
		}
	}
}
