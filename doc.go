// Package jeton signs people up, signs them in, keeps their sessions, and lets any service check who is calling.
//
// An [Auth] is the service: it proves who somebody is by a [Strategy], keeps a [Session] in a store, and gives out a
// [Grant] of a signed access token and a refresh token. A [Verifier] turns an access token into a [Principal], without
// a network call or a query. Package guard protects HTTP handlers with a Verifier; package api mounts the HTTP
// operations of an Auth.
//
// The package knows no HTTP and links only the standard library and golang.org/x.
package jeton
