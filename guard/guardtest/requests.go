package guardtest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/jetonauth/jeton/guard"
)

func requestScenarios() []scenario {
	return []scenario{
		{"what the guard sees of a request", (*scene).seesRequest},
		{"a token in the query", (*scene).queryToken},
		{"a token in a subprotocol", (*scene).subprotocolToken},
		{"every method is guarded", (*scene).everyMethod},
	}
}

// seesRequest has a guard look at all that a Carrier shows.
func (s *scene) seesRequest() {
	var mu sync.Mutex
	var seen string
	source := guard.SourceFunc(func(c guard.Carrier) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		none := c.Header("X-None") == nil && c.Query("none") == nil
		// The same again: what was returned first is still what it was.
		words, host := c.Header("X-Words"), c.Host()
		terms := c.Query("q")
		_, _, _ = c.Header("User-Agent"), c.Query("p"), c.Method()
		seen = fmt.Sprintf("%s %s %q %q %q %t", c.Method(), host, words, terms, c.Query("p"), none)
		return "", nil
	})
	r := s.start(guard.Config{Sources: []guard.Source{source}, Optional: true})
	r.admits(request{
		method: http.MethodPatch, path: "?q=a+b&p=1&q=%26c%3D&q",
		header: http.Header{"x-words": {"one, two", "three"}, "User-Agent": {"guardtest"}},
	}, nobody)
	host := r.url[len("http://"):]
	if want := fmt.Sprintf("PATCH %s %q %q %q true", host, []string{"one, two", "three"}, []string{"a b", "&c=", ""}, []string{"1"}); seen != want {
		s.Errorf("the guard sees\n%s, want\n%s", seen, want)
	}
}

func (s *scene) queryToken() {
	r := s.start(guard.Config{Sources: []guard.Source{guard.Bearer(), guard.Query("ticket")}})
	token := s.issuer.token(s, "ada")
	r.admits(request{path: "?ticket=" + url.QueryEscape(token)}, foundOf("ada"))
	r.refuses(request{path: "?ticket=" + token + "&ticket=" + token}, malformed)
	r.refuses(request{path: "?ticket=" + token, header: bearer(token).header}, malformed)
	r.refuses(request{path: "?Ticket=" + token}, missing)
}

func (s *scene) subprotocolToken() {
	r := s.start(guard.Config{Sources: []guard.Source{guard.Subprotocol("bearer.")}})
	token := s.issuer.token(s, "ada")
	const name = "Sec-Websocket-Protocol"
	r.admits(request{header: http.Header{name: {"chat, bearer." + token}}}, foundOf("ada"))
	r.admits(request{header: http.Header{name: {"chat", "bearer." + token}}}, foundOf("ada"))
	r.refuses(request{header: http.Header{name: {"bearer." + token, "bearer." + token}}}, malformed)
	r.refuses(request{header: http.Header{name: {"chat"}}}, missing)
}

// everyMethod matters most for HEAD and OPTIONS, which some routers answer by themselves.
func (s *scene) everyMethod() {
	r := s.start(guard.Config{})
	token := bearer(s.issuer.token(s, "ada")).header
	methods := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
	for _, method := range methods {
		want := foundOf("ada")
		if method == http.MethodHead {
			want = ""
		}
		r.refuses(request{method: method}, missing)
		r.admits(request{method: method, header: token}, want)
		r.refuses(request{method: method, header: bearer("abc").header}, invalid)
	}
}

func answerScenarios() []scenario {
	return []scenario{
		{"an answer of the application's own", (*scene).ownAnswer},
		{"an answer without a body", (*scene).emptyAnswer},
		{"one answer for many", (*scene).sharedAnswer},
		{"a header stays one line", (*scene).oneLine},
	}
}

// teapot is an answer like no other: [route.refuses] compares what arrives with it.
func teapot() guard.Answer {
	return guard.Answer{
		Status: http.StatusTeapot,
		Header: http.Header{
			"Content-Type":     {"application/x-tea; strength=\"2\""},
			"Www-Authenticate": {`Tea realm="kitchen"`, `Bearer realm="suite"`},
			"Set-Cookie":       {"a=1; Path=/; HttpOnly", "b=2; Secure", "a=; Max-Age=0"},
			"Server":           {"kettle"},
			"Cache-Control":    {"no-store"},
			"X-Words":          {"one", "", "two, three"},
			"Vary":             {"Cookie", "Authorization"},
		},
		Body: []byte("short\x00and\r\nstout <\xff>"),
	}
}

func (s *scene) ownAnswer() {
	r := s.start(guard.Config{Answerer: guard.AnswererFunc(func(*guard.Refusal) guard.Answer { return teapot() })})
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		r.isAnswer(method, r.ask(request{method: method}))
	}
	inner := s.start(guard.Config{Answerer: guard.AnswererFunc(func(*guard.Refusal) guard.Answer { return teapot() })},
		func(v *Server) { v.Users = users() })
	inner.isAnswer(http.MethodGet, inner.ask(bearer(s.issuer.token(s, "gone"))))
}

func (s *scene) emptyAnswer() {
	for _, status := range []int{http.StatusUnauthorized, http.StatusFound, http.StatusNotFound, http.StatusInternalServerError} {
		answer := guard.Answer{Status: status, Header: http.Header{"Location": {"/sign-in"}}}
		r := s.start(guard.Config{Answerer: guard.AnswererFunc(func(*guard.Refusal) guard.Answer { return answer })})
		r.isAnswer(http.MethodGet, r.ask(request{}))
		r.isAnswer(http.MethodPost, r.ask(request{method: http.MethodPost}))
	}
}

// An Answerer may give the same answer again and again: whoever writes it keeps and changes nothing of it.
func (s *scene) sharedAnswer() {
	answer := teapot()
	r := s.start(guard.Config{Answerer: guard.AnswererFunc(func(*guard.Refusal) guard.Answer { return answer })})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { _, _ = r.send(s.ctx, request{}) })
	}
	wait.Wait()
	r.isAnswer(http.MethodGet, r.ask(request{}))
	want := teapot()
	if answer.Status != want.Status || !slices.Equal(answer.Body, want.Body) || fmt.Sprint(answer.Header) != fmt.Sprint(want.Header) {
		s.Errorf("the answer was changed to %v", answer)
	}
}

// Text of a client's that an Answerer repeats in a header must not become a header of its own.
func (s *scene) oneLine() {
	r := s.start(guard.Config{Answerer: guard.AnswererFunc(func(*guard.Refusal) guard.Answer {
		return guard.Answer{
			Status: http.StatusUnauthorized,
			Header: http.Header{"X-Said": {"one\r\nX-Injected: 1"}, "X-Lf": {"one\nX-Injected: 1"}, "X-Cr": {"one\rX-Injected: 1"}},
		}
	})})
	if reply := r.ask(request{}); reply.Status != http.StatusUnauthorized || reply.Header.Get("X-Injected") != "" {
		s.Errorf("answered %d with %v", reply.Status, reply.Header)
	}
}
