// Package jetonecho is package guard for echo 5.
//
//	e := echo.New()
//	e.GET("/news", listNews, jetonecho.Require(auth))
//	e.POST("/news", postNews, jetonecho.Require(auth), jetonecho.Scopes("news:write"))
//
// Each function is the one of package guard of that name, as middleware for one route, a group or the whole server. The principal is in
// the context of the request: jeton.FromContext(c.Request().Context()). A refused request is answered as the guard says, not by echo's
// HTTPErrorHandler, and the handlers behind are not called.
//
// Echo 4 needs no adapter: echo.WrapMiddleware(guard.Require(auth)).
package jetonecho

import (
	"context"
	"slices"

	"github.com/labstack/echo/v5"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// Wrap returns middleware that lets through what g lets through.
func Wrap(g *guard.Guard) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			ctx, refusal := g.Admit(c.Request().Context(), guard.FromRequest(c.Request()))
			if refusal != nil {
				return refuse(c, g, refusal)
			}
			return proceed(ctx, c, next)
		}
	}
}

// Require returns middleware that lets only requests with a good Bearer token through, as [guard.Require] does it.
func Require(v jeton.Verifier) echo.MiddlewareFunc { return Wrap(guardFor(guard.Config{Verifier: v})) }

// Optional returns middleware that lets requests with a good Bearer token and requests without any through, as [guard.Optional] does it.
func Optional(v jeton.Verifier) echo.MiddlewareFunc {
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

// Load returns middleware for behind a guard's: it finds the user, for users.From(c.Request().Context()), as [guard.Loader.Load] does it.
func Load[U any](users *guard.Loader[U]) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			ctx, refusal := users.Find(c.Request().Context())
			if refusal != nil {
				return refuse(c, guard.Of(ctx), refusal)
			}
			return proceed(ctx, c, next)
		}
	}
}

// Scopes returns middleware for behind a guard's: the token must have all of these scopes, as [guard.Scopes] does it.
func Scopes(all ...string) echo.MiddlewareFunc {
	all = slices.Clone(all)
	return check(func(ctx context.Context) *guard.Refusal { return guard.CheckScopes(ctx, all...) })
}

// Roles returns middleware for behind a guard's: the token must have at least one of these roles, as [guard.Roles] does it.
func Roles(anyOf ...string) echo.MiddlewareFunc {
	anyOf = slices.Clone(anyOf)
	return check(func(ctx context.Context) *guard.Refusal { return guard.CheckRoles(ctx, anyOf...) })
}

// Allow returns middleware for behind a guard's: policy must allow the request, as [guard.Allow] does it.
func Allow(policy guard.Policy) echo.MiddlewareFunc {
	return check(func(ctx context.Context) *guard.Refusal { return guard.CheckPolicy(ctx, policy) })
}

func check(judge func(ctx context.Context) *guard.Refusal) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			ctx := c.Request().Context()
			if refusal := judge(ctx); refusal != nil {
				return refuse(c, guard.Of(ctx), refusal)
			}
			return next(c)
		}
	}
}

func proceed(ctx context.Context, c *echo.Context, next echo.HandlerFunc) error {
	c.SetRequest(c.Request().WithContext(ctx))
	return next(c)
}

func refuse(c *echo.Context, g *guard.Guard, refusal *guard.Refusal) error {
	g.Answer(refusal).Write(c.Response())
	return nil
}
