package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/store/memory"
)

const (
	email    = "ada@example.com"
	password = "correct horse battery"
)

// server is the operations over real HTTP. When the test ends, its log is searched for every password and token that it has seen.
type server struct {
	t       *testing.T
	auth    *jetontest.Auth
	api     *api.API
	url     string
	round   func(*http.Request) (*http.Response, error)
	store   *store
	log     *log
	secrets *secrets
}

// option changes a server before it is started.
type option func(*jeton.Config, *api.Config)

func start(t *testing.T, options ...option) *server {
	t.Helper()
	return startWith(t, guard.Config{}, options...)
}

// startWith starts a server whose operations have this guard.
func startWith(t *testing.T, protection guard.Config, options ...option) *server {
	t.Helper()
	s := &server{t: t, round: http.DefaultTransport.RoundTrip, store: &store{Store: memory.New()}, log: &log{}, secrets: &secrets{}}
	s.secrets.add(password)
	logger := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg := api.Config{Logger: logger}
	s.auth = jetontest.New(t, func(c *jeton.Config) {
		c.Store, c.Logger = s.store, logger
		for _, o := range options {
			o(c, &cfg)
		}
	})
	cfg.Auth = s.auth.Auth
	a, err := api.NewWithGuard(cfg, protection)
	if err != nil {
		t.Fatal(err)
	}
	s.api = a
	mux := http.NewServeMux()
	a.Mount(mux)
	running := httptest.NewServer(mux)
	t.Cleanup(running.Close)
	t.Cleanup(func() { s.secrets.expectNoneIn(t, "the log", s.log.String()) })
	s.url = running.URL
	return s
}

// request is what a test sends.
type request struct {
	method, path string
	body         string // JSON, unless header says otherwise
	token        string // for the Authorization header
	header       http.Header
	chunked      bool // without Content-Length
}

// answer is what comes back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	text   string
}

