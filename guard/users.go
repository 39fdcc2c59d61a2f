package guard

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
)

// Loader puts the application's own user into the context of requests that a guard let through. It is immutable and safe for
// concurrent use if its function is. Each loader has a place of its own in the context, so that there may be several.
type Loader[U any] struct {
	claim string // "sub" if empty
	load  func(ctx context.Context, value string) (U, error)
}

// Users returns a loader that finds the user by the principal's subject. If load returns [jeton.ErrNotFound], the request is
// refused as [InvalidToken], as it is if the token has no subject; a [*Refusal] is answered as it is, for
// a user who is known and may not; any other error is [Unavailable]. A nil user without an error is
// [Internal], as is a nil load.
func Users[U any](load func(ctx context.Context, subject string) (U, error)) *Loader[U] {
	return &Loader[U]{load: load}
}

// UsersBy is [Users] for a claim other than "sub", which must be a string that is not empty: "email", for example, or what another issuer
// calls the user's number.
func UsersBy[U any](claim string, load func(ctx context.Context, value string) (U, error)) *Loader[U] {
	return &Loader[U]{claim: claim, load: load}
}

// Load returns middleware that belongs inside a guard's: it finds the user and calls next. Without a principal, behind an optional
// guard, it calls next without a user. What it refuses is answered and logged as the guard does it.
func (l *Loader[U]) Load(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := jeton.FromContext(r.Context()); !ok {
			next.ServeHTTP(w, r)
			return
		}
		ctx, refusal := l.Find(r.Context())
		if refusal != nil {
			Of(ctx).Answer(refusal).Write(w)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Find is [Loader.Load] for what has no *http.Request: in the context that it returns, [Loader.From] finds the user. Without a principal,
// and with a refusal, it is ctx. A refusal is logged; [Of] has the guard that answers it.
func (l *Loader[U]) Find(ctx context.Context) (context.Context, *Refusal) {
	principal, ok := jeton.FromContext(ctx)
	if !ok {
		return ctx, nil
	}
	user, refusal := l.find(ctx, principal)
	if refusal != nil {
		return ctx, Of(ctx).refuse(ctx, refusal)
	}
	return context.WithValue(ctx, l, loaded[U]{user}), nil
}

// From returns the user that this loader found, or the zero U and false.
func (l *Loader[U]) From(ctx context.Context) (U, bool) {
	found, ok := ctx.Value(l).(loaded[U])
	return found.user, ok
}

// loaded is the context's value. With a pointer in it, it costs no allocation.
type loaded[U any] struct{ user U }

var (
	errNoLoad = errors.New("guard: Users was given no function")
	errNoUser = errors.New("guard: loading the user returned neither a user nor an error")
)

func (l *Loader[U]) find(ctx context.Context, p *jeton.Principal) (user U, refusal *Refusal) {
	name, value := "sub", p.Subject()
	if l.claim != "" {
		name = l.claim
		value, _ = p.StringClaim(l.claim)
	}
	if value == "" {
		return user, &Refusal{Code: InvalidToken, Err: &jwt.Refusal{Reason: jwt.ErrMissingClaim, Claim: name}}
	}
	if l.load == nil {
		return user, &Refusal{Code: Internal, Err: errNoLoad}
	}
	defer recovered(&refusal)
	user, err := l.load(ctx, value)
	var said *Refusal
	switch {
	case err == nil && isNilUser(user):
		return user, &Refusal{Code: Internal, Err: errNoUser}
	case err == nil:
		return user, nil
	case errors.As(err, &said):
		own := *said
		return user, &own
	case errors.Is(err, jeton.ErrNotFound) && !isUnavailable(err):
		return user, &Refusal{Code: InvalidToken, Err: err}
	default:
		return user, &Refusal{Code: Unavailable, Err: err}
	}
}

// isNilUser reports whether a handler that trusts the user to be there would fail. A nil map or slice is an empty one.
func isNilUser[U any](user U) bool {
	switch reflect.TypeFor[U]().Kind() {
	case reflect.Pointer, reflect.Interface:
		return isNil(any(user))
	default:
		return false
	}
}
