package foal

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwt"
)

// Users loads the application's own user by the token's subject, for [Options.User]; its From finds the user in a handler's context. load
// returns [jeton.ErrNotFound] where Foal's function returns undefined; any other error is answered 503.
func Users[U any](load func(ctx context.Context, id string) (U, error)) *guard.Loader[U] {
	return guard.Users(load)
}

// UsersByNumber is [Users] for ids that are numbers: Foal's userIdType 'number'. A subject that is none matches no user.
func UsersByNumber[U any](load func(ctx context.Context, id int64) (U, error)) *guard.Loader[U] {
	if load == nil {
		return guard.Users[U](nil)
	}
	return guard.Users(func(ctx context.Context, subject string) (user U, err error) {
		id, err := strconv.ParseInt(subject, 10, 64)
		if err != nil || strconv.FormatInt(id, 10) != subject {
			return user, fmt.Errorf("%w: the subject is no number", jeton.ErrNotFound)
		}
		return load(ctx, id)
	})
}

// InvalidToken is the error of a [KeyFunc] that refuses a token: 401, with this description. It is Foal's InvalidTokenError.
func InvalidToken(description string) error {
	return jsonwebtoken.Refused(description, &jwt.Refusal{Reason: jwt.ErrUnknownKey, Detail: "the function for the key refuses it"})
}
