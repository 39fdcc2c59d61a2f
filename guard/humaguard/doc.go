// Package humaguard puts guards before the operations of huma APIs, and says so in their OpenAPI documents: which schemes may bring the
// token, which scopes it needs, and what a refusal looks like.
//
//	huma.Register(api, humaguard.Protect(api.OpenAPI(), op, g), listNews)
//
// The handler finds the principal in its context, with [jeton.FromContext]. A refused request never reaches it; the guard's answer is
// written as it is, whatever huma's formats and error types are. Huma's package variables are neither set nor relied upon.
package humaguard
