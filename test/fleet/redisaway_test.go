package fleet_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// redis is a Redis server without files, which may be started again and again at its address.
type redis struct {
	address string
	process *exec.Cmd
}

// startRedis starts one, which ends with the test. Without Redis the test is skipped, and fails where nothing may be.
func startRedis(t *testing.T) *redis {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("JETON_TEST_COMPLETE") == "1" {
			t.Fatalf("no Redis: %v", err)
		}
		t.Skipf("no Redis: %v", err)
	}
	var err error
	for range 5 {
		var listener net.Listener
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		r := &redis{address: listener.Addr().String()}
		listener.Close()
		if err = r.start(t); err == nil {
			t.Cleanup(r.kill)
			return r
		}
		r.kill() // somebody was quicker to take the port
	}
	t.Fatal(err)
	return nil
}

func (r *redis) start(t *testing.T) error {
	t.Helper()
	_, port, err := net.SplitHostPort(r.address)
	if err != nil {
		return err
	}
	r.process = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no")
	r.process.Dir, r.process.SysProcAttr = t.TempDir(), endWithParent()
	output, err := r.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := r.process.Start(); err != nil {
		return err
	}
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if strings.Contains(lines.Text(), "eady to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return nil
		}
	}
	return errors.New("Redis has ended")
}

func (r *redis) kill() {
	if r.process == nil || r.process.Process == nil {
		return
	}
	_ = r.process.Process.Kill()
	_ = r.process.Wait()
	r.process = nil
}

// Limits are counted in Redis. When it goes away, attempts at a password cannot be counted, and are not let through; who is signed in stays so, and
// can sign out.
func TestRedisStopped(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	n := newNode(t, "node", "JETON_REDIS=redis://"+r.address+"/0")
	n.args = nil // limits are on
	n.mustStart(t)
	f := newFleet(t, n)
	email, given := mustGrant(f, n)
	f.want(n, signIn(email), http.StatusOK)

	r.kill()
	for _, c := range []call{signIn(email), signUp("new@example.com")} {
		if a := c.send(t.Context(), n.address()); !a.unavailable() {
			t.Errorf("%s: %v, want 503 with Retry-After", c.path, a)
		}
	}
	for range 3 {
		if err := f.want(n, refresh(given.Refresh), http.StatusOK).decode(&given); err != nil {
			t.Fatal(err)
		}
		f.want(n, verify(given.Access), http.StatusOK)
		f.want(n, get("/auth/me", given.Access), http.StatusOK)
	}
	f.want(n, get("/healthz", ""), http.StatusOK)

	if err := r.start(t); err != nil {
		t.Fatal(err)
	}
	took := eventually(t, "signing in works again", func() bool {
		return signIn(email).send(t.Context(), n.address()).status == http.StatusOK
	})
	say(t, "Redis stopped: signing in works %v after Redis is back", took.Round(time.Millisecond))
	var statuses []int
	for range 11 {
		statuses = append(statuses, post("/auth/login", map[string]string{"email": email, "password": "wrong"}).send(t.Context(), n.address()).status)
	}
	if !slices.Contains(statuses, http.StatusTooManyRequests) {
		t.Errorf("wrong passwords: %v, want 429 before long", statuses)
	}
	f.want(n, signOutBy(given.Refresh), http.StatusNoContent)
	f.want(n, verify(given.Access), http.StatusUnauthorized)
	if n.starts != 1 {
		t.Error("it was started again")
	}
}
