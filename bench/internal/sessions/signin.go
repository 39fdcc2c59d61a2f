package sessions

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/bench/internal/report"
	"github.com/jetonauth/jeton/bench/internal/scale"
	"github.com/jetonauth/jeton/password"
	"github.com/jetonauth/jeton/store/redis"
)

const hashName = "the password's hash alone"

const signInText = `
One client signs in again and again, with the right password: limits are counted, the account is looked up, the password hashed (argon2id, 19 MiB, as by
default), the session stored, the access token signed (ES256). What the hash takes of it is measured in the same calls. "Node" and
"database" are processor time, as above.
`

func writeSignIn(ctx context.Context, r *run) (err error) {
	r.printf(signInText)
	s := &signIns{hasher: &timedHasher{Hasher: password.Argon2id{}}}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(ctx, r); err != nil {
		return err
	}
	outcomes, err := r.race(ctx, "sign-in", 8, s.works)
	if err != nil {
		return err
	}
	r.printf("\n%s", signInTable(outcomes))
	r.noteSignIn(outcomes)
	r.printf("\nOne sign-in counted %s times in the limits: what is taken, and what is given back when the password was right.\n", report.Count(s.counted()))
	return nil
}

func signInTable(outcomes []outcome) string {
	var rows [][]string
	for _, o := range outcomes {
		share := ""
		if o.Name != hashName {
			share = report.Interval(o.share(), func(x float64) string { return report.Digits(100*x) + " %" })
		}
		rows = append(rows, []string{
			o.Name, report.Duration(o.Time().Median), report.Duration(o.latency(0.99)), share, processors(o.node()), processors(o.server()),
		})
	}
	return report.Table([]string{"time", "p99", "of it the hash", "node", "database"}, rows)
}

// noteSignIn keeps what sums are made of.
func (r *run) noteSignIn(outcomes []outcome) {
	r.figures.Hash = scale.Nanoseconds(named(outcomes, hashName).Time().Median)
	if o := named(outcomes, signInName(postgresName, postgresName)); o.Name != "" {
		r.figures.SignInNode, r.figures.SignInDatabase = scale.Nanoseconds(o.node()), scale.Nanoseconds(o.server())
	}
}

func signInName(store, limits string) string { return store + ", limits in " + limits }

// signIns are the works of signing in at each database, with limits in memory and elsewhere.
type signIns struct {
	hasher *timedHasher
	hash   string
	works  []*work
	counts atomic.Int64 // in the limits
	opened []func() error
}

func (s *signIns) open(ctx context.Context, r *run) (err error) {
	if s.hash, err = s.hasher.Hash(phrase); err != nil {
		return err
	}
	s.works = []*work{{name: hashName, clients: 1, do: func(context.Context, int) error {
		_, err := s.hasher.Check(s.hash, phrase)
		return err
	}}}
	var d *database
	for _, o := range r.servers.openers() {
		if d, err = o.open(ctx, false); err != nil {
			return err
		}
		s.opened = append(s.opened, d.close)
		if err := s.add(ctx, d, "memory", jeton.NewMemoryLimits(0)); err != nil {
			return err
		}
	}
	if err := s.add(ctx, d, d.name, d.store); err != nil || r.servers.socket == "" {
		return err
	}
	limits, err := redis.Open(ctx, "unix://"+r.servers.socket+"?db=0", redis.Config{Timeout: time.Minute})
	if err != nil {
		return err
	}
	s.opened = append(s.opened, limits.Close)
	return s.add(ctx, d, "Redis", limits)
}

func (s *signIns) close() error {
	var errs []error
	for _, closeOne := range slices.Backward(s.opened) {
		errs = append(errs, closeOne())
	}
	return errors.Join(errs...)
}

// add adds a work that signs accounts in, all of them in turn.
func (s *signIns) add(ctx context.Context, d *database, limits string, counter jeton.LimitStore) error {
	const accounts = 16
	never := jeton.Limit{Count: 1_000_000, Window: 24 * time.Hour}
	auth, err := service(d, func(cfg *jeton.Config) {
		cfg.Hasher = s.hasher
		cfg.Limits = jeton.Limits{PerAddress: never, Failures: never, PerAccount: never, Store: limitCounter{counter, &s.counts}}
	})
	if err != nil {
		return err
	}
	credentials := make([]*jeton.Credentials, accounts)
	for i := range credentials {
		email := fmt.Sprintf("%d.%s", len(s.works), address(i))
		u := &jeton.User{
			ID: rand.Text(), Email: email, EmailKey: email, Name: "Grace Hopper", PasswordHash: s.hash, CreatedAt: now(), UpdatedAt: now(),
		}
		if err := d.store.CreateUser(ctx, u); err != nil {
			return err
		}
		credentials[i] = &jeton.Credentials{Email: email, Password: phrase}
	}
	var next atomic.Int64
	s.works = append(s.works, &work{
		name: signInName(d.name, limits), clients: 1, at: d, part: s.hasher.time,
		do: func(ctx context.Context, _ int) error {
			i := int(next.Add(1) % accounts)
			_, err := auth.SignIn(ctx, jeton.SignInRequest{Credentials: credentials[i], Client: client(i)})
			return err
		},
	})
	return nil
}

// counted is how often one sign-in counted in the limits.
func (s *signIns) counted() float64 {
	done := 0
	for _, w := range s.works[1:] { // the first is the hash alone
		for _, turn := range w.samples {
			done += len(turn.latencies)
		}
	}
	return float64(s.counts.Load()) / float64(max(done, 1))
}

// timedHasher knows how long it has taken to check passwords.
type timedHasher struct {
	password.Hasher

	spent atomic.Int64
}

func (h *timedHasher) Check(hash, plain string) (password.Result, error) {
	start := time.Now()
	result, err := h.Hasher.Check(hash, plain)
	h.spent.Add(int64(time.Since(start)))
	return result, err
}

func (h *timedHasher) time() time.Duration { return time.Duration(h.spent.Load()) }

// limitCounter counts how often limits are asked.
type limitCounter struct {
	jeton.LimitStore

	calls *atomic.Int64
}

func (l limitCounter) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	l.calls.Add(1)
	return l.LimitStore.Take(ctx, key, limit, now)
}

func (l limitCounter) Return(ctx context.Context, key string, limit jeton.Limit, now time.Time) error {
	l.calls.Add(1)
	return l.LimitStore.Return(ctx, key, limit, now)
}
