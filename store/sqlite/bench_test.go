package sqlite_test

import (
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/sqlite"
)

// benchSession returns a session and an advance that leads to where it began, but for the generation.
func benchSession(id string) (*jeton.Session, jeton.Advance) {
	now := time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)
	tag := sha256.Sum256([]byte(id))
	from := jeton.Client{Address: netip.MustParseAddr("192.0.2.7"), UserAgent: "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"}
	session := &jeton.Session{
		ID: id, UserID: "user of " + id, Kind: jeton.Rotating, Profile: "jeton", Strategy: "local", Methods: []string{"pwd"},
		AuthTime: now, CreatedAt: now, UsedAt: now, IdleUntil: now.Add(time.Hour), ExpiresAt: now.Add(time.Hour),
		AccessUntil: now, Client: from, CreatedBy: from, TagHash: tag,
	}
	return session, jeton.Advance{
		SessionID: id, TagHash: tag, NextTagHash: tag, At: now, IdleUntil: now.Add(time.Hour), AccessUntil: now, Client: from,
	}
}

// begin creates a session of its own for each run of a benchmark.
func begin(b *testing.B, s *sqlite.Store) jeton.Advance {
	b.Helper()
	session, a := benchSession(rand.Text())
	if err := s.CreateSession(b.Context(), session); err != nil {
		b.Fatal(err)
	}
	return a
}

// BenchmarkAdvanceSession compares the store with the bare statement, which is what the database takes at least. The name
// says whether each one waits for the disk, as it does in the store, or not, which shows the difference.
func BenchmarkAdvanceSession(b *testing.B) {
	for _, synchronous := range []string{"FULL", "OFF"} {
		b.Run("synchronous="+synchronous, func(b *testing.B) {
			s := open(b, newPath(b))
			write, _ := s.Handles()
			if _, err := write.ExecContext(b.Context(), "PRAGMA synchronous = "+synchronous); err != nil {
				b.Fatal(err)
			}
			for range 1000 {
				begin(b, s)
			}
			b.Run("store", func(b *testing.B) {
				a := begin(b, s)
				for b.Loop() {
					if err := s.AdvanceSession(b.Context(), a); err != nil {
						b.Fatal(err)
					}
					a.Generation++
				}
			})
			b.Run("bare statement", func(b *testing.B) {
				statement, err := write.PrepareContext(b.Context(), bareAdvance)
				if err != nil {
					b.Fatal(err)
				}
				defer statement.Close()
				a := begin(b, s)
				for b.Loop() {
					result, err := statement.ExecContext(b.Context(), a.NextTagHash[:], a.SessionID, a.Generation, a.TagHash[:])
					if err != nil {
						b.Fatal(err)
					}
					if n, err := result.RowsAffected(); err != nil || n != 1 {
						b.Fatal(n, err)
					}
					a.Generation++
				}
			})
		})
	}
}

// bareAdvance is as little as advancing can be.
const bareAdvance = `UPDATE jeton_sessions SET generation = generation + 1, tag_hash = ?
	WHERE id = ? AND generation = ? AND tag_hash = ? AND ended_at IS NULL`

func BenchmarkSessionByID(b *testing.B) {
	s := open(b, newPath(b))
	session, _ := benchSession("session")
	if err := s.CreateSession(b.Context(), session); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.SessionByID(b.Context(), "session"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRevocations is what each process asks several times a second.
func BenchmarkRevocations(b *testing.B) {
	s := open(b, newPath(b))
	for b.Loop() {
		if _, err := s.Revocations(b.Context(), 0, 100); err != nil {
			b.Fatal(err)
		}
	}
}
