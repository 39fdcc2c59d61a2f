// Package storecopy copies everything that a service keeps from one store into another one, as when it moves from SQLite to PostgreSQL, and
// shows by digests that both have the same then.
//
// A copy can be cut off at any moment, and done again: it goes on where it was. Of either store it has two pages of a table in memory.
// Limits are not copied: attempts are counted anew.
package storecopy

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/jetonauth/jeton"
)

// Store is one side of a copy. A target that is a [jeton.UserImporter], too, gets its users a page at a time.
type Store interface {
	jeton.Store
	jeton.UserLister
	jeton.SessionCopier
	jeton.ServiceClientStore
}

// A Step is what is being done with a table.
type Step string

// The steps of a copy, each of which is done for all tables before the next one.
const (
	Reading   Step = "reading"   // the source is counted, and what the target has already is compared with it
	Copying   Step = "copying"   // what the target does not have is added
	Comparing Step = "comparing" // both are read back
)

// Progress says how far a copy is.
type Progress struct {
	Step  Step
	Table string
	// Rows of the source are behind, of Total in all, which is 0 as long as that is not known: in the first step.
	Rows, Total int
	// Ended says that the table's step is over.
	Ended bool
}

// Options are how to copy.
type Options struct {
	// Progress is called for every page; nil is nobody.
	Progress func(Progress)
}

// A Side is what one side has of a table: how many rows, and the SHA-256 of all fields of each of them, in the order of their ids, with
// times in milliseconds, which is what every store keeps.
type Side struct {
	Rows   int
	Digest [sha256.Size]byte
}

// Table is what has become of a table.
type Table struct {
	Name string
	// Copied is how many rows this copy has added.
	Copied int
	// From and To are what the two sides have after that.
	From, To Side
	// Difference is the first one, if there is any.
	Difference *Difference
	// SourceChanged says that the source has had something else before.
	SourceChanged bool
}

// Equal says that both sides have the same.
func (t Table) Equal() bool { return t.From == t.To }

// Result is what both sides have after a copy.
type Result struct {
	Tables []Table
	// LastFrom and LastTo are the highest numbers that were ever given to a revocation, which are a part of that table's digests.
	LastFrom, LastTo uint64
}

// Equal says that both sides have the same.
func (r *Result) Equal() bool {
	for _, t := range r.Tables {
		if !t.Equal() {
			return false
		}
	}
	return r.LastFrom == r.LastTo
}

// A Kind of difference.
type Kind string

// What a row can be.
const (
	Missing   Kind = "is not in the target"
	Strange   Kind = "is not in the source"
	Different Kind = "differs"
)

// A Difference is a row that only one side has, or that is not the same on both.
type Difference struct {
	Table string
	ID    string
	Kind  Kind
}

// A TargetError is a target that has something that does not come from the source.
type TargetError struct{ Difference }

func (e *TargetError) Error() string {
	return fmt.Sprintf("storecopy: target has other data: %s: %s %s", e.Table, e.ID, e.Kind)
}

// A TableError is what a store has said.
type TableError struct {
	Step  Step
	Table string
	Err   error
}

func (e *TableError) Error() string {
	return fmt.Sprintf("storecopy: %s %s: %v", e.Step, e.Table, e.Err)
}

func (e *TableError) Unwrap() error { return e.Err }

// Copy copies everything from one store into the other. Both have tables of today's form. The other one has nothing in them but what an earlier
// copy of the same source has left there; otherwise nothing is copied, and the error is a [*TargetError]. All others are a [*TableError], after
// which it can be done again, as after a crash. The source is only read.
//
// Nobody else may use either store meanwhile. If somebody has, the result says so.
//
// Revocations come first and signing keys last, so that a target that is not complete accepts nothing that was revoked.
func Copy(ctx context.Context, from, to Store, opts Options) (*Result, error) {
	c := &copying{from: from, to: to, progress: opts.Progress}
	if c.progress == nil {
		c.progress = func(Progress) {}
	}
	tables := c.tables()
	for _, step := range []func(tableCopy, context.Context) error{tableCopy.survey, tableCopy.fill, tableCopy.verify} {
		for _, t := range tables {
			if err := step(t, ctx); err != nil {
				return nil, err
			}
		}
	}
	r := &Result{LastFrom: c.lastFrom, LastTo: c.lastTo}
	for _, t := range tables {
		r.Tables = append(r.Tables, t.result())
	}
	return r, nil
}

// copying is one call of [Copy].
type copying struct {
	from, to         Store
	progress         func(Progress)
	lastFrom, lastTo uint64 // as they were when they were read last
}

// A tableCopy copies one table; its three steps are called one after the other.
type tableCopy interface {
	survey(ctx context.Context) error
	fill(ctx context.Context) error
	verify(ctx context.Context) error
	result() Table
}
