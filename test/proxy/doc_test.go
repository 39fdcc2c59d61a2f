// Package proxy_test runs real proxies with the very recipes of docs/forward-auth.md, in front of an application that says what reached
// it, and asks jeton about each request as they do.
package proxy_test
