package explain

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
)

// conclude writes down what the verifier says: nil, a refusal, or that it cannot tell.
func (q *inquiry) conclude(err error) {
	r := q.report
	q.checkRevocation(err)
	if r.Proved {
		for i := range r.Checks {
			r.Checks[i].Unproved = false
		}
	}
	failed := slices.IndexFunc(r.Checks, func(c Check) bool { return c.Status == Fail })
	refused, isRefusal := errors.AsType[*jwt.Refusal](err)
	switch {
	case err == nil:
		r.Verdict, r.Summary = Accepted, q.check("exp").Detail
	case isRefusal:
		r.Verdict, r.Reason = Refused, string(refused.Reason)
		r.Summary = q.summary(refused)
	default:
		r.Verdict, r.Summary = Unknown, strings.TrimPrefix(withoutPackage(err), "unavailable: ")
		if q.keysErr != nil {
			r.Summary = q.check("key").Detail
		}
		if failed >= 0 {
			r.Summary += "; it is refused in any case: " + r.Checks[failed].Name + ": " + r.Checks[failed].explanation()
		}
	}
}

// checkRevocation is answered by the verifier, who asks it last.
func (q *inquiry) checkRevocation(err error) {
	c := Check{Name: "revocation", Status: Skipped, Detail: "not reached: the token is refused before it is asked"}
	switch {
	case err == nil && q.opts.Verifier == nil && q.opts.Revoked == nil:
		c.Detail = "nobody to ask"
	case err == nil:
		c.Status, c.Detail = Pass, "not revoked"
	case errors.Is(err, jwt.ErrRevoked):
		c.Status, c.Detail = Fail, "revoked"
	case errors.Is(err, jeton.ErrUnavailable) && q.keysErr == nil:
		c.Status, c.Detail = Undecided, strings.TrimPrefix(withoutPackage(err), "unavailable: ")
	case errors.Is(err, jeton.ErrUnavailable):
		c.Detail = "not reached: the token could not be judged"
	}
	q.addAbout(c)
}

// summary is a refusal in the words of the check that it stands for. A verifier that refuses for something else, because it has
// another clock or other rules, is heard with a check of its own.
func (q *inquiry) summary(refused *jwt.Refusal) string {
	for _, name := range checksFor(refused) {
		c := q.check(name)
		switch {
		case c.Status != Fail:
			continue
		case c.Detail == "revoked", c.Name == "exp" && refused.Reason == jwt.ErrExpired:
			return c.Detail
		case c.Name == "nbf":
			return string(refused.Reason) + ": " + c.Detail
		case refused.Reason == jwt.ErrMalformed, c.Name == "exp", c.Name == "text":
			return string(refused.Reason) + ": " + c.Name + ": " + c.explanation()
		}
		return string(refused.Reason) + ": " + c.explanation()
	}
	c := Check{Name: "verifier", Status: Fail, Detail: withoutPackage(refused)}
	q.add(c)
	return c.Detail
}

// checksFor are the checks one of which fails if a token is refused for this, the likeliest first.
func checksFor(refused *jwt.Refusal) []string {
	switch refused.Reason {
	case jwt.ErrMalformed:
		return []string{"text", "size", "parts", "base64url", "header", "crit", "payload", "claims"}
	case jwt.ErrUnsupportedAlgorithm:
		return []string{"algorithm", "key algorithm"}
	case jwt.ErrUnknownKey:
		return []string{"key"}
	case jwt.ErrBadSignature:
		return []string{"signature", "text"}
	case jwt.ErrExpired:
		return []string{"exp"}
	case jwt.ErrNotYetValid:
		return []string{"nbf"}
	case jwt.ErrWrongIssuer:
		return []string{"iss"}
	case jwt.ErrWrongAudience:
		return []string{"aud"}
	case jwt.ErrWrongType:
		return []string{"typ"}
	case jwt.ErrMissingClaim:
		if refused.Claim == "exp" {
			return []string{"exp"}
		}
		return []string{"required"}
	case jwt.ErrRevoked:
		return []string{"revocation"}
	}
	return nil
}

// verdictOn is what a verifier says about another text.
func verdictOn(ctx context.Context, verifier jeton.Verifier, token string) string {
	_, err := verifier.Verify(ctx, token)
	refused, isRefusal := errors.AsType[*jwt.Refusal](err)
	switch {
	case err == nil:
		return "is accepted"
	case isRefusal:
		return "is refused, too: " + string(refused.Reason)
	}
	return "could not be judged"
}
