package revoke

import "context"
import "time"

// List is a set of entries in memory. It is safe for concurrent use and cheap to ask, however many it holds: whoever
// asks takes no lock, writes to no shared memory and allocates nothing, so that those who ask do not slow each other
// down. It compares the first 104 bits of an ID, and keeps an expiry in whole seconds, rounded up.
//
// The zero List is empty and ready to use. A List must not be copied.
type List struct{}

// NewList returns an empty list.
func NewList() *List { panic("declared") }

// Add puts entries in. Of two entries for one ID the later expiry counts. An entry with no expiry stays for ever.
func (l *List) Add(entries ...Entry) { panic("declared") }

// Has reports whether id is in the list, expired or not.
func (l *List) Has(id ID) bool { panic("declared") }

// Len is the number of entries.
func (l *List) Len() int { panic("declared") }

// Prune drops the entries that have expired at now, and returns how many. Who asks meanwhile does not wait.
func (l *List) Prune(now time.Time) int { panic("declared") }

// Revoked reports whether the token's session or the token itself is in the list; the error is always nil.
func (l *List) Revoked(_ context.Context, token Token) (bool, error) { panic("declared") }
