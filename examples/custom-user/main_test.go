package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	byPassword = `{"email": "ada@example.com", "password": "correct horse battery"}`
	byCard     = `{"strategy": "card", "number": 1, "pin": "8305"}`
)

// served is the application as main runs it, on a port of its own, with a clock that the test moves and the codes that were sent.
type served struct {
	*App
	t   *testing.T
	url string

	mu    sync.Mutex
	now   time.Time
	codes []string
}

func serve(t *testing.T, dir string) *served {
	t.Helper()
	s := &served{t: t, now: time.Now().Truncate(time.Second)}
	server := httptest.NewUnstartedServer(nil)
	s.url = "http://" + server.Listener.Addr().String()
	app, err := open(t.Context(), Config{
		Dir: dir, Issuer: "https://shop.example.com", Send: s.send, Hasher: cheap, Now: s.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.App = app
	if err := app.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = app.routes
	server.Start()
	t.Cleanup(func() { server.Close(); app.db.Close() })
	return s
}

func (s *served) send(_ context.Context, to *Customer, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes = append(s.codes, fmt.Sprint(to.Number, " ", code))
	return nil
}

func (s *served) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *served) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// sent returns the codes that were sent, which must be n.
func (s *served) sent(n int) []string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.codes) != n {
		s.t.Fatalf("%d codes were sent, want %d", len(s.codes), n)
	}
	return slices.Clone(s.codes)
}

// lastCode returns the nth code that was sent, the last so far, which must be to customer 1.
func (s *served) lastCode(n int) string {
	s.t.Helper()
	code, ok := strings.CutPrefix(s.sent(n)[n-1], "1 ")
	if !ok || len(code) != 6 {
		s.t.Fatalf("sent %q", s.codes)
	}
	return code
}

// answer is what of an answer's body these tests look at.
type answer struct {
	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	Code      string `json:"code"`
	Challenge struct {
		Strategy string `json:"strategy"`
		State    string `json:"state"`
	} `json:"challenge"`
	text string
}

// call sends a request, and fails the test unless the answer has this status.
func (s *served) call(method, path, token, body string, status int) (a answer) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.StatusCode != status {
		s.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, resp.StatusCode, text, status)
	}
	if strings.HasSuffix(resp.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &a); err != nil {
			s.t.Fatalf("%v in %s", err, text)
		}
	}
	a.text = string(text)
	return a
}

func (s *served) signIn(body string, status int) answer {
	s.t.Helper()
	return s.call("POST", "/auth/login", "", body, status)
}

func (s *served) secondStep(state, code string, status int) answer {
	s.t.Helper()
	return s.signIn(fmt.Sprintf(`{"strategy": "code", "state": %q, "code": %q}`, state, code), status)
}

// refused fails the test unless a sign-in is answered as any that is not proved.
func (s *served) refused(what string, a answer) {
	s.t.Helper()
	if a.Code != "invalid_credentials" || a.Access != "" || a.Challenge.State != "" {
		s.t.Errorf("%s: %s", what, a.text)
	}
}

func (s *served) exec(statement string) {
	s.t.Helper()
	if _, err := s.db.ExecContext(s.t.Context(), statement); err != nil {
		s.t.Fatal(err)
	}
}

