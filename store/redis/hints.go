package redis

import (
	"context"

	driver "github.com/redis/go-redis/v9"
)

// channel is the name of the channel for hints.
func (s *Store) channel() string { return s.cfg.Prefix + "revocations" }

// Publish tells whoever watches, on every node, that there is something new to read. It is only a hint: it says nothing about what, and may be
// lost.
func (s *Store) Publish(ctx context.Context) error {
	return s.bounded(ctx, "publish", func(ctx context.Context) error {
		return s.client.Publish(ctx, s.channel(), "").Err()
	})
}

// Watch calls hint for every hint that is published, and whenever it has connected, since hints may have been missed until then. It runs until
// ctx is over, and returns ctx's error; while Redis is away it tries again, ten times a second. hint must not block.
// The goroutines that it starts have ended, or are about to, when it returns.
func (s *Store) Watch(ctx context.Context, hint func()) error {
	subscription := s.client.Subscribe(ctx, s.channel())
	defer func() { _ = subscription.Close() }() // its connection is of no use to anybody
	messages := subscription.ChannelWithSubscriptions()
	for {
		select {
		case <-ctx.Done():
			return translate(ctx, "watch", ctx.Err())
		case message, open := <-messages:
			if !open {
				return translate(ctx, "watch", driver.ErrClosed)
			}
			if isHint(message) {
				hint()
			}
		}
	}
}

// isHint reports whether a message is a hint, or says that the subscription has begun, perhaps anew.
func isHint(message any) bool {
	switch m := message.(type) {
	case *driver.Message:
		return true
	case *driver.Subscription:
		return m.Kind == "subscribe"
	}
	return false
}
