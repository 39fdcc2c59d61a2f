package fleet_test

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"
)

// link is the network between a node and what it needs. It can be cut and mended.
type link struct {
	listener         net.Listener
	network, address string // of the other end

	mu        sync.Mutex
	broken    bool
	now       *gate   // of new connections
	forgotten []*gate // of those that nobody knows any more
	trigger   []byte  // what a node says last before a silence; nil for none
	carried   map[net.Conn]bool
	work      sync.WaitGroup
}

// gate is what connections pass through. The link's mu guards it.
type gate struct {
	silent chan struct{} // closed when the silence is over; nil if there is none
}

func (g *gate) shut() {
	if g.silent == nil {
		g.silent = make(chan struct{})
	}
}

func (g *gate) open() {
	if g.silent != nil {
		close(g.silent)
		g.silent = nil
	}
}

// newLink returns a link that works, until the test ends.
func newLink(t *testing.T, network, address string) *link {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, network: network, address: address, now: &gate{}, carried: map[net.Conn]bool{}}
	l.work.Go(l.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		l.cut()
		l.remember()
		l.work.Wait()
	})
	return l
}

// at is the address that a node connects to.
func (l *link) at() string { return l.listener.Addr().String() }

// cut resets all connections, and those that are made from now on.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = true
	for conn := range l.carried {
		reset(conn)
	}
	l.now.open()
}

// silence lets nothing through any more, and tells nobody: as if each packet was dropped. What is sent meanwhile arrives when
// the link is mended, since TCP sends it again.
func (l *link) silence() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now.shut()
}

// silenceAfter is silence from when the node has said something.
func (l *link) silenceAfter(said string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trigger = []byte(said)
}

// isSilent says whether there is silence.
func (l *link) isSilent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now.silent != nil
}

// forget lets nothing through any more on the connections that there are, for ever, and tells nobody. New ones work.
func (l *link) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now.shut()
	l.forgotten = append(l.forgotten, l.now)
	l.now = &gate{}
}

// remember lets the connections that were forgotten go on.
func (l *link) remember() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.forgotten {
		g.open()
	}
	l.forgotten = nil
}

func (l *link) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = false
	l.now.open()
}

// hear returns when there is no silence at a gate.
func (l *link) hear(g *gate) {
	l.mu.Lock()
	silent := g.silent
	l.mu.Unlock()
	if silent != nil {
		<-silent
	}
}

// gate is that of new connections.
func (l *link) gate() *gate {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *link) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.work.Go(func() { l.carry(near) })
	}
}

// carry passes on what both ends of a connection say, until either ends it.
func (l *link) carry(near net.Conn) {
	defer near.Close()
	through := l.gate()
	l.hear(through)
	if !l.keep(near) {
		return
	}
	defer l.drop(near)
	var dialer net.Dialer
	far, err := dialer.DialContext(context.Background(), l.network, l.address)
	if err != nil {
		reset(near)
		return
	}
	defer far.Close()
	if !l.keep(far) {
		return
	}
	defer l.drop(far)
	var ways sync.WaitGroup
	ways.Go(func() { l.pass(through, far, near, l.listen) })
	ways.Go(func() { l.pass(through, near, far, func([]byte) {}) })
	ways.Wait()
}

// keep remembers a connection so that it can be reset; if the link is cut, it is at once.
func (l *link) keep(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken {
		reset(conn)
		return false
	}
	l.carried[conn] = true
	return true
}

func (l *link) drop(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.carried, conn)
}

// pass passes on what from says. heard is told of it just before.
func (l *link) pass(through *gate, to, from net.Conn, heard func([]byte)) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		l.hear(through)
		heard(buffer[:n])
		if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
			return
		}
	}
}

// listen begins the silence if a node says what it was to say. That itself is passed on.
func (l *link) listen(said []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.trigger != nil && bytes.Contains(said, l.trigger) {
		l.trigger = nil
		l.now.shut()
	}
}

// reset ends a connection without a farewell.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
