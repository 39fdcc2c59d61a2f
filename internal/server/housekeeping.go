package server

import (
	"context"
	"errors"
	"time"

	"github.com/jetonauth/jeton"
)

const (
	// housekeepingInterval is how often what has expired is removed.
	housekeepingInterval = time.Minute
	// housekeepingTurn bounds how long a node goes on with it, so that it has ended when another one may begin.
	housekeepingTurn = 50 * time.Second
	// housekeepingKey is what nodes take turns by.
	housekeepingKey = "housekeeping"
)

// housekeep removes what has expired, now and then, until ctx is over.
func (s *Server) housekeep(ctx context.Context) {
	ticker := time.NewTicker(housekeepingInterval)
	defer ticker.Stop()
	for {
		s.tidy(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// tidy removes what has expired, in small batches, unless another node does that already.
func (s *Server) tidy(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, housekeepingTurn)
	defer cancel()
	mine, err := s.myTurn(ctx)
	if err == nil && mine {
		err = s.serving.Load().auth.Prune(ctx)
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		s.log.InfoContext(ctx, "what has expired was not removed completely; it goes on in a minute")
	case err != nil && ctx.Err() == nil:
		s.log.WarnContext(ctx, "could not remove what has expired", "error", err)
	}
}

// myTurn reports whether this node is the one of a minute: the first that counts itself. A database of its own it has to itself.
func (s *Server) myTurn(ctx context.Context) (bool, error) {
	if !s.cfg.shared() {
		return true, nil
	}
	wait, err := s.store.Take(ctx, housekeepingKey, jeton.Limit{Count: 1, Window: housekeepingInterval}, time.Now())
	return wait == 0, err //nolint:wrapcheck // it says what it was
}
