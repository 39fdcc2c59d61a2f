package fleet_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// masterKey is that of all nodes: hex of 32 bytes.
const masterKey = "8d3c0e5f7a914b26d8e1f0a3c5b79264e3f18a0b5d6c7e92f4a1b3c8d0e69571"

// issuer is that of all nodes, wherever they listen.
const issuer = "https://auth.example.com"

// node is one server, in a process of its own. It may be started again and again, with the same files and settings, at another port.
type node struct {
	name      string
	program   string
	prefix    []string // a program and its arguments that run the server
	args      []string // beside "serve" and the port
	variables []string
	dir       string

	mu      sync.Mutex
	url     string // empty while it does not run
	process *exec.Cmd
	over    chan struct{} // closed when the process has ended
	starts  int
}

// newNode returns a node that does not run yet and ends with the test. Its log is shown if the test fails.
func newNode(t *testing.T, name string, variables ...string) *node {
	t.Helper()
	n := &node{name: name, program: jeton(t), dir: t.TempDir(), args: []string{"--limits", "off"}}
	n.variables = append([]string{
		"JETON_DATA=" + filepath.Join(n.dir, "data"), "JETON_ISSUER=" + issuer, "JETON_MASTER_KEY=" + masterKey,
	}, variables...)
	t.Cleanup(func() {
		n.kill()
		n.checkLog(t)
	})
	return n
}

// startNode is newNode for one that runs.
func startNode(t *testing.T, name string, variables ...string) *node {
	t.Helper()
	n := newNode(t, name, variables...)
	n.mustStart(t)
	return n
}

func (n *node) mustStart(t *testing.T) {
	t.Helper()
	if err := n.start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

var listensAt = regexp.MustCompile(`listens at (http://\S+)`)

// start starts it and returns when it listens. One that ends before that is an error, with what it has said.
func (n *node) start(ctx context.Context) error {
	log, err := os.OpenFile(n.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	words := slices.Concat(n.prefix, []string{n.program, "serve", "--listen", "127.0.0.1:0"}, n.args)
	command := exec.Command(words[0], words[1:]...)
	command.Env = append(environment(), n.variables...)
	command.Dir, command.Stderr, command.SysProcAttr = n.dir, log, endWithParent()
	stdout, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	over := make(chan struct{})
	said := make(chan string, 1)
	go func() {
		defer close(over)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if match := listensAt.FindStringSubmatch(lines.Text()); match != nil {
				said <- match[1]
			}
		}
		_, _ = io.Copy(io.Discard, stdout)
		_ = command.Wait() // whoever ends it knows how it ended
	}()
	select {
	case url := <-said:
		n.mu.Lock()
		n.process, n.url, n.over, n.starts = command, url, over, n.starts+1
		n.mu.Unlock()
		return nil
	case <-over:
		return fmt.Errorf("%s has ended:\n%s", n.name, n.tail())
	case <-ctx.Done():
	case <-time.After(patience):
	}
	_ = command.Process.Kill()
	<-over
	return fmt.Errorf("%s does not start:\n%s", n.name, n.tail())
}

// environment is that of this process, without settings of jeton or of a database.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "JETON_") || strings.HasPrefix(v, "PG") })
}

// address is its URL; empty while it does not run.
func (n *node) address() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.url
}

func (n *node) pid() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process.Process.Pid
}

// kill ends it as nothing else does, and returns when it has.
func (n *node) kill() {
	_, _ = n.end(os.Kill, patience) // it cannot refuse
}

// stop ends it in order.
func (n *node) stop() error {
	state, err := n.end(syscall.SIGTERM, patience)
	if err == nil && state != nil && !state.Success() {
		err = fmt.Errorf("%s: %v, want exit status 0\n%s", n.name, state, n.tail())
	}
	return err
}

func (n *node) end(signal os.Signal, limit time.Duration) (*os.ProcessState, error) {
	n.mu.Lock()
	process, over := n.process, n.over
	n.process, n.url = nil, ""
	n.mu.Unlock()
	if process == nil {
		return nil, nil
	}
	if err := process.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return nil, err
	}
	select {
	case <-over:
		return process.ProcessState, nil
	case <-time.After(limit):
		_ = process.Process.Kill()
		<-over
		return nil, fmt.Errorf("%s does not end", n.name)
	}
}

func (n *node) logFile() string { return filepath.Join(n.dir, "log") }

// tail is the end of its log.
func (n *node) tail() string {
	text, err := os.ReadFile(n.logFile())
	if err != nil {
		return err.Error()
	}
	lines := strings.SplitAfter(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "")
}

var defects = regexp.MustCompile(`(?m)^(panic: |fatal error: |WARNING: DATA RACE|.*"code":"internal").*$`)

// checkLog fails the test if the log holds what no node should ever say, and shows the end of it if the test has failed.
func (n *node) checkLog(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(n.logFile())
	if errors.Is(err, os.ErrNotExist) {
		return // it has never run
	}
	if err != nil {
		t.Error(err)
	}
	if at := defects.FindIndex(text); at != nil {
		t.Errorf("the log of %s has:\n%.4000s", n.name, text[at[0]:])
	}
	if t.Failed() {
		t.Logf("the end of the log of %s:\n%s", n.name, n.tail())
	}
}

// command runs another command of the program over what the node has, and returns what it prints.
func (n *node) command(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	command := exec.CommandContext(ctx, n.program, args...)
	command.Env = append(environment(), n.variables...)
	command.Dir, command.SysProcAttr = n.dir, endWithParent()
	var problems strings.Builder
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("jeton %s: %w\n%s", strings.Join(args, " "), err, &problems)
	}
	return string(out), nil
}
