package jeton_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/password"
	"github.com/jetonauth/jeton/store/memory"
)

const (
	issuer   = "https://api.example.com"
	ada      = "ada@example.com"
	good     = "correct horse battery"
	another  = "staple under the stairs"
	homeNet  = "192.0.2.7"
	otherNet = "198.51.100.9"
)

// cheap hashes at a cost that tests can afford.
var cheap = password.Argon2id{Memory: 64, Time: 1, Threads: 1}

// service is a service over memory, whose clock a test moves, and all that it logged and audited.
type service struct {
	*jeton.Auth
	t     *testing.T
	store *memory.Store

	mu     sync.Mutex
	now    time.Time
	logs   bytes.Buffer
	events []jeton.Event
}

func newService(t *testing.T, change func(*jeton.Config)) *service {
	t.Helper()
	s := &service{t: t, store: memory.New(), now: time.Now().UTC().Truncate(time.Second)}
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		t.Fatal(err)
	}
	cfg := jeton.Config{
		Issuer: issuer, Keys: jwk.Static(key), Store: s.store, Hasher: cheap, Now: s.Now,
		Limits: jeton.Limits{Off: true},
		Logger: slog.New(slog.NewTextHandler(s, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Audit:  s.record,
	}
	if change != nil {
		change(&cfg)
	}
	s.Auth, err = jeton.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *service) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logs.Write(p)
}

func (s *service) record(_ context.Context, e jeton.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

func (s *service) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *service) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *service) count(typ jeton.EventType) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Type == typ {
			n++
		}
	}
	return n
}

func from(address, agent string) jeton.Client {
	return jeton.Client{Address: netip.MustParseAddr(address), UserAgent: agent}
}

func (s *service) signUp(email string) *jeton.Grant {
	s.t.Helper()
	g, err := s.SignUp(s.t.Context(), jeton.SignUpRequest{
		Email: email, Password: good, Name: "Ada", Client: from(homeNet, "browser"),
	})
	if err != nil {
		s.t.Fatalf("sign up %s: %v", email, err)
	}
	return g
}

func (s *service) signIn(email, plain string, client jeton.Client) (*jeton.Grant, error) {
	return s.SignIn(s.t.Context(), jeton.SignInRequest{
		Credentials: &jeton.Credentials{Email: email, Password: plain}, Client: client,
	})
}

func (s *service) refresh(token string, client jeton.Client) (*jeton.Grant, error) {
	return s.Refresh(s.t.Context(), jeton.RefreshRequest{Token: token, Client: client})
}

func (s *service) principal(token string) *jeton.Principal {
	s.t.Helper()
	p, err := s.Verify(s.t.Context(), token)
	if err != nil {
		s.t.Fatalf("verify: %v", err)
	}
	return p
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func wantFields(t *testing.T, err error, want string) {
	t.Helper()
	invalid, ok := errors.AsType[*jeton.ValidationError](err)
	if !ok {
		t.Errorf("error %v, want a ValidationError for %s", err, want)
		return
	}
	var got []string
	for _, f := range invalid.Fields {
		got = append(got, f.Pointer, f.Code)
	}
	if strings.Join(got, " ") != want {
		t.Errorf("fields %v, want %s", got, want)
	}
}

// racingHasher lets something happen after a password was checked, while its sign-in still goes on.
type racingHasher struct {
	password.Hasher
	after func()
}

func (h *racingHasher) Check(hash, plain string) (password.Result, error) {
	result, err := h.Hasher.Check(hash, plain)
	if h.after != nil {
		h.after()
	}
	return result, err
}
