package postgres_test

import (
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/postgrestest"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/password"
	"github.com/jetonauth/jeton/store/postgres"
)

// bareAdvance is as little as a refresh can be: one conditional write.
const bareAdvance = `UPDATE jeton_sessions SET generation = generation + 1, tag_hash = $4
	WHERE id = $1 AND generation = $2 AND tag_hash = $3 AND ended_at IS NULL`

// BenchmarkRefresh compares a refresh, with its two look-ups and its signature, and the store's part of it with the bare
// conditional UPDATE, which is what the database takes at least. The name says whether each one waits for the disk, as it should
// where it matters, or not, which shows the difference.
func BenchmarkRefresh(b *testing.B) {
	for _, fsync := range []string{"on", "off"} {
		b.Run("fsync="+fsync, func(b *testing.B) {
			s := open(b, postgrestest.New(b, "fsync="+fsync, "full_page_writes="+fsync).DSN(b, "postgres"))
			if err := s.Migrate(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.Run("bare statement", func(b *testing.B) {
				a := begin(b, s)
				for b.Loop() {
					tag, err := s.Pool().Exec(b.Context(), bareAdvance, a.SessionID, int64(a.Generation), a.TagHash[:], a.NextTagHash[:])
					if err != nil || tag.RowsAffected() != 1 {
						b.Fatal(tag, err)
					}
					a.Generation++
				}
			})
			b.Run("store", func(b *testing.B) {
				a := begin(b, s)
				for b.Loop() {
					if err := s.AdvanceSession(b.Context(), a); err != nil {
						b.Fatal(err)
					}
					a.Generation++
				}
			})
			b.Run("service", func(b *testing.B) {
				auth, token := signUp(b, s)
				for b.Loop() {
					grant, err := auth.Refresh(b.Context(), jeton.RefreshRequest{Token: token})
					if err != nil {
						b.Fatal(err)
					}
					token = grant.RefreshToken
				}
			})
		})
	}
}

// begin creates a session of its own for each run of a benchmark, among others.
func begin(b *testing.B, s *postgres.Store) jeton.Advance {
	b.Helper()
	var a jeton.Advance
	for range 100 {
		var session *jeton.Session
		session, a = newSession(rand.Text())
		if err := s.CreateSession(b.Context(), session); err != nil {
			b.Fatal(err)
		}
	}
	return a
}

// signUp returns a service and a refresh token of it.
func signUp(b *testing.B, s *postgres.Store) (auth *jeton.Auth, token string) {
	b.Helper()
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		b.Fatal(err)
	}
	auth, err = jeton.New(jeton.Config{
		Issuer: "https://api.example.com", Keys: jwk.Static(key), Store: s, Secret: []byte(rand.Text() + rand.Text()),
		Hasher: password.Argon2id{Memory: 64, Time: 1, Threads: 1}, Limits: jeton.Limits{Off: true},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	grant, err := auth.SignUp(b.Context(), jeton.SignUpRequest{Email: rand.Text() + "@example.com", Password: "an otter in the bathtub"})
	if err != nil {
		b.Fatal(err)
	}
	return auth, grant.RefreshToken
}

// BenchmarkRevocations is what each process asks several times a second: mostly nothing is new.
func BenchmarkRevocations(b *testing.B) {
	s, _ := openNew(b)
	fill(b, s.Pool(), 10_000)
	for b.Loop() {
		if _, err := s.Revocations(b.Context(), 10_000, 1000); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTake is what the limits in the database cost an attempt at a password, up to three times.
func BenchmarkTake(b *testing.B) {
	s, _ := openNew(b)
	limit := jeton.Limit{Count: 1 << 40, Window: 24 * time.Hour}
	for b.Loop() {
		if _, err := s.Take(b.Context(), "key", limit, at()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImport imports 100,000 users.
func BenchmarkImport(b *testing.B) {
	s, _ := openNew(b)
	const many = 100_000
	for b.Loop() {
		err := s.ImportUsers(b.Context(), func(yield func(*jeton.User, error) bool) {
			for range many {
				id := rand.Text()
				u := &jeton.User{
					ID: id, Email: id + "@example.com", EmailKey: id + "@example.com", Name: "Ada Lovelace", CreatedAt: at(), UpdatedAt: at(),
					PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + id, Roles: []string{"reader"},
				}
				if !yield(u, nil) {
					return
				}
			}
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(many*float64(b.N)/b.Elapsed().Seconds(), "users/s")
}

// BenchmarkCountHashes is what the service asks from time to time, with as many users as it takes to need no more than a sample.
func BenchmarkCountHashes(b *testing.B) {
	s, _ := openNew(b)
	fill(b, s.Pool(), 20_000)
	execute(b, s.Pool(), "UPDATE jeton_users SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAA'")
	for b.Loop() {
		if _, err := s.CountHashes(b.Context(), password.Form); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkListSessions reads a page of a thousand.
func BenchmarkListSessions(b *testing.B) {
	s, _ := openNew(b)
	fill(b, s.Pool(), 20_000)
	for b.Loop() {
		if list, err := s.ListSessions(b.Context(), "session-1", 1000); err != nil || len(list) != 1000 {
			b.Fatal(len(list), err)
		}
	}
}
