package revoke

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

const (
	pageSize      = 10_000
	pruneInterval = time.Minute
)

// read is one reading of the feed to its end, which any number of callers wait for.
type read struct {
	number uint64 // counts the reads
	began  time.Time
	done   chan struct{} // closed at the end
	err    error         // valid then
}

// readIfDue returns the read that is going on, after starting one if it is time to. If there is none, failure is that
// of the last one.
func (f *Follower) readIfDue() (r *read, failure error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reading == nil && f.untilDue() <= 0 {
		f.start()
	}
	return f.reading, f.failure
}

// readAfter returns a read that began after so many others, or one to wait for before that; nil if a complete one
// has.
func (f *Follower) readAfter(count uint64) *read {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.completed > count {
		return nil
	}
	if f.reading == nil {
		f.start()
	}
	return f.reading
}

// untilDue is the time until a question may start a read. While reads fail a hint does not hasten them. The caller
// holds mu.
func (f *Follower) untilDue() time.Duration {
	if f.reads == 0 {
		return 0
	}
	pause := f.cfg.Interval
	if f.hinted.Load() && f.failure == nil {
		pause = min(pause, hintGap)
	}
	return pause - time.Since(f.tried)
}

// start begins a read. It has a context of its own, because whoever asked first may go away. The caller holds mu.
func (f *Follower) start() {
	f.hinted.Store(false) // before the feed is asked: a later hint may be about what this read misses
	f.reads++
	f.tried = time.Now()
	f.reading = &read{number: f.reads, began: f.tried, done: make(chan struct{})}
	go f.run(f.reading)
}

// run does r, and what is done now and then.
func (f *Follower) run(r *read) {
	ctx, cancel := context.WithTimeout(context.Background(), f.cfg.Timeout)
	defer cancel()
	r.err = f.readToEnd(ctx)
	f.logChange(r.err)
	if f.finish(r) {
		f.list.Prune(f.cfg.Now()) // only now, because nobody needs to wait for it
	}
}

// finish makes the outcome of r known, and reports whether it is time to prune.
func (f *Follower) finish(r *read) (prune bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failure = r.err; r.err == nil {
		f.completed = r.number
		f.fresh.Store(&r.began)
	}
	f.reading = nil
	close(r.done)
	if prune = time.Since(f.pruned) >= pruneInterval; prune {
		f.pruned = time.Now()
	}
	return prune
}

// logChange logs when the feed goes away and when it is back. Only the read that is going on changes failure, so that
// it may look at it without the lock, which the logger's handler could hold for long.
func (f *Follower) logChange(err error) {
	switch {
	case err != nil && f.failure == nil:
		f.cfg.Logger.Warn("revocation feed cannot be read", slog.Any("error", err), slog.Time("fresh_at", f.FreshAt()))
	case err == nil && f.failure != nil:
		f.cfg.Logger.Info("revocation feed is read again", slog.Any("error", f.failure))
	}
}

// readToEnd reads page by page what is new. It keeps what it has read when it fails.
func (f *Follower) readToEnd(ctx context.Context) error {
	for {
		f.mu.Lock()
		after := f.after
		f.mu.Unlock()
		page, err := f.cfg.Feed.Revocations(ctx, after, pageSize)
		if err != nil {
			return fmt.Errorf("reading the feed after %d: %w", after, err)
		}
		if err := f.take(page); err != nil || len(page) < pageSize {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("reading the feed after %d: %w", after, err)
		}
	}
}

// take makes a page known, up to the first entry that is out of order.
func (f *Follower) take(page []Entry) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range page {
		if page[i].Number <= f.after {
			err = fmt.Errorf("the feed gave entry %d after %d", page[i].Number, f.after)
			page = page[:i]
			break
		}
		f.after = page[i].Number
	}
	f.learn(page)
	return err
}
