package guardtest

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// Server says what stands in front of a route's handler, from the outside in. What is nil is not there.
type Server struct {
	// Guard is never nil.
	Guard *guard.Guard
	// Users loads a user, inside the guard.
	Users *guard.Loader[*User]
	// Scopes are needed, as [guard.Scopes] does it.
	Scopes []string
	// Roles are needed, as [guard.Roles] does it.
	Roles []string
	// Policy is asked, as [guard.Allow] does it.
	Policy guard.Policy

	handle func(ctx context.Context) string
}

// User is an application's own user.
type User struct{ Name string }

// Handle is the route's handler: it is given the request's context as a handler of that router gets it, and returns what the request is
// answered with, as text, with the status 200.
func (s Server) Handle(ctx context.Context) string {
	if s.handle == nil {
		return found(ctx, s.Users)
	}
	return s.handle(ctx)
}

// ServeHTTP is [Server.Handle] as a handler of net/http.
func (s Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, s.Handle(r.Context())) // a client that has gone reads nothing
}

// Middleware returns what stands in front of the handler for routers that take middleware of net/http as it is, the outermost first.
func (s Server) Middleware() []func(http.Handler) http.Handler {
	list := []func(http.Handler) http.Handler{s.Guard.Wrap}
	if s.Users != nil {
		list = append(list, s.Users.Load)
	}
	if s.Scopes != nil {
		list = append(list, guard.Scopes(s.Scopes...))
	}
	if s.Roles != nil {
		list = append(list, guard.Roles(s.Roles...))
	}
	if s.Policy != nil {
		list = append(list, guard.Allow(s.Policy))
	}
	return list
}

// nobody is what a handler finds that was called without a principal.
const nobody = "nobody"

// found says what a handler finds in its context.
func found(ctx context.Context, users *guard.Loader[*User]) string {
	p, ok := jeton.FromContext(ctx)
	if !ok {
		return nobody
	}
	text := fmt.Sprintf("%s %q %q", p.Subject(), p.Scopes(), p.Roles())
	if users == nil {
		return text
	}
	if user, ok := users.From(ctx); ok {
		return text + " " + user.Name
	}
	return text + " without a user"
}
