package jeton

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/jetonauth/jeton/password"
)

// HashCounter is implemented by a [UserStore] that can count its password hashes by what they cost. With one, an account that is not
// there takes as long at sign-in as one that is, also while hashes of several costs are stored, as after an import.
type HashCounter interface {
	// CountHashes calls form with each hash that is not empty, and returns how often it has returned each text. A store may
	// estimate that, or find out in the database, if the texts are those of form.
	CountHashes(ctx context.Context, form func(hash string) string) (map[string]int, error)
}

const (
	// The hashes are counted a minute after they were last, but so seldom that it takes a thousandth of the time at most.
	recountAfter = time.Minute
	recountShare = 1000
	// recountTimeout bounds one count.
	recountTimeout = 30 * time.Second
	// maxDecoys is how many forms of hashes are told apart, those of most accounts.
	maxDecoys = 64
)

// hashMix is which hashes the accounts have.
type hashMix struct {
	decoys []decoy
	until  time.Time // when to count again
}

// forms are the decoys, none if nothing was counted yet.
func (m *hashMix) forms() []decoy {
	if m == nil {
		return nil
	}
	return m.decoys
}

// decoy stands for all hashes of one form.
type decoy struct {
	form, hash string
	weight     float64 // how many of these there are
}

// decoyFor returns the hash that an account is checked against which is not there, or has no password: one of today's, or one that
// costs what others that are stored do, for as many of all addresses as there are such accounts. For each address it is always
// the same one, as far as the mix allows: who signs in moves from an old form to today's, and so do, as the weights change, the
// addresses of nobody (weighted rendezvous hashing). The work is the same for every account, so it is done for all.
func (a *Auth) decoyFor(ctx context.Context, account string) string {
	hash, least := a.decoy, math.Inf(1)
	for _, d := range a.countedHashes(ctx) {
		if score := -math.Log(a.secrets[0].fraction(d.form, account)) / d.weight; score < least {
			hash, least = d.hash, score
		}
	}
	return hash
}

// fraction returns a number above 0 and up to 1 that nobody can tell who has not the secret.
func (s refreshSecret) fraction(form, account string) float64 {
	mac := hmac.New(sha256.New, s.sealKey)
	mac.Write([]byte("decoy " + form + "\x00"))
	mac.Write([]byte(account))
	return (float64(binary.BigEndian.Uint64(mac.Sum(nil))>>11) + 1) / (1 << 53)
}

// countedHashes returns the decoys of the forms that are stored. Whoever comes first when it is time counts them, whether the
// account is there or not; others take what was counted before, if anything was.
func (a *Auth) countedHashes(ctx context.Context) []decoy {
	counter, ok := a.users.(HashCounter)
	if !ok {
		return nil
	}
	known := a.mix.Load()
	if known != nil && a.now().Before(known.until) || !a.beginCount(ctx, known != nil) {
		return known.forms()
	}
	defer func() { <-a.counting }()
	if now := a.mix.Load(); now != known {
		return now.forms()
	}
	counted := a.countHashes(ctx, counter, known)
	a.mix.Store(counted)
	return counted.decoys
}

// beginCount reports whether the caller may count. While somebody else does, only who knows nothing yet waits for it, as long as ctx lasts.
func (a *Auth) beginCount(ctx context.Context, known bool) bool {
	select {
	case a.counting <- struct{}{}:
		return true
	default:
	}
	if known {
		return false
	}
	select {
	case a.counting <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// countHashes counts, also for those who come later: that the client has gone away does not stop it. If it fails, what was known stays.
func (a *Auth) countHashes(ctx context.Context, counter HashCounter, known *hashMix) *hashMix {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recountTimeout)
	defer cancel()
	began := time.Now()
	counts, err := counter.CountHashes(ctx, password.Form)
	counted := &hashMix{until: a.now().Add(max(recountAfter, recountShare*time.Since(began)))}
	switch {
	case err == nil:
		counted.decoys = a.decoysOf(counts)
	case known != nil:
		counted.decoys = known.decoys
	}
	if err != nil {
		counted.until = a.now().Add(recountAfter) // how long it took says nothing
		a.log.WarnContext(ctx, "could not count the password hashes by what they cost: the time of a sign-in may tell who has an account", "error", err)
	}
	return counted
}

// decoysOf returns a decoy for each form that can be checked.
func (a *Auth) decoysOf(counts map[string]int) (decoys []decoy) {
	today := password.Form(a.decoy)
	for form, n := range counts {
		hash := a.decoy
		if form != today {
			var err error
			if hash, err = password.Decoy(form); err != nil {
				continue // it cannot be checked: who has such a hash is checked against a decoy, too
			}
		}
		if n > 0 {
			decoys = append(decoys, decoy{form, hash, float64(n)})
		}
	}
	slices.SortFunc(decoys, func(x, y decoy) int {
		return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.form, y.form))
	})
	return decoys[:min(len(decoys), maxDecoys)]
}
