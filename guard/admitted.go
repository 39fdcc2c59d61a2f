package guard

import (
	"context"
	"net/http"

	"github.com/jetonauth/jeton"
)

// carried is a context that carries the guard that let a request through, so that what refuses further in, such as a [Loader], answers
// as the guard does.
type carried struct {
	context.Context //nolint:containedctx // it is a context
	guard           *Guard
}

// admitted is such a context, and the request that has it: one allocation for what would be two.
type admitted struct {
	carried
	request http.Request
}

type guardKey struct{}

// admit returns r with p, which may be nil, and g in its context.
func admit(g *Guard, p *jeton.Principal, r *http.Request) *http.Request {
	a := &admitted{carried: carried{r.Context(), g}}
	if p != nil {
		a.Context = jeton.NewContext(a.Context, p)
	}
	a.request = *r.WithContext(a)
	return &a.request
}

// Value returns the guard, or what the context around it has.
func (c *carried) Value(key any) any {
	if key == (guardKey{}) {
		return c.guard
	}
	return c.Context.Value(key)
}

// String keeps the request, and with it its token, out of what is printed.
func (c *carried) String() string { return "guard.admitted" }

// Admit is [Guard.Check] for what has no *http.Request: the context that it returns has the principal, for [jeton.FromContext], and the
// guard, for [Of]. Behind an optional guard, without a token, it has the guard only. With a refusal it is ctx.
func (g *Guard) Admit(ctx context.Context, c Carrier) (context.Context, *Refusal) {
	principal, refusal := g.Check(ctx, c)
	if refusal != nil {
		return ctx, refusal
	}
	inner := ctx
	if principal != nil {
		inner = jeton.NewContext(ctx, principal)
	}
	return &carried{inner, g}, nil
}

// Of returns the innermost guard that let a request through, to answer a refusal as it does. A principal can come without one, in a test
// for example: then it is a guard that answers as the default one and lets nothing through.
func Of(ctx context.Context) *Guard {
	if g, ok := ctx.Value(guardKey{}).(*Guard); ok {
		return g
	}
	return newGuard(Config{})
}
