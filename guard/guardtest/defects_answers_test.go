package guardtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/guardtest"
)

// answers makes an adapter one that writes answers otherwise.
func answers(change func(a *guard.Answer, r *guard.Refusal)) func(a *adapter) {
	return func(a *adapter) {
		a.refuse = func(w http.ResponseWriter, _ *http.Request, an guard.Answer, re *guard.Refusal, _ guardtest.Server) {
			an.Header = an.Header.Clone()
			change(&an, re)
			an.Write(w)
		}
	}
}

func answerDefects() map[string]defect {
	return map[string]defect{
		"no challenge": {
			answers(func(a *guard.Answer, _ *guard.Refusal) { a.Header.Del("WWW-Authenticate") }),
			[]string{"no token", "an expired token", "scopes", "an answer of the application's own"},
		},
		"always a challenge": {
			answers(func(a *guard.Answer, _ *guard.Refusal) {
				if a.Header != nil {
					a.Header.Set("WWW-Authenticate", `Bearer realm="suite"`)
				}
			}),
			[]string{"keys that are away", "an expired token", "a cookie and the CSRF value"},
		},
		"401 for everything": {
			answers(func(a *guard.Answer, _ *guard.Refusal) { a.Status = http.StatusUnauthorized }),
			[]string{
				"keys that are away", "revocations that are away", "a store of users that is down", "a verifier that is cut short",
				"scopes", "malformed headers", "a panic of the verifier",
			},
		},
		"the cause is told": {
			answers(func(a *guard.Answer, r *guard.Refusal) { a.Body = fmt.Append(a.Body, r.Err) }),
			[]string{"a panic of the verifier", "a panic of a loader", "a panic of a policy", "a store of users that is down"},
		},
		"the cause is told in a header": {
			answers(func(a *guard.Answer, r *guard.Refusal) {
				if a.Header != nil && r.Err != nil {
					a.Header.Set("X-Error", strings.ReplaceAll(r.Err.Error(), "\n", " "))
				}
			}),
			[]string{"a panic of the verifier", "keys that are away", "a panic of the guard's policy", "a panic of a source"},
		},
		"only the first value of a header": {
			answers(func(a *guard.Answer, _ *guard.Refusal) {
				for name, values := range a.Header {
					a.Header[name] = values[:1]
				}
			}),
			[]string{"an answer of the application's own"},
		},
		"another type": {
			answers(func(a *guard.Answer, _ *guard.Refusal) { a.Header = http.Header{"Content-Type": {"text/html"}} }),
			[]string{"no token", "an answer of the application's own"},
		},
		"no body":        {answers(func(a *guard.Answer, _ *guard.Refusal) { a.Body = nil }), []string{"no token", "an answer of the application's own"}},
		"always a body":  {answers(func(a *guard.Answer, _ *guard.Refusal) { a.Body = append(a.Body, '\n') }), []string{"an answer without a body", "no token"}},
		"its own answer": {func(a *adapter) { a.refuse = plainRefusal }, []string{"an answer of the application's own", "no token"}},
		"the answer is changed": {
			func(a *adapter) {
				var mu sync.Mutex
				a.refuse = func(w http.ResponseWriter, _ *http.Request, an guard.Answer, _ *guard.Refusal, _ guardtest.Server) {
					mu.Lock()
					defer mu.Unlock()
					an.Write(w)
					for _, values := range an.Header { // in place: a map that others read at the same time would end the process
						values[0] += ", changed"
					}
				}
			},
			[]string{"one answer for many"},
		},
		"no streaming": {func(a *adapter) { a.raw = hidden }, []string{"a handler that streams", "a handler that takes the connection over"}},
	}
}

func plainRefusal(w http.ResponseWriter, _ *http.Request, _ guard.Answer, r *guard.Refusal, _ guardtest.Server) {
	http.Error(w, string(r.Code), r.Status())
}

// hidden hides what a ResponseWriter can do beside.
func hidden(w http.ResponseWriter) http.ResponseWriter { return struct{ http.ResponseWriter }{w} }
