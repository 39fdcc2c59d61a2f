package compare

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/bench/internal/measure"
	"github.com/jetonauth/jeton/bench/internal/report"
	"github.com/jetonauth/jeton/jwk"
)

const (
	clients         = 4
	tokensOfClients = 100 // of each
	loopbackTurns   = 4
)

func loopbackSection() section {
	return section{
		name:  "loopback",
		title: "Requests over loopback",
		text: fmt.Sprintf("A `net/http` server and %d clients in one process, each with one connection, one request at a time and %d tokens in turn.",
			clients, tokensOfClients),
		races: func(ctx context.Context, s *setup) ([]race, error) {
			var races []race
			for _, algorithm := range []jwk.Algorithm{jwk.HS256, jwk.ES256} {
				r, err := s.loopbackRace(ctx, algorithm)
				races = append(races, r)
				if err != nil {
					return races, err
				}
			}
			return races, nil
		},
	}
}

func (s *setup) loopbackRace(ctx context.Context, algorithm jwk.Algorithm) (race, error) {
	var services []*service
	r := race{title: string(algorithm), turns: loopbackTurns, columns: loopbackColumns}
	r.end = func() error {
		var errs []error
		for _, service := range services {
			errs = append(errs, service.stop())
		}
		return errors.Join(errs...)
	}
	credentials, err := bench.Credentials(s.keys[algorithm], s.content, clients*tokensOfClients)
	if err != nil {
		return r, err
	}
	handlers := []struct {
		name string
		new  func(bench.Key) (http.Handler, error)
	}{{bench.NetHTTP, func(bench.Key) (http.Handler, error) {
		return bench.BareHandlers(s.content.Subject)[bench.NetHTTP], nil
	}}}
	for _, p := range bench.Protections() {
		if p.Bare == bench.NetHTTP && p.Name != "auth0" {
			handlers = append(handlers, struct {
				name string
				new  func(bench.Key) (http.Handler, error)
			}{p.Name, p.New})
		}
	}
	for _, h := range handlers {
		handler, err := h.new(s.keys[algorithm])
		if err != nil {
			return r, err
		}
		service, err := serve(ctx, handler, credentials)
		if err != nil {
			return r, err
		}
		services = append(services, service)
		r.runners = append(r.runners, measure.Runner{Name: h.name, Run: service.request})
	}
	return r, nil
}

func loopbackColumns(results []measure.Result) []column {
	bare := find(results, bench.NetHTTP)
	return []column{
		{"requests per second", func(r measure.Result) string { return fmt.Sprintf("%.0f", 1e9/r.Time().Median) }},
		{"allocations per request", func(r measure.Result) string { return report.Count(r.Allocs) }},
		{"of what it is bare", func(r measure.Result) string {
			if r.Name == bare.Name {
				return "1"
			}
			return report.Interval(bare.Ratio(r), report.Digits)
		}},
	}
}

// service is a server on a port of its own, and its clients.
type service struct {
	server  *http.Server
	ended   chan error
	clients []*client
}

func serve(ctx context.Context, handler http.Handler, credentials []string) (*service, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &service{server: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}, ended: make(chan error, 1)}
	go func() { s.ended <- s.server.Serve(listener) }()
	for i := range clients {
		c, err := dial(ctx, listener.Addr().String(), credentials[i*tokensOfClients:(i+1)*tokensOfClients])
		if err != nil {
			return nil, errors.Join(err, s.stop())
		}
		s.clients = append(s.clients, c)
	}
	return s, nil
}

// stop closes all connections and waits for the server's end.
func (s *service) stop() error {
	var errs []error
	for _, c := range s.clients {
		errs = append(errs, c.connection.Close())
	}
	errs = append(errs, s.server.Close())
	if err := <-s.ended; !errors.Is(err, http.ErrServerClosed) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// request makes n requests, shared among the clients.
func (s *service) request(n int) error {
	var group sync.WaitGroup
	errs := make([]error, len(s.clients))
	for i, c := range s.clients {
		share := n / len(s.clients)
		if i < n%len(s.clients) {
			share++
		}
		group.Go(func() { errs[i] = c.request(share) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// client sends requests over one connection. It knows how long each answer is, since the server sends the same each time but for the
// date: a client that understood HTTP would take most of the time that is measured.
type client struct {
	connection net.Conn
	requests   [][]byte
	next       int
	answer     []byte
}

// dial returns a client that has presented each of its tokens.
func dial(ctx context.Context, address string, credentials []string) (*client, error) {
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := &client{connection: connection}
	for _, value := range credentials {
		c.requests = append(c.requests, fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n\r\n", bench.Path, address, value))
	}
	length, err := c.learn()
	if err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	c.answer = make([]byte, length)
	if err := c.request(len(c.requests)); err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	return c, nil
}

// learn makes one request and returns the length of its answer.
func (c *client) learn() (int, error) {
	if err := c.connection.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return 0, err
	}
	if _, err := c.connection.Write(c.requests[0]); err != nil {
		return 0, err
	}
	var read bytes.Buffer
	response, err := http.ReadResponse(bufio.NewReaderSize(io.TeeReader(c.connection, &read), 16), nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return 0, err
	}
	if response.StatusCode != http.StatusOK || response.ContentLength <= 0 {
		return 0, fmt.Errorf("compare: answer %s of %d bytes", response.Status, response.ContentLength)
	}
	return read.Len(), nil
}

// request makes n requests, one after the other.
func (c *client) request(n int) error {
	if err := c.connection.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	for range n {
		c.next = (c.next + 1) % len(c.requests)
		if _, err := c.connection.Write(c.requests[c.next]); err != nil {
			return err
		}
		if _, err := io.ReadFull(c.connection, c.answer); err != nil {
			return err
		}
		if !bytes.HasPrefix(c.answer, []byte("HTTP/1.1 200 OK\r\n")) {
			return fmt.Errorf("compare: answer %.40q", c.answer)
		}
	}
	return nil
}
