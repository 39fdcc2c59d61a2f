package jeton

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

// SessionKind says how a session is prolonged. It is fixed at sign-in.
type SessionKind string

const (
	// Rotating sessions get a new refresh token with every refresh, and a stolen one is noticed.
	Rotating SessionKind = "rotating"
	// Fixed sessions have one refresh token that does not change, whose theft cannot be noticed. They are for dialects of
	// other stacks; [Auth.SignIn] does not begin one yet.
	Fixed SessionKind = "fixed"
	// AccessOnly sessions have no refresh token: they last as long as their access token.
	AccessOnly SessionKind = "access-only"
)

// Session is one signed-in device.
type Session struct {
	ID       string // random, the claim "sid"
	UserID   string
	Kind     SessionKind
	Profile  string   // name of the token profile
	Strategy string   // that proved the identity
	Methods  []string // RFC 8176, the claim "amr"
	Scopes   []string // the claim "scope"
	AuthTime time.Time

	CreatedAt time.Time
	UsedAt    time.Time // last sign-in or refresh
	IdleUntil time.Time // over if not refreshed before
	ExpiresAt time.Time // over in any case
	EndedAt   time.Time // zero while it lives
	EndReason string

	// AccessUntil is the latest "exp" of any access token that was given out for it.
	AccessUntil time.Time

	// Client is where the session was last advanced from; CreatedBy where it was signed in from.
	Client, CreatedBy Client

	// SecretID names the secret that derives the refresh tokens; Generation counts them from 0; TagHash is the SHA-256 of
	// the current one's tag. Advances are the times of the last four advances, latest first.
	SecretID   uint32
	Generation uint32
	TagHash    [sha256.Size]byte
	Advances   []time.Time
}

// MaxAdvances is how many times of advances a session keeps.
const MaxAdvances = 4

// Clone returns a copy that shares no memory with s.
func (s *Session) Clone() *Session {
	if s == nil {
		return nil
	}
	c := *s
	c.Methods, c.Scopes, c.Advances = slices.Clone(s.Methods), slices.Clone(s.Scopes), slices.Clone(s.Advances)
	return &c
}

// Ended reports whether the session is over at now, by being ended or by time.
func (s *Session) Ended(now time.Time) bool {
	return !s.EndedAt.IsZero() || !now.Before(s.IdleUntil) || !now.Before(s.ExpiresAt)
}

// String shows the ids only.
func (s Session) String() string { return fmt.Sprintf("session %s of user %s", s.ID, s.UserID) }

// GoString is the same as String.
func (s Session) GoString() string { return s.String() }

// LogValue shows the ids only.
func (s Session) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", s.ID), slog.String("user", s.UserID))
}

// Advance moves a rotating session from one generation to the next.
type Advance struct {
	SessionID   string
	Generation  uint32            // the session must be at this one
	TagHash     [sha256.Size]byte // and have this one
	NextTagHash [sha256.Size]byte
	At          time.Time // becomes UsedAt and the first of Advances
	IdleUntil   time.Time
	AccessUntil time.Time // AccessUntil becomes the later of this and what it was
	Client      Client
}

// Ending says which sessions to end. Either SessionID or UserID is set; with both, the session must be that user's.
type Ending struct {
	SessionID string
	UserID    string // all of this user's
	Except    string // but not the one with this id
	At        time.Time
	Reason    string
	// RevokeUntil is added to a session's AccessUntil: an entry is made if the sum is after At, and expires then.
	RevokeUntil time.Duration
}

// SessionStore keeps sessions, and what was revoked: a session's end and its revocation are one commit, so one store
// holds both. Implementations are safe for concurrent use, copy what they are given and what they give, keep times to the
// millisecond at least, and return the sentinels named here and [ErrUnavailable], wrapped, when the database cannot
// be reached. A call whose context is cancelled has either happened completely or not at all. The sessions' users need
// not be in the same store.
type SessionStore interface {
	// CreateSession adds a session. An ID that another one has is [ErrConflict].
	CreateSession(ctx context.Context, s *Session) error
	// SessionByID returns a session, also one that has ended, or [ErrNotFound].
	SessionByID(ctx context.Context, id string) (*Session, error)
	// SessionsByUser returns the sessions of a user that have not ended at now, by being ended or by time, the latest used
	// first.
	SessionsByUser(ctx context.Context, userID string, now time.Time) ([]*Session, error)
	// AdvanceSession makes one atomic conditional write. If there is no such session, the error is [ErrNotFound]; if it
	// was ended, [ErrSessionEnded]; if it is not at the given generation and tag, [ErrConflict].
	AdvanceSession(ctx context.Context, a Advance) error
	// ExtendAccess raises AccessUntil of a session that was not ended, otherwise [ErrSessionEnded]; [ErrNotFound].
	ExtendAccess(ctx context.Context, id string, until time.Time) error
	// EndSessions marks sessions ended and inserts their revocations in one transaction, and returns the revocations, those
	// that expire before e.At left out. Sessions that were ended before are left as they are; those that are over by time
	// only are ended. None to end is no error; without SessionID and UserID nobody's session ends.
	EndSessions(ctx context.Context, e Ending) ([]revoke.Entry, error)
	// RevokeToken inserts a revocation that is not a session's end.
	RevokeToken(ctx context.Context, id revoke.ID, expiresAt time.Time) (revoke.Entry, error)
	// Feed gives the revocations. Numbers are handed out so that the order of commits is their order, and never again,
	// also after everything was pruned.
	revoke.Feed
	// Prune removes sessions that are over, once their access tokens are too, and revocations that have expired, and
	// returns how many rows went. It may stop early, to be called again.
	Prune(ctx context.Context, now time.Time) (removed int, err error)
}

// SessionCopier is implemented by a [SessionStore] whose whole content can be read out and written into another one, as when a service
// moves from SQLite to PostgreSQL. The other store is empty before, and nobody else uses either meanwhile.
type SessionCopier interface {
	// ListSessions returns at most limit sessions by their ids, in the order of their bytes, beginning with the first id after the given
	// one, which need not be anybody's. Those that have ended, by being ended or by time, are among them.
	ListSessions(ctx context.Context, after string, limit int) ([]*Session, error)
	// AddSessions adds up to 1000 sessions just as they are, all or none. It revokes nothing, also for those that have ended. An ID
	// that is there already, or twice among them, is [ErrConflict].
	AddSessions(ctx context.Context, sessions []*Session) error
	// LastRevocation is the highest number that was ever given to a revocation, also if that was pruned; 0 if there was none.
	LastRevocation(ctx context.Context) (uint64, error)
	// AddRevocations adds up to 1000 revocations with the numbers that they have, all or none. From then on the store gives higher
	// numbers only than theirs, than last, and than what it has given before. A number that is there already, or twice among them,
	// is [ErrConflict].
	AddRevocations(ctx context.Context, entries []revoke.Entry, last uint64) error
}
