package remote_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwk/remote"
)

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
		want := []time.Duration{0}
		for _, pause := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
			want = append(want, want[len(want)-1]+time.Duration(pause)*time.Second)
		}
		if !slices.Equal(attempts[:len(want)], want) {
			t.Fatalf("attempts after %v, want %v", attempts[:len(want)], want)
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

// A flood of unknown ids does not shorten the pause after a failure.
func TestUnknownIDWaitsOutAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, issuer := newSource(t, serve(t, "", newKey(t, "a")))
		issuer.answer(fail)
		pass(time.Hour)
		verifyingKeys(t, s)
		synctest.Wait()
		issuer.requests()
		for _, want := range []int{0, 1} {
			set, err := s.RefreshKeys(t.Context(), "b")
			wantUnavailable(t, set, err)
			if n := issuer.requests(); n != want {
				t.Errorf("%d requests, want %d", n, want)
			}
			pass(time.Second)
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
