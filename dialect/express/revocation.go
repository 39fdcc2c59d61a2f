package express

import (
	"context"
	"fmt"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// revoked is what is said about a token that is revoked.
const revoked = "The token has been revoked."

// revocation asks about a token that the next verifier has found good.
type revocation struct {
	list revoke.Checker
	next jeton.Verifier
}

func (r revocation) Verify(ctx context.Context, token string) (*jeton.Principal, error) {
	p, err := r.next.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	listed, err := r.list.Revoked(ctx, revoke.Token{Raw: token, ID: p.TokenID(), Session: p.Session()})
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: revocations: %w", jeton.ErrUnavailable, err)
	case listed:
		return nil, jsonwebtoken.Refused(revoked, &jwt.Refusal{Reason: jwt.ErrRevoked})
	}
	return p, nil
}
