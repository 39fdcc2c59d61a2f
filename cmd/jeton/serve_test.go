package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is the command in a process of its own.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	stderr output
}

// output keeps what a process writes, for those who wait for it.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed at the next write, if somebody waits
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// waitFor waits until the pattern is somewhere after the first from bytes, and returns what is there from them on.
func (o *output) waitFor(t *testing.T, from int, pattern string) string {
	t.Helper()
	wanted := regexp.MustCompile(pattern)
	deadline := time.After(30 * time.Second)
	for {
		o.mu.Lock()
		text := o.text.String()[from:]
		if o.changed == nil {
			o.changed = make(chan struct{})
		}
		changed := o.changed
		o.mu.Unlock()
		if wanted.MatchString(text) {
			return text
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("nothing matches %s in:\n%s", pattern, text)
		}
	}
}

var listensAt = regexp.MustCompile(`listens at (http://\S+)`)

// launch starts the server on a free port of this machine and waits until it says where it listens.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	return launchWith(t, nil, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
}

// launchWith is launch with variables of the environment, and nothing said beside them and args.
func launchWith(t *testing.T, variables []string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	t.Cleanup(cancel)
	p := &process{t: t, cmd: exec.CommandContext(ctx, os.Args[0], append([]string{"serve"}, args...)...)}
	own := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "JETON_") })
	p.cmd.Env = append(append(own, asCommand+"=1"), variables...)
	p.cmd.Dir = t.TempDir()
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for p.url == "" && lines.Scan() {
		if match := listensAt.FindStringSubmatch(lines.Text()); match != nil {
			p.url = match[1]
		}
	}
	if p.url == "" {
		t.Fatalf("the server did not start: %v\n%s", p.cmd.Wait(), &p.stderr)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return p
}

// kill ends the process as nothing else does.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait() // says that it was killed
}

func (p *process) post(path, body string) (int, string) {
	p.t.Helper()
	return p.send(http.MethodPost, path, http.Header{"Content-Type": {"application/json"}}, body)
}

func (p *process) send(method, path string, header http.Header, body string) (int, string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

const account = `{"email":"ada@example.com","password":"correct horse battery"}`

func TestServeEndsInOrder(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		data := filepath.Join(t.TempDir(), "data")
		p := launch(t, "--data", data)
		if status, text := p.post("/auth/signup", account); status != http.StatusCreated {
			t.Fatalf("sign up: %d %s", status, text)
		}
		if err := p.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("%v: %v, want exit status 0\n%s", signal, err, &p.stderr)
		}
		if _, err := os.Stat(filepath.Join(data, "jeton.db-wal")); err == nil {
			t.Errorf("%v: the write-ahead log is left, so the store was not closed", signal)
		}
	}
}

func TestKilledServerHasLostNothing(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	p := launch(t, "--data", data)
	if status, text := p.post("/auth/signup", account); status != http.StatusCreated {
		t.Fatalf("sign up: %d %s", status, text)
	}
	p.kill()
	p = launch(t, "--data", data)
	if status, text := p.post("/auth/login", account); status != http.StatusOK {
		t.Errorf("sign in after the kill: %d %s", status, text)
	}
	p.kill()
}

func TestLimitsMayBeOff(t *testing.T) {
	t.Parallel()
	for limits, want := range map[string]int{"on": http.StatusTooManyRequests, "off": http.StatusUnauthorized} {
		p := launch(t, "--data", filepath.Join(t.TempDir(), "data"), "--limits", limits)
		status := 0
		for range 11 {
			status, _ = p.post("/auth/login", account)
		}
		if status != want {
			t.Errorf("limits %s: the eleventh attempt has status %d, want %d", limits, status, want)
		}
		p.kill()
	}
}
