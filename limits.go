package jeton

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

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
	// PerAccount bounds failed attempts at one account from anywhere: 100 an hour. Networks from which the account is signed
	// in are exempt, so that nobody else can lock those out. Failures at the current password, which is asked of who is signed in, are
	// counted apart.
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

func (l Limits) withDefaults() (Limits, error) {
	for _, f := range []struct {
		name  string
		limit *Limit
		value Limit
	}{
		{"PerAddress", &l.PerAddress, Limit{10, time.Minute}},
		{"Failures", &l.Failures, Limit{10, 15 * time.Minute}},
		{"PerAccount", &l.PerAccount, Limit{100, time.Hour}},
	} {
		if *f.limit == (Limit{}) {
			*f.limit = f.value
		}
		if f.limit.Count <= 0 || f.limit.Window <= 0 {
			return l, fmt.Errorf("jeton: Config.Limits.%s: %+v must have a positive count and window", f.name, *f.limit)
		}
	}
	if l.Store == nil {
		l.Store = NewMemoryLimits(0)
	}
	return l, nil
}

// attempt is one try at a password that the limits have let through. Whoever began it calls failed, if the proof failed,
// or forgive.
type attempt struct {
	auth  *Auth
	taken []takenLimit
}

type takenLimit struct {
	key   string
	limit Limit
}

// trier is who tries a password. What the two try at an account from everywhere is counted apart: strangers who fail must not keep out who is
// signed in, wherever that is by now; and who is signed in may be somebody with a stolen token, who guesses the password.
type trier string

const (
	stranger trier = "account"
	caller   trier = "signed-in"
)

// begin counts an attempt from client at account, which may be empty, before any work is done for it. The limits on failures are taken in
// advance, so that parallel attempts cannot slip through together.
func (a *Auth) begin(ctx context.Context, client Client, account string, who trier) (*attempt, error) {
	t := &attempt{auth: a}
	if a.cfg.Limits.Off {
		return t, nil
	}
	address := client.prefix().String()
	if client.Address.IsValid() {
		if err := t.take(ctx, "address:"+address, a.cfg.Limits.PerAddress); err != nil {
			return nil, err
		}
		t.taken = nil // counts whether the attempt succeeds or not
	}
	if account == "" {
		return t, nil
	}
	if err := t.take(ctx, "failures:"+address+":"+nameOf(account), a.cfg.Limits.Failures); err != nil {
		return nil, err
	}
	err := t.take(ctx, string(who)+":"+nameOf(account), a.cfg.Limits.PerAccount)
	if errors.Is(err, ErrRateLimited) {
		err = t.exempt(ctx, client, account, err)
	}
	if err != nil {
		return nil, errors.Join(err, t.forgive(ctx))
	}
	return t, nil
}

// nameOf makes a short key of an account's name, which may be as long as a client likes.
func nameOf(account string) string {
	sum := sha256.Sum256([]byte(account))
	return hex.EncodeToString(sum[:])
}

// take counts one event or returns why it may not happen.
func (t *attempt) take(ctx context.Context, key string, limit Limit) error {
	wait, err := t.auth.cfg.Limits.Store.Take(ctx, key, limit, t.auth.now())
	if err != nil {
		return fmt.Errorf("%w: limits: %w", ErrUnavailable, err)
	}
	if wait > 0 {
		return &LimitError{Reason: ErrRateLimited, RetryAfter: max(wait, time.Second)}
	}
	t.taken = append(t.taken, takenLimit{key, limit})
	return nil
}

// exempt lets a client through whose network the account is known to use.
func (t *attempt) exempt(ctx context.Context, client Client, account string, limited error) error {
	userID := account // an unknown account costs the same look-ups
	user, err := t.auth.users.UserByEmail(ctx, account)
	switch {
	case err == nil:
		userID = user.ID
	case !errors.Is(err, ErrNotFound):
		return err
	}
	sessions, err := t.auth.sessions.SessionsByUser(ctx, userID, t.auth.now())
	if err != nil {
		return err
	}
	from := client.prefix()
	for _, s := range sessions {
		if from.IsValid() && (s.Client.prefix() == from || s.CreatedBy.prefix() == from) {
			return nil
		}
	}
	return limited
}

// forgive takes the attempt back, as far as only failures count.
func (t *attempt) forgive(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for _, taken := range t.taken {
		errs = append(errs, t.auth.cfg.Limits.Store.Return(ctx, taken.key, taken.limit, t.auth.now()))
	}
	t.taken = nil
	return errors.Join(errs...)
}

// done settles the attempt by its outcome: only what was tried and wrong goes on counting.
func (t *attempt) done(ctx context.Context, outcome error) {
	if errors.Is(outcome, ErrInvalidCredentials) {
		return
	}
	if err := t.forgive(ctx); err != nil {
		t.auth.log.WarnContext(ctx, "limits: could not take an attempt back", "error", err)
	}
}
