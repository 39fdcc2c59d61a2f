package foal

import (
	"context"
	"fmt"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// revoked is how a token on the black list is described.
const revoked = "jwt revoked"

// blackList asks about a token before the next verifier sees it.
type blackList struct {
	list revoke.Checker
	next jeton.Verifier
}

func (b blackList) Verify(ctx context.Context, token string) (*jeton.Principal, error) {
	asked := revoke.Token{Raw: token}
	claims := jsonwebtoken.UnverifiedPayload(token)
	asked.ID, _ = claims["jti"].(string)
	asked.Session, _ = claims["sid"].(string)
	listed, err := b.list.Revoked(ctx, asked)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: black list: %w", jeton.ErrUnavailable, err)
	case listed:
		return nil, jsonwebtoken.Refused(revoked, &jwt.Refusal{Reason: jwt.ErrRevoked})
	}
	return b.next.Verify(ctx, token)
}
