package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hang makes a request whose body never comes, and returns when the server has begun to read that.
func (p *process) hang() net.Conn {
	p.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		p.t.Fatal(err)
	}
	_, err = io.WriteString(conn, "POST /auth/signup HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n"+
		"Expect: 100-continue\r\n\r\n")
	if err != nil {
		p.t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "100 Continue") {
		p.t.Fatalf("the server says %q, %v", line, err)
	}
	return conn
}

func (p *process) signal(signal os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}

// waitUntilRefused waits until the server listens no more.
func (p *process) waitUntilRefused() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Second)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(p.url, "http://"))
		if ctx.Err() != nil {
			p.t.Fatal("the server still listens")
		}
		if err != nil {
			return
		}
		conn.Close()
	}
}

func TestASecondSignalEndsItAtOnce(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	p := launch(t, "--data", filepath.Join(t.TempDir(), "data"))
	conn := p.hang()
	defer conn.Close()
	p.signal(syscall.SIGTERM)
	p.waitUntilRefused()
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	again := time.NewTicker(50 * time.Millisecond) // until the process has gone back to dying of it
	defer again.Stop()
	deadline := time.After(50 * time.Second)
	for waiting := true; waiting; {
		select {
		case <-again.C:
			p.signal(syscall.SIGTERM)
		case <-ended: //nolint:errcheck // how it ended is judged below
			waiting = false
		case <-deadline:
			t.Fatal("the process goes on")
		}
	}
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("the process ended with %v, want to see it die of the signal", p.cmd.ProcessState)
	}
	if !strings.Contains(p.stderr.String(), "requests in flight finish first") {
		t.Errorf("the first signal was none to end in order:\n%s", &p.stderr)
	}
}

func TestASignalWhileStartingIsNoFailure(t *testing.T) {
	t.Parallel()
	signalled, cancel := context.WithCancel(t.Context())
	cancel()
	data := filepath.Join(t.TempDir(), "data")
	var out, errs bytes.Buffer
	status := run(signalled, []string{"serve", "--listen", "127.0.0.1:0", "--data", data}, testApp(&out, &errs))
	if status != 0 || out.Len()+errs.Len() > 0 {
		t.Errorf("status %d, output %q, errors %q; want 0 and nothing said", status, &out, &errs)
	}
	p := launch(t, "--data", data) // nothing is left behind that would be in the way
	p.kill()

	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	status = run(signalled, []string{"serve", "--listen", "127.0.0.1:0", "--data", file}, testApp(&out, &errs))
	if status != 1 || !strings.Contains(errs.String(), "--data: "+file) {
		t.Errorf("with something wrong: status %d, errors %q", status, &errs)
	}
}
