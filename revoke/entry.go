package revoke

import (
	"context"
	"crypto/sha256"
	"time"
)

// ID names what is revoked: the SHA-256 of a session id ("sid") or of a token id ("jti"). Entries travel between
// services, and the hash tells those who read them nothing that they did not know.
type ID [sha256.Size]byte

// IDOf returns the ID of a session id or token id.
func IDOf(value string) ID {
	var buffer [128]byte // converting to []byte allocates from 33 bytes on, and a UUID has 36
	return sha256.Sum256(append(buffer[:0], value...))
}

// Entry says that a session or token is revoked.
type Entry struct {
	// Number orders the entries of one feed: whoever has read up to n has missed nothing below it. It starts at 1.
	Number uint64
	// ID is the session or token.
	ID ID
	// ExpiresAt is when the last token concerned is dead anyway, and the entry no longer needed. Zero means never.
	ExpiresAt time.Time
}

// Feed gives entries in the order of their numbers.
type Feed interface {
	// Revocations returns at most limit entries with a number above after, lowest first. An entry becomes visible
	// only when all with lower numbers are. Fewer than limit means that these are all.
	Revocations(ctx context.Context, after uint64, limit int) ([]Entry, error)
}

// Token is what is known of a verified token when it is asked whether it is revoked.
type Token struct {
	Raw     string // the compact token
	ID      string // its "jti", may be empty
	Session string // its "sid", may be empty
	// IDs are those of ID and Session if somebody has computed them before; nil if not.
	IDs *IDs
}

// IDs are what a token may be revoked by: itself and its session.
type IDs struct{ Token, Session ID }

// IDsOf returns the IDs of a token's "jti" and "sid".
func IDsOf(id, session string) IDs { return IDs{Token: IDOf(id), Session: IDOf(session)} }

// Checker says whether a token is revoked. An error refuses the request as 503: not knowing is not a yes.
type Checker interface {
	Revoked(ctx context.Context, token Token) (bool, error)
}

// CheckerFunc makes a function a [Checker], such as a look-up in a black list of one's own.
type CheckerFunc func(ctx context.Context, token Token) (bool, error)

// Revoked calls f.
func (f CheckerFunc) Revoked(ctx context.Context, token Token) (bool, error) { return f(ctx, token) }
