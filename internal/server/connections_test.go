package server

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/password"
)

// pipes is a listener whose connections are in memory, so that a bubble's clock moves them.
type pipes struct {
	dialed chan net.Conn
	closed chan struct{}
	close  func()
}

func newPipes() *pipes {
	p := &pipes{dialed: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.dialed:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.close(); return nil }

func (*pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.dialed <- server
	return client
}

// inBubble runs a whole server in a bubble, whose clock moves when everybody waits, and gives a connection to it.
func inBubble(t *testing.T, use func(t *testing.T, conn net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := config(t.TempDir())
		cfg.configure = func(c *jeton.Config) { c.Hasher = password.Argon2id{Memory: 64, Time: 1, Threads: 1} }
		s, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.listener.Close(); err != nil {
			t.Fatal(err)
		}
		listener := newPipes()
		s.listener = listener
		ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		conn := listener.dial()
		if err := conn.SetDeadline(time.Now().Add(10 * time.Minute)); err != nil {
			t.Fatal(err)
		}
		use(t, conn)
		conn.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	send := func(t *testing.T, conn net.Conn, text string) {
		t.Helper()
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
	}
	readToTheEnd := func(t *testing.T, conn net.Conn) {
		t.Helper()
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		after time.Duration
		use   func(t *testing.T, conn net.Conn)
	}{
		"sends nothing": {5 * time.Second, readToTheEnd},
		"stops in the header": {5 * time.Second, func(t *testing.T, conn net.Conn) {
			t.Helper()
			send(t, conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
			readToTheEnd(t, conn)
		}},
		"stops in the body": {30 * time.Second, func(t *testing.T, conn net.Conn) {
			t.Helper()
			send(t, conn, "POST /auth/signup HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
			readToTheEnd(t, conn)
		}},
		"asks nothing more": {2 * time.Minute, func(t *testing.T, conn net.Conn) {
			t.Helper()
			send(t, conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
			readToTheEnd(t, conn)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, conn net.Conn) {
				t.Helper()
				began := time.Now()
				test.use(t, conn)
				if waited := time.Since(began); waited < test.after || waited > test.after+time.Second {
					t.Errorf("cut off after %v, want %v", waited, test.after)
				}
			})
		})
	}
	t.Run("takes no answer", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, conn net.Conn) {
			t.Helper()
			send(t, conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
			time.Sleep(59 * time.Second)
			if _, err := conn.Read(make([]byte, 1)); err != nil {
				t.Errorf("cut off before a minute was over: %v", err)
			}
			time.Sleep(2 * time.Second)
			if text, err := io.ReadAll(conn); err != nil || len(text) > 0 {
				t.Errorf("after a minute it still gets %q, %v", text, err)
			}
		})
	})
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, conn net.Conn) {
		t.Helper()
		go func() {
			_, _ = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("x", 80<<10)+"\r\n\r\n") // is cut off
		}()
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("a header of 80 KiB has status %d, want 431", response.StatusCode)
		}
	})
}