func (s *server) send(r request) answer {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	if r.chunked {
		body = struct{ io.Reader }{body}
	}
	sent, err := http.NewRequestWithContext(ctx, r.method, s.url+r.path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if r.body != "" {
		sent.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		s.secrets.add(r.token)
		sent.Header.Set("Authorization", "Bearer "+r.token)
	}
	maps.Copy(sent.Header, r.header)
	response, err := s.round(sent)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{t: s.t, status: response.StatusCode, header: response.Header, text: string(text)}
	s.check(r, a)
	return a
}

// check looks at what holds for every answer.
func (s *server) check(r request, a answer) {
	s.t.Helper()
	if len(a.header.Get("X-Request-Id")) < 20 {
		s.t.Errorf("%s %s: request id %q", r.method, r.path, a.header.Get("X-Request-Id"))
	}
	if got := a.header.Get("Cache-Control"); (strings.HasPrefix(r.path, "/auth") || isOAuth(r.path)) && got != "no-store" {
		s.t.Errorf("%s %s: Cache-Control %q", r.method, r.path, got)
	}
	if got := a.header.Get("Pragma"); isOAuth(r.path) && got != "no-cache" {
		s.t.Errorf("%s %s: Pragma %q", r.method, r.path, got)
	}
	for name := range a.header {
		if strings.HasPrefix(name, "Access-Control-") || name == "Link" {
			s.t.Errorf("%s %s: header %s", r.method, r.path, name)
		}
	}
	for _, cookie := range (&http.Response{Header: a.header}).Cookies() {
		s.secrets.add(cookie.Value)
	}
	if a.status >= 400 {
		s.secrets.expectNoneIn(s.t, "the answer", a.text)
	} else if r.method != http.MethodHead && strings.HasPrefix(a.text, `{"access_token":`) {
		got := a.tokens()
		s.secrets.add(got.AccessToken, got.RefreshToken)
	}
}

func (s *server) post(path, body, token string) answer {
	s.t.Helper()
	return s.send(request{method: http.MethodPost, path: path, body: body, token: token})
}

func (s *server) get(path, token string) answer {
	s.t.Helper()
	return s.send(request{method: http.MethodGet, path: path, token: token})
}

// signUp makes the account that most tests use.
func (s *server) signUp() tokens {
	s.t.Helper()
	return s.post("/auth/signup", object("email", email, "password", password, "name", "Ada"), "").expect(http.StatusCreated).tokens()
}

func (s *server) signIn() tokens {
	s.t.Helper()
	return s.post("/auth/login", object("email", email, "password", password), "").expect(http.StatusOK).tokens()
}

// object is a JSON object of names and values.
func object(namesAndValues ...any) string {
	members := map[string]any{}
	for pair := range slices.Chunk(namesAndValues, 2) {
		members[pair[0].(string)] = pair[1]
	}
	text, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (a answer) expect(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %.300s", a.status, status, a.text)
	}
	return a
}

// problem is the body of what is no success.
type problem struct {
	Title     string           `json:"title"`
	Status    int              `json:"status"`
	Code      string           `json:"code"`
	Detail    string           `json:"detail"`
	RequestID string           `json:"request_id"`
	Errors    []map[string]any `json:"errors"`
	Challenge map[string]any   `json:"challenge"`
}

func (a answer) expectProblem(status int, code string) problem {
	a.t.Helper()
	var p problem
	a.expect(status).decode(&p)
	if p.Code != code || p.Status != status || p.Title != http.StatusText(status) {
		a.t.Fatalf("problem %.300s, want code %s", a.text, code)
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("content type %q", got)
	}
	if p.RequestID != a.header.Get("X-Request-Id") {
		a.t.Errorf("request id %q, in the header %q", p.RequestID, a.header.Get("X-Request-Id"))
	}
	challenge := a.header.Get("WWW-Authenticate")
	if status == http.StatusUnauthorized && !strings.HasPrefix(challenge, `Bearer realm="api"`) {
		a.t.Errorf("challenge %q", challenge)
	}
	if status == http.StatusServiceUnavailable && a.header.Get("Retry-After") == "" {
		a.t.Error("no Retry-After")
	}
	return p
}

// expectFields demands exactly these pointers with these codes: "/email required".
func (p problem) expectFields(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, e := range p.Errors {
		got = append(got, e["pointer"].(string)+" "+e["code"].(string))
		if len(e) != 3 || e["message"] == "" {
			t.Errorf("error %v, want pointer, code and message", e)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("errors %q, want %q", got, want)
	}
}

func (a answer) decode(into any) {
	a.t.Helper()
	decoder := json.NewDecoder(strings.NewReader(a.text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		a.t.Fatalf("body %.300s: %v", a.text, err)
	}
}

// tokens is a token response.
type tokens struct {
	AccessToken  string   `json:"access_token"`
	TokenType    string   `json:"token_type"`
	ExpiresIn    int      `json:"expires_in"`
	RefreshToken string   `json:"refresh_token"`
	SessionID    string   `json:"session_id"`
	Scope        *string  `json:"scope"`
	User         *account `json:"user"`
}

type account struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	Roles     []string  `json:"roles"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func (a answer) tokens() (t tokens) {
	a.t.Helper()
	a.decode(&t)
	return t
}

func (a answer) account() (u account) {
	a.t.Helper()
	a.expect(http.StatusOK).decode(&u)
	return u
}

// log is what a server logged.
type log struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(line)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

// lines returns the lines that contain all of the parts.
func (l *log) lines(parts ...string) []string {
	var found []string
	for line := range strings.Lines(l.String()) {
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) }) {
			found = append(found, line)
		}
	}
	return found
}

// secrets are passwords and tokens that nothing may tell.
type secrets struct {
	mu  sync.Mutex
	all []string
}

func (s *secrets) add(more ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range more {
		if len(secret) >= 8 { // shorter ones are found anywhere
			s.all = append(s.all, secret)
		}
	}
}

func (s *secrets) expectNoneIn(t *testing.T, where, text string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range s.all {
		if strings.Contains(text, secret) {
			t.Errorf("%s has a secret, %.12s…: %s", where, secret, text)
		}
	}
}
