package jeton

import (
	"slices"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// KeySetMaxAge is how long others may keep the published key set before they ask again, the max-age of its HTTP answer.
// [KeyRingConfig.PublishAhead] is longer.
const KeySetMaxAge = 5 * time.Minute

// KeyState says what a key of a [KeyRing] is good for.
type KeyState string

// The states of a key, in the order of its life; it can be revoked in each of them.
const (
	KeyPublished KeyState = "published" // it verifies, and will sign
	KeyActive    KeyState = "active"    // it signs
	KeyRetired   KeyState = "retired"   // another one signs; this one verifies what it has signed
	KeyRemoved   KeyState = "removed"   // what it has signed has expired, and it verifies nothing
	KeyRevoked   KeyState = "revoked"   // what it has signed is refused
)

// KeyInfo tells of a key of a [KeyRing] without its private part. Times are in UTC; those that are not known yet are zero.
type KeyInfo struct {
	ID        string        `json:"id"` // the "kid"
	Algorithm jwk.Algorithm `json:"algorithm"`
	State     KeyState      `json:"state"`
	CreatedAt time.Time     `json:"created_at,omitzero"`
	// ActivateAt is when the key begins to sign, RetireAt when the next one does, RemoveAt when it stops to verify. A key whose
	// RetireAt is before its ActivateAt never signs: another one was added meanwhile that signed at once.
	ActivateAt time.Time `json:"activate_at,omitzero"`
	RetireAt   time.Time `json:"retire_at,omitzero"`
	RemoveAt   time.Time `json:"remove_at,omitzero"`
	// RevokedAt is when the key was revoked, if it was.
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

// lives returns what follows from the stored keys, which are in the order of their numbers, but for the states. A key retires when
// a later one becomes active: so nothing needs to be written when a key is added but the key itself, and nothing when that one
// is revoked before its time.
func lives(stored []*StoredKey, tokenTTL time.Duration) []KeyInfo {
	infos := make([]KeyInfo, len(stored))
	var retire time.Time // when the first of the later keys becomes active
	for i, s := range slices.Backward(stored) {
		info := KeyInfo{
			ID: s.ID, Algorithm: jwk.Algorithm(s.Algorithm), CreatedAt: s.CreatedAt,
			ActivateAt: s.ActivateAt, RetireAt: s.RetireAt, RemoveAt: s.RemoveAt, RevokedAt: s.RevokedAt,
		}
		if info.RetireAt.IsZero() {
			info.RetireAt = retire
		}
		if info.RemoveAt.IsZero() && !info.RetireAt.IsZero() {
			info.RemoveAt = info.RetireAt.Add(tokenTTL + jwt.MaxLeeway)
		}
		neverActive := reached(s.ActivateAt, s.RevokedAt) && !s.ActivateAt.Equal(s.RevokedAt)
		if !neverActive && (retire.IsZero() || s.ActivateAt.Before(retire)) {
			retire = s.ActivateAt
		}
		infos[i] = info
	}
	return infos
}

// reached reports whether t is set and not after now.
func reached(now, t time.Time) bool { return !t.IsZero() && !now.Before(t) }

// at returns the state at a time, by the key's own times.
func (k KeyInfo) at(now time.Time) KeyState {
	switch {
	case !k.RevokedAt.IsZero():
		return KeyRevoked
	case reached(now, k.RemoveAt):
		return KeyRemoved
	case reached(now, k.RetireAt):
		return KeyRetired
	case now.Before(k.ActivateAt):
		return KeyPublished
	}
	return KeyActive
}

// verifies reports whether tokens of the key are good at a time.
func (k KeyInfo) verifies(now time.Time) bool {
	state := k.at(now)
	return state != KeyRevoked && state != KeyRemoved
}

// signing returns the place of the key that signs at a time, or -1: the latest one that is active. If all are to become active
// later, it is the first of them: a clock is behind, or the one before was revoked.
func signing(infos []KeyInfo, now time.Time) int {
	next := -1
	for i, info := range slices.Backward(infos) {
		switch info.at(now) {
		case KeyActive:
			return i
		case KeyPublished:
			next = i
		}
	}
	return next
}

// setStates writes the states at a time.
func setStates(infos []KeyInfo, now time.Time) {
	for i := range infos {
		infos[i].State = infos[i].at(now)
	}
	if i := signing(infos, now); i >= 0 {
		infos[i].State = KeyActive
	}
}
