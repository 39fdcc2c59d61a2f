package revoke

import "context"
import "errors"
import "log/slog"
import "time"

// ErrStale is for not knowing well enough: the feed has not been read completely yet, or not for MaxStaleness.
var ErrStale = errors.New("revoke: revocations are not known to be current")

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
	// Logger is told when the feed cannot be read, and when it can again. Nil means slog.Default().
	Logger *slog.Logger
}

// Follower keeps the live entries of a feed in memory. It reads when it is asked and its knowledge has aged, one read
// at a time for everybody; only while there are subscribers it reads by itself. It is safe for concurrent use.
//
// The age of its knowledge is the time since the beginning of the last read that came to the feed's end, by the
// monotonic clock. By the wall clock, and at most once a minute, it drops expired entries.
type Follower struct{}

// NewFollower returns a follower, which has not read anything yet. The error names the field that is wrong.
func NewFollower(cfg FollowerConfig) (*Follower, error) { panic("declared") }

// Revoked reports whether the token's session or the token itself is revoked. It is [ErrStale], wrapping the reason,
// before the first complete read and when the last good read began more than MaxStaleness ago, and also when ctx ends
// while it waits for a read.
func (f *Follower) Revoked(ctx context.Context, token Token) (bool, error) { panic("declared") }

// Sync reads the feed now and returns when everything committed before the call is known. The error is the feed's, or
// that of ctx; the read itself goes on when ctx ends.
func (f *Follower) Sync(ctx context.Context) error { panic("declared") }

// Add makes entries known that this process has just committed itself, so that they count at once.
func (f *Follower) Add(entries ...Entry) { panic("declared") }

// Hint says that there is something new, for example because a notification came: the next question starts a read, but
// does not wait for it, and subscribers learn of it as soon. Hints are cheap; many in 20 ms count as one.
func (f *Follower) Hint() { panic("declared") }

// FreshAt is when the last complete read began; zero if there was none.
func (f *Follower) FreshAt() time.Time { panic("declared") }

// Len is the number of live entries. Those that have expired less than a minute ago may be among them.
func (f *Follower) Len() int { panic("declared") }