func TestOldPasswordIsUpgraded(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	hash := func() (hash string) {
		t.Helper()
		err := s.db.QueryRowContext(t.Context(), "SELECT password_hash FROM customers WHERE number = 1").Scan(&hash)
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	if !strings.HasPrefix(hash(), oldPrefix) {
		t.Fatalf("at first: %s", hash())
	}
	s.refused("wrong password", s.signIn(`{"email": "ada@example.com", "password": "wrong horse battery"}`, http.StatusUnauthorized))
	if !strings.HasPrefix(hash(), oldPrefix) {
		t.Errorf("after a wrong password: %s", hash())
	}
	s.signIn(byPassword, http.StatusOK)
	upgraded := hash()
	if !strings.HasPrefix(upgraded, "$argon2id$") {
		t.Errorf("after the right password: %s", upgraded)
	}
	s.signIn(byPassword, http.StatusOK)
	s.refused("wrong password", s.signIn(`{"email": "ada@example.com", "password": "wrong horse battery"}`, http.StatusUnauthorized))
	if hash() != upgraded {
		t.Errorf("upgraded twice: %s", hash())
	}
}

func TestHandlerGetsTheCustomer(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	s.exec("UPDATE customers SET is_admin = TRUE WHERE number = 1")
	ada := s.signIn(byPassword, http.StatusOK)
	if got := s.call("GET", "/card", ada.Access, "", http.StatusOK).text; got != "customer 1, Ada, admin: true\n" {
		t.Errorf("card is %q", got)
	}
	bob := s.call("POST", "/auth/signup", "",
		`{"email": "bob@example.com", "password": "correct horse battery", "name": "Bob"}`, http.StatusCreated)
	if got := s.call("GET", "/card", bob.Access, "", http.StatusOK).text; got != "customer 2, Bob, admin: false\n" {
		t.Errorf("card is %q", got)
	}
	s.call("GET", "/card", "", "", http.StatusUnauthorized)
	s.exec("DELETE FROM customers WHERE number = 2")
	s.call("GET", "/card", bob.Access, "", http.StatusUnauthorized)
}

func TestCard(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	first := s.signIn(byCard, http.StatusUnauthorized)
	if first.Code != "challenge" || first.Challenge.Strategy != "code" || first.Challenge.State == "" || first.Access != "" {
		t.Fatalf("first step: %s", first.text)
	}
	code := s.lastCode(1)
	if strings.Contains(first.text, code) {
		t.Errorf("the code is in the answer: %s", first.text)
	}
	second := s.secondStep(first.Challenge.State, code, http.StatusOK)
	if got := s.call("GET", "/card", second.Access, "", http.StatusOK).text; got != "customer 1, Ada, admin: false\n" {
		t.Errorf("card is %q", got)
	}
	s.refused("state used again", s.secondStep(first.Challenge.State, code, http.StatusUnauthorized))

	state := s.signIn(byCard, http.StatusUnauthorized).Challenge.State
	s.refused("wrong code", s.secondStep(state, "x", http.StatusUnauthorized))
	s.refused("right code, but too late", s.secondStep(state, s.lastCode(2), http.StatusUnauthorized))

	s.advance(time.Minute) // as many attempts as an address may make
	state = s.signIn(byCard, http.StatusUnauthorized).Challenge.State
	s.advance(codeLifetime + time.Second)
	s.refused("expired", s.secondStep(state, s.lastCode(3), http.StatusUnauthorized))
	s.refused("no state", s.secondStep("", s.lastCode(3), http.StatusUnauthorized))
}

func TestCardRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	s.call("POST", "/auth/signup", "", `{"email": "bob@example.com", "password": "correct horse battery"}`, http.StatusCreated)
	s.refused("wrong PIN", s.signIn(`{"strategy": "card", "number": 1, "pin": "8306"}`, http.StatusUnauthorized))
	s.refused("no such card", s.signIn(`{"strategy": "card", "number": 3, "pin": "8305"}`, http.StatusUnauthorized))
	s.refused("card without PIN", s.signIn(`{"strategy": "card", "number": 2, "pin": ""}`, http.StatusUnauthorized))
	if a := s.signIn(`{"strategy": "card", "number": "1", "pin": "8305"}`, http.StatusUnprocessableEntity); a.Code != "validation_failed" {
		t.Errorf("number as text: %s", a.text)
	}
	s.sent(0)
}

// A blocked customer can neither sign in nor go on, whatever the token.
func TestBlocked(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	token := s.signIn(byPassword, http.StatusOK)
	state := s.signIn(byCard, http.StatusUnauthorized).Challenge.State
	code := s.lastCode(1)

	s.exec("UPDATE customers SET blocked = TRUE")
	s.refused("by password", s.signIn(byPassword, http.StatusUnauthorized))
	s.refused("by card", s.signIn(byCard, http.StatusUnauthorized))
	s.refused("by code", s.secondStep(state, code, http.StatusUnauthorized))
	s.call("GET", "/card", token.Access, "", http.StatusUnauthorized)
	if a := s.call("POST", "/auth/refresh", "", `{"refresh_token": "`+token.Refresh+`"}`, http.StatusBadRequest); a.Code != "invalid_grant" {
		t.Errorf("refresh: %s", a.text)
	}
	s.sent(1) // none to the blocked customer

	s.exec("UPDATE customers SET blocked = FALSE")
	s.signIn(byPassword, http.StatusOK)
}

func TestPrune(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	sessions := func() (count int) {
		t.Helper()
		if err := s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM jeton_sessions").Scan(&count); err != nil {
			t.Fatal(err)
		}
		return count
	}
	s.signIn(byPassword, http.StatusOK)
	ctx, cancel := context.WithCancel(t.Context())
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() { defer close(done); s.prune(ctx, ticks) }()
	tick := func() { // the second one is taken when the first one's work is done
		t.Helper()
		for range 2 {
			select {
			case ticks <- s.clock():
			case <-time.After(30 * time.Second):
				t.Fatal("prune does not listen")
			}
		}
	}
	tick()
	if n := sessions(); n != 1 {
		t.Errorf("%d sessions, want the one that lasts", n)
	}
	s.advance(365 * 24 * time.Hour)
	tick()
	if n := sessions(); n != 0 {
		t.Errorf("%d sessions after a year", n)
	}
	cancel()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("prune goes on without its context")
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	token := s.signIn(byPassword, http.StatusOK)
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	s = serve(t, dir)
	s.call("GET", "/card", token.Access, "", http.StatusOK)
	next := s.call("POST", "/auth/refresh", "", `{"refresh_token": "`+token.Refresh+`"}`, http.StatusOK)
	s.call("POST", "/auth/logout", next.Access, "", http.StatusNoContent)
	s.call("GET", "/card", next.Access, "", http.StatusUnauthorized)
}
