package guardtest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/guardtest"
)

func judgingDefects() map[string]defect {
	return map[string]defect{
		"refused requests go through": {
			func(a *adapter) {
				answer := a.refuse
				a.refuse = func(w http.ResponseWriter, r *http.Request, an guard.Answer, re *guard.Refusal, s guardtest.Server) {
					answer(w, r, an, re, s)
					s.Handle(r.Context())
				}
			},
			[]string{"no token", "two headers", "scopes", "a user who is gone", "keys that are away", "a panic of a loader"},
		},
		"everybody is let in": {
			func(a *adapter) {
				a.admit = func(ctx context.Context, _ *guard.Guard, _ guard.Carrier) (context.Context, *guard.Refusal) {
					return ctx, nil
				}
			},
			[]string{"a good token", "no token", "every method is guarded"},
		},
		"the handler is not called": {
			func(a *adapter) {
				a.next = func(w http.ResponseWriter, r *http.Request, _ guardtest.Server) {
					p, _ := jeton.FromContext(r.Context())
					fmt.Fprintf(w, "%s %q %q", p.Subject(), p.Scopes(), p.Roles())
				}
			},
			[]string{"a good token"},
		},
		"the handler is called twice": {
			func(a *adapter) {
				next := a.next
				a.next = func(w http.ResponseWriter, r *http.Request, s guardtest.Server) {
					next(httptest.NewRecorder(), r, s)
					next(w, r, s)
				}
			},
			[]string{"a good token", "optional"},
		},
		"an optional guard requires": {
			func(a *adapter) {
				admit := a.admit
				a.admit = func(ctx context.Context, g *guard.Guard, c guard.Carrier) (context.Context, *guard.Refusal) {
					inner, refusal := admit(ctx, g, c)
					if _, ok := jeton.FromContext(inner); refusal == nil && !ok {
						return ctx, &guard.Refusal{Code: guard.MissingToken}
					}
					return inner, refusal
				}
			},
			[]string{"optional", "optional: a principal stays with its request"},
		},
		"an optional guard lets bad tokens through": {
			func(a *adapter) {
				admit := a.admit
				a.admit = func(ctx context.Context, g *guard.Guard, c guard.Carrier) (context.Context, *guard.Refusal) {
					inner, refusal := admit(ctx, g, c)
					if refusal != nil && refusal.Code == guard.InvalidToken {
						return ctx, nil
					}
					return inner, refusal
				}
			},
			[]string{"optional", "an expired token"},
		},
		"the guard is lost on the way in": {
			func(a *adapter) {
				admit := a.admit
				a.admit = func(ctx context.Context, g *guard.Guard, c guard.Carrier) (context.Context, *guard.Refusal) {
					inner, refusal := admit(ctx, g, c)
					if p, ok := jeton.FromContext(inner); ok {
						inner = jeton.NewContext(ctx, p)
					}
					return inner, refusal
				}
			},
			[]string{"scopes", "roles", "a user who is gone"},
		},
		"the guard is lost without a principal": {
			func(a *adapter) {
				admit := a.admit
				a.admit = func(ctx context.Context, g *guard.Guard, c guard.Carrier) (context.Context, *guard.Refusal) {
					inner, refusal := admit(ctx, g, c)
					if _, ok := jeton.FromContext(inner); !ok {
						inner = ctx
					}
					return inner, refusal
				}
			},
			[]string{"permissions behind an optional guard"},
		},
		"the user is lost": {
			func(a *adapter) {
				a.find = func(ctx context.Context, users *guard.Loader[*guardtest.User]) (context.Context, *guard.Refusal) {
					_, refusal := users.Find(ctx)
					return ctx, refusal
				}
			},
			[]string{"a user", "each finds what came before it"},
		},
		"permissions are not asked": {
			func(a *adapter) { a.permit = func(context.Context, guardtest.Server) *guard.Refusal { return nil } },
			[]string{"scopes", "roles", "a policy", "permissions behind an optional guard", "a panic of a policy"},
		},
		"OPTIONS and HEAD are not guarded": {
			func(a *adapter) {
				a.around = func(h http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if r.Method == http.MethodOptions || r.Method == http.MethodHead {
							w.WriteHeader(http.StatusOK)
							return
						}
						h.ServeHTTP(w, r)
					})
				}
			},
			[]string{"every method is guarded", "a token in a cookie"},
		},
		"a panic of a loader ends the request": {
			func(a *adapter) {
				a.find = func(ctx context.Context, users *guard.Loader[*guardtest.User]) (context.Context, *guard.Refusal) {
					inner, refusal := users.Find(ctx)
					if refusal != nil && refusal.Code == guard.Internal {
						panic(http.ErrAbortHandler)
					}
					return inner, refusal
				}
			},
			[]string{"a panic of a loader"},
		},
		"a context of its own": {
			func(a *adapter) {
				a.around = func(h http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						h.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
					})
				}
			},
			[]string{"a client that goes away"},
		},
		"a panic without an answer is an answer": {
			func(a *adapter) {
				a.around = func(h http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						defer func() { _ = recover() }()
						h.ServeHTTP(w, r)
					})
				}
			},
			[]string{"a panic that wants no answer"},
		},
	}
}
