package guardtest_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/guardtest"
)

func sharingDefects() map[string]defect {
	return map[string]defect{
		"one context for all": {
			func(a *adapter) {
				var last atomic.Pointer[context.Context]
				next := a.next
				a.next = func(w http.ResponseWriter, r *http.Request, s guardtest.Server) {
					ctx := r.Context()
					last.Store(&ctx)
					next(w, r.WithContext(latest{ctx, &last}), s)
				}
			},
			[]string{"100 requests at once"},
		},
		"the principal of the request before": {
			func(a *adapter) {
				var last atomic.Pointer[context.Context]
				admit := a.admit
				a.admit = func(ctx context.Context, g *guard.Guard, c guard.Carrier) (context.Context, *guard.Refusal) {
					inner, refusal := admit(ctx, g, c)
					if _, ok := jeton.FromContext(inner); ok {
						last.Store(&inner)
					} else if before := last.Load(); refusal == nil && before != nil {
						return *before, nil
					}
					return inner, refusal
				}
			},
			[]string{"optional: a principal stays with its request"},
		},
		"one request at a time": {
			func(a *adapter) {
				var mu sync.Mutex
				next := a.next
				a.next = func(w http.ResponseWriter, r *http.Request, s guardtest.Server) {
					if !mu.TryLock() {
						http.Error(w, "busy", http.StatusTooManyRequests)
						return
					}
					defer mu.Unlock()
					next(w, r, s)
				}
			},
			[]string{"100 requests at once"},
		},
		"tokens in a buffer": {reuses, []string{"a remembered token is its own"}},
		"the answer of the refusal before": {
			func(a *adapter) {
				var once sync.Once
				var said guard.Answer
				a.refuse = func(w http.ResponseWriter, _ *http.Request, an guard.Answer, _ *guard.Refusal, _ guardtest.Server) {
					once.Do(func() { said = an })
					said.Write(w)
				}
			},
			[]string{"optional", "scopes and roles of the guard"},
		},
		"nothing is written": {
			func(a *adapter) {
				a.next = func(w http.ResponseWriter, r *http.Request, s guardtest.Server) {
					s.Handle(r.Context())
					_, _ = io.WriteString(w, "")
				}
			},
			[]string{"a good token", "a user"},
		},
	}
}

// latest is a context whose values are those of the request that came last.
type latest struct {
	context.Context //nolint:containedctx // it is a context
	last            *atomic.Pointer[context.Context]
}

func (l latest) Value(key any) any { return (*l.last.Load()).Value(key) }

// reuses keeps the headers of all requests in one buffer, as fast servers do, and gives the guard what is in it.
func reuses(a *adapter) {
	buffer := make([]byte, 1<<16)
	a.carrier = func(r *http.Request) guard.Carrier {
		return carrierOf{Carrier: guard.FromRequest(r), header: func(_ string, values []string) []string {
			var kept []string
			free := buffer
			for _, value := range values {
				size := copy(free, value)
				kept = append(kept, unsafe.String(unsafe.SliceData(free), size))
				free = free[size:]
			}
			return kept
		}}
	}
}
