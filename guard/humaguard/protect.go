package humaguard

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton/guard"
)

// Protect returns op behind g, which is asked before the operation's own middleware. In the document, the operation gets the security
// requirements that the guard's sources are, and the answers of refused requests; the schemes are added to document, of which those
// that it has already are used again. What op says of an answer itself stays as it is.
//
// Neither op nor what it refers to is changed. A nil guard refuses every request as [guard.Unavailable].
//
// Scopes are listed in the requirements, which OpenAPI 3.1 allows for every type of scheme ("Security Requirement Object"); in a document of
// version 3.0 they are only in the description of the answer 403, as roles always are, of which one is enough.
func Protect(document *huma.OpenAPI, op huma.Operation, g *guard.Guard, options ...Option) huma.Operation {
	p := newProtection(g, options)
	p.describe(document, &op)
	op.Middlewares = slices.Concat(huma.Middlewares{p.check}, op.Middlewares)
	return op
}

// ProtectGroup puts g before all operations that are registered with the group from now on, and describes them as [Protect] does. For
// a whole API the group is huma.NewGroup(api).
func ProtectGroup(group *huma.Group, g *guard.Guard, options ...Option) {
	p := newProtection(g, options)
	group.UseMiddleware(p.check)
	group.UseSimpleModifier(func(op *huma.Operation) { p.describe(group.OpenAPI(), op) })
}

// Option adds to what a guard does before operations. What is asked is asked in the order of the options, after the guard.
type Option func(*protection)

// Scopes demands all of these scopes, as [guard.Scopes] does, and lists them in the document.
func Scopes(all ...string) Option {
	all = slices.Clone(all)
	return func(p *protection) {
		p.asked.Scopes = append(p.asked.Scopes, all...)
		p.ask(func(ctx context.Context) (context.Context, *guard.Refusal) {
			return ctx, guard.CheckScopes(ctx, all...)
		})
	}
}

// Roles demands one of these roles, as [guard.Roles] does.
func Roles(anyOf ...string) Option {
	anyOf = slices.Clone(anyOf)
	return func(p *protection) {
		p.roles = append(p.roles, anyOf)
		p.ask(func(ctx context.Context) (context.Context, *guard.Refusal) {
			return ctx, guard.CheckRoles(ctx, anyOf...)
		})
	}
}

// Allow asks a policy, as [guard.Allow] does.
func Allow(policy guard.Policy) Option {
	return func(p *protection) {
		p.ask(func(ctx context.Context) (context.Context, *guard.Refusal) {
			return ctx, guard.CheckPolicy(ctx, policy)
		})
	}
}

// Users loads the application's own user, which the handler gets with [guard.Loader.From].
func Users[U any](loader *guard.Loader[U]) Option {
	return func(p *protection) { p.steps = append(p.steps, loader.Find) }
}

// Scheme describes one more way to send the token. A guard cannot say what a [guard.SourceFunc] reads; without a scheme of its own it
// is not in the document.
func Scheme(name string, scheme *huma.SecurityScheme) Option {
	return func(p *protection) { p.schemes = append(p.schemes, named{name, scheme}) }
}

// SeenAs replaces what the guard sees of a request: [Carrier]. It is for requests that speak of others, such as a proxy's.
func SeenAs(carrier func(ctx huma.Context) guard.Carrier) Option {
	return func(p *protection) { p.carrier = carrier }
}

// AnswerWith replaces how refused requests are answered. What that looks like is then left to the operation to describe.
func AnswerWith(write func(ctx huma.Context, refused guard.Answer)) Option {
	return func(p *protection) { p.write, p.ownAnswers = write, true }
}

// protection is a guard, and what else is asked, before operations.
type protection struct {
	guard *guard.Guard
	asked guard.Description
	roles [][]string // one of each is needed
	steps []step
	// demanding says that a step refuses who has no principal, which an optional guard lets through, and may refuse who has one.
	demanding bool
	schemes   []named
	carrier   func(ctx huma.Context) guard.Carrier
	write     func(ctx huma.Context, refused guard.Answer)
	// ownAnswers says that write may answer something else than it is given.
	ownAnswers bool
}

// step is what is asked of a request that the guard let through.
type step func(ctx context.Context) (context.Context, *guard.Refusal)

// named is a security scheme, and what the document is to call it.
type named struct {
	name   string
	scheme *huma.SecurityScheme
}

func newProtection(g *guard.Guard, options []Option) *protection {
	if g == nil {
		g = &guard.Guard{}
	}
	p := &protection{guard: g, asked: g.Describe(), carrier: Carrier, write: write}
	if len(p.asked.Roles) > 0 {
		p.roles = append(p.roles, p.asked.Roles)
	}
	for _, option := range options {
		option(p)
	}
	return p
}

// ask adds a step that may refuse with 403.
func (p *protection) ask(s step) {
	p.steps, p.demanding = append(p.steps, s), true
}

// check is the middleware.
func (p *protection) check(ctx huma.Context, next func(huma.Context)) {
	inner, refusal := p.guard.Admit(ctx.Context(), p.carrier(ctx))
	for i := 0; refusal == nil && i < len(p.steps); i++ {
		inner, refusal = p.steps[i](inner) //nolint:fatcontext // as deep as there are options
	}
	if refusal != nil {
		p.write(ctx, p.guard.Answer(refusal))
		return
	}
	next(huma.WithContext(ctx, inner))
}
