package guardtest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/guardtest"
)

// adapter is one that takes a guard apart, as one for a router that is not net/http has to. Each field is a part that a defect replaces.
type adapter struct {
	carrier func(r *http.Request) guard.Carrier
	admit   func(ctx context.Context, g *guard.Guard, c guard.Carrier) (context.Context, *guard.Refusal)
	find    func(ctx context.Context, users *guard.Loader[*guardtest.User]) (context.Context, *guard.Refusal)
	permit  func(ctx context.Context, s guardtest.Server) *guard.Refusal
	refuse  func(w http.ResponseWriter, r *http.Request, answer guard.Answer, refusal *guard.Refusal, s guardtest.Server)
	next    func(w http.ResponseWriter, r *http.Request, s guardtest.Server)
	// around is the whole of it.
	around func(h http.Handler) http.Handler
	// raw is what a handler of Harness.Raw is given.
	raw func(w http.ResponseWriter) http.ResponseWriter
}

// sound returns an adapter that has no defect.
func sound() *adapter {
	return &adapter{
		carrier: guard.FromRequest,
		admit: func(ctx context.Context, g *guard.Guard, c guard.Carrier) (context.Context, *guard.Refusal) {
			return g.Admit(ctx, c)
		},
		find: func(ctx context.Context, users *guard.Loader[*guardtest.User]) (context.Context, *guard.Refusal) {
			return users.Find(ctx)
		},
		permit: permit,
		refuse: func(w http.ResponseWriter, _ *http.Request, answer guard.Answer, _ *guard.Refusal, _ guardtest.Server) {
			answer.Write(w)
		},
		next: func(w http.ResponseWriter, r *http.Request, s guardtest.Server) {
			_, _ = io.WriteString(w, s.Handle(r.Context()))
		},
		around: func(h http.Handler) http.Handler { return h },
		raw:    func(w http.ResponseWriter) http.ResponseWriter { return w },
	}
}

func permit(ctx context.Context, s guardtest.Server) *guard.Refusal {
	if s.Scopes != nil {
		if refusal := guard.CheckScopes(ctx, s.Scopes...); refusal != nil {
			return refusal
		}
	}
	if s.Roles != nil {
		if refusal := guard.CheckRoles(ctx, s.Roles...); refusal != nil {
			return refusal
		}
	}
	if s.Policy != nil {
		return guard.CheckPolicy(ctx, s.Policy)
	}
	return nil
}

func (a *adapter) judge(r *http.Request, s guardtest.Server) (context.Context, *guard.Guard, *guard.Refusal) {
	ctx, refusal := a.admit(r.Context(), s.Guard, a.carrier(r))
	if refusal != nil {
		return ctx, s.Guard, refusal
	}
	if s.Users != nil {
		if ctx, refusal = a.find(ctx, s.Users); refusal != nil {
			return ctx, guard.Of(ctx), refusal
		}
	}
	return ctx, guard.Of(ctx), a.permit(ctx, s)
}

func (a *adapter) handler(s guardtest.Server) http.Handler {
	return a.around(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, g, refusal := a.judge(r, s)
		if refusal != nil {
			a.refuse(w, r, g.Answer(refusal), refusal, s)
			return
		}
		a.next(w, r.WithContext(ctx), s)
	}))
}

func (a *adapter) harness() guardtest.Harness {
	return guardtest.Harness{
		Serve: func(t testing.TB, s guardtest.Server) string { t.Helper(); return listen(t, a.handler(s)) },
		Raw: func(t testing.TB, g *guard.Guard, h http.Handler) string {
			t.Helper()
			return listen(t, g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(a.raw(w), r) })))
		},
	}
}

func listen(t testing.TB, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}
