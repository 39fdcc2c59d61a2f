package api_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// Two tabs of one browser refresh at the same time, each with the cookie that there is, and both stay signed in.
func TestTabsRefreshAtOnce(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	b.signUp()
	old := b.cookies("/auth")
	for range 3 {
		b.auth.Expire()
		before := b.cookies("/auth")["__Secure-jeton-refresh"]
		header := with(b.fromHere(), "Cookie", "__Secure-jeton-refresh="+before+"; __Host-jeton-csrf="+old["__Host-jeton-csrf"])
		const tabs = 4
		var refreshing sync.WaitGroup
		answers := make(chan answer, tabs)
		for range tabs { // by a transport without a jar: a tab sends what it read before the other was answered
			refreshing.Go(func() {
				answers <- b.bare.send(request{method: http.MethodPost, path: "/auth/refresh", header: header})
			})
		}
		refreshing.Wait()
		close(answers)
		next := map[string]bool{}
		for a := range answers {
			_, values := a.expect(http.StatusOK).expectCookies(defaultCookies...).setCookies()
			next[values["__Secure-jeton-refresh"]] = true
			b.plant("__Host-jeton", "/", values["__Host-jeton"])
			b.plant("__Secure-jeton-refresh", "/auth", values["__Secure-jeton-refresh"])
			b.expectSignedIn(true)
			b.fetch(http.MethodPost, "/news", "").expect(http.StatusOK) // with the CSRF value from before
		}
		if len(next) != 1 || next[before] {
			t.Errorf("%d different refresh tokens", len(next))
		}
	}
	if b.cookies("/")["__Host-jeton-csrf"] != old["__Host-jeton-csrf"] {
		t.Error("the CSRF value has changed")
	}
}

// A refresh token that is used again later ends the session, and the browser forgets it.
func TestTheftClearsCookies(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	b.signUp()
	stolen := b.cookies("/auth")["__Secure-jeton-refresh"]
	b.fetch(http.MethodPost, "/auth/refresh", "").expect(http.StatusOK)
	b.auth.Advance(jeton.DefaultReuseInterval + time.Second)
	b.expectSignedIn(true)
	if _, err := b.auth.Refresh(t.Context(), jeton.RefreshRequest{Token: stolen}); err == nil {
		t.Fatal("an old token is good")
	}
	a := b.fetch(http.MethodPost, "/auth/refresh", "").expectCookies(clearedCookies...)
	a.expectProblem(http.StatusBadRequest, "invalid_grant")
	if left := b.cookies("/auth"); len(left) != 0 {
		t.Errorf("the browser keeps %d cookies", len(left))
	}
	// Nothing is left to refresh with, which is answered alike. No cookie came, so that the answer removes none.
	again := b.fetch(http.MethodPost, "/auth/refresh", "").expectCookies()
	again.expectProblem(http.StatusBadRequest, "invalid_grant")
}

