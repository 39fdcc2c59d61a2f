package server

import (
	"context"
	"errors"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/database"
	"github.com/jetonauth/jeton/revoke"
)

// announcing is a store of sessions that says so when it has revoked something.
type announcing struct {
	jeton.SessionStore

	announce func(ctx context.Context)
}

// EndSessions ends sessions, and announces that.
func (s announcing) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	entries, err := s.SessionStore.EndSessions(ctx, e)
	if len(entries) > 0 {
		s.announce(ctx)
	}
	return entries, err //nolint:wrapcheck // it is the store's own
}

// RevokeToken revokes a token, and announces that.
func (s announcing) RevokeToken(ctx context.Context, id revoke.ID, expiresAt time.Time) (revoke.Entry, error) {
	entry, err := s.SessionStore.RevokeToken(ctx, id, expiresAt)
	if err == nil {
		s.announce(ctx)
	}
	return entry, err //nolint:wrapcheck // it is the store's own
}

// publish announces through Redis. Nodes read by themselves, so that a failure costs nothing but time.
func (f *foundation) publish(ctx context.Context) {
	if err := f.redis.Publish(ctx); err != nil && ctx.Err() == nil {
		f.log.WarnContext(ctx, "could not tell other nodes that something was revoked; they find out within a second", "error", err)
	}
}

// publishLater makes f.announce something that does not wait for Redis, and returns what publishes until ctx is over. Announcements that
// come while one is under way become one.
func (f *foundation) publishLater() (run func(ctx context.Context)) {
	pending := make(chan struct{}, 1)
	f.announce = func(context.Context) {
		select {
		case pending <- struct{}{}:
		default:
		}
	}
	return func(ctx context.Context) {
		for {
			select {
			case <-ctx.Done():
				return
			case <-pending:
				f.publish(ctx)
			}
		}
	}
}

// watch makes the service read what is revoked as soon as another node has revoked something, until ctx is over.
func (s *Server) watch(ctx context.Context) {
	var source database.Watcher
	if s.redis != nil {
		source = s.redis
	} else if source, _ = s.store.(database.Watcher); source == nil {
		return
	}
	err := source.Watch(ctx, func() { s.serving.Load().auth.Hint() })
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, errors.ErrUnsupported):
		s.log.InfoContext(ctx, "the database does not notify; what other nodes revoke is read every 400 ms", "reason", err)
	default:
		s.log.WarnContext(ctx, "no more notifications; what other nodes revoke is read every 400 ms", "error", err)
	}
}
