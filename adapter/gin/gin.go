// Package jetongin is package guard for gin.
//
//	r := gin.Default()
//	r.GET("/news", jetongin.Require(auth), listNews)
//	r.POST("/news", jetongin.Require(auth), jetongin.Scopes("news:write"), postNews)
//
// Each function is the one of package guard of that name, as a handler that stands in front of others, for one route, a group or the
// whole engine. The principal is in the context of the request: jeton.FromContext(c.Request.Context()). A refused request is answered
// as the guard says, and the handlers behind are not called.
package jetongin

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// Wrap returns a handler that lets through what g lets through.
func Wrap(g *guard.Guard) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer aborted(c)
		ctx, refusal := g.Admit(c.Request.Context(), guard.FromRequest(c.Request))
		proceed(ctx, c, g, refusal)
	}
}

// Require returns a handler that lets only requests with a good Bearer token through, as [guard.Require] does it.
func Require(v jeton.Verifier) gin.HandlerFunc { return Wrap(guardFor(guard.Config{Verifier: v})) }

// Optional returns a handler that lets requests with a good Bearer token and requests without any through, as [guard.Optional] does it.
func Optional(v jeton.Verifier) gin.HandlerFunc {
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

// Load returns a handler for behind a guard's: it finds the user, for users.From(c.Request.Context()), as [guard.Loader.Load] does it.
func Load[U any](users *guard.Loader[U]) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer aborted(c)
		ctx, refusal := users.Find(c.Request.Context())
		proceed(ctx, c, guard.Of(ctx), refusal)
	}
}

// Scopes returns a handler for behind a guard's: the token must have all of these scopes, as [guard.Scopes] does it.
func Scopes(all ...string) gin.HandlerFunc {
	all = slices.Clone(all)
	return check(func(ctx context.Context) *guard.Refusal { return guard.CheckScopes(ctx, all...) })
}

// Roles returns a handler for behind a guard's: the token must have at least one of these roles, as [guard.Roles] does it.
func Roles(anyOf ...string) gin.HandlerFunc {
	anyOf = slices.Clone(anyOf)
	return check(func(ctx context.Context) *guard.Refusal { return guard.CheckRoles(ctx, anyOf...) })
}

// Allow returns a handler for behind a guard's: policy must allow the request, as [guard.Allow] does it.
func Allow(policy guard.Policy) gin.HandlerFunc {
	return check(func(ctx context.Context) *guard.Refusal { return guard.CheckPolicy(ctx, policy) })
}

func check(judge func(ctx context.Context) *guard.Refusal) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer aborted(c)
		ctx := c.Request.Context()
		if refusal := judge(ctx); refusal != nil {
			refuse(c, guard.Of(ctx), refusal)
		}
	}
}

// proceed goes on with ctx, unless the request is refused.
func proceed(ctx context.Context, c *gin.Context, g *guard.Guard, refusal *guard.Refusal) {
	if refusal != nil {
		refuse(c, g, refusal)
		return
	}
	c.Request = c.Request.WithContext(ctx)
}

func refuse(c *gin.Context, g *guard.Guard, refusal *guard.Refusal) {
	c.Abort()
	g.Answer(refusal).Write(c.Writer)
}

// aborted, deferred, sees to it that a panic with http.ErrAbortHandler, the only one that a guard lets through, is no success: gin.Recovery
// takes it for a broken connection and leaves the status as it is.
func aborted(c *gin.Context) {
	if value := recover(); value != nil {
		c.Status(http.StatusInternalServerError)
		panic(value)
	}
}
