// Package explorer serves Swagger UI for an OpenAPI document: people read the operations of an API in their browser, and try them.
//
//	e, err := explorer.New(explorer.Config{Document: "/openapi.json", SignIn: "/auth/login", Refresh: "/auth/refresh"})
//	e.Mount(mux) // at /explorer
//
// Everything that the page needs is in the program: the browser asks no other machine for anything, and a strict Content Security
// Policy holds it to that. So the document, and the servers that it names, have to be of the same origin as the explorer; what is
// elsewhere cannot be tried from here.
//
// The dialogue behind Authorize takes tokens and service credentials as the document describes them. With [Config].SignIn it also
// signs in with an e-mail address and a password. Tokens stay in the page's memory: nothing is kept in the browser, and a reload
// forgets them.
package explorer
