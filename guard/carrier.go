package guard

import "net/http"

// Carrier is what a guard sees of a request, whatever protocol brought it. A guard neither changes nor keeps the slices that it
// returns, so they may be the request's own.
type Carrier interface {
	// Method is the HTTP method, or what comes closest.
	Method() string
	// Host is the host that the request was sent to.
	Host() string
	// Header returns all values of a header, whose name is in canonical form ([http.CanonicalHeaderKey]).
	Header(name string) []string
	// Query returns all values of a query parameter.
	Query(name string) []string
}

// FromRequest returns r as a [Carrier].
func FromRequest(r *http.Request) Carrier { panic("declared") }
