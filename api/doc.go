// Package api is jeton's own HTTP operations: signing up, in and out, refreshing, one's account and sessions, what ready-made OAuth 2.0
// clients and resource servers ask (RFC 6749, RFC 7009, RFC 7662, RFC 8414), the public keys, and the OpenAPI document that describes
// them.
//
//	mux := http.NewServeMux()
//	api.Mount(mux, auth)
//
// An operation is one value that drives both the router and the document, so that the two cannot drift apart. What goes wrong is
// answered as application/problem+json (RFC 9457) with a stable "code", by one function; under /oauth/ in the words of RFC 6749.
//
// A page may keep its tokens in cookies, in place of its scripts ([Cookies]); [API.Guard] has the application's own routes accept them.
//
// The package uses huma for the document and the router, and neither sets its package variables nor depends on them: an
// application in the same process may have an API of its own, with settings of its own.
package api
