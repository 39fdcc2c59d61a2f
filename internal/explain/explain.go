package explain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// Options say by which rules a token is judged. They mean what they mean in [jeton.VerifierConfig].
type Options struct {
	// Keys gives the keys that verify; nil means that there are none to ask, so that the verdict is [Unknown].
	Keys        jwk.VerifyingSource
	Issuer      string
	AnyIssuer   bool
	Audience    []string
	AnyAudience bool
	Types       []string
	Algorithms  []jwk.Algorithm
	Required    []string
	Leeway      time.Duration
	Revoked     revoke.Checker
	// Verifier gives the verdict, if it is not nil: a service, of which the rules above are the rules. Only it knows what is
	// revoked then, and Revoked is not asked.
	Verifier jeton.Verifier
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// Token explains a token. The text is judged as it is given: what stands around a token that was copied, such as "Bearer", is a
// reason to refuse it, and the other checks are then about the token within. The error is for options that contradict each other,
// in the words of [jeton.NewVerifier]; whatever the text is, there is a report.
func Token(ctx context.Context, text string, opts Options) (*Report, error) {
	q, err := newInquiry(text, opts)
	if err != nil {
		return nil, err
	}
	q.readKeys(ctx)
	verdict, err := q.verifier()
	if err != nil {
		return nil, err
	}
	q.checkForm()
	q.checkKeys()
	q.checkClaims()
	_, err = verdict.Verify(ctx, q.given)
	q.conclude(err)
	q.hint(ctx, verdict)
	return q.report, nil
}

// inquiry is what has been found out about one token.
type inquiry struct {
	opts   Options
	now    time.Time
	probe  *prober
	given  string // the text as it was given
	token  string // the token in it
	around []string

	parts  []part // three, unless the text is none of a token
	header object
	claims object
	values map[string]*jwt.Token // the registered claims that have their types

	keys    *jwk.Set
	keysErr error
	key     *jwk.Key // that the header names, of an algorithm that suits

	report *Report
}

func newInquiry(text string, opts Options) (*inquiry, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	now := opts.Now()
	opts.Now = func() time.Time { return now } // the same moment for every check
	probe, err := newProber(opts.Now)
	if err != nil {
		return nil, err
	}
	q := &inquiry{
		opts: opts, now: now, probe: probe, given: text, values: map[string]*jwt.Token{},
		report: &Report{JudgedAt: now.UTC().Round(0), Times: map[string]Moment{}},
	}
	q.token, q.around = bare(text)
	return q, nil
}

var errNoKeys = errors.New("no keys were given")

// readKeys asks for the keys, once.
func (q *inquiry) readKeys(ctx context.Context) {
	switch source := q.opts.Keys.(type) {
	case nil:
		q.keysErr = errNoKeys
	case *Keys:
		q.keys, q.keysErr = source.forToken(ctx, q.token)
		q.report.UnusableKeys = source.unusable()
	default:
		q.keys, q.keysErr = source.VerifyingKeys(ctx)
	}
	for key := range q.keys.All() {
		q.report.Keys = append(q.report.Keys, Key{ID: key.ID(), Algorithm: string(key.Algorithm())})
	}
}

// verifier returns who gives the verdict.
func (q *inquiry) verifier() (jeton.Verifier, error) {
	own, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer: q.opts.Issuer, AnyIssuer: q.opts.AnyIssuer, Audience: q.opts.Audience, AnyAudience: q.opts.AnyAudience,
		Keys: found{q.keys, q.keysErr}, Types: q.opts.Types, Algorithms: q.opts.Algorithms, Required: q.opts.Required,
		Leeway: q.opts.Leeway, Revoked: q.opts.Revoked, Now: q.opts.Now,
	})
	if err != nil || q.opts.Verifier == nil {
		return own, err
	}
	return q.opts.Verifier, nil
}

// found is a source that has been asked before.
type found struct {
	set *jwk.Set
	err error
}

func (f found) VerifyingKeys(context.Context) (*jwk.Set, error) { return f.set, f.err }

// add puts a check into the report.
func (q *inquiry) add(c Check) { q.report.Checks = append(q.report.Checks, c) }

// check returns the check with a name.
func (q *inquiry) check(name string) Check {
	for _, c := range q.report.Checks {
		if c.Name == name {
			return c
		}
	}
	return Check{}
}

// addAbout is add for a check of what a signature has to prove. That is known at the end.
func (q *inquiry) addAbout(c Check) {
	c.Unproved = c.Status == Pass || c.Status == Fail || c.Status == Note
	q.add(c)
}

// leeway is the one that the verifier allows.
func (q *inquiry) leeway() time.Duration {
	if q.opts.Leeway == 0 {
		return jwt.DefaultLeeway
	}
	return max(q.opts.Leeway, 0)
}

// skipped is a check that could not be reached.
func skipped(name, why string) Check { return Check{Name: name, Status: Skipped, Detail: why} }

// refusal returns err as what it is; one that is none, which no verifier returns, becomes one.
func refusal(err error) *jwt.Refusal {
	if refused, ok := errors.AsType[*jwt.Refusal](err); ok {
		return refused
	}
	return &jwt.Refusal{Reason: jwt.ErrMalformed, Detail: fmt.Sprint(err)}
}
