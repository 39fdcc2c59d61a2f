package express

import (
	"context"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
)

// ProfileName is the name of the token profile that [Profile] returns.
const ProfileName = "express"

// DefaultTTL is how long a token of [Profile] is good, and with it the sign-in: there is nothing to refresh it with.
const DefaultTTL = 24 * time.Hour

// userClaim is the claim that tells who the user is.
const userClaim = "user"

// Profile returns the token profile of POST /token, for jeton.Config.Profiles: tokens of type JWT, good for [DefaultTTL], signed by a secret
// (jwk.FromSecret, as Express applications mostly have) or any other key that no other profile has. The caller may change it.
func Profile(issuer string, keys jwk.Source) jeton.Profile {
	return jeton.Profile{Name: ProfileName, Issuer: issuer, Keys: keys, Type: "JWT", TTL: DefaultTTL}
}

// User is what a token, and the answer of POST /token, tell of an account by default.
type User struct {
	ID    string   `json:"id"`
	Email string   `json:"email"`
	Name  string   `json:"name,omitempty"`
	Roles []string `json:"roles,omitempty"`
}

// UserClaim returns the function that puts the claim "user" into tokens of a profile, for jeton.Config.Claims. public says what it tells of
// an account, which everybody who has the token can read: never anything secret. Nil means a [User]. An application with claims of its own
// calls it from the function that it has for them.
func UserClaim(profile string, public func(*jeton.User) any) jeton.ClaimsFunc {
	if public == nil {
		public = func(u *jeton.User) any { return User{ID: u.ID, Email: u.Email, Name: u.Name, Roles: u.Roles} }
	}
	return func(_ context.Context, in jeton.ClaimsInput) (map[string]any, error) {
		if in.Profile != profile {
			return nil, nil
		}
		return map[string]any{userClaim: public(in.User)}, nil
	}
}
