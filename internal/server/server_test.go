package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/password"
)

// patience is how long a test waits for what should happen at once.
const patience = 30 * time.Second

// running is a server over a data directory, as the binary runs it, with a clock that the test moves.
type running struct {
	t      *testing.T
	server *Server
	url    string
	stop   func() error

	mu    sync.Mutex
	ahead time.Duration
	logs  bytes.Buffer
}

func (r *running) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.logs.Write(p)
}

func (r *running) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.logs.String()
}

func (r *running) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.ahead)
}

func (r *running) advance(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ahead += d
}

func start(t *testing.T, data string, change ...func(*Config)) *running {
	t.Helper()
	r := &running{t: t}
	cfg := Config{
		Listen: "127.0.0.1:0", Data: data, AccessTTL: 15 * time.Minute, ReuseInterval: 30 * time.Second, NoLimits: true,
		Issuer: "http://127.0.0.1:8080", Version: "test", Logger: slog.New(slog.NewTextHandler(r, nil)),
		configure: func(c *jeton.Config) {
			c.Hasher, c.Now = password.Argon2id{Memory: 64, Time: 1, Threads: 1}, r.now
		},
	}
	for _, f := range change {
		f(&cfg)
	}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	r.server, r.url = s, s.URL()
	r.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(patience):
			return errors.New("the server did not stop")
		}
	})
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// answered is an answer, its body decoded if it is a JSON object.
type answered struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

func (a answered) str(name string) string { s, _ := a.body[name].(string); return s }

// do makes a request, which has to be answered.
func (r *running) do(method, path, token string, body any) answered {
	r.t.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	a, err := r.try(method, path, header, body)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// try makes a request from any goroutine.
func (r *running) try(method, path string, header http.Header, body any) (a answered, err error) {
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	text := []byte{}
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return a, err
		}
		header = header.Clone()
		header.Set("Content-Type", "application/json")
	}
	request, err := http.NewRequestWithContext(ctx, method, r.url+path, bytes.NewReader(text))
	if err != nil {
		return a, err
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	if text, err = io.ReadAll(response.Body); err != nil {
		return a, err
	}
	a = answered{status: response.StatusCode, header: response.Header, text: string(text)}
	if strings.Contains(response.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &a.body); err != nil {
			return a, fmt.Errorf("%s %s: %w in %s", method, path, err, text)
		}
	}
	return a, nil
}

// receive returns the next value, or ends the test if none comes.
func receive[T any](t *testing.T, what string, values <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-values:
	case <-time.After(patience):
		t.Fatalf("%s: nothing came within %v", what, patience)
	}
	return value
}

type object = map[string]any

func (r *running) want(a answered, status int, code string) answered {
	r.t.Helper()
	if a.status != status || code != "" && a.str("code") != code {
		r.t.Fatalf("status %d, code %q; want %d, %q: %s", a.status, a.str("code"), status, code, a.text)
	}
	return a
}

var ada = object{"email": "ada@example.com", "password": "correct horse battery"}

func TestAWholeLife(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	r := start(t, data)

	up := r.want(r.do("POST", "/auth/signup", "", ada), 201, "")
	in := r.want(r.do("POST", "/auth/login", "", ada), 200, "")
	me := r.want(r.do("GET", "/auth/me", in.str("access_token"), nil), 200, "")
	if me.str("email") != "ada@example.com" || me.str("id") == "" || strings.Contains(me.text, "hash") {
		t.Errorf("me: %s", me.text)
	}

	// An older refresh token inside the interval gets the current one; after it, that is theft.
	first := in.str("refresh_token")
	second := r.want(r.do("POST", "/auth/refresh", "", object{"refresh_token": first}), 200, "")
	r.advance(29 * time.Second)
	again := r.want(r.do("POST", "/auth/refresh", "", object{"refresh_token": first}), 200, "")
	if again.str("refresh_token") != second.str("refresh_token") {
		t.Error("inside the interval the older token did not get the current one")
	}
	r.advance(2 * time.Second)
	r.want(r.do("POST", "/auth/refresh", "", object{"refresh_token": first}), 400, "invalid_grant")
	r.want(r.do("POST", "/auth/refresh", "", object{"refresh_token": second.str("refresh_token")}), 400, "invalid_grant")
	r.want(r.do("GET", "/auth/me", second.str("access_token"), nil), 401, "invalid_token")
	if log := r.log(); !strings.Contains(log, "refresh_theft") || !strings.Contains(log, "refresh_replayed") {
		t.Error("the log does not tell of the theft and the replay")
	}

	// What was signed up and signed out is so after a restart, also for tokens that were made before.
	third := r.want(r.do("POST", "/auth/login", "", ada), 200, "")
	r.want(r.do("POST", "/auth/logout", third.str("access_token"), nil), 204, "")
	r.want(r.do("GET", "/auth/me", third.str("access_token"), nil), 401, "invalid_token")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r = start(t, data)
	r.want(r.do("GET", "/auth/me", up.str("access_token"), nil), 200, "")
	r.want(r.do("POST", "/auth/refresh", "", object{"refresh_token": up.str("refresh_token")}), 200, "")
	r.want(r.do("GET", "/auth/me", third.str("access_token"), nil), 401, "invalid_token")
	r.want(r.do("POST", "/auth/login", "", ada), 200, "")
	r.want(r.do("POST", "/auth/signup", "", ada), 409, "email_taken")
}

