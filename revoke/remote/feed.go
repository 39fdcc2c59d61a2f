package remote

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/jetonauth/jeton/revoke"
)

// Feed is the feed of a jeton elsewhere. It is safe for concurrent use. Its numbers are those of the database there: they begin anew with another
// one, and go back with one that was restored from a backup, which a follower notices.
type Feed struct {
	client client
	log    *slog.Logger

	mu      sync.Mutex
	began   uint64        // how many reads have
	ended   uint64        // the last of them that has come to the end of the feed
	last    uint64        // the number of the last entry then
	changed chan struct{} // closed when these change
}

var _ revoke.Feed = (*Feed)(nil)

// String says whose feed it is, without a secret.
func (f *Feed) String() string {
	return fmt.Sprintf("revocations at %s for the service client %s", f.client.address, f.client.name)
}

// GoString is the same as String.
func (f *Feed) GoString() string { return f.String() }

// LogValue is the same as String.
func (f *Feed) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Revocations returns at most limit entries with a number above after, lowest first; fewer are all that there are now. The error is
// [ErrRefused], [ErrMalformed], that of ctx, or says why the server could not be asked, or that it was away.
func (f *Feed) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	number := f.begin()
	var entries []revoke.Entry
	for {
		p, err := f.client.ask(ctx, question{after: after, limit: min(limit-len(entries), maxLimit)})
		if err != nil {
			return nil, err
		}
		entries = append(entries, p.entries...)
		if n := len(entries); n > 0 {
			after = entries[n-1].Number
		}
		if !p.more {
			f.end(number, after)
			return entries, nil
		}
		if len(entries) >= limit {
			return entries, nil
		}
	}
}

// begin counts a read that begins.
func (f *Feed) begin() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.began++
	return f.began
}

// end says that a read has come to the end of the feed.
func (f *Feed) end(read, last uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended, f.last = max(f.ended, read), last
	close(f.changed)
	f.changed = make(chan struct{})
}
