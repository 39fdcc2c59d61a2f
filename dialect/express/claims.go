package express

import (
	"context"
	"encoding/json"

	"github.com/jetonauth/jeton"
)

// Claims returns the claims of the token that the request was let through with, as req.auth has them; nil if there was none. They are the
// caller's own, numbers are float64. jeton.FromContext has the principal, with what is common to all tokens.
func Claims(ctx context.Context) map[string]any {
	p, ok := jeton.FromContext(ctx)
	if !ok {
		return nil
	}
	claims, err := jeton.ClaimsOf[map[string]any](p)
	if err != nil {
		return nil
	}
	return claims
}

// UserOf returns the claim "user" as a U: what [UserClaim] put into the token, such as a [User]. ok is false without a token, and for one
// that has no such claim.
func UserOf[U any](ctx context.Context) (user U, ok bool) {
	p, signedIn := jeton.FromContext(ctx)
	if !signedIn {
		return user, false
	}
	claims, err := jeton.ClaimsOf[map[string]json.RawMessage](p)
	if err != nil || json.Unmarshal(claims[userClaim], &user) != nil {
		var none U
		return none, false
	}
	return user, true
}
