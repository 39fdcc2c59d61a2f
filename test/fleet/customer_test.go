package fleet_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// customer is a person with one device, whose client keeps the last token that it was given and asks again when there was no answer.
type customer struct {
	f *fleet
	grant

	signedIn bool
	emails   []string // of the accounts; the last one is in use
}

// live uses the fleet until ctx is over. What has begun is brought to its end. It gives up when a promise was broken.
func (c *customer) live(ctx context.Context) {
	for alive := c.signUp(); alive && ctx.Err() == nil; {
		for left := 3 + random(c.f.stay); alive && left > 0 && pause(ctx, upTo(60*time.Millisecond)); left-- {
			if random(2) == 0 {
				alive = c.refresh()
			} else {
				alive = c.look()
			}
		}
		if !alive || ctx.Err() != nil {
			return
		}
		switch alive = c.signOut(); {
		case !alive || ctx.Err() != nil:
		case random(4) == 0:
			alive = c.signUp()
		default:
			alive = c.signIn()
		}
	}
}

// take keeps what an answer grants.
func (c *customer) take(a answer) bool {
	var given grant
	if err := a.decode(&given); err != nil || given.Access == "" || given.Refresh == "" {
		c.f.broken("a grant: %v", a)
		return false
	}
	c.grant, c.signedIn = given, true
	return true
}

func (c *customer) signUp() bool {
	email := strings.ToLower(rand.Text()) + "@example.com"
	a, attempts, ok := c.f.insist(signUp(email), http.StatusCreated, http.StatusConflict)
	if !ok {
		return false
	}
	c.emails = append(c.emails, email)
	c.f.tally.count("sign-ups")
	if a.status == http.StatusCreated {
		return c.take(a)
	}
	if attempts == 1 {
		c.f.broken("sign-up: %v to the first request", a)
		return false
	}
	return c.signIn() // it was done, and the answer was lost
}

func (c *customer) signIn() bool {
	a, _, ok := c.f.insist(signIn(c.emails[len(c.emails)-1]), http.StatusOK)
	if ok {
		c.f.tally.count("sign-ins")
	}
	return ok && c.take(a)
}

func (c *customer) refresh() bool {
	a, attempts, ok := c.f.insist(refresh(c.Refresh), http.StatusOK)
	if !ok {
		c.f.broken("the session %s, which nobody ended, was lost", c.Session)
		return false
	}
	c.f.tally.count("refreshes")
	c.f.tally.refreshTook(a.ended.Sub(a.began))
	if attempts > 1 {
		c.f.tally.count("refreshes after a retry")
	}
	return c.take(a)
}

// look is something that only who is signed in may do.
func (c *customer) look() bool {
	var a answer
	var ok bool
	switch random(3) {
	case 0:
		a, _, ok = c.f.insist(get("/auth/me", c.Access), http.StatusOK)
		if ok && !strings.Contains(a.text, c.emails[len(c.emails)-1]) {
			c.f.broken("somebody else's account: %v", a)
			return false
		}
	case 1:
		a, _, ok = c.f.insist(get("/auth/sessions", c.Access), http.StatusOK)
		if ok && !strings.Contains(a.text, c.Session) {
			c.f.broken("the session %s is not among those of the account: %v", c.Session, a)
			return false
		}
	default:
		a, _, ok = c.f.insist(verify(c.Access), http.StatusOK)
		if ok && a.header.Get("X-Auth-Session") != c.Session {
			c.f.broken("a token of the session %s has the session %q", c.Session, a.header.Get("X-Auth-Session"))
			return false
		}
	}
	c.f.tally.count("calls")
	return ok
}

func (c *customer) signOut() bool {
	request := signOutBy(c.Refresh)
	if random(2) == 0 {
		request = call{method: http.MethodPost, path: "/auth/logout", token: c.Access}
	}
	a, _, ok := c.f.insist(request, http.StatusNoContent)
	if !ok {
		return false
	}
	c.f.tally.count("sign-outs")
	c.f.ended(signedOut{c.grant, c.emails[len(c.emails)-1], a.ended})
	c.signedIn = false
	return true
}

// settle checks in the end that all of the customer's accounts are there, and the session if it is signed in.
func (c *customer) settle() {
	if c.signedIn && c.refresh() {
		c.look()
	}
	for _, email := range c.emails {
		a, _, ok := c.f.insist(signIn(email), http.StatusOK)
		if !ok {
			c.f.broken("the account %s, whose sign-up was acknowledged, cannot sign in: %v", email, a)
		}
	}
}

// customers has so many use the fleet until ctx is over, and returns them when they have finished.
func (f *fleet) customers(ctx context.Context, n int) []*customer {
	all := make([]*customer, n)
	done := make(chan int, n)
	for i := range all {
		all[i] = &customer{f: f}
		go func() {
			all[i].live(ctx)
			done <- i
		}()
	}
	for range all {
		<-done
	}
	return all
}

// mustGrant signs somebody new up at a node.
func mustGrant(f *fleet, n *node) (email string, given grant) {
	f.t.Helper()
	email = strings.ToLower(rand.Text()) + "@example.com"
	a := signUp(email).send(f.t.Context(), n.address())
	if err := a.decode(&given); err != nil || a.status != http.StatusCreated {
		f.t.Fatal(fmt.Errorf("sign up: %v, %w", a, err))
	}
	return email, given
}
