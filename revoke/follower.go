package revoke

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// ErrStale is for not knowing well enough: the feed has not been read completely yet, or not for MaxStaleness.
var ErrStale = errors.New("revoke: revocations are not known to be current")

var errSlow = fmt.Errorf("reading the feed takes too long: %w", context.DeadlineExceeded)

// FollowerConfig says what to follow and how closely.
type FollowerConfig struct {
	// Feed is what is followed. It must be set, and it must return when its context is done.
	Feed Feed
	// Interval is the age of knowledge from which a question starts a new read in the background, and the time between
	// the beginnings of two reads while they fail. Zero means 400 ms.
	Interval time.Duration
	// MaxAge is the age of knowledge from which a question waits for a new read, though not beyond the first second of
	// that read as long as the knowledge is younger than MaxStaleness. At least Interval; zero means twice the interval.
	MaxAge time.Duration
	// MaxStaleness is how long the last good answer may be used while the feed cannot be read. At least MaxAge; zero
	// means 10 s.
	MaxStaleness time.Duration
	// AcceptStale goes on answering beyond MaxStaleness, with what was known last, in place of [ErrStale]. Dangerous:
	// signed-out tokens are accepted for as long as the feed is away. Before the first complete read it changes nothing.
	AcceptStale bool
	// Timeout bounds one read of everything that is new. What was read before it ran out is kept. Zero means 5 s.
	Timeout time.Duration
	// Now is the clock by which entries expire: time.Now. How fresh knowledge is goes by the process's own clock.
	Now func() time.Time
	// Logger is told when the feed cannot be read, and when it can again. Nil means slog.Default().
	Logger *slog.Logger
}

func (cfg FollowerConfig) withDefaults() (FollowerConfig, error) {
	if cfg.Feed == nil {
		return cfg, errors.New("revoke: FollowerConfig.Feed must be set")
	}
	for _, field := range []struct {
		name  string
		value time.Duration
	}{
		{"Interval", cfg.Interval}, {"MaxAge", cfg.MaxAge}, {"MaxStaleness", cfg.MaxStaleness}, {"Timeout", cfg.Timeout},
	} {
		if field.value < 0 {
			return cfg, fmt.Errorf("revoke: FollowerConfig.%s is %v and must not be negative", field.name, field.value)
		}
	}
	cfg.Interval = cmp.Or(cfg.Interval, 400*time.Millisecond)
	cfg.MaxAge = cmp.Or(cfg.MaxAge, 2*cfg.Interval)
	cfg.MaxStaleness = cmp.Or(cfg.MaxStaleness, 10*time.Second)
	cfg.Timeout = cmp.Or(cfg.Timeout, 5*time.Second)
	cfg.Logger = cmp.Or(cfg.Logger, slog.Default())
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.MaxAge < cfg.Interval {
		return cfg, fmt.Errorf("revoke: FollowerConfig.MaxAge is %v and must be at least Interval, %v", cfg.MaxAge, cfg.Interval)
	}
	if cfg.MaxStaleness < cfg.MaxAge {
		return cfg, fmt.Errorf("revoke: FollowerConfig.MaxStaleness is %v and must be at least MaxAge, %v", cfg.MaxStaleness, cfg.MaxAge)
	}
	return cfg, nil
}

const (
	// maxWait is how much of a read's time a question waits for while there is an answer without it.
	maxWait = time.Second
	// hintGap is the age of knowledge below which a hint does not start a read, so that a burst of them starts few.
	hintGap = 20 * time.Millisecond
)

// Follower keeps the live entries of a feed in memory. It reads when it is asked and its knowledge has aged, one read
// at a time for everybody; only while there are subscribers it reads by itself. It is safe for concurrent use.
//
// The age of its knowledge is the time since the beginning of the last read that came to the feed's end, by the
// monotonic clock. By the wall clock, and at most once a minute, it drops expired entries.
type Follower struct {
	cfg  FollowerConfig
	list *List

	fresh  atomic.Pointer[time.Time] // when the last complete read began; nil before it
	hinted atomic.Bool               // since the last read began

	mu          sync.Mutex
	last        Entry     // the last one that was read; its Number is 0 if there is none
	reading     *read     // nil while there is none
	reads       uint64    // that have begun
	completed   uint64    // the last complete one of them
	tried       time.Time // when the last one began
	failure     error     // of the last one
	pruned      time.Time // last
	prunedBy    time.Time // what the wall clock said then
	subscribers []*subscription
	stop        chan struct{} // ends the goroutine that serves the subscribers
	wake        chan struct{} // wakes it
}

