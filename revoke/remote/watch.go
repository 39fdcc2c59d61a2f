package remote

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"log/slog"
	"time"
)

const (
	// pollWait is how long the server may hold a request back.
	pollWait = 25 * time.Second
	// hintPause is the longest wait after a hint, so that a burst of revocations is a few of them.
	hintPause = 100 * time.Millisecond
	// firstPause is the longest wait after a failure; it doubles with each, up to longestPause.
	firstPause   = 400 * time.Millisecond
	longestPause = 10 * time.Second
	// maxRetryAfter bounds what a server can ask for.
	maxRetryAfter = time.Minute
	// tooSoon is an answer to a long poll without any entry that did not wait.
	tooSoon = time.Second
)

var errTooSoon = errors.New("revoke/remote: the server answers long polls at once, without an entry")

// Watch calls hint whenever something was revoked, which makes it worth reading [Feed.Revocations] at once; the method Hint of
// [github.com/jetonauth/jeton/revoke.Follower] fits. It holds one request open, which the server answers when there is something. It is only a
// hint: a follower learns of everything within a second without it, whenever it is asked.
//
// It begins when the feed was read to its end once, and goes on after a hint when it was read again: where nobody reads, nobody waits. It returns the
// error of ctx when that is over, and nothing else: a failure is tried again after a while. hint is called by the calling goroutine.
func (f *Feed) Watch(ctx context.Context, hint func()) error {
	var hinted uint64 // reads that had begun at the last hint
	failures := 0
	for {
		after, err := f.readSince(ctx, hinted)
		if err != nil {
			return err
		}
		found, err := f.poll(ctx, after)
		pause := time.Duration(0)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failures++
			f.tell(ctx, failures, err)
			pause = pauseAfter(failures, err)
		case found:
			hinted = f.reads()
			hint()
			pause = jitter(hintPause)
		}
		if err == nil && failures > 0 {
			f.log.InfoContext(ctx, "revocations are waited for again", slog.String("feed", f.client.address))
			failures = 0
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

// readSince waits until a read that is not among the first so many has come to the end of the feed, and returns the number of the last
// entry there.
func (f *Feed) readSince(ctx context.Context, count uint64) (last uint64, err error) {
	for {
		f.mu.Lock()
		ended, last, changed := f.ended, f.last, f.changed
		f.mu.Unlock()
		if ended > count {
			return last, ctx.Err()
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// reads is how many reads have begun.
func (f *Feed) reads() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.began
}

// poll waits for an entry after this one, and reports whether there is one.
func (f *Feed) poll(ctx context.Context, after uint64) (found bool, err error) {
	began := time.Now()
	p, err := f.client.ask(ctx, question{after: after, limit: 1, wait: pollWait})
	if err == nil && len(p.entries) == 0 && time.Since(began) < tooSoon {
		err = errTooSoon
	}
	return len(p.entries) > 0, err
}

// tell logs the first of some failures.
func (f *Feed) tell(ctx context.Context, failures int, err error) {
	if failures == 1 {
		f.log.WarnContext(ctx, "revocations cannot be waited for, and are only read when tokens are checked", slog.Any("error", err))
	}
}

// pauseAfter is how long to wait after so many failures in a row.
func pauseAfter(failures int, err error) time.Duration {
	pause := min(firstPause<<min(failures-1, 10), longestPause)
	pause = pause/2 + jitter(pause/2)
	if refused, ok := errors.AsType[*statusError](err); ok {
		wanted := min(refused.wait, maxRetryAfter)
		pause = max(pause, wanted+jitter(wanted/4))
	}
	return pause
}

// jitter is a random part of d, so that those who were woken or cut off together do not come back together.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	return time.Duration(binary.NativeEndian.Uint64(random[:]) % uint64(d))
}

// wait waits for d, or until ctx is over.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
