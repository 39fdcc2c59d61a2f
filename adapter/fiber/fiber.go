// Package jetonfiber is package guard for fiber.
//
//	app := fiber.New()
//	app.Get("/news", jetonfiber.Require(auth), listNews)
//	app.Post("/news", jetonfiber.Require(auth), jetonfiber.Scopes("news:write"), postNews)
//
// Each function is the one of package guard of that name, as a handler that stands in front of others, for one route, a group or the
// whole app. The principal is in the context of the request: jeton.FromContext(c.Context()). A refused request is answered as the guard
// says, not by fiber's ErrorHandler, and the handlers behind are not called.
//
// Nothing that a guard, a principal or a cache of tokens keeps is memory that fiber uses again for the next request. As always with
// fiber, the context does not end when the client goes away.
package jetonfiber

import (
	"context"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v3"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// Wrap returns a handler that lets through what g lets through.
func Wrap(g *guard.Guard) fiber.Handler {
	return step(func(c fiber.Ctx) (context.Context, *guard.Guard, *guard.Refusal) {
		ctx, refusal := g.Admit(c.Context(), carrier{c})
		return ctx, g, refusal
	}).handle
}

// Require returns a handler that lets only requests with a good Bearer token through, as [guard.Require] does it.
func Require(v jeton.Verifier) fiber.Handler { return Wrap(guardFor(guard.Config{Verifier: v})) }

// Optional returns a handler that lets requests with a good Bearer token and requests without any through, as [guard.Optional] does it.
func Optional(v jeton.Verifier) fiber.Handler {
	return Wrap(guardFor(guard.Config{Verifier: v, Optional: true}))
}

// guardFor returns a guard that refuses everything, with 503, if there is no verifier.
func guardFor(cfg guard.Config) *guard.Guard {
	g, err := guard.New(cfg)
	if err != nil {
		return new(guard.Guard)
	}
	return g
}

// Load returns a handler for behind a guard's: it finds the user, for users.From(c.Context()), as [guard.Loader.Load] does it.
func Load[U any](users *guard.Loader[U]) fiber.Handler { return inside(users.Find) }

// Scopes returns a handler for behind a guard's: the token must have all of these scopes, as [guard.Scopes] does it.
func Scopes(all ...string) fiber.Handler {
	all = slices.Clone(all)
	return inside(func(ctx context.Context) (context.Context, *guard.Refusal) {
		return ctx, guard.CheckScopes(ctx, all...)
	})
}

// Roles returns a handler for behind a guard's: the token must have at least one of these roles, as [guard.Roles] does it.
func Roles(anyOf ...string) fiber.Handler {
	anyOf = slices.Clone(anyOf)
	return inside(func(ctx context.Context) (context.Context, *guard.Refusal) {
		return ctx, guard.CheckRoles(ctx, anyOf...)
	})
}

// Allow returns a handler for behind a guard's: policy must allow the request, as [guard.Allow] does it.
func Allow(policy guard.Policy) fiber.Handler {
	return inside(func(ctx context.Context) (context.Context, *guard.Refusal) {
		return ctx, guard.CheckPolicy(ctx, policy)
	})
}

// inside makes a handler of what judges a request that a guard let through, and perhaps adds to its context.
func inside(judge func(ctx context.Context) (context.Context, *guard.Refusal)) fiber.Handler {
	return step(func(c fiber.Ctx) (context.Context, *guard.Guard, *guard.Refusal) {
		ctx, refusal := judge(c.Context())
		return ctx, guard.Of(ctx), refusal
	}).handle
}

// step judges a request: it returns the context to go on with, or a refusal and the guard that answers it.
type step func(c fiber.Ctx) (ctx context.Context, g *guard.Guard, refusal *guard.Refusal)

func (s step) handle(c fiber.Ctx) error {
	ctx, g, refusal, aborted := s.judge(c)
	switch {
	case aborted:
		drop(c)
		return nil
	case refusal != nil:
		write(c, g.Answer(refusal))
		return nil
	default:
		c.SetContext(ctx)
		return c.Next()
	}
}

// judge reports whether the step has panicked with http.ErrAbortHandler, the only panic that a guard lets through. With fasthttp, a panic
// ends the process.
func (s step) judge(c fiber.Ctx) (ctx context.Context, g *guard.Guard, refusal *guard.Refusal, aborted bool) {
	defer func() {
		value := recover()
		aborted = value == http.ErrAbortHandler //nolint:errorlint // the very value that net/http compares with
		if value != nil && !aborted {
			panic(value)
		}
	}()
	ctx, g, refusal = s(c)
	return ctx, g, refusal, false
}
