// Package guard protects HTTP handlers: it takes the token from a request, has a [jeton.Verifier] check it, puts the principal
// into the request's context and calls the handler, or answers why not.
//
//	mux.Handle("GET /news", guard.Require(auth)(http.HandlerFunc(listNews)))
//
// A guard owns where the token is ([Source]), what a cookie needs besides ([CSRF]), who is loaded ([Users]), what they may do ([Scopes],
// [Roles], [Allow]), and how a refusal is answered ([Answerer]). Which tokens are good belongs to the verifier.
//
// The handler finds the principal with [jeton.FromContext], and the application's own user with [Loader.From]. It is only called
// for a request that was let through; what could not be judged, for want of keys or a store, is refused as [Unavailable].
//
// Only [Guard.Wrap], [Loader.Load] and [Answer.Write] know net/http. What serves requests by other means gives [Guard.Check] a
// [Carrier], and writes what [Guard.Answer] returns.
package guard
