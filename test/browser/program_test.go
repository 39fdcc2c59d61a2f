//go:build !race

package browser_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// server is the program, serving a data directory of its own.
type server struct {
	t         *testing.T
	url, data string
}

var listensAt = regexp.MustCompile(`listens at (http://127\.0\.0\.1:\d+)`)

// serve starts the program on a free port of loopback, until the test ends.
func serve(t *testing.T, flags ...string) *server {
	t.Helper()
	browser(t)
	s := &server{t: t, data: filepath.Join(t.TempDir(), "data")}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	command := program(ctx, t, slices.Concat([]string{"serve", "--listen", "127.0.0.1:0", "--data", s.data, "--limits", "off"}, flags)...)
	var logs bytes.Buffer
	command.Stderr = &logs
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // says that it was killed
	})
	timer := time.AfterFunc(patience, cancel)
	defer timer.Stop()
	for lines := bufio.NewScanner(out); s.url == "" && lines.Scan(); {
		if match := listensAt.FindStringSubmatch(lines.Text()); match != nil {
			s.url = match[1]
		}
	}
	if s.url == "" {
		cancel()
		t.Fatalf("the server did not start: %v\n%s", command.Wait(), &logs)
	}
	return s
}

// command runs another command of the program, and returns what it prints.
func (s *server) command(arguments ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var problems bytes.Buffer
	command := program(ctx, s.t, arguments...)
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		s.t.Fatalf("jeton %v: %v\n%s", arguments, err, &problems)
	}
	return string(out)
}

// owns reports whether a URL is one of this server, or names no server at all.
func (s *server) owns(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "data" || u.Scheme == "blob" || u.Scheme+"://"+u.Host == s.url)
}

// program is a command line of the program, away from what the developer has set for it.
func program(ctx context.Context, t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(ctx, path, arguments...)
	command.Dir = filepath.Dir(path)
	command.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "JETON_") })
	return command
}

// build makes the program, once, in folder.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder, "jeton")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, "go", "build", "-o", path, "../../cmd/jeton")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// folder is where the program is, for as long as the tests run.
var folder string

func TestMain(m *testing.M) {
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "jeton-browser-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	return m.Run()
}
