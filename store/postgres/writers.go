package postgres

import "context"

// writers are the places of those who write through a pool: one less than it has connections. Writes may have to wait for each other, above all
// for the counter of the revocations. If they waited with all connections, nobody could read what was revoked elsewhere meanwhile.
type writers chan struct{}

// newWriters makes places for a pool of so many connections. For one there is no way around: a nil writers lets everybody in.
func newWriters(connections int32) writers {
	if connections < 2 {
		return nil
	}
	return make(writers, connections-1)
}

// enter takes a place, or returns the error of ctx if that is over first.
func (w writers) enter(ctx context.Context) error {
	if w == nil {
		return nil
	}
	select {
	case w <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave gives the place back.
func (w writers) leave() {
	if w != nil {
		<-w
	}
}
