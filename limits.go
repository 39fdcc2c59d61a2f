package jeton

import "context"
import "time"

// Limit allows Count events in each Window: as many at once, and then one for each Window/Count that passes.
type Limit struct {
	Count  int
	Window time.Duration
}

// Limits bound how often passwords may be tried. Zero fields have the defaults named here. Addresses count by
// network: an IPv4 address, or the /64 of an IPv6 one.
type Limits struct {
	// Off switches all of them off: for load tests, and for those who limit in front.
	Off bool
	// PerAddress bounds attempts from one address: 10 a minute.
	PerAddress Limit
	// Failures bounds failed attempts from one address at one account: 10 in 15 minutes.
	Failures Limit
	// PerAccount bounds failed attempts at one account from anywhere: 100 an hour. Addresses from which the account has
	// a session are exempt, so that nobody can lock somebody else out.
	PerAccount Limit
	// Store counts. Nil means in the memory of this process, bounded.
	Store LimitStore
}

// LimitStore counts events by key. Implementations are safe for concurrent use.
type LimitStore interface {
	// Take counts one event, unless limit is reached already: then it returns how long to wait until it is not.
	Take(ctx context.Context, key string, limit Limit, now time.Time) (wait time.Duration, err error)
	// Return takes back an event that Take counted.
	Return(ctx context.Context, key string, limit Limit, now time.Time) error
}
