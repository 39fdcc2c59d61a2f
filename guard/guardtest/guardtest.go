// Package guardtest is the one suite that every router's and every protocol's way to a guard passes: who is let through and who is not,
// what they are told, what a handler finds, and what happens when something breaks. [Run] runs it over real connections.
//
// An adapter's test is a few lines:
//
//	func TestAdapter(t *testing.T) {
//		guardtest.Run(t, guardtest.Harness{Serve: serve})
//	}
//
// in which serve starts a server of that router whose route is as [Server] says. The suite never sleeps, and no scenario takes longer
// than half a minute.
package guardtest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/jetonauth/jeton/guard"
)

// patience is how long one scenario may take.
const patience = 30 * time.Second

// Harness is how the suite uses one router or protocol. Either Serve or Call is needed; what is nil beside is left out.
type Harness struct {
	// Serve starts an HTTP server on a free port of this machine, all paths and methods of which lead to a route as s says it, and
	// returns its URL. It is closed with t.Cleanup.
	Serve func(t testing.TB, s Server) (url string)
	// Call is for protocols other than HTTP: it starts such a server and returns how to call its one method.
	Call func(t testing.TB, s Server) Caller
	// Raw starts a server like that of Serve with nothing but g in front of h, for routers whose handlers are given an
	// [http.ResponseWriter].
	Raw func(t testing.TB, g *guard.Guard, h http.Handler) (url string)
	// Deaf says that a request's context does not end when its client goes away, as with fasthttp.
	Deaf bool
}

// Caller sends one request with these headers, whatever they are called in its protocol, and returns what came back. An error is one
// of the connection, not one that the server answered with.
type Caller func(ctx context.Context, header http.Header) (Reply, error)

// Reply is what a server answered.
type Reply struct {
	// Status is the HTTP status, or what comes closest to the protocol's own.
	Status int
	// Header has the headers and trailers, their names in canonical form.
	Header http.Header
	// Body is what [Server.Handle] returned, or what a refused client is told.
	Body string
}

// Run tests one router or protocol. Each scenario is a subtest with servers of its own.
func Run(t *testing.T, h Harness) {
	t.Helper()
	if (h.Serve == nil) == (h.Call == nil) {
		t.Fatal("guardtest: Harness needs either Serve or Call")
	}
	for _, sc := range scenarios(h) {
		t.Run(sc.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			sc.run(&scene{T: t, ctx: ctx, harness: h, issuer: newIssuer(t)})
		})
	}
}

// scenario is one subtest.
type scenario struct {
	name string
	run  func(*scene)
}

// scenarios returns those that a harness can be asked for.
func scenarios(h Harness) []scenario {
	all := append(tokenScenarios(), optionalScenarios()...)
	all = append(all, permissionScenarios()...)
	all = append(all, userScenarios()...)
	all = append(all, failureScenarios()...)
	all = append(all, sharingScenarios()...)
	if !h.Deaf {
		all = append(all, scenario{"a client that goes away", (*scene).goneClient})
	}
	if h.Serve != nil {
		all = append(all, requestScenarios()...)
		all = append(all, cookieScenarios()...)
		all = append(all, answerScenarios()...)
	}
	if h.Raw != nil {
		all = append(all, rawScenarios()...)
	}
	return all
}
