package sessions

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/password"
	"github.com/jetonauth/jeton/revoke"
)

// userAgent is as long as most are.
const userAgent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"

// storedHash is as long as those that password.Argon2id makes.
const storedHash = "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyAh$bm9ib2R5J3MgcGFzc3dvcmQsIG9ubHkgYXMgbG9uZy4"

const phrase = "an otter in the bathtub"

// client is one of many.
func client(i int) jeton.Client {
	return jeton.Client{Address: netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}), UserAgent: userAgent}
}

// newSession returns a session as a sign-in makes it, at its beginning, and its first advance.
func newSession(i int, now time.Time) (*jeton.Session, jeton.Advance) {
	id := rand.Text()
	tag := sha256.Sum256([]byte(id))
	s := &jeton.Session{
		ID: id, UserID: rand.Text(), Kind: jeton.Rotating, Profile: jeton.DefaultProfile, Strategy: jeton.LocalStrategy, Methods: []string{"pwd"},
		AuthTime: now, CreatedAt: now, UsedAt: now, IdleUntil: now.Add(jeton.DefaultIdleTimeout), ExpiresAt: now.Add(jeton.DefaultLifetime),
		AccessUntil: now.Add(jeton.DefaultAccessTTL), Client: client(i), CreatedBy: client(i), SecretID: 1 << 30, TagHash: tag,
	}
	return s, jeton.Advance{SessionID: id, TagHash: tag, NextTagHash: tag, Client: s.Client}
}

// moved returns the advance that takes the session one step on at a time, and makes a ready for the next.
func moved(a *jeton.Advance, at time.Time) jeton.Advance {
	step := *a
	step.At, step.IdleUntil, step.AccessUntil = at, at.Add(jeton.DefaultIdleTimeout), at.Add(jeton.DefaultAccessTTL)
	a.Generation++
	return step
}

// batch is how many rows are added at once.
const batch = 1000

// addSessions adds n sessions, and returns their first advances.
func addSessions(ctx context.Context, d *database, n int) ([]jeton.Advance, error) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	advances := make([]jeton.Advance, 0, n)
	for len(advances) < n {
		page := make([]*jeton.Session, min(batch, n-len(advances)))
		for i := range page {
			s, a := newSession(len(advances), now)
			page[i], advances = s, append(advances, a)
		}
		if err := d.store.AddSessions(ctx, page); err != nil {
			return nil, err
		}
	}
	return advances, nil
}

// addUsers adds n accounts.
func addUsers(ctx context.Context, d *database, n int) error {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return d.store.ImportUsers(ctx, func(yield func(*jeton.User, error) bool) {
		for i := range n {
			email := fmt.Sprintf("ada.lovelace.%08d@example.com", i)
			u := &jeton.User{
				ID: rand.Text(), Email: email, EmailKey: email, Name: "Ada Lovelace", PasswordHash: storedHash, PasswordChangedAt: now,
				Roles: []string{"member"}, CreatedAt: now, UpdatedAt: now,
			}
			if !yield(u, nil) {
				return
			}
		}
	})
}

// addRevocations adds n live revocations, with the numbers from 1.
func addRevocations(ctx context.Context, d *database, n int) error {
	for first := 1; first <= n; first += batch {
		last := min(n, first+batch-1)
		if err := d.store.AddRevocations(ctx, entries(uint64(first), uint64(last)), uint64(last)); err != nil {
			return err
		}
	}
	return nil
}

// entries are revocations with these numbers, which live for an hour.
func entries(first, last uint64) []revoke.Entry {
	expiry := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	all := make([]revoke.Entry, 0, last-first+1)
	for n := first; n <= last; n++ {
		all = append(all, revoke.Entry{Number: n, ID: entryID(n), ExpiresAt: expiry})
	}
	return all
}

// service returns a service over a database. What change does to the config comes last.
func service(d *database, change func(*jeton.Config)) (*jeton.Auth, error) {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		return nil, err
	}
	cfg := jeton.Config{
		Issuer: "https://auth.example.com", Keys: jwk.Static(key), Store: d.store, Secret: []byte(rand.Text() + rand.Text()),
		Hasher: password.Argon2id{Memory: 64, Time: 1, Threads: 1}, Limits: jeton.Limits{Off: true},
		Logger: slog.New(slog.DiscardHandler), Audit: func(context.Context, jeton.Event) {},
	}
	if change != nil {
		change(&cfg)
	}
	return jeton.New(cfg)
}

func address(i int) string { return fmt.Sprintf("grace.hopper.%08d@example.com", i) }
