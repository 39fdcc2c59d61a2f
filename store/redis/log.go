package redis

import (
	"context"
	"fmt"
	"log/slog"

	driver "github.com/redis/go-redis/v9"
)

// SetLogger makes every client of github.com/redis/go-redis/v9 in this process write to log what it would write to the standard error
// stream: that a server cannot be reached, or that there is a new master. It is for programs, before they open a store. What their
// callers have to know is in the errors, so the level is that of information.
func SetLogger(log *slog.Logger) { driver.SetLogger(driverLog{log}) }

// driverLog is how the driver writes to a log.
type driverLog struct{ log *slog.Logger }

// Printf writes one message.
func (l driverLog) Printf(ctx context.Context, format string, values ...any) {
	l.log.InfoContext(ctx, "the Redis client says", "message", fmt.Sprintf(format, values...))
}