// NewFollower returns a follower, which has not read anything yet. The error names the field that is wrong.
func NewFollower(cfg FollowerConfig) (*Follower, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Follower{cfg: cfg, list: NewList(), wake: make(chan struct{}, 1)}, nil
}

// Revoked reports whether the token's session or the token itself is revoked. It is [ErrStale], wrapping the reason,
// before the first complete read and when the last good read began more than MaxStaleness ago, and also when ctx ends
// while it waits for a read.
func (f *Follower) Revoked(ctx context.Context, token Token) (bool, error) {
	if !f.settled() {
		if err := f.refresh(ctx); err != nil {
			return false, fmt.Errorf("%w: %w", ErrStale, err)
		}
	}
	return f.list.Revoked(ctx, token)
}

// settled reports that what is known can be used and no read is due. It is all that most questions do.
func (f *Follower) settled() bool {
	age, known := f.age()
	return known && age < f.cfg.Interval && (age < hintGap || !f.hinted.Load())
}

// age is the age of what is known, if anything is.
func (f *Follower) age() (age time.Duration, known bool) {
	fresh := f.fresh.Load()
	if fresh == nil {
		return 0, false
	}
	return time.Since(*fresh), true
}

// usable reports whether what is known is an answer while the feed cannot be read.
func (f *Follower) usable() bool {
	age, known := f.age()
	return known && (age < f.cfg.MaxStaleness || f.cfg.AcceptStale)
}

// refresh starts a read if one is due and waits for it if what is known is too old. An error means that what is known
// must not be used.
func (f *Follower) refresh(ctx context.Context) error {
	r, failure := f.readIfDue()
	if age, known := f.age(); known && age < f.cfg.MaxAge {
		return nil
	}
	if r != nil {
		return f.await(ctx, r)
	}
	if failure != nil && !f.usable() {
		return failure
	}
	return nil
}

// await waits for r and returns why what is known then must not be used, or nil.
func (f *Follower) await(ctx context.Context, r *read) error {
	limit := time.NewTimer(time.Until(r.began.Add(maxWait)))
	defer limit.Stop()
	for last := false; ; last = true {
		select {
		case <-r.done:
			if !f.usable() {
				return cmp.Or(r.err, errSlow)
			}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-limit.C:
			if f.usable() {
				return nil
			}
			if last {
				return errSlow // the feed ignores its context
			}
			limit.Reset(time.Until(r.began.Add(f.cfg.Timeout + maxWait)))
		}
	}
}

// Sync reads the feed now and returns when everything committed before the call is known. The error is the feed's, or
// that of ctx; the read itself goes on when ctx ends.
func (f *Follower) Sync(ctx context.Context) error {
	f.mu.Lock()
	before := f.reads
	f.mu.Unlock()
	for {
		r := f.readAfter(before)
		if r == nil {
			return nil
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if r.number > before && r.err != nil {
			return fmt.Errorf("revoke: %w", r.err)
		}
	}
}

// Wait returns when no read is under way in the background. Who has stopped asking, and has no subscribers, calls it before closing what
// is read, lest the last read finds it closed.
func (f *Follower) Wait() {
	f.mu.Lock()
	reading := f.reading
	f.mu.Unlock()
	if reading != nil {
		<-reading.done
	}
}

// Add makes entries known that this process has just committed itself, so that they count at once.
func (f *Follower) Add(entries ...Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.learn(entries)
}

// Hint says that there is something new, for example because a notification came: the next question starts a read, but
// does not wait for it, and subscribers learn of it as soon. Hints are cheap; many in 20 ms count as one.
func (f *Follower) Hint() {
	f.hinted.Store(true)
	f.wakeUp()
}

// FreshAt is when the last complete read began; zero if there was none.
func (f *Follower) FreshAt() time.Time {
	if fresh := f.fresh.Load(); fresh != nil {
		return *fresh
	}
	return time.Time{}
}

// Len is the number of live entries. Those that have expired less than a minute ago may be among them.
func (f *Follower) Len() int { return f.list.Len() }
