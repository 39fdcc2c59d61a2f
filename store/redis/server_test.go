package redis_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/jetonauth/jeton/store/redis"
)

// patience is how long a test waits for anything.
const patience = 30 * time.Second

// server is a Redis of its own, without files.
type server struct {
	address string
	process *exec.Cmd
}

// start starts a server, which ends with the test. Without Redis the test is skipped, and fails where nothing may be.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	for range 5 {
		s := &server{address: freeAddress(t)}
		err := s.run(t, args...)
		if err == nil {
			return s
		}
		t.Logf("Redis at %s: %v", s.address, err) // somebody else has taken the port
	}
	t.Fatal("Redis does not start")
	return nil
}

// freeAddress is one that nobody listened on a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// run starts the server at its address, and returns when it is ready.
func (s *server) run(t *testing.T, args ...string) error {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("JETON_TEST_COMPLETE") == "1" {
			t.Fatalf("no Redis: %v", err)
		}
		t.Skipf("no Redis: %v", err)
	}
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatal(err)
	}
	args = append(args, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no")
	s.process = exec.Command(program, args...)
	s.process.Dir = t.TempDir()
	s.process.SysProcAttr = endWithParent()
	output, err := s.process.StdoutPipe()
	if err == nil {
		err = s.process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return awaitLine(output, "eady to accept connections", "Sentinel ID is")
}

// awaitLine returns when the output of a server says one of these, and goes on reading so that the server need not wait.
func awaitLine(output io.Reader, ready ...string) error {
	said := make(chan error, 1)
	go func() {
		var seen strings.Builder
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			for _, text := range ready {
				if strings.Contains(lines.Text(), text) {
					said <- nil
					_, _ = io.Copy(io.Discard, output)
					return
				}
			}
			seen.WriteString(lines.Text() + "\n")
		}
		said <- errors.New("it ended:\n" + seen.String())
	}()
	select {
	case err := <-said:
		return err
	case <-time.After(patience):
		return errors.New("it is not ready in time")
	}
}

// stop ends the server at once.
func (s *server) stop() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.process = nil
}

// client returns a client of the server for what a test does itself.
func (s *server) client(t *testing.T) *driver.Client {
	t.Helper()
	client := driver.NewClient(&driver.Options{Addr: s.address, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// open opens a store, which is closed with the test. Its calls may take long: the machine may be busy.
func open(t *testing.T, uri, prefix string) *redis.Store {
	t.Helper()
	s, err := redis.Open(t.Context(), uri, redis.Config{Prefix: prefix, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, driver.ErrClosed) {
			t.Error(err)
		}
	})
	return s
}

// startCluster starts a cluster of one server.
func startCluster(t *testing.T) *server {
	t.Helper()
	s := start(t, "--cluster-enabled", "yes", "--cluster-config-file", filepath.Join(t.TempDir(), "nodes.conf"))
	client := s.client(t)
	if err := client.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the cluster is ready", func() bool {
		info, err := client.ClusterInfo(t.Context()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	return s
}

// startSentinel starts a Sentinel that watches a server under the name "main".
func startSentinel(t *testing.T, master *server) *server {
	t.Helper()
	host, port, err := net.SplitHostPort(master.address)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "sentinel.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, "sentinel monitor main %s %s 1\n", host, port), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, config, "--sentinel")
}

// eventually fails the test unless something is so before long.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not in time: %s", what)
		}
	}
}
