package storetest

import (
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

const (
	day = 24 * time.Hour
	// grace is the usual Ending.RevokeUntil.
	grace = 5 * time.Minute
)

// start is when every sample was made. It has milliseconds, which every store keeps.
func start() time.Time { return time.Date(2031, time.March, 4, 5, 6, 7, 123000000, time.UTC) }

// newUser returns an ordinary user with an address of its own.
func newUser() *jeton.User {
	id := rand.Text()
	return &jeton.User{
		ID:                id,
		Email:             id + "@Example.com",
		EmailKey:          strings.ToLower(id) + "@example.com",
		Name:              "Zoë Łukasz",
		PasswordHash:      "$argon2id$" + rand.Text(),
		PasswordChangedAt: start().Add(-day),
		Roles:             []string{"editor", "reader"},
		CreatedAt:         start().Add(-2 * day),
		UpdatedAt:         start(),
	}
}

// newSession returns an ordinary session that was just begun.
func newSession(userID string) *jeton.Session {
	from := jeton.Client{Address: netip.MustParseAddr("192.0.2.7"), UserAgent: "suite/1.0"}
	return &jeton.Session{
		ID:          rand.Text(),
		UserID:      userID,
		Kind:        jeton.Rotating,
		Profile:     "jeton",
		Strategy:    "local",
		Methods:     []string{"pwd"},
		Scopes:      []string{"news:read", "news:write"},
		AuthTime:    start(),
		CreatedAt:   start(),
		UsedAt:      start(),
		IdleUntil:   start().Add(30 * day),
		ExpiresAt:   start().Add(180 * day),
		AccessUntil: start().Add(15 * time.Minute),
		Client:      from,
		CreatedBy:   from,
		SecretID:    1,
		TagHash:     hash(rand.Text()),
	}
}

// newAdvance returns the advance of session to its next generation, at a time after its start.
func newAdvance(session *jeton.Session, after time.Duration) jeton.Advance {
	at := start().Add(after)
	return jeton.Advance{
		SessionID:   session.ID,
		Generation:  session.Generation,
		TagHash:     session.TagHash,
		NextTagHash: hash(rand.Text()),
		At:          at,
		IdleUntil:   at.Add(30 * day),
		AccessUntil: at.Add(15 * time.Minute),
		Client:      jeton.Client{Address: netip.MustParseAddr("2001:db8::7"), UserAgent: "suite/2.0"},
	}
}

// advanced is what the contract makes of session by a.
func advanced(session *jeton.Session, a jeton.Advance) *jeton.Session {
	next := session.Clone()
	next.Generation++
	next.TagHash = a.NextTagHash
	next.UsedAt = a.At
	next.IdleUntil = a.IdleUntil
	next.Client = a.Client
	if a.AccessUntil.After(next.AccessUntil) {
		next.AccessUntil = a.AccessUntil
	}
	next.Advances = append([]time.Time{a.At}, session.Advances...)
	next.Advances = next.Advances[:min(len(next.Advances), jeton.MaxAdvances)]
	return next
}

// ended is what the contract makes of session by e, if e is about it.
func ended(session *jeton.Session, e jeton.Ending) *jeton.Session {
	next := session.Clone()
	next.EndedAt, next.EndReason = e.At, e.Reason
	return next
}

// ending returns the ending of one session, while its access token lives.
func ending(session *jeton.Session) jeton.Ending {
	return jeton.Ending{SessionID: session.ID, At: start().Add(time.Minute), Reason: "signed-out", RevokeUntil: grace}
}

// endingAll returns the ending of all sessions of a user, while their access tokens live.
func endingAll(userID string) jeton.Ending {
	return jeton.Ending{UserID: userID, At: start().Add(time.Minute), Reason: "everywhere", RevokeUntil: grace}
}

// revocation is the entry that e must make of session, but for its number.
func revocation(session *jeton.Session, e jeton.Ending) revoke.Entry {
	return revoke.Entry{ID: revoke.IDOf(session.ID), ExpiresAt: session.AccessUntil.Add(e.RevokeUntil)}
}

// newKey returns an ordinary key that begins to sign a quarter of an hour later.
func newKey(number uint32) *jeton.StoredKey {
	return &jeton.StoredKey{
		Number:     number,
		ID:         rand.Text(),
		Algorithm:  "ES256",
		Public:     []byte(`{"kty": "EC", "crv":"P-256"}`),
		Sealed:     []byte(rand.Text()),
		CreatedAt:  start(),
		ActivateAt: start().Add(15 * time.Minute),
	}
}

func hash(text string) [sha256.Size]byte { return sha256.Sum256([]byte(text)) }
