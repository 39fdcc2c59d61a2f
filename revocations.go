package jeton

import (
	"context"

	"github.com/jetonauth/jeton/revoke"
)

var _ revoke.Feed = (*Auth)(nil)

// Hint says that another node has revoked something, for example because the store's notification came: what this node knows is then
// read again when the next token is checked. It is cheap and may be called too often; without any hint a node learns of it within a second.
func (a *Auth) Hint() { a.revoked.Hint() }

// Revocations returns at most limit revocations with a number above after, lowest first; fewer are all that there are. It asks the store,
// so that the answer has whatever any node has committed before the call. Services that follow another way than by
// GET /auth/revocations can be given this. The error is the store's.
func (a *Auth) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	return a.sessions.Revocations(ctx, after, limit)
}

// OnRevocation calls fn for each revocation that this node learns of from now on, one after the other, until cancel is called: its own at once,
// others within half a second. fn must not block. While there is such a function, the store is read 2.5 times a second, however many there are.
// When cancel returns, fn is not being called any more, so whoever calls cancel must not hold a lock that fn takes.
func (a *Auth) OnRevocation(fn func(revoke.Entry)) (cancel func()) { return a.revoked.Subscribe(fn) }
