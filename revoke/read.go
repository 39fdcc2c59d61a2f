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
		f.prune() // only now, because nobody needs to wait for it
	}
}

// prune drops what has expired, and then says by which time: a read that begins meanwhile may still lose what it learns, and the next one notices.
func (f *Follower) prune() {
	now := f.cfg.Now().Round(0) // by the wall clock
	f.list.Prune(now)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.prunedBy = now
}

// clockJump is by how much the wall clock may go back before what was dropped by it is read again.
const clockJump = time.Second

// noticeClock begins anew if the clock was ahead when entries were dropped, and is not any more: some of them are alive.
func (f *Follower) noticeClock() {
	now := f.cfg.Now().Round(0)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.prunedBy.Sub(now) > clockJump {
		f.last, f.prunedBy = Entry{}, now
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
		f.cfg.Logger.Info("revocation feed is read again", slog.Any("after", f.failure))
	}
}

// readToEnd reads page by page what is new. It keeps what it has read when it fails.
//
// It begins with the last entry that is known. If that is not where it was, the feed is another one, such as a database that was restored from a
// backup and gives its numbers a second time, or the entry has expired; then everything is read again. What was known stays revoked.
//
// A clock that goes back has everything read again, too.
func (f *Follower) readToEnd(ctx context.Context) error {
	f.noticeClock()
	last := f.lastRead()
	for known := last; ; known = (Entry{}) {
		after := last.Number
		if known.Number > 0 {
			after--
		}
		page, err := f.cfg.Feed.Revocations(ctx, after, pageSize)
		if err != nil {
			return fmt.Errorf("reading the feed after %d: %w", after, err)
		}
		full := len(page) >= pageSize
		if known.Number > 0 {
			if len(page) == 0 || page[0].Number != known.Number || page[0].ID != known.ID {
				f.startAgain(ctx, known)
				last = Entry{}
				continue
			}
			page = page[1:]
		}
		if err := f.take(page); err != nil || !full {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("reading the feed after %d: %w", after, err)
		}
		last = f.lastRead()
	}
}

func (f *Follower) lastRead() Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// startAgain forgets how far the feed was read. That the last entry has expired, and is therefore gone, happens all the time.
func (f *Follower) startAgain(ctx context.Context, known Entry) {
	const clocks = 5 * time.Minute // that two clocks may differ by
	if known.ExpiresAt.IsZero() || known.ExpiresAt.Sub(f.cfg.Now()) > clocks {
		f.cfg.Logger.WarnContext(ctx, "the feed of revocations is another one than before, or went back: it is read from its beginning",
			slog.Uint64("last_number", known.Number))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = Entry{}
}

// take makes a page known, up to the first entry that is out of order.
func (f *Follower) take(page []Entry) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range page {
		if page[i].Number <= f.last.Number {
			err = fmt.Errorf("the feed gave entry %d after %d", page[i].Number, f.last.Number)
			page = page[:i]
			break
		}
		f.last = page[i]
	}
	f.learn(page)
	return err
}
