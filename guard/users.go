package guard

import "context"
import "net/http"

// Loader puts the application's own user into the context of requests that a guard let through. It is immutable and safe for
// concurrent use if its function is. Each loader has a place of its own in the context, so that there may be several.
type Loader[U any] struct{}

// Users returns a loader that finds the user by the principal's subject. If load returns [jeton.ErrNotFound], the request is
// refused as [InvalidToken], as it is if the token has no subject; any other error is [Unavailable]. A nil user without an error is
// [Internal], as is a nil load.
func Users[U any](load func(ctx context.Context, subject string) (U, error)) *Loader[U] {
	panic("declared")
}

// Load returns middleware that belongs inside a guard's: it finds the user and calls next. Without a principal, behind an optional
// guard, it calls next without a user. What it refuses is answered and logged as the guard does it.
func (l *Loader[U]) Load(next http.Handler) http.Handler { panic("declared") }

// From returns the user that this loader found, or the zero U and false.
func (l *Loader[U]) From(ctx context.Context) (U, bool) { panic("declared") }
