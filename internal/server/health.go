package server

import (
	"context"
	"net/http"
	"time"
)

// readyTimeout bounds how long a check of the store may take.
const readyTimeout = 2 * time.Second

// healthy answers that the process lives. It asks nothing of the store, so that a store that is away restarts no server.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, "ok\n")
}

// ready answers whether requests should be sent here: the store answers, a key can sign, and revocations are known.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	err := s.store.Ping(ctx)
	if err == nil {
		err = s.serving.Load().auth.Ready(ctx)
	}
	s.logReadiness(r.Context(), err)
	if err != nil {
		w.Header().Set("Retry-After", "1")
		answer(w, http.StatusServiceUnavailable, "not ready\n")
		return
	}
	answer(w, http.StatusOK, "ready\n")
}

// logReadiness tells of changes: a probe that asks every second would fill the log otherwise. A probe that went away tells nothing.
func (s *Server) logReadiness(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if was := s.unready.Swap(err != nil); was == (err != nil) {
		return
	}
	if err != nil {
		s.log.WarnContext(ctx, "not ready", "error", err)
		return
	}
	s.log.InfoContext(ctx, "ready again")
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the client may be gone; there is nobody to tell
}