// Another host of the same site can plant the cookie with the refresh token, whose name has no prefix against that, but not the others. The
// session of somebody else does not take the place of the user's, and goes on by itself.
func TestPlantedRefreshCookies(t *testing.T) {
	t.Parallel()
	const refresh, csrf = "__Secure-jeton-refresh", "__Host-jeton-csrf"
	s := start(t)
	mallory, victim := s.browse(), s.browse()
	mallory.signUp()
	planted := mallory.cookies("/auth")
	for name, test := range map[string]struct{ cookies string }{
		"nobody is signed in":    {refresh + "=" + planted[refresh]},
		"a value of one's own":   {refresh + "=" + planted[refresh] + "; " + csrf + "=x"},
		"an empty value":         {refresh + "=" + planted[refresh] + "; " + csrf + "="},
		"two values":             {refresh + "=" + planted[refresh] + "; " + csrf + "=x; " + csrf + "=" + planted[csrf]},
		"by the name's own case": {refresh + "=" + planted[refresh] + "; " + strings.ToLower(csrf) + "=" + planted[csrf]},
	} {
		header := with(victim.fromHere(), "Cookie", test.cookies)
		a := victim.bare.send(request{method: http.MethodPost, path: "/auth/refresh", header: header}).expectCookies(clearedCookies...)
		if a.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	victim.post("/auth/signup", `{"email":"victim@example.com","password":"correct horse battery"}`, "").expect(http.StatusCreated)
	victim.fetch(http.MethodPost, "/auth/login", `{"email":"victim@example.com","password":"correct horse battery","cookies":true}`).expect(http.StatusOK)
	victim.expectSignedIn(true)
	victim.plant(refresh, "/auth", planted[refresh])
	a := victim.fetch(http.MethodPost, "/auth/refresh", "").expectCookies(clearedCookies...)
	a.expectProblem(http.StatusBadRequest, "invalid_grant")
	mallory.fetch(http.MethodPost, "/auth/refresh", "").expectCookies(defaultCookies...).expect(http.StatusOK)
	mallory.expectSignedIn(true)
}

// Any token that is no good is forgotten.
func TestDeadRefreshCookies(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(b *browser){
		"nonsense":       func(b *browser) { b.plant("__Secure-jeton-refresh", "/auth", "nonsense") },
		"an access one":  func(b *browser) { b.plant("__Secure-jeton-refresh", "/auth", b.cookies("/")["__Host-jeton"]) },
		"too old":        func(b *browser) { b.auth.Advance(jeton.DefaultIdleTimeout) },
		"signed out":     func(b *browser) { b.post("/auth/logout", "", b.cookies("/")["__Host-jeton"]) },
		"locked account": func(b *browser) { b.disable(b.me()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t).browse()
			b.signUp()
			kept := b.cookies("/auth")
			spoil(b)
			if name == "signed out" {
				b.plant("__Secure-jeton-refresh", "/auth", kept["__Secure-jeton-refresh"])
			}
			a := b.fetch(http.MethodPost, "/auth/refresh", "").expectCookies(clearedCookies...)
			a.expectProblem(http.StatusBadRequest, "invalid_grant")
			b.expectSignedIn(false)
		})
	}
}

func (b *browser) me() string {
	b.t.Helper()
	return b.fetch(http.MethodGet, "/auth/me", "").account().ID
}

// Trouble of the server's own signs nobody out.
func TestTroubleClearsNoCookies(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err    error
		status int
	}{
		"away":        {fmt.Errorf("%w: %w", jeton.ErrUnavailable, errDisk), 503},
		"two at once": {fmt.Errorf("%w: %w", jeton.ErrUnavailable, jeton.ErrInvalidGrant), 503},
		"the other":   {fmt.Errorf("%w: %w", jeton.ErrInvalidGrant, jeton.ErrUnavailable), 503},
		"gone away":   {context.Canceled, 503},
		"out of time": {context.DeadlineExceeded, 503},
		"a defect":    {errDisk, 500}, // no store may return it
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t).browse()
			b.signUp()
			b.signIn()
			kept := b.cookies("/auth")
			b.store.fail(tt.err)
			for _, path := range []string{"/auth/refresh", "/auth/logout"} {
				if a := b.fetch(http.MethodPost, path, "").expectCookies(); a.status != tt.status {
					t.Errorf("%s: %d, want %d", path, a.status, tt.status)
				}
			}
			for _, path := range []string{"/auth/login", "/auth/signup"} {
				a := b.fetch(http.MethodPost, path, object("email", "new@example.com", "password", password, "cookies", true)).expectCookies()
				if a.status < 400 {
					t.Errorf("%s: %d", path, a.status)
				}
			}
			if left := b.cookies("/auth"); !maps.Equal(left, kept) {
				t.Errorf("the browser keeps %d cookies of %d", len(left), len(kept))
			}
		})
	}
}

// A refresh that is answered with trouble, or not at all, is repeated with the same cookie.
func TestRefreshAfterTrouble(t *testing.T) {
	t.Parallel()
	b := start(t).browse()
	b.signUp()
	b.store.fail(fmt.Errorf("%w: %w", jeton.ErrUnavailable, errDisk)) // the store has done it, and cannot say so
	b.fetch(http.MethodPost, "/auth/refresh", "").expectProblem(http.StatusServiceUnavailable, "unavailable")
	b.store.fail(nil)
	b.fetch(http.MethodPost, "/auth/refresh", "").expect(http.StatusOK).expectCookies(defaultCookies...)
	b.expectSignedIn(true)
}
