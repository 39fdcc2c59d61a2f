package server

import (
	"context"
	"errors"
	"time"
)

// housekeepingInterval is how often what has expired is removed.
const housekeepingInterval = time.Hour

// housekeep removes what has expired, now and then, until ctx is over.
func (s *Server) housekeep(ctx context.Context) {
	ticker := time.NewTicker(housekeepingInterval)
	defer ticker.Stop()
	for {
		if err := s.serving.Load().auth.Prune(ctx); err != nil && !errors.Is(err, context.Canceled) {
			s.log.Warn("could not remove what has expired", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
