package guard

import (
	"context"
	"net/http"

	"github.com/jetonauth/jeton"
)

// admitted is the context of a request that a guard let through, and that request: one allocation for what would be two. It carries
// the guard, so that what refuses further in, such as a [Loader], answers as the guard does.
type admitted struct {
	context.Context //nolint:containedctx // it is a context
	guard           *Guard
	request         http.Request
}

type guardKey struct{}

// admit returns r with p and g in its context.
func admit(g *Guard, p *jeton.Principal, r *http.Request) *http.Request {
	a := &admitted{Context: jeton.NewContext(r.Context(), p), guard: g}
	a.request = *r.WithContext(a)
	return &a.request
}

// Value returns the guard, or what the context around it has.
func (a *admitted) Value(key any) any {
	if key == (guardKey{}) {
		return a.guard
	}
	return a.Context.Value(key)
}

// String keeps the request, and with it its token, out of what is printed.
func (a *admitted) String() string { return "guard.admitted" }

// guardOf returns the innermost guard that let a request through. A principal can come without one, in a test for example.
func guardOf(ctx context.Context) *Guard {
	if g, ok := ctx.Value(guardKey{}).(*Guard); ok {
		return g
	}
	return newGuard(Config{})
}
