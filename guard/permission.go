package guard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/jetonauth/jeton"
)

// Policy decides whether a principal may do what is asked. false is [InsufficientScope], 403. An error means that it could not be
// decided: [Unavailable], 503, unless it is a [*Refusal], which is answered as it is.
type Policy func(ctx context.Context, p *jeton.Principal) (allowed bool, err error)

// Scopes returns middleware for inside a guard: the token must have all of these scopes, or the answer is 403 and names them.
func Scopes(all ...string) func(http.Handler) http.Handler {
	all = slices.Clone(all)
	return permission(func(ctx context.Context) *Refusal { return CheckScopes(ctx, all...) })
}

// Roles returns middleware for inside a guard: the token must have at least one of these roles, or the answer is 403. No role at all lets
// nobody through.
func Roles(anyOf ...string) func(http.Handler) http.Handler {
	anyOf = slices.Clone(anyOf)
	return permission(func(ctx context.Context) *Refusal { return CheckRoles(ctx, anyOf...) })
}

// Allow returns middleware for inside a guard: policy must allow the request.
func Allow(policy Policy) func(http.Handler) http.Handler {
	return permission(func(ctx context.Context) *Refusal { return CheckPolicy(ctx, policy) })
}

func permission(check func(ctx context.Context) *Refusal) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if refusal := check(r.Context()); refusal != nil {
				Of(r.Context()).Answer(refusal).Write(w)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// CheckScopes is [Scopes] for what has no *http.Request. Like the other checks, it goes by the principal in ctx, without which the request is
// one without a token; it logs its refusal, and [Of] has the guard that answers it.
func CheckScopes(ctx context.Context, all ...string) *Refusal {
	return judged(ctx, func(p *jeton.Principal) *Refusal { return checkScopes(p, all) })
}

// CheckRoles is [Roles] for what has no *http.Request.
func CheckRoles(ctx context.Context, anyOf ...string) *Refusal {
	return judged(ctx, func(p *jeton.Principal) *Refusal { return checkRoles(p, anyOf) })
}

// CheckPolicy is [Allow] for what has no *http.Request.
func CheckPolicy(ctx context.Context, policy Policy) *Refusal {
	return judged(ctx, func(p *jeton.Principal) *Refusal { return checkPolicy(ctx, p, policy) })
}

// judged completes and logs the refusal of a check.
func judged(ctx context.Context, check func(p *jeton.Principal) *Refusal) *Refusal {
	refusal := &Refusal{Code: MissingToken, Err: ErrNoToken}
	if p, ok := jeton.FromContext(ctx); ok {
		refusal = check(p)
	}
	if refusal == nil {
		return nil
	}
	return Of(ctx).refuse(ctx, refusal)
}

var (
	errNoRole   = errors.New("guard: none of the roles that are needed")
	errPolicy   = errors.New("guard: the policy does not allow it")
	errNoPolicy = errors.New("guard: Allow was given no policy")
)

func checkScopes(p *jeton.Principal, all []string) *Refusal {
	if p.HasScope(all...) {
		return nil
	}
	return &Refusal{Code: InsufficientScope, Err: fmt.Errorf("guard: needs the scopes %q", all), Scopes: slices.Clone(all)}
}

func checkRoles(p *jeton.Principal, anyOf []string) *Refusal {
	for _, role := range anyOf {
		if p.HasRole(role) {
			return nil
		}
	}
	return &Refusal{Code: InsufficientScope, Err: errNoRole}
}

func checkPolicy(ctx context.Context, p *jeton.Principal, policy Policy) (refusal *Refusal) {
	if policy == nil {
		return &Refusal{Code: Internal, Err: errNoPolicy}
	}
	defer recovered(&refusal)
	allowed, err := policy(ctx, p)
	switch {
	case err != nil:
		return refusalOfCallback(err)
	case !allowed:
		return &Refusal{Code: InsufficientScope, Err: errPolicy}
	default:
		return nil
	}
}

// refusalOfCallback classifies the error of a function of the application's: what could not be decided is unavailable.
func refusalOfCallback(err error) *Refusal {
	if said, ok := errors.AsType[*Refusal](err); ok {
		own := *said
		return &own
	}
	return &Refusal{Code: Unavailable, Err: err}
}
