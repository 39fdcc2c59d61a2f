// Package scale makes sums of what was measured: what a fleet needs for so many accounts.
package scale

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"
)

// Figures are what was measured, over PostgreSQL where there is a choice.
type Figures struct {
	Machine, Date, Load string

	// CommitAlone is how long one client waits for the smallest possible write.
	CommitAlone time.Duration
	// RefreshClients is with how many clients at once the figures of refreshes were taken. RefreshNode has HTTP on both sides in it.
	RefreshClients               int
	RefreshesPerSecond           float64
	RefreshNode, RefreshDatabase time.Duration // of processors
	// SignOutsPerSecond is what several clients reach together.
	SignOutsPerSecond float64
	SignOutDatabase   time.Duration // of processors
	// Hash is a password's.
	Hash                       time.Duration
	SignInNode, SignInDatabase time.Duration // of processors, with limits in the database
	// Check is whether a token is revoked, with many live revocations.
	Check time.Duration
	// RevocationMemory is bytes for one on each node; RevocationLoad how long it takes to read one from the database.
	RevocationMemory float64
	RevocationLoad   time.Duration
	// ReadDatabase is processor time of one read that finds nothing new.
	ReadDatabase time.Duration
	// Prune is how long it takes to remove one row that has expired.
	Prune time.Duration
	// AccountDisk, SessionDisk and RevocationDisk are bytes of a row with its part of the indexes. RefreshLog is bytes of the database's
	// log for one refresh, RefreshLogCold for one whose pages were not written since the last checkpoint,
	// RefreshLogPacked the same with wal_compression.
	AccountDisk, SessionDisk, RevocationDisk, RefreshLog, RefreshLogCold, RefreshLogPacked float64
}

// Nanoseconds makes a duration of them; of what is no number, none.
func Nanoseconds(ns float64) time.Duration {
	if !(ns > 0) {
		return 0
	}
	return time.Duration(math.Round(ns))
}

// Write writes the figures to a file.
func (f Figures) Write(path string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644) //nolint:gosec // figures are for everybody
}

// Read reads what [Figures.Write] wrote.
func Read(path string) (f Figures, err error) {
	text, err := os.ReadFile(path) //nolint:gosec // the path is the user's
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("scale: %s: %w", path, err)
	}
	return f, nil
}
