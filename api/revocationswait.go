package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// How many requests may wait for a revocation at once, each with a connection and a goroutine.
const (
	maxWaiters       = 1000
	maxClientWaiters = 100 // of one service client, which may be many processes
)

// sharedReadTimeout bounds a read of the store that several wait for.
const sharedReadTimeout = 5 * time.Second

// waiters are the requests that wait for a revocation. One subscription of the service's wakes them, and those that want the
// same entries then share one read of the store.
type waiters struct {
	auth           *jeton.Auth
	max, maxClient int

	mu       sync.Mutex
	all      map[*waiter]struct{}
	byClient map[string]int
	cancel   func()                           // ends the subscription; nil while nobody waits
	stopping <-chan struct{}                  // as in Config
	reads    map[readKey]*sharedRead          // that began since the last revocation
	ends     map[*http.Server]<-chan struct{} // closed when that server shuts down
}

// waiter is one of them.
type waiter struct {
	client string
	after  uint64
	wake   chan struct{} // holds a value when there may be something
}

// readKey says which reads are the same.
type readKey struct {
	after uint64
	limit int
}

// sharedRead is a read of the store. What it found is valid when done is closed, and changed by nobody.
type sharedRead struct {
	done    chan struct{}
	entries []revoke.Entry
	err     error
}

func newWaiters(auth *jeton.Auth, stopping <-chan struct{}) *waiters {
	return &waiters{
		auth: auth, stopping: stopping, max: maxWaiters, maxClient: maxClientWaiters,
		all: map[*waiter]struct{}{}, byClient: map[string]int{},
		reads: map[readKey]*sharedRead{}, ends: map[*http.Server]<-chan struct{}{},
	}
}

// await returns what is there as soon as there is something; at most one entry more than was asked for. It returns what the store has
// then, usually nothing, when the time is over or the server shuts down. Whoever finds all places taken gets what is there without waiting, or a
// problem.
func (ws *waiters) await(ctx context.Context, client string, asked revocationQuery) ([]revoke.Entry, error) {
	server, _ := ctx.Value(http.ServerContextKey).(*http.Server)
	timer := time.NewTimer(allowedWait(server, asked.wait))
	defer timer.Stop()
	ended := ws.end(server)
	w, admitted := ws.enter(client, asked.after) // before the store is read, so that nothing comes between
	if admitted {
		defer ws.leave(w)
	}
	entries, err := ws.auth.Revocations(ctx, asked.after, asked.limit+1)
	if err != nil || len(entries) > 0 {
		return entries, err
	}
	if !admitted {
		p := newProblem(codeTooManyWaits)
		p.header.Set("Retry-After", "5")
		return nil, p
	}
	for {
		select {
		case <-w.wake:
			entries, err := ws.read(ctx, asked.after, asked.limit+1)
			if err != nil || len(entries) > 0 {
				return entries, err
			}
		case <-timer.C:
			return ws.auth.Revocations(ctx, asked.after, asked.limit+1)
		case <-ws.stopping:
			return ws.auth.Revocations(ctx, asked.after, asked.limit+1)
		case <-ended:
			return ws.auth.Revocations(ctx, asked.after, asked.limit+1)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// allowedWait leaves the server time to write the answer.
func allowedWait(server *http.Server, wait time.Duration) time.Duration {
	if server == nil || server.WriteTimeout <= 0 {
		return wait
	}
	return min(wait, server.WriteTimeout/10*9)
}

// end is closed when the server shuts down; nil, which never is, for a server that does not say so.
func (ws *waiters) end(server *http.Server) <-chan struct{} {
	if server == nil {
		return nil
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ended, known := ws.ends[server]
	if !known {
		made := make(chan struct{})
		server.RegisterOnShutdown(sync.OnceFunc(func() { close(made) }))
		ended = made
		ws.ends[server] = made
	}
	return ended
}

// enter makes a request one that waits, if there is a place. Then leave has to be called.
func (ws *waiters) enter(client string, after uint64) (*waiter, bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if len(ws.all) >= ws.max || ws.byClient[client] >= ws.maxClient {
		return nil, false
	}
	w := &waiter{client: client, after: after, wake: make(chan struct{}, 1)}
	ws.all[w] = struct{}{}
	ws.byClient[client]++
	if ws.cancel == nil {
		ws.cancel = ws.auth.OnRevocation(ws.notify)
	}
	return w, true
}

func (ws *waiters) leave(w *waiter) {
	if cancel := ws.remove(w); cancel != nil {
		cancel() // without the lock, which notify takes
	}
}

// remove returns what ends the subscription if nobody is left to be woken.
func (ws *waiters) remove(w *waiter) (cancel func()) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.all, w)
	if ws.byClient[w.client]--; ws.byClient[w.client] == 0 {
		delete(ws.byClient, w.client)
	}
	if len(ws.all) == 0 {
		clear(ws.reads)
		cancel, ws.cancel = ws.cancel, nil
	}
	return cancel
}

// notify wakes those who do not have the entry.
func (ws *waiters) notify(e revoke.Entry) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	clear(ws.reads)
	for w := range ws.all {
		if w.after >= e.Number {
			continue
		}
		select {
		case w.wake <- struct{}{}:
		default: // it has been woken and not looked yet
		}
	}
}

// read returns what the store has, by a read that began since the last revocation: its own or another one's.
func (ws *waiters) read(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	r := ws.shared(ctx, after, limit)
	select {
	case <-r.done:
		return r.entries, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (ws *waiters) shared(ctx context.Context, after uint64, limit int) *sharedRead {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	key := readKey{after, limit}
	if r, there := ws.reads[key]; there {
		return r
	}
	r := &sharedRead{done: make(chan struct{})}
	ws.reads[key] = r
	go ws.run(context.WithoutCancel(ctx), key, r) // whoever asked first may go away
	return r
}

// run does r. A failure is not for those who come later.
func (ws *waiters) run(ctx context.Context, key readKey, r *sharedRead) {
	ctx, cancel := context.WithTimeout(ctx, sharedReadTimeout)
	defer cancel()
	r.entries, r.err = ws.auth.Revocations(ctx, key.after, key.limit)
	close(r.done)
	if r.err == nil {
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.reads[key] == r {
		delete(ws.reads, key)
	}
}
