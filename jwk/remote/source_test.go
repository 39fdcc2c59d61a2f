package remote_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/jwk/remote"
)

func TestRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newKey(t, "a"), newKey(t, "b")
		s, issuer := newSource(t, serve(t, "max-age=600", a))
		first := verifyingKeys(t, s)
		wantIDs(t, first, "a")

		issuer.answer(serve(t, "max-age=600", a, b))
		pass(10*time.Minute - time.Second)
		if verifyingKeys(t, s) != first || issuer.requests() != 0 {
			t.Error("asked before the set was due")
		}
		pass(time.Second)
		if verifyingKeys(t, s) != first {
			t.Error("waited for the fetch, although there was a set")
		}
		synctest.Wait()
		second := verifyingKeys(t, s)
		wantIDs(t, second, "a", "b")
		if n := issuer.requests(); n != 1 {
			t.Errorf("%d requests", n)
		}

		issuer.answer(serve(t, "max-age=600", b))
		pass(10 * time.Minute)
		verifyingKeys(t, s)
		synctest.Wait()
		wantIDs(t, verifyingKeys(t, s), "b")
	})
}

// Caches are keyed by the set's pointer: it must survive refreshes that bring nothing new.
func TestSameKeysAreTheSameSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newKey(t, "a")
		s, issuer := newSource(t, serve(t, "", a))
		first := verifyingKeys(t, s)
		data, err := a.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		for _, handler := range []http.HandlerFunc{
			serve(t, "", a), fail, serve(t, "", a), serveBody("", `{"at":1, "keys": [ `+string(data)+` ]}`), serve(t, "", a),
			serveBody("", "broken"), serve(t, "", a),
		} {
			issuer.answer(handler)
			pass(time.Hour)
			verifyingKeys(t, s)
			synctest.Wait()
			if issuer.requests() == 0 {
				t.Fatal("not asked")
			}
			if verifyingKeys(t, s) != first {
				t.Fatal("another set of the same keys")
			}
		}
	})
}

func TestLifetime(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"":                                15 * time.Minute,
		"public":                          15 * time.Minute,
		"max-age=nonsense":                15 * time.Minute,
		"max-age=-1":                      15 * time.Minute,
		"max-age=99999999999999999999999": 15 * time.Minute,
		"max-age=0":                       time.Minute,
		"max-age=59":                      time.Minute,
		"max-age=61":                      61 * time.Second,
		"public, Max-Age=300, immutable":  5 * time.Minute,
		`max-age="300"`:                   5 * time.Minute,
		"s-maxage=120, max-age=300":       5 * time.Minute,
		"max-age=3601":                    time.Hour,
		"max-age=4294967295":              time.Hour,
		"no-cache":                        time.Minute,
		"no-store, max-age=300":           time.Minute,
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, issuer := newSource(t, serve(t, header, newKey(t, "a")))
				pass(want - 1)
				verifyingKeys(t, s)
				synctest.Wait()
				if issuer.requests() != 0 {
					t.Errorf("asked before %v", want)
				}
				pass(1)
				verifyingKeys(t, s)
				synctest.Wait()
				if issuer.requests() != 1 {
					t.Errorf("not asked after %v", want)
				}
			})
		})
	}
}

func TestRefreshKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newKey(t, "a"), newKey(t, "b")
		s, issuer := newSource(t, serve(t, "", a))
		issuer.answer(serve(t, "", a, b))

		set, err := s.RefreshKeys(t.Context(), "a") // nothing to look for
		if err != nil || set != verifyingKeys(t, s) || issuer.requests() != 0 {
			t.Errorf("%v, %v", set, err)
		}
		set, err = s.RefreshKeys(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, set, "a", "b")
		if set != verifyingKeys(t, s) || issuer.requests() != 1 {
			t.Error("not the set that was fetched")
		}
		if again, err := s.RefreshKeys(t.Context(), "b"); again != set || err != nil || issuer.requests() != 0 {
			t.Errorf("%v, %v", again, err)
		}
	})
}

