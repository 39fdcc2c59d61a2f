package guardtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/jetonauth/jeton/guard"
)

func rawScenarios() []scenario {
	return []scenario{
		{"a handler that streams", (*scene).streams},
		{"a handler that takes the connection over", (*scene).takesOver},
	}
}

// startRaw starts a server whose handler is h.
func (s *scene) startRaw(h http.HandlerFunc) (url string) {
	s.Helper()
	g, err := guard.New(guard.Config{Verifier: s.issuer.verifier(s), Realm: realm})
	must(s, err)
	return s.harness.Raw(s, g, h)
}

// streams has a client read the first part of an answer before the second is written.
func (s *scene) streams() {
	read := make(chan struct{})
	url := s.startRaw(func(w http.ResponseWriter, _ *http.Request) {
		if _, ok := w.(http.Flusher); !ok {
			s.Error("behind the guard, the http.ResponseWriter is no http.Flusher")
		}
		_, _ = io.WriteString(w, "first\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			s.Errorf("flush: %v", err)
			return
		}
		select {
		case <-read:
		case <-time.After(stall):
			s.Error("what was flushed did not arrive")
		}
		_, _ = io.WriteString(w, "second\n")
	})
	r, err := http.NewRequestWithContext(s.ctx, http.MethodGet, url, http.NoBody)
	must(s, err)
	r.Header = bearer(s.issuer.token(s, "ada")).header
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	must(s, err)
	body := bufio.NewReader(response.Body)
	first, err := body.ReadString('\n')
	must(s, err)
	close(read)
	rest, err := io.ReadAll(body)
	if err = errors.Join(err, response.Body.Close()); err != nil || first+string(rest) != "first\nsecond\n" {
		s.Errorf("read %q and %q (%v)", first, rest, err)
	}
}

// takesOver has a handler speak something else than HTTP, as the handshake of a WebSocket does.
func (s *scene) takesOver() {
	url := s.startRaw(func(w http.ResponseWriter, _ *http.Request) {
		conn, both, err := http.NewResponseController(w).Hijack()
		if err != nil {
			s.Errorf("hijack: %v", err)
			return
		}
		_, _ = both.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = both.Flush()
		if line, err := both.ReadString('\n'); err == nil {
			_, _ = both.WriteString("again: " + line)
		}
		if err := errors.Join(both.Flush(), conn.Close()); err != nil {
			s.Errorf("write: %v", err)
		}
	})
	if answer, _ := s.upgrade(url, "Bearer abc"); answer != http.StatusUnauthorized {
		s.Errorf("a bad token is answered %d", answer)
	}
	answer, text := s.upgrade(url, "Bearer "+s.issuer.token(s, "ada"))
	if answer != http.StatusSwitchingProtocols || text != "again: hello\n" {
		s.Errorf("answered %d %q", answer, text)
	}
}

// upgrade opens a connection, asks for another protocol, says hello in it and returns what came back.
func (s *scene) upgrade(url, authorization string) (status int, text string) {
	s.Helper()
	conn, err := (&net.Dialer{}).DialContext(s.ctx, "tcp", url[len("http://"):])
	must(s, err)
	defer context.AfterFunc(s.ctx, func() { _ = conn.Close() })()
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "GET /guarded HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: echo\r\nAuthorization: %s\r\n\r\n",
		url[len("http://"):], authorization)
	must(s, err)
	from := bufio.NewReader(conn)
	response, err := http.ReadResponse(from, nil)
	must(s, err)
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusSwitchingProtocols {
		return response.StatusCode, ""
	}
	_, err = io.WriteString(conn, "hello\n")
	must(s, err)
	text, err = from.ReadString('\n')
	must(s, err)
	return response.StatusCode, text
}
