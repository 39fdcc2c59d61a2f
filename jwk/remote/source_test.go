package remote_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/jwk"
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
			pass(time.Second)
		}
		if elapsed := time.Since(start); elapsed != 61*time.Second {
			t.Errorf("callers waited: %v", elapsed)
		}
		if n := issuer.requests(); n != 3 {
			t.Errorf("%d fetches in a minute, want 3: at 0, 30 and 60 s", n)
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

func TestIssuerDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newKey(t, "a")
		s, issuer := newSource(t, serve(t, "max-age=3600", a))
		set := verifyingKeys(t, s)
		start := time.Now()
		issuer.answer(fail)

		pass(time.Hour)
		var attempts []time.Duration
		for time.Since(start) < 70*time.Minute {
			if verifyingKeys(t, s) != set {
				t.Fatal("another set")
			}
			synctest.Wait()
			for range issuer.requests() {
				attempts = append(attempts, time.Since(start)-time.Hour)
			}
			pass(time.Second)
		}
		for i, want := range []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183} {
			if attempts[i] != want*time.Second {
				t.Fatalf("attempts at %v", attempts[:9])
			}
		}

		// A new key may be among those that cannot be had.
		before := issuer.requests()
		refreshed, err := s.RefreshKeys(t.Context(), "b")
		wantUnavailable(t, refreshed, err)
		if set, err := s.RefreshKeys(t.Context(), "a"); err != nil || set != verifyingKeys(t, s) {
			t.Errorf("%v, %v", set, err)
		}
		if n := issuer.requests(); n > 1 || before != 0 {
			t.Errorf("%d requests", n)
		}

		pass(time.Until(start.Add(24 * time.Hour)))
		if verifyingKeys(t, s) != set {
			t.Error("not served for 24 hours")
		}
		pass(time.Second)
		set, err = s.VerifyingKeys(t.Context())
		wantUnavailable(t, set, err)
		if !strings.Contains(fmt.Sprint(err), "502") {
			t.Errorf("the error does not say why: %v", err)
		}
		issuer.requests()
		set, err = s.VerifyingKeys(t.Context()) // too early to try again
		wantUnavailable(t, set, err)
		if issuer.requests() != 0 {
			t.Error("no pause after a failure")
		}

		issuer.answer(serve(t, "", a))
		pass(time.Minute)
		wantIDs(t, verifyingKeys(t, s), "a")
		if _, err := s.RefreshKeys(t.Context(), "b"); err != nil {
			t.Error(err)
		}
	})
}

func TestSlowIssuer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, _, err := newWith(t.Context(), remote.Config{URL: keysURL}, hang)
		wantUnavailable(t, nil, err)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}

		s, issuer := newSource(t, serve(t, "", newKey(t, "a")))
		issuer.answer(hang)
		pass(time.Hour)
		start = time.Now()
		for range 100 {
			wantIDs(t, verifyingKeys(t, s), "a")
		}
		if time.Since(start) != 0 || issuer.requests() > 1 {
			t.Errorf("waited %v for a slow issuer", time.Since(start))
		}
		set, err := s.RefreshKeys(t.Context(), "b")
		wantUnavailable(t, set, err)
		if time.Since(start) != 10*time.Second {
			t.Errorf("waited %v", time.Since(start))
		}
	})
}

// The body counts, too: headers at once, then one byte a second.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := &http.Client{Transport: transportFunc(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: slowBody{req.Context()}, Request: req}, nil
		})}
		start := time.Now()
		_, err := remote.New(t.Context(), remote.Config{URL: keysURL, Client: client})
		wantUnavailable(t, nil, err)
		if time.Since(start) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

type slowBody struct{ ctx context.Context } //nolint:containedctx // a body ends with its request

func (b slowBody) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		return copy(p, " "), nil
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}

func (slowBody) Close() error { return nil }

func TestCancelledCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newKey(t, "a"), newKey(t, "b")
		s, issuer := newSource(t, serve(t, "", a))
		answer := serve(t, "", a, b)
		issuer.answer(func(w http.ResponseWriter, req *http.Request) {
			pass(5 * time.Second)
			answer(w, req)
		})

		start := time.Now()
		cause := errors.New("the client hung up")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		set, err := s.RefreshKeys(ctx, "b")
		wantUnavailable(t, set, err)
		if !errors.Is(err, cause) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}

		set, err = s.RefreshKeys(t.Context(), "b") // the fetch went on
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, set, "a", "b")
		if time.Since(start) != 5*time.Second || issuer.requests() != 1 {
			t.Errorf("after %v", time.Since(start))
		}
	})
}

func TestNewIsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s, _, err := newWith(ctx, remote.Config{URL: keysURL}, hang)
		if s != nil || !errors.Is(err, remote.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, %v", s, err)
		}
		pass(time.Minute) // the fetch ends by itself: the bubble would deadlock otherwise
	})
}

func TestRefusedAnswers(t *testing.T) {
	t.Parallel()
	key, err := newKey(t, "a").MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	good := `{"keys":[` + string(key) + `]}`
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = w.Write([]byte(good))
		}
	}
	for name, handler := range map[string]http.HandlerFunc{
		"giant":          serveBody("", good+strings.Repeat(" ", 1<<20)),
		"HTML":           serveBody("", "<!doctype html>"),
		"empty":          serveBody("", ""),
		"trailing bytes": serveBody("", good+"x"),
		"no keys":        serveBody("", `{"key":[]}`),
		"not found":      status(http.StatusNotFound),
		"created":        status(http.StatusCreated),
		"no content":     status(http.StatusNoContent),
		"not modified":   status(http.StatusNotModified),
		"server error":   status(http.StatusInternalServerError),
	} {
		s, _, err := newWith(t.Context(), remote.Config{URL: keysURL}, handler)
		if s != nil || !errors.Is(err, remote.ErrUnavailable) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if _, _, err := newWith(t.Context(), remote.Config{URL: keysURL}, serveBody("", good+strings.Repeat(" ", 1<<20-len(good)))); err != nil {
		t.Errorf("just not too long: %v", err)
	}
}

// A set whose keys are of no use is an error at first, when somebody can look at the configuration; later it is what the
// issuer says.
func TestNoUsableKey(t *testing.T) {
	t.Parallel()
	const useless = `{"keys":[{"kty":"oct","alg":"HS256","k":"AA"},{"kty":"RSA","use":"enc"},{"kty":"EC","kid":"x"}]}`
	log, out := logger()
	_, _, err := newWith(t.Context(), remote.Config{URL: keysURL, Logger: log}, serveBody("", useless))
	if !errors.Is(err, jwk.ErrNoKey) {
		t.Error(err)
	}
	if n := strings.Count(out.String(), "a published key cannot be used"); n != 3 {
		t.Errorf("%d skipped keys logged:\n%s", n, out)
	}
	synctest.Test(t, func(t *testing.T) {
		s, issuer := newSource(t, serve(t, "", newKey(t, "a")))
		issuer.answer(serveBody("", `{"keys":[]}`))
		pass(time.Hour)
		verifyingKeys(t, s)
		synctest.Wait()
		wantIDs(t, verifyingKeys(t, s))
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