// Whatever tokens arrive: one fetch in 30 seconds.
func TestFloodOfUnknownIDs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, issuer := newSource(t, serve(t, "max-age=3600", newKey(t, "a")))
		known := verifyingKeys(t, s)
		start := time.Now()
		var fetches []time.Duration
		for round := range 61 {
			var wg sync.WaitGroup
			for i := range 200 {
				wg.Go(func() {
					set, err := s.RefreshKeys(t.Context(), fmt.Sprintf("unknown-%d-%d", round, i))
					if err != nil || set != known {
						t.Errorf("%v, %v", set, err)
					}
				})
			}
			wg.Wait()
			for range issuer.requests() {
				fetches = append(fetches, time.Since(start))
			}
			pass(time.Second)
		}
		if elapsed := time.Since(start); elapsed != 61*time.Second {
			t.Errorf("callers waited: %v", elapsed)
		}
		if !slices.Equal(fetches, []time.Duration{0, 30 * time.Second, time.Minute}) {
			t.Errorf("fetches after %v", fetches)
		}
	})
}

func TestCallersShareAFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newKey(t, "a"), newKey(t, "b")
		s, issuer := newSource(t, serve(t, "", a))
		answer := serve(t, "", b)
		issuer.answer(func(w http.ResponseWriter, req *http.Request) {
			pass(3 * time.Second)
			answer(w, req)
		})
		pass(25 * time.Hour) // nobody asked for so long that the set may not be served

		start := time.Now()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				set, err := s.VerifyingKeys(t.Context())
				if i%2 == 0 {
					set, err = s.RefreshKeys(t.Context(), "b")
				}
				if err != nil {
					t.Error(err)
					return
				}
				wantIDs(t, set, "b")
			})
		}
		wg.Wait()
		if elapsed, n := time.Since(start), issuer.requests(); elapsed != 3*time.Second || n != 1 {
			t.Errorf("%d requests, %v", n, elapsed)
		}
	})
}

func TestUnknownIDWaitsForTheRunningFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newKey(t, "a"), newKey(t, "b")
		s, issuer := newSource(t, serve(t, "", a))
		answer := serve(t, "", a, b)
		issuer.answer(func(w http.ResponseWriter, req *http.Request) {
			pass(3 * time.Second)
			answer(w, req)
		})
		pass(time.Hour)
		start := time.Now()
		wantIDs(t, verifyingKeys(t, s), "a") // and a fetch runs in the background
		set, err := s.RefreshKeys(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, set, "a", "b")
		if n := issuer.requests(); n != 1 || time.Since(start) != 3*time.Second {
			t.Errorf("%d requests in %v", n, time.Since(start))
		}
	})
}

func TestSkippedKeysAreLoggedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, err := newKey(t, "a").MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		log, out := logger()
		body := `{"keys":[` + string(a) + `,{"kty":"AKP","kid":"future"}]}`
		s, issuer, err := newWith(t.Context(), remote.Config{URL: keysURL, Logger: log}, serveBody("", body))
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			pass(time.Hour)
			verifyingKeys(t, s)
			synctest.Wait()
		}
		if n := strings.Count(out.String(), "future"); n != 1 || issuer.requests() != 6 {
			t.Errorf("logged %d times:\n%s", n, out)
		}
		issuer.answer(fail)
		pass(time.Hour)
		verifyingKeys(t, s)
		synctest.Wait()
		if !strings.Contains(out.String(), "keys could not be fetched") {
			t.Errorf("a failure is not logged:\n%s", out)
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newKey(t, "a"), newKey(t, "b")
		answers := []http.HandlerFunc{serve(t, "no-store", a), serve(t, "max-age=60", a, b), fail, serveBody("", "x")}
		s, issuer := newSource(t, answers[0])
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				for range 300 {
					if set, err := s.VerifyingKeys(t.Context()); err != nil || set.Len() == 0 {
						t.Errorf("%v, %v", set, err)
					}
					_, _ = s.RefreshKeys(t.Context(), fmt.Sprint("unknown ", i))
					pass(time.Duration(i) * time.Second)
				}
			})
		}
		for i := range 1000 {
			issuer.answer(answers[i%len(answers)])
			pass(7 * time.Second)
		}
		wg.Wait()
	})
}