func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	up := r.want(r.do("POST", "/auth/signup", "", ada), 201, "")
	r.do("POST", "/auth/login", "", object{"email": "ada@example.com", "password": "wrong horse battery"})
	r.do("POST", "/auth/login", "", object{"email": "ada@example.com", "passwort": "misspelt horse battery"})
	r.do("GET", "/auth/me", up.str("access_token")+"x", nil)
	r.do("POST", "/auth/refresh", "", object{"refresh_token": up.str("refresh_token")})
	r.do("POST", "/auth/logout", up.str("access_token"), nil)
	log := r.log()
	for _, secret := range []string{"horse", up.str("access_token"), up.str("refresh_token"), "ada@example.com"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(log, "sign_in_failed") {
		t.Errorf("the log lacks the failed sign-in:\n%s", log)
	}
}

func TestTheDataDirectoryIsTheOwnersAlone(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "a", "b")
	r := start(t, data)
	r.want(r.do("POST", "/auth/signup", "", ada), 201, "")
	for path, mode := range map[string]os.FileMode{data: 0o700, filepath.Join(data, databaseFile): 0o600, filepath.Join(data, masterKeyFile): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: mode %v, %v; want %v", filepath.Base(path), info.Mode().Perm(), err, mode)
		}
	}
	entries, err := os.ReadDir(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(data, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("correct horse")) || bytes.Contains(text, []byte(`"d":"`)) {
			t.Errorf("%s holds a password or a private key in the clear", entry.Name())
		}
	}
}

func TestPagesAndHealth(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	page := r.want(r.do("GET", "/", "", nil), 200, "")
	for _, part := range []string{"http://127.0.0.1:8080", "/openapi.json", "/.well-known/jwks.json", "<title>jeton</title>"} {
		if !strings.Contains(page.text, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
		t.Errorf("policy %q", policy)
	}
	r.want(r.do("GET", "/healthz", "", nil), 200, "")
	r.want(r.do("GET", "/readyz", "", nil), 200, "")
	r.want(r.do("GET", "/nothing", "", nil), 404, "")
	if keys := r.want(r.do("GET", "/.well-known/jwks.json", "", nil), 200, ""); strings.Contains(keys.text, `"d"`) ||
		!strings.Contains(keys.text, `"ES256"`) || keys.header.Get("Cache-Control") != "public, max-age=300" {
		t.Errorf("keys %s, %v", keys.text, keys.header)
	}
}

func TestRequestsInFlightFinish(t *testing.T) {
	t.Parallel()
	hasher := &slowHasher{
		Hasher: password.Argon2id{Memory: 64, Time: 1, Threads: 1}, entered: make(chan struct{}, 1), release: make(chan struct{}),
	}
	r := start(t, t.TempDir(), func(c *Config) { c.configure = func(c *jeton.Config) { c.Hasher = hasher } })
	release := sync.OnceFunc(func() { close(hasher.release) })
	t.Cleanup(release) // also when the test fails before
	type outcome struct {
		answered
		err error
	}
	outcomes := make(chan outcome, 1)
	hasher.slow.Store(true)
	go func() {
		answer, err := r.try("POST", "/auth/signup", http.Header{}, ada)
		outcomes <- outcome{answer, err}
	}()
	receive(t, "the request", hasher.entered)
	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	r.waitUntilRefused()
	select {
	case err := <-stopped:
		t.Fatalf("the server stopped under a request: %v", err)
	default:
	}
	release()
	up := receive(t, "the answer", outcomes)
	if up.err != nil {
		t.Fatal(up.err)
	}
	r.want(up.answered, 201, "")
	if err := receive(t, "the server's end", stopped); err != nil {
		t.Error(err)
	}
}

// waitUntilRefused waits until the listener is closed.
func (r *running) waitUntilRefused() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(r.url, "http://"))
		if ctx.Err() != nil {
			r.t.Fatalf("the server still listens after %v", patience)
		}
		if err != nil {
			return
		}
		conn.Close()
	}
}
